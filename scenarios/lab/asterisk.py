"""Starts real Asterisk servers, each with configuration, state, addresses and namespaces of its own."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from scenarios.lab import asterisk_root
from scenarios.lab.asterisk_site import AsteriskSite, write_configuration
from scenarios.lab.namespace import Child, NotifySocket, PartFailed
from scenarios.lab.places import free_port

__all__ = ["Asterisk", "free_site"]

START_LIMIT_S = 40.0
SEEN_AS = Path("/mnt")
# Arguments: root, mount point, the node's folder, its hosts file. The root is shared by all labs.
IN_ROOT = """
mount --bind "$1" "$2"
mount -o remount,bind,ro "$2"
mount -t proc proc "$2/proc"
mount --rbind /dev "$2/dev"
mount -t tmpfs tmpfs "$2/tmp"
mount --bind "$3" "$2/mnt"
mount --bind "$3/hosts" "$2/etc/hosts"
mount --bind "$3/resolv.conf" "$2/etc/resolv.conf"
exec chroot "$2" /usr/sbin/asterisk -f -C /mnt/etc/asterisk.conf
"""
CONSOLE_MARKS = re.compile(r"\x1b\[[0-9;]*m|[\x00-\x08\x80-\x88]")


def free_site(host: str = "127.0.0.1", **settings: object) -> AsteriskSite:
    """A site at `host` on ports that are free there now; `settings` are AsteriskSite's fields."""
    ports = {"http_port": free_port(host, 8088), "sip_port": free_port(host, 5060, udp=True)}
    return AsteriskSite(host=host, **{**ports, **settings})  # type: ignore[arg-type]


class Asterisk:
    """One Asterisk server. `folder` holds its etc, run, log, spool and database."""

    ari_user = "acd"

    def __init__(self, folder: Path, site: AsteriskSite, name: str = "Asterisk") -> None:
        install = asterisk_root.find()
        if install is None:
            raise PartFailed("There is no Asterisk to run yet: run `make` once, which builds it.")
        self.folder = folder.resolve()
        self.site = site
        self.name = name
        self._install = install
        self._child: Child | None = None

    @classmethod
    @asynccontextmanager
    async def running(
        cls, folder: Path, site: AsteriskSite | None = None, name: str = "Asterisk"
    ) -> AsyncIterator[Asterisk]:
        asterisk = cls(folder, site or free_site(), name)
        try:
            await asterisk.start()
            yield asterisk
        finally:
            await asterisk.stop()

    @property
    def ari_url(self) -> str:
        """Where ARI is, without a slash at its end; events are at the same place by WebSocket."""
        return f"http://{self.site.host}:{self.site.http_port}/ari"

    @property
    def ari_password(self) -> str:
        return self.site.ari_password

    @property
    def http_port(self) -> int:
        return self.site.http_port

    @property
    def sip_host(self) -> str:
        return self.site.host

    @property
    def sip_port(self) -> int:
        return self.site.sip_port

    @property
    def websocket_url(self) -> str:
        """Where browsers register."""
        return f"ws://{self.site.host}:{self.site.http_port}/ws"

    @property
    def child(self) -> Child:
        if self._child is None:
            raise PartFailed(f"{self.name} was never started.")
        return self._child

    async def start(self) -> None:
        """Returns when Asterisk has fully booted and ARI answers. State of a former run is kept."""
        in_root = self._install.root is not None
        seen_as = SEEN_AS if in_root else self.folder
        self.folder.mkdir(parents=True, exist_ok=True)
        write_configuration(self.site, self.folder, seen_as, self._install)
        async with NotifySocket.listen() as notify:
            self._child = await Child.start(
                self.name,
                self._command(),
                log=self.folder / "log" / "console.log",
                env=notify.env,
                isolate=True,
            )
            await self._child.until(self._answer(notify), START_LIMIT_S)

    def _command(self) -> list[str]:
        if self._install.root is None:
            return [self._install.program, "-f", "-C", f"{self.folder}/etc/asterisk.conf"]
        mount_point = self.folder / "root"
        mount_point.mkdir(exist_ok=True)
        # Every call looks the machine's own name up; a name server that does not answer loses calls.
        names = f"127.0.0.1 localhost\n{self.site.host} {socket.gethostname()}\n"
        (self.folder / "hosts").write_text(names)
        (self.folder / "resolv.conf").write_text("")
        places = (str(self._install.root), str(mount_point), str(self.folder))
        return ["/bin/sh", "-ec", IN_ROOT, "sh", *places]

    async def _answer(self, notify: NotifySocket) -> None:
        await notify.ready.wait()
        self.child.find_inner()
        await self.cli("core waitfullybooted")
        try:
            async with self._ari() as http, http.get("asterisk/ping") as answer:
                answer.raise_for_status()
        except aiohttp.ClientError as error:
            raise self.child.failure(f"runs, but its ARI does not answer ({error})") from None

    def _ari(self) -> aiohttp.ClientSession:
        login = {"Authorization": aiohttp.encode_basic_auth(self.ari_user, self.ari_password)}
        return aiohttp.ClientSession(base_url=f"{self.ari_url}/", headers=login)

    async def idle(self, limit_s: float = 5.0) -> None:
        """Returns when no channel is left; raises PartFailed that names those that stay."""
        names: list[str] = []
        watch = {"app": "lab-watch", "subscribeAll": "true"}
        try:
            async with (
                asyncio.timeout(limit_s),
                self._ari() as http,
                http.ws_connect("events", params=watch) as events,
            ):
                while names := await channels(http):
                    async for event in events:
                        if event.json()["type"] == "ChannelDestroyed":
                            break
        except TimeoutError:
            left = ", ".join(names)
            raise PartFailed(f"{self.name} still has channels after {limit_s:g} s: {left}") from None

    async def cli(self, command: str) -> str:
        """What `asterisk -rx COMMAND` would print, without colours."""
        reader, writer = await asyncio.open_unix_connection(self.folder / "run" / "asterisk.ctl")
        try:
            await reader.readline()  # its name and version
            writer.write(f"cli quit after {command}".encode() + b"\0")
            said = (await reader.read()).decode("latin-1")
        finally:
            writer.close()
        return CONSOLE_MARKS.sub("", said).strip()

    async def stop(self) -> None:
        if self._child:
            await self._child.terminate()

    async def kill(self) -> None:
        """Ends it as a power cut would; `start` brings it back."""
        await self.child.kill()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def freeze(self) -> None:
        """Makes it hang until `thaw`."""
        self.child.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.child.signal(signal.SIGCONT)


async def channels(http: aiohttp.ClientSession) -> list[str]:
    async with http.get("channels") as answer:
        return [channel["name"] for channel in await answer.json()]
