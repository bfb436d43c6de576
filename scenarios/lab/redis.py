"""Starts private Redis servers for demos, tests and load runs."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from scenarios.lab.namespace import Child, NotifySocket, PartFailed
from scenarios.lab.places import free_port

__all__ = ["Redis"]

START_LIMIT_S = 10.0


class Redis:
    """One redis-server (or valkey-server) of its own: folder, port, log.

    With `persistent` (the default) each write is in the append-only file within a second, so that
    a restart keeps the state; without, a restart comes back empty.
    """

    def __init__(self, folder: Path, *, host: str = "127.0.0.1", port: int = 0, persistent: bool = True) -> None:
        self.folder = folder
        self.host = host
        self.port = port or free_port(host)
        self.persistent = persistent
        self._child: Child | None = None

    @classmethod
    @asynccontextmanager
    async def running(
        cls, folder: Path, *, host: str = "127.0.0.1", port: int = 0, persistent: bool = True
    ) -> AsyncIterator[Redis]:
        redis = cls(folder, host=host, port=port, persistent=persistent)
        try:
            await redis.start()
            yield redis
        finally:
            await redis.stop()

    @property
    def url(self) -> str:
        return f"redis://{self.host}:{self.port}/0"

    @property
    def child(self) -> Child:
        if self._child is None:
            raise PartFailed("Redis was never started.")
        return self._child

    async def start(self) -> None:
        """Returns when the server answers commands."""
        self.folder.mkdir(parents=True, exist_ok=True)
        names = ("redis-server", "valkey-server")
        program = next(filter(shutil.which, names), names[0])
        options = {
            "bind": self.host,
            "port": str(self.port),
            "dir": str(self.folder),
            "daemonize": "no",
            "supervised": "systemd",
            "save": "",
            "appendonly": "yes" if self.persistent else "no",
            "appendfsync": "everysec",
        }
        argv = [program, *(part for key, value in options.items() for part in (f"--{key}", value))]
        async with NotifySocket.listen() as notify:
            log = self.folder / "redis.log"
            self._child = await Child.start("Redis", argv, log=log, env=notify.env)
            await self._child.until(self._answer(notify), START_LIMIT_S)

    async def _answer(self, notify: NotifySocket) -> None:
        await notify.ready.wait()
        await self.command("PING")

    async def command(self, *words: str) -> str:
        """Sends one command that answers in one line, and returns that line."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(" ".join(words).encode() + b"\r\n")
            answer = (await reader.readline()).decode().strip()
        finally:
            writer.close()
            await writer.wait_closed()
        if not answer or answer.startswith("-"):
            raise PartFailed(f"Redis refused {words[0]}: {answer or 'it closed the connection'}")
        return answer

    async def keys(self) -> list[str]:
        """Every key there is."""
        # As a status, since that is the answer in one line that `command` reads.
        said = await self.command("EVAL", "\"return {ok = table.concat(redis.call('KEYS', '*'), ' ')}\"", "0")
        return said[1:].split()

    async def flush(self) -> None:
        """Empties it, as if its disk had been lost."""
        await self.command("FLUSHALL")

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
        """Makes it hang until `thaw`: its connections stay open and nothing is answered."""
        self.child.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.child.signal(signal.SIGCONT)
