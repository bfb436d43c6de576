"""What all of the store's methods share: running scripts and readings against the epoch that this process joined."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from secrets import token_hex
from types import TracebackType
from typing import Any

from acd.errors import StaleEpoch
from acd.events import AnyEvent, stream_position
from acd.ports import Epoch, Refusal, Refused
from stasis_app.redis_store.bundle import Bundle
from stasis_app.redis_store.codec import events_of, ids_of
from stasis_app.redis_store.keys import Keys
from stasis_app.redis_store.lua import Limits, scripts
from stasis_app.redis_store.pipe import Pipe
from stasis_app.redis_store.server import Link, Server

BLOCK_MS = 1_000
"""A silent stream is asked again after so long, which is how a vanished server or epoch is noticed there."""
BATCH = 500


class Session:
    """Two connections (transitions; readings) and the epoch joined. Each stream that is followed has one of its own."""

    def __init__(self, url: str, *, pool: str, command_timeout_s: float, limits: Limits) -> None:
        self.keys = Keys(pool)
        self.server = Server(url, timeout_s=command_timeout_s)
        self.commands = Pipe(self.server)
        self.readings = Pipe(self.server)
        self._sources = scripts(limits)
        self._scripts = {
            name: (
                self.server.packed("EVALSHA", script.sha, 1, self.keys.epoch),
                self.server.packed("SCRIPT", "LOAD", script.source),
            )
            for name, script in self._sources.items()
        }
        self._reservations = Bundle(
            lambda words: self._send("reserve", (self._epoch, *words), self.commands, self._run)
        )
        self._epoch = ""
        self._run: str | None = None
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Session:
        await self._load_scripts()
        await self._tasks.__aenter__()
        self._tasks.create_task(self.commands.run(), name="redis-commands")
        self._tasks.create_task(self.readings.run(), name="redis-readings")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.commands.close()
        self.readings.close()
        await self._tasks.__aexit__(None, None, None)
        await self.server.close_all()

    async def _load_scripts(self) -> None:
        """So that no call is the first to need one; a Redis that forgets them is sent them again."""
        link = await self.server.connect()
        try:
            with self.server.explained():
                async with asyncio.timeout(self.server.timeout_s):
                    await link.ask(b"".join(load for _, load in self._scripts.values()), len(self._scripts))
        finally:
            await self.server.close(link)

    # scripts

    async def script(self, name: str, *words: str | bytes | int, pipe: Pipe | None = None) -> Any:
        """Run a script that does not ask for the epoch."""
        return await self._send(name, words, pipe or self.commands, None)

    async def transition(self, name: str, *words: str | bytes | int) -> list[bytes] | Refused:
        """Run a script on the epoch joined: what follows 'ok', or why it was refused."""
        return self._made(await self._send(name, (self.joined(), *words), self.commands, self._run))

    async def reserve(self, *words: str | bytes | int) -> list[bytes] | Refused:
        """The same for one of several reservations that share a run."""
        self.joined()
        return self._made(await self._reservations.ask(words))

    def _made(self, answer: Any) -> list[bytes] | Refused:
        if answer[0] == b"stale":
            raise self._stale(answer[1].decode())
        if answer[0] == b"refused":
            return Refused(why=Refusal(answer[1].decode()), beaten_by=answer[2].decode())
        following: list[bytes] = answer[1:]
        return following

    def _send(self, name: str, words: Sequence[str | bytes | int], pipe: Pipe, run: str | None) -> asyncio.Future[Any]:
        call, load = self._scripts[name]
        return pipe.send(_with_words(call, words), run=run, script=load)

    # readings

    async def read(self, *words: str | bytes | int) -> Any:
        """One command's answer, proven to be of the epoch joined: the epoch is looked at after it."""
        joined = self.joined()
        answer = self.readings.send(self.server.packed(*words), run=self._run)
        epoch = self.readings.send(self.server.packed("HGET", self.keys.epoch, "id"), run=self._run)
        try:
            await asyncio.wait((answer, epoch))
        finally:
            answer.cancel()
            epoch.cancel()
        failures = [failure for future in (answer, epoch) if (failure := future.exception())]
        if failures:
            raise failures[0]
        result, now = answer.result(), (epoch.result() or b"").decode()
        if now != joined:
            raise self._stale(now)
        return result

    def reading(self, *words: str | bytes | int) -> asyncio.Future[Any]:
        """One command's answer to come, whatever the epoch."""
        return self.readings.send(self.server.packed(*words))

    async def events(self, after: str) -> AsyncIterator[Sequence[AnyEvent]]:
        """The pool's stream from after this id, in batches as they come, while the epoch lasts."""
        async with aclosing(self._follow(self.keys.events, after)) as batches:
            async for _, entries in batches:
                yield list(events_of(entries))

    async def inbox(self, process: str) -> AsyncIterator[Sequence[AnyEvent]]:
        """What this process has to act on from now on, after an empty batch. An inbox holds ids alone: most of what
        Redis has to do for a transition is to write events to memory and disk, once is enough."""
        key = self.keys.inbox(process)
        entries = await self.read("XREVRANGE", key, "+", "-", "COUNT", 1)
        after = entries[0][0].decode() if entries else ""
        yield ()
        async with aclosing(self._follow(key, after)) as batches:
            async for link, entries in batches:
                wanted = list(ids_of(entries))
                ranges = b"".join(self.server.packed("XRANGE", self.keys.events, one, one) for one in wanted)
                with self.server.explained():
                    async with asyncio.timeout(self.server.timeout_s):
                        found = await link.ask(ranges, len(wanted))
                if not all(found):
                    raise StaleEpoch(f"events that {process} had to act on are no longer kept: take a snapshot")
                yield [event for one in found for event in events_of(one)]

    async def _follow(self, key: str, after: str) -> AsyncGenerator[tuple[Link, Sequence[Any]], None]:
        """A stream's entries from after this id, with the connection that they came by."""
        joined, run = self.joined(), self._run
        link = await self.server.connect()
        try:
            if link.run != run:
                raise StaleEpoch("Redis was restarted since its epoch was joined: join again")
            while True:
                request = self.server.packed(
                    "XREAD", "COUNT", BATCH, "BLOCK", BLOCK_MS, "STREAMS", key, after or "0-0"
                ) + self.server.packed("HMGET", self.keys.epoch, "id", "first")
                with self.server.explained():
                    async with asyncio.timeout(BLOCK_MS / 1000 + self.server.timeout_s):
                        streams, (epoch, first) = await link.ask(request, 2)
                if (epoch or b"").decode() != joined:
                    raise self._stale((epoch or b"").decode())
                if key == self.keys.events and first and stream_position(after) < stream_position(first.decode()):
                    raise StaleEpoch(f"the events after {after or 'the first'} are no longer kept: take a snapshot")
                for _, entries in streams or ():
                    yield link, entries
                    after = entries[-1][0].decode()
        finally:
            await self.server.close(link)

    # the epoch

    async def join(self) -> Epoch | None:
        """See acd.ports.Store."""
        epoch, ready, begun_in, run = await self.script("join")
        if epoch is None or begun_in != run:
            return None
        self._epoch, self._run = epoch.decode(), run.decode()
        return Epoch(id=self._epoch, ready=ready == b"1")

    async def begin(self, process: str, *, lease_ms: int) -> Epoch | None:
        """See acd.ports.Store."""
        new = token_hex(8)
        answer = await self.script("begin_epoch", new, process, lease_ms, self._epoch)
        if answer[0] != b"ok":
            return None
        self._epoch, self._run = new, answer[1].decode()
        return Epoch(id=new, ready=False)

    async def open(self) -> Epoch:
        """See acd.ports.Store."""
        await self.transition("open_epoch")
        return Epoch(id=self._epoch, ready=True)

    def joined(self) -> str:
        """The epoch joined; raises StaleEpoch if none is."""
        if self._run is None:
            raise StaleEpoch("the store has not been joined yet")
        return self._epoch

    def _stale(self, now: str) -> StaleEpoch:
        if now == self._epoch:
            return StaleEpoch(f"epoch {now} of the store is not in the state for this: join again")
        return StaleEpoch(
            f"the store at {self.server.address} was {'rebuilt' if now else 'emptied'} since it was joined: join again"
        )


def _with_words(script: bytes, words: Sequence[str | bytes | int]) -> bytes:
    """A packed script call with these arguments added: only its count of words changes."""
    count, _, rest = script.partition(b"\r\n")
    parts = [b"*%d\r\n" % (int(count[1:]) + len(words)), rest]
    for word in words:
        text = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(text), text))
    return b"".join(parts)
