"""What the control API asks of the process, answered from the event feed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from acd.events import AnyEvent
from acd.ports import Snapshot
from stasis_app.event_feed import EventFeed

BATCHES_BEHIND = 500
"""A listener that is further behind than this begins again with a fresh snapshot."""


class Listening:
    """One page's or client's ear on the pool: a snapshot, then every batch after it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._batches: asyncio.Queue[Sequence[AnyEvent] | None] = asyncio.Queue()
        self._over = False

    def put(self, events: Sequence[AnyEvent]) -> None:
        """Append a batch, unless the listener is too far behind already."""
        if self._batches.qsize() < BATCHES_BEHIND:
            self._batches.put_nowait(events)
        else:
            self.end()

    def end(self) -> None:
        """The listener has to begin again."""
        if not self._over:
            self._over = True
            self._batches.put_nowait(None)

    async def batches(self) -> AsyncIterator[Sequence[AnyEvent]]:
        """Events in order, until the listener has to begin again."""
        while (events := await self._batches.get()) is not None:
            yield events


class WebFeed:
    """Implements the control API's Feed: many listeners over the process's one reader of the stream."""

    def __init__(self, feed: EventFeed) -> None:
        self._feed = feed

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[Listening]:
        """Listen while the context lasts; waits for the first snapshot."""
        begun: asyncio.Future[Listening] = asyncio.get_running_loop().create_future()

        def take_snapshot(snapshot: Snapshot) -> None:
            if begun.done():
                begun.result().end()
            else:
                begun.set_result(Listening(snapshot))

        def take_events(events: Sequence[AnyEvent]) -> None:
            if begun.done():
                begun.result().put(events)

        unsubscribe = self._feed.subscribe(take_snapshot, take_events)
        try:
            yield await begun
        finally:
            unsubscribe()
