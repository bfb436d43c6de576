"""Starts the lab's programs so that they surely end with it, even when the lab is killed.

Each child asks the kernel to be killed when its parent dies; an isolated child is moreover the
first process of a PID and mount namespace of its own, so that its children and its mounts go too.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from scenarios.lab.asterisk_root import isolated

__all__ = ["Child", "NotifySocket", "PartFailed"]

LOG_LINES_SHOWN = 15


class PartFailed(Exception):
    """A part of the lab did not start, or ended by itself; the message holds the end of its log."""


class Child:
    """One running program of the lab. Its standard output and error go to `log`."""

    def __init__(self, name: str, log: Path, process: asyncio.subprocess.Process, pid: int) -> None:
        self.name = name
        self.log = log
        self.pid = pid  # as seen from the lab, also when the child believes to be process 1
        self._process = process
        self._expired = ""

    @classmethod
    async def start(
        cls,
        name: str,
        argv: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        isolate: bool = False,
    ) -> Child:
        """Starts a program that is killed when the calling process dies.

        `env` is added to the lab's own environment. Raises PartFailed when there is no such program.
        """
        command = isolated(*argv) if isolate else list(argv)
        for program in (argv[0], command[0], "setpriv"):
            if not shutil.which(program):
                raise PartFailed(f"{name} cannot start: there is no program {program!r}; run `make`.")
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "KILL", "--", *command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(env or {})},
                cwd=cwd,
                start_new_session=True,  # Ctrl-C is for the lab, which ends its parts in order
            )
        return cls(name, log, process, process.pid)

    def find_inner(self) -> None:
        """From here on signals go to the first process inside the namespace."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        with suppress(OSError, IndexError, ValueError):
            self.pid = int(children.read_text().split()[0])

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._process.returncode

    async def wait(self) -> int:
        """Returns the exit status as soon as the program has ended."""
        return await self._process.wait()

    async def until(self, ready: Awaitable[object], limit_s: float) -> None:
        """Waits until the part is ready; raises PartFailed when it ends first or takes too long."""
        try:
            async with asyncio.timeout(limit_s), asyncio.TaskGroup() as group:
                watch = group.create_task(self._fail_at_end())
                await ready
                watch.cancel()
        except TimeoutError:
            raise self.failure(f"was not ready within {limit_s:g} s") from None
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def _fail_at_end(self) -> None:
        status = await self.wait()
        raise self.failure(f"ended with status {status} before it was ready")

    def expire(self, why: str) -> None:
        """Kills it because it `why`, which its failure will say."""
        self._expired = why
        self.signal(signal.SIGKILL)

    def failure(self, what: str) -> PartFailed:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        tail = "\n".join(f"  {line}" for line in lines) or "  (empty)"
        what = self._expired or what
        return PartFailed(f"{self.name} {what}. The end of {self.log}:\n{tail}")

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal; a child that has ended already is left alone."""
        if self.status is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def kill(self) -> int:
        """Ends it as a power cut would."""
        self.signal(signal.SIGKILL)
        return await self.wait()

    async def terminate(self, grace_s: float = 5.0) -> int:
        """Asks it to end, and kills it when it has not done so within `grace_s` seconds."""
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)
        try:
            async with asyncio.timeout(grace_s):
                return await self.wait()
        except TimeoutError:
            return await self.kill()


class NotifySocket(asyncio.DatagramProtocol):
    """Hears a program say that it is ready, by the protocol of sd_notify(3)."""

    def __init__(self, name: str) -> None:
        self.env = {"NOTIFY_SOCKET": f"@{name}"}
        self.ready = asyncio.Event()

    def datagram_received(self, data: bytes, addr: object) -> None:
        if b"READY=1" in data.splitlines():
            self.ready.set()

    @classmethod
    @asynccontextmanager
    async def listen(cls) -> AsyncIterator[NotifySocket]:
        # An abstract name is reachable from inside any mount namespace.
        name = f"stasis-acd-lab/{uuid.uuid4().hex}"
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        channel.setblocking(False)
        channel.bind(f"\0{name}")
        transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(lambda: cls(name), sock=channel)
        try:
            yield protocol
        finally:
            transport.close()
