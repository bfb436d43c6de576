"""What all of the store's methods share: running scripts and readings against the epoch that this process joined."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from secrets import token_hex
from types import TracebackType
from typing import Any

from acd.errors import StaleEpoch
from acd.events import AnyEvent, CallChanged, CallEnded, CallTakenOver, OfferEnded, OfferMade, stream_position
from acd.offer import Offer
from acd.ports import Epoch, Refusal, Refused
from stasis_app.redis_store.bundle import Bundle
from stasis_app.redis_store.codec import event_of, events_of
from stasis_app.redis_store.keys import Keys
from stasis_app.redis_store.lua import Limits, scripts
from stasis_app.redis_store.pipe import Pipe
from stasis_app.redis_store.server import Server, packed
from stasis_app.redis_store.tail import BATCH, Listener, Tail, check, stale


@dataclass(frozen=True, slots=True)
class Made:
    """What a transition answered: a word or a record (nothing, where an event below names it), and what it wrote."""

    answer: bytes
    events: Sequence[AnyEvent]


class Session:
    """Two connections (transitions; readings), the epoch joined, and the end of the stream, by one of its own."""

    def __init__(self, url: str, *, pool: str, command_timeout_s: float, limits: Limits) -> None:
        self.keys = Keys(pool)
        self.server = Server(url, timeout_s=command_timeout_s)
        self.commands = Pipe(self.server)
        self.readings = Pipe(self.server)
        self._sources = scripts(limits)
        self._scripts = {
            name: (
                (b"EVALSHA", script.sha, 1, self.keys.epoch),
                self.server.packed("SCRIPT", "LOAD", script.source),
            )
            for name, script in self._sources.items()
        }
        self._reservations = Bundle(
            lambda words: self._send("reserve", (self._epoch, *words), self.commands, self._run), self._reserved
        )
        self._tail: Tail | None = None
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
        if self._tail is not None:
            self._tail.stop()
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

    async def transition(self, name: str, *words: str | bytes | int) -> Made | Refused:
        """Run a script on the epoch joined: what it made, or why it was refused."""
        answer = await self._send(name, (self.joined(), *words), self.commands, self._run)
        if refused := self._not_made(answer):
            return refused
        return Made(answer[1] if len(answer) > 1 else b"", self._wrote(answer[2:]))

    async def reserve(self, *words: str | bytes | int) -> Sequence[Offer] | Refused:
        """The same for one of several reservations that share a run."""
        self.joined()
        answer: Sequence[Offer] | Refused = await self._reservations.ask(words)
        return answer

    def _reserved(self, answer: Any) -> Sequence[Sequence[Offer] | Refused]:
        """What became of each reservation of a run."""
        self._not_made(answer)
        made = {event.offer.id: event.offer for event in self._wrote(answer[1]) if isinstance(event, OfferMade)}
        return [self._not_made(one) or [made[offer.decode()] for offer in one[1:]] for one in answer[2:]]

    def _not_made(self, answer: Any) -> Refused | None:
        if answer[0] == b"stale":
            raise stale(self.server, answer[1].decode(), joined=self._epoch)
        if answer[0] == b"refused":
            return Refused(why=Refusal(answer[1].decode()), beaten_by=answer[2].decode())
        return None

    def _wrote(self, words: Sequence[bytes]) -> Sequence[AnyEvent]:
        """The events that a run has written, from the id before them, and id, kind and body of each."""
        events = [event_of(*words[at : at + 3]) for at in range(1, len(words), 3)]
        if events and self._tail is not None:
            self._tail.committed(words[0].decode(), events)
        return events

    def _send(self, name: str, words: Sequence[str | bytes | int], pipe: Pipe, run: str | None) -> asyncio.Future[Any]:
        call, load = self._scripts[name]
        return pipe.send(packed(*call, *words), run=run, script=load)

    # readings

    async def read(self, *words: str | bytes | int) -> Any:
        """One command's answer, proven to be of the epoch joined: the epoch is looked at after it."""
        return await self._read_proven(words, after="")

    async def _read_proven(self, words: Sequence[str | bytes | int], *, after: str) -> Any:
        """The same, proven as well to miss no event after this id."""
        joined = self.joined()
        answer = self.readings.send(self.server.packed(*words), run=self._run)
        epoch = self.readings.send(self.server.packed("HMGET", self.keys.epoch, "id", "first"), run=self._run)
        try:
            await asyncio.wait((answer, epoch))
        finally:
            answer.cancel()
            epoch.cancel()
        failures = [failure for future in (answer, epoch) if (failure := future.exception())]
        if failures:
            raise failures[0]
        check(self.server, *epoch.result(), joined=joined, after=after)
        return answer.result()

    def reading(self, *words: str | bytes | int) -> asyncio.Future[Any]:
        """One command's answer to come, whatever the epoch."""
        return self.readings.send(self.server.packed(*words))

    # the stream

    async def events(self, after: str) -> AsyncIterator[Sequence[AnyEvent]]:
        """The pool's stream from after this id, in batches as they come, while the epoch lasts."""
        position = after
        async with self._listening() as listener:
            while True:
                listener.behind = False
                async with aclosing(self._written(position)) as batches:
                    async for batch in batches:
                        yield batch
                        position = batch[-1].id
                while not listener.behind:
                    heard = await listener.take()
                    known = stream_position(position)
                    if new := [event for event in heard if stream_position(event.id) > known]:
                        yield new
                        position = new[-1].id

    async def inbox(self, process: str) -> AsyncIterator[Sequence[AnyEvent]]:
        """What this process has to act on from now on, after an empty batch."""
        async with self._listening() as listener:
            yield ()
            while True:
                heard = await listener.take()
                if listener.behind:
                    raise StaleEpoch(f"{process} has not looked at what it had to act on for too long: take a snapshot")
                if own := [event for event in heard if _concerns(event, process)]:
                    yield own

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[Listener]:
        epoch, run = self.joined(), self._run
        assert run is not None, "it was joined"
        tail = self._tail
        if tail is None or tail.over or (tail.epoch, tail.run) != (epoch, run):
            tail = self._tail = Tail(self.server, self.keys, epoch=epoch, run=run)
        async with tail.listening(self._tasks) as listener:
            yield listener

    async def _written(self, after: str) -> AsyncGenerator[Sequence[AnyEvent], None]:
        """What is there after this id."""
        while True:
            words = ("XRANGE", self.keys.events, f"({after}" if after else "-", "+", "COUNT", BATCH)
            entries = await self._read_proven(words, after=after or "0-0")
            if entries:
                yield (batch := list(events_of(entries)))
                after = batch[-1].id
            if len(entries) < BATCH:
                return

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


def _concerns(event: AnyEvent, process: str) -> bool:
    """Whether the owner of a call has to act on this, and this process is it."""
    match event:
        case OfferMade() | CallChanged() | CallEnded() | CallTakenOver():
            return event.call.owner == process
        case OfferEnded():
            return event.offer.owner == process
        case _:
            return False
