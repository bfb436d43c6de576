"""Follows the end of the pool's stream, once for all listeners of this process.

What this process commits it hears from the answer to its own command, which carries what was written and the id of the
event before: where that is the last one heard, nothing lies between, and nothing has to be read. Whatever others commit
is read, by a connection that waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from acd.errors import StaleEpoch, StoreUnavailable
from acd.events import AnyEvent, stream_position
from stasis_app.redis_store.codec import events_of
from stasis_app.redis_store.keys import Keys
from stasis_app.redis_store.server import Link, Server

BLOCK_MS = 1_000
"""A silent stream is asked again after so long, which is how a vanished server or epoch is noticed there."""
BATCH = 500
MOST_KEPT = 10_000
"""Events that wait for a listener who does not take them; beyond that it is left behind and reads for itself."""
ALONE_S = 1.0
"""So long after the last event of somebody else's, all that is written is taken to be ours."""
GATHER_S = 0.02
"""Who is alone reads again after so long at the earliest: every event of ours would end the waiting for others'."""
CLAIM_S = 0.05
"""An event that was read and that no answer of ours has named after so long is somebody else's."""


class Listener:
    """One who hears of all that is written, in order."""

    def __init__(self, taken: asyncio.Event) -> None:
        """``taken`` is set whenever events were taken."""
        self._taken = taken
        self._kept: list[AnyEvent] = []
        self._news = asyncio.Event()
        self._failure: StoreUnavailable | None = None
        self.behind = False
        """It took nothing for so long that events were dropped."""

    def put(self, events: Sequence[AnyEvent]) -> None:
        """Keep these until they are taken."""
        if len(self._kept) + len(events) > MOST_KEPT:
            self._kept.clear()
            self.behind = True
        if not self.behind:
            self._kept.extend(events)
        self._news.set()

    @property
    def is_busy(self) -> bool:
        """Whether it has not taken yet what has come."""
        return bool(self._kept)

    def fail(self, error: StoreUnavailable) -> None:
        """Nothing more comes."""
        self._failure = error
        self._news.set()

    async def take(self) -> Sequence[AnyEvent]:
        """What has come since, as soon as there is something; nothing when it is left behind."""
        self._taken.set()
        await self._news.wait()
        kept, self._kept = self._kept, []
        if not kept and self._failure is not None:
            raise type(self._failure)(*self._failure.args)
        if self._failure is None:
            self._news.clear()
        return kept


class Tail:
    """The end of one pool's stream in one epoch. It runs as long as somebody listens."""

    def __init__(self, server: Server, keys: Keys, *, epoch: str, run: str) -> None:
        self.epoch, self.run = epoch, run
        self._server = server
        self._keys = keys
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._began = asyncio.Event()
        self._gap = asyncio.Event()
        self._taken = asyncio.Event()
        self._position = ""
        self._unclaimed: dict[str, float] = {}
        """Events that were read, by the time of it, until an answer says that they are ours."""
        self._others_at = -ALONE_S
        self.over = False
        """It has failed, or everybody has left."""

    @asynccontextmanager
    async def listening(self, tasks: asyncio.TaskGroup) -> AsyncIterator[Listener]:
        """Hear of all that is written from now on; a follower that is to run is started in this group."""
        listener = Listener(self._taken)
        self._listeners.add(listener)
        if self._task is None:
            self._task = tasks.create_task(self._follow(), name="redis-tail")
        try:
            await self._began.wait()
            yield listener
        finally:
            self._listeners.discard(listener)
            if not self._listeners:
                self.stop()

    def stop(self) -> None:
        """Nobody listens any more."""
        self.over = True
        if self._task is not None:
            self._task.cancel()

    def committed(self, before: str, events: Sequence[AnyEvent]) -> None:
        """A command of ours was answered: it has written these, right after ``before``."""
        if not events or not self._began.is_set() or self.over:
            return
        for event in events:
            self._unclaimed.pop(event.id, None)
        if stream_position(events[-1].id) <= stream_position(self._position):
            return
        if before == self._position:
            self._hand_out(events)
        else:
            self._gap.set()

    def _hand_out(self, events: Sequence[AnyEvent]) -> None:
        self._position = events[-1].id
        for listener in self._listeners:
            listener.put(events)

    # --- what others write --------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        link: Link | None = None
        try:
            link = await self._server.connect()
            if link.run != self.run:
                raise StaleEpoch("Redis was restarted since its epoch was joined: join again")
            await self._begin(link)
            while True:
                while all(listener.is_busy for listener in self._listeners):
                    self._taken.clear()
                    await self._taken.wait()
                await self._read(link)
        except StoreUnavailable as error:
            self.over = True
            for listener in self._listeners:
                listener.fail(error)
        finally:
            self.over = True
            self._began.set()
            if link is not None:
                await self._server.close(link)

    async def _begin(self, link: Link) -> None:
        last = self._server.packed("XREVRANGE", self._keys.events, "+", "-", "COUNT", 1)
        entries = await self._ask(link, last, self._server.timeout_s)
        self._position = entries[0][0].decode() if entries else "0-0"
        self._began.set()

    async def _read(self, link: Link) -> None:
        request = self._server.packed(
            "XREAD", "COUNT", BATCH, "BLOCK", BLOCK_MS, "STREAMS", self._keys.events, self._position
        )
        streams = await self._ask(link, request, BLOCK_MS / 1000 + self._server.timeout_s)
        for _, entries in streams or ():
            self._take(entries)
        if streams:
            await self._gather()

    async def _ask(self, link: Link, request: bytes, limit_s: float) -> Any:
        after = self._position
        epoch_now = self._server.packed("HMGET", self._keys.epoch, "id", "first")
        with self._server.explained():
            async with asyncio.timeout(limit_s):
                answer, (epoch, first) = await link.ask(request + epoch_now, 2)
        check(self._server, epoch, first, joined=self.epoch, after=after)
        return answer

    def _take(self, entries: Iterable[Any]) -> None:
        position = stream_position(self._position)
        unheard = [entry for entry in entries if stream_position(entry[0].decode()) > position]
        if unheard:
            events = list(events_of(unheard))
            now = asyncio.get_running_loop().time()
            self._unclaimed.update((event.id, now) for event in events)
            self._hand_out(events)

    async def _gather(self) -> None:
        """Wait a little before reading again, unless others write, too."""
        now = asyncio.get_running_loop().time()
        for event, read_at in tuple(self._unclaimed.items()):
            if now - read_at < CLAIM_S:
                break
            del self._unclaimed[event]
            self._others_at = now
        if now - self._others_at > ALONE_S:
            try:
                async with asyncio.timeout(GATHER_S):
                    await self._gap.wait()
            except TimeoutError:
                pass
        self._gap.clear()


def check(server: Server, epoch: bytes | None, first: bytes | None, *, joined: str, after: str) -> None:
    """Raise StaleEpoch if the epoch is another one, or if events after this id were given up."""
    now = (epoch or b"").decode()
    if now != joined:
        raise stale(server, now, joined=joined)
    if after and first and stream_position(after) < stream_position(first.decode()):
        raise StaleEpoch(f"the events after {after} are no longer kept: take a snapshot")


def stale(server: Server, now: str, *, joined: str) -> StaleEpoch:
    """What became of the epoch that was joined."""
    if now == joined:
        return StaleEpoch(f"epoch {now} of the store is not in the state for this: join again")
    return StaleEpoch(
        f"the store at {server.address} was {'rebuilt' if now else 'emptied'} since it was joined: join again"
    )
