"""Carries commands to Redis in the order of asking, on one connection that no caller's cancellation can harm.

A task of the store's own writes what has come in meanwhile as one batch, and hands out the answers as they are read.
A caller only waits for a future: when it is cancelled, its answer is read all the same and dropped, so an answer can
never reach anybody else. When an answer fails to come in time the connection is given up, never used again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import NoScriptError, ResponseError

from acd.errors import StaleEpoch, StoreUnavailable
from stasis_app.redis_store.server import Link, Server

BATCH = 256


@dataclass(slots=True, eq=False)
class _Command:
    packed: bytes
    answer: asyncio.Future[Any]
    run: str | None
    again: bytes | None
    """What to send if Redis does not know the script."""

    def settle(self, answer: object) -> None:
        if self.answer.done():
            return
        if isinstance(answer, BaseException):
            self.answer.set_exception(answer)
        else:
            self.answer.set_result(answer)


class Pipe:
    """One connection's commands and answers."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._waiting: asyncio.Queue[_Command | None] = asyncio.Queue()
        self._link: Link | None = None
        self._closed = False
        self.sent = 0
        """Commands sent so far."""

    def send(self, packed: bytes, *, run: str | None = None, again: bytes | None = None) -> asyncio.Future[Any]:
        """Queue a command; the future gets its answer, or StoreUnavailable. With a run, it is sent to this very run
        of the server or not at all: StaleEpoch."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        command = _Command(packed, answer, run, again)
        if self._closed:
            command.settle(StoreUnavailable(f"the connection to Redis at {self._server.address} was closed"))
        else:
            self._waiting.put_nowait(command)
        return answer

    def close(self) -> None:
        """End after the commands that are queued now."""
        self._closed = True
        self._waiting.put_nowait(None)

    async def run(self) -> None:
        """Serve until closed."""
        try:
            while (command := await self._waiting.get()) is not None:
                batch = [command]
                while len(batch) < BATCH and not self._waiting.empty():
                    following = self._waiting.get_nowait()
                    if following is None:
                        self._waiting.put_nowait(None)
                        break
                    batch.append(following)
                await self._serve(batch)
        finally:
            self._closed = True
            self._fail_waiting([], StoreUnavailable(f"the connection to Redis at {self._server.address} was closed"))
            await self._give_up()

    async def _serve(self, batch: Sequence[_Command]) -> None:
        try:
            with self._server.explained():
                async with asyncio.timeout(self._server.timeout_s):
                    link = await self._usable_link()
                    await self._exchange(link, _meant_for(link.run, batch))
        except StoreUnavailable as error:
            await self._give_up()
            self._fail_waiting(batch, error)
        except BaseException:
            await self._give_up()
            self._fail_waiting(batch, StoreUnavailable(f"the connection to Redis at {self._server.address} was closed"))
            raise

    async def _exchange(self, link: Link, batch: Sequence[_Command]) -> None:
        if not batch:
            return
        self.sent += len(batch)
        await link.send(b"".join(command.packed for command in batch))
        unknown: list[_Command] = []
        for command in batch:
            try:
                command.settle(await link.read())
            except NoScriptError as error:
                if command.again is None:
                    command.settle(self._refused(error))
                else:
                    unknown.append(_Command(command.again, command.answer, command.run, None))
            except ResponseError as error:
                command.settle(self._refused(error))
        await self._exchange(link, unknown)

    async def _usable_link(self) -> Link:
        if self._link is not None and not await self._link.is_usable():
            await self._give_up()
        if self._link is None:
            self._link = await self._server.connect()
        return self._link

    async def _give_up(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await self._server.close(link)

    def _fail_waiting(self, batch: Sequence[_Command], error: StoreUnavailable) -> None:
        """Those who queue behind a dead connection hear of it at once, each with an error of its own to raise."""
        failed = list(batch)
        closing = False
        while not self._waiting.empty():
            command = self._waiting.get_nowait()
            if command is None:
                closing = True
            else:
                failed.append(command)
        if closing:
            self._waiting.put_nowait(None)
        for command in failed:
            command.settle(type(error)(*error.args))

    def _refused(self, error: ResponseError) -> StoreUnavailable:
        return StoreUnavailable(f"Redis at {self._server.address} refused a command: {error}")


def _meant_for(run: str, batch: Sequence[_Command]) -> Sequence[_Command]:
    """Those that may go to this run of the server; the others learn that it was restarted."""
    for command in batch:
        if command.run not in {None, run}:
            command.settle(StaleEpoch("Redis was restarted since its epoch was joined: join again"))
    return [command for command in batch if not command.answer.done()]
