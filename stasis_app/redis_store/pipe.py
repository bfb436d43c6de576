"""Carries commands to Redis in the order of asking, on one connection that no caller's cancellation can harm.

What was asked within one turn of the event loop goes out in one write, while the answers to earlier commands are still
under way; a task of the store's own hands out the answers as they come. A caller only waits for a future: when it is
cancelled, its answer is read all the same and dropped, so an answer can never reach anybody else. When an answer fails
to come in time the connection is given up, never used again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import NoScriptError, ResponseError

from acd.errors import StaleEpoch, StoreUnavailable
from stasis_app.redis_store.server import Link, Server

UNDER_WAY = 512
"""Commands that Redis may have before it has answered the first of them."""


@dataclass(slots=True, eq=False)
class _Command:
    packed: bytes
    answer: asyncio.Future[Any]
    run: str | None = None
    script: bytes | None = None
    """What loads the script that it needs, if Redis does not know it."""
    sent_at: float = field(default=0.0, init=False)

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
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Command] = deque()
        self._under_way: deque[_Command] = deque()
        self._asked = asyncio.Event()
        self._link: Link | None = None
        self._serving = False
        self._writing = False
        self._closed = False
        self.sent = 0
        """Commands sent so far."""

    def send(self, packed: bytes, *, run: str | None = None, script: bytes | None = None) -> asyncio.Future[Any]:
        """Queue a command; the future gets its answer, or StoreUnavailable. With a run, it is sent to this very run
        of the server or not at all: StaleEpoch."""
        command = _Command(packed, self._loop.create_future(), run, script)
        if self._closed:
            command.settle(self._was_closed())
            return command.answer
        self._waiting.append(command)
        if not self._serving:
            self._asked.set()
        elif not self._writing:
            self._writing = True
            self._loop.call_soon(self._write)
        return command.answer

    def close(self) -> None:
        """End after the commands that are queued now."""
        self._closed = True
        self._asked.set()

    async def run(self) -> None:
        """Serve until closed."""
        try:
            while self._waiting or not self._closed:
                await self._asked.wait()
                self._asked.clear()
                await self._serve()
        finally:
            self._closed = True
            await self._give_up(self._was_closed())

    async def _serve(self) -> None:
        """Until everything is answered, or the connection is lost."""
        try:
            with self._server.explained():
                async with asyncio.timeout(self._server.timeout_s):
                    link = self._link = await self._usable_link()
                self._serving = True
                self._write()
                await self._read(link)
        except StoreUnavailable as error:
            await self._give_up(error)
        finally:
            self._serving = False

    async def _read(self, link: Link) -> None:
        """Hand out answers until none is owed. The time limit is looked after by one timer, not by one an answer: they
        come by the thousand, and in time."""
        limit_s, now = self._server.timeout_s, self._loop.time
        timers: list[asyncio.TimerHandle] = []

        def look() -> None:
            due_at = self._under_way[0].sent_at + limit_s if self._under_way else now() + limit_s
            if due_at <= now():
                late.reschedule(due_at)
            else:
                timers[:] = [self._loop.call_at(due_at, look)]

        try:
            async with asyncio.timeout(None) as late:
                look()
                while self._under_way:
                    self._hand_out(await link.answers())
        finally:
            for timer in timers:
                timer.cancel()

    def _write(self) -> None:
        """Send what waits, as far as there is room for it."""
        self._writing = False
        if not self._serving or self._link is None:
            self._asked.set()
            return
        now, batch = self._loop.time(), []
        while self._waiting and len(self._under_way) < UNDER_WAY:
            command = self._waiting.popleft()
            if command.run not in {None, self._link.run}:
                command.settle(StaleEpoch("Redis was restarted since its epoch was joined: join again"))
            if not command.answer.done():
                command.sent_at = now
                self._under_way.append(command)
                batch.append(command.packed)
        if batch:
            self.sent += len(batch)
            self._link.write(b"".join(batch))

    def _hand_out(self, answers: Iterable[object]) -> None:
        unknown: list[_Command] = []
        for answer in answers:
            command = self._under_way.popleft()
            if isinstance(answer, NoScriptError) and command.script is not None:
                unknown += self._with_its_script(command)
            elif isinstance(answer, ResponseError):
                command.settle(StoreUnavailable(f"Redis at {self._server.address} refused a command: {answer}"))
            else:
                command.settle(answer)
        self._waiting.extendleft(reversed(unknown))
        if self._waiting:
            self._write()

    def _with_its_script(self, command: _Command) -> list[_Command]:
        assert command.script is not None
        load = _Command(command.script, self._loop.create_future(), command.run)
        load.answer.add_done_callback(asyncio.Future.exception)  # the command after it says what is wrong
        return [load, _Command(command.packed, command.answer, command.run)]

    async def _usable_link(self) -> Link:
        if self._link is not None and not await self._link.is_usable():
            await self._close_link()
        return self._link or await self._server.connect()

    async def _close_link(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await self._server.close(link)

    async def _give_up(self, error: StoreUnavailable) -> None:
        """Those who queue behind a dead connection hear of it at once, each with an error of its own to raise."""
        self._serving = False
        failed = [*self._under_way, *self._waiting]
        self._under_way.clear()
        self._waiting.clear()
        for command in failed:
            command.settle(type(error)(*error.args))
        await self._close_link()

    def _was_closed(self) -> StoreUnavailable:
        return StoreUnavailable(f"the connection to Redis at {self._server.address} was closed")
