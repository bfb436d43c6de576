"""Runs ACD processes under test: started, killed, frozen and thawed as a story wants."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from scenarios.lab.namespace import Child, NotifySocket, PartFailed

__all__ = ["Acd", "Ready", "answers", "notifies"]

START_LIMIT_S = 30.0
STOP_LIMIT_S = 15.0
RETRY_S = 0.05

Ready = Callable[["Acd"], Awaitable[object]]
"""Returns when the ACD is ready."""


class Acd:
    """One ACD process. `argv` is what follows `stasis-acd`, `env` its settings."""

    def __init__(
        self,
        folder: Path,
        *,
        argv: Sequence[str] = ("serve",),
        env: Mapping[str, str] | None = None,
        ready: Ready,
        name: str = "ACD",
    ) -> None:
        self.folder = folder
        self.name = name
        self.argv = tuple(argv)
        self.env = dict(env or {})
        self.web = ""
        """Where its pages and its API are, when the lab chose the address."""
        self.notified = asyncio.Event()
        self._ready = ready
        self._child: Child | None = None

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        folder: Path,
        *,
        argv: Sequence[str] = ("serve",),
        env: Mapping[str, str] | None = None,
        ready: Ready,
        name: str = "ACD",
    ) -> AsyncIterator[Acd]:
        acd = cls(folder, argv=argv, env=env, ready=ready, name=name)
        try:
            await acd.start()
            yield acd
        finally:
            await acd.stop()

    @property
    def child(self) -> Child:
        if self._child is None:
            raise PartFailed(f"{self.name} was never started.")
        return self._child

    @property
    def log(self) -> str:
        """All that its runs in this folder have written."""
        return self.child.log.read_text(errors="replace")

    async def start(self) -> None:
        """Starts it, the first time or again, and returns when it is ready."""
        program = Path(sys.executable).with_name("stasis-acd")
        async with NotifySocket.listen() as notify:
            self.notified = notify.ready
            self._child = await Child.start(
                self.name,
                [str(program), *self.argv],
                log=self.folder / f"{self.name}.log",
                # An installed product has its bytecode, whatever the machine under test says.
                env={"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "", **notify.env, **self.env},
                cwd=self.folder,
            )
            await self._child.until(self._ready(self), START_LIMIT_S)

    async def stop(self) -> int:
        """Asks it to drain and end; killed when it has not ended after a while."""
        return await self._child.terminate(STOP_LIMIT_S) if self._child else 0

    async def kill(self) -> None:
        """Ends it as a power cut would; `start` brings it back."""
        await self.child.kill()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def freeze(self) -> None:
        """Makes it hang until `thaw`: its connections stay open and nothing is answered."""
        self.child.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.child.signal(signal.SIGCONT)


def answers(url: str) -> Ready:
    """Ready when `url` answers 2xx."""

    async def ready(_: Acd) -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
            # Nothing tells when a port begins to listen, so this one wait has to ask again.
            while not await _answers(http, url):  # noqa: ASYNC110
                await asyncio.sleep(RETRY_S)

    return ready


async def _answers(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(url) as answer:
            return answer.ok
    except aiohttp.ClientConnectionError:
        return False


async def notifies(acd: Acd) -> None:
    """Ready when the ACD says so itself, as to systemd (sd_notify)."""
    await acd.notified.wait()
