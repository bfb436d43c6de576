"""The process's one reader of the event stream, so that matcher, pages and deadlines all see the same, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import structlog

from acd.events import AnyEvent, EpochBegun, stream_position
from acd.ports import Snapshot, Store
from stasis_app.first_error import first_error

log = structlog.get_logger(__name__)

_T = TypeVar("_T")

OnSnapshot: TypeAlias = Callable[[Snapshot], None]
OnEvents: TypeAlias = Callable[[Sequence[AnyEvent]], None]


@dataclass(slots=True, eq=False)
class _Subscriber:
    on_snapshot: OnSnapshot
    on_events: OnEvents
    began: bool = False
    """Whether a snapshot was handed out; until then batches are kept."""
    kept: list[AnyEvent] = field(default_factory=list)
    after: tuple[int, int] = (0, 0)
    """Position of the snapshot: events up to it are in it."""

    def take_snapshot(self, snapshot: Snapshot) -> None:
        self.began = True
        self.after = stream_position(snapshot.position)
        _call(self.on_snapshot, snapshot)
        kept, self.kept = self.kept, []
        self.take_events(kept)

    def take_events(self, events: Sequence[AnyEvent]) -> None:
        if not self.began:
            self.kept.extend(events)
            return
        if events and stream_position(events[0].id) <= self.after:
            events = [event for event in events if stream_position(event.id) > self.after]
        if events:
            _call(self.on_events, events)


class EventFeed:
    """Hands out a snapshot and then every event after it, to each subscriber, whenever that one came.

    Callbacks are called from the event loop and return at once; one that raises is logged and harms nobody else.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._subscribers: list[_Subscriber] = []
        self._newcomer = asyncio.Event()
        self._running = False
        self.position = ""
        """Id of the last event handed out."""

    def subscribe(self, on_snapshot: OnSnapshot, on_events: OnEvents) -> Callable[[], None]:
        """Be given a snapshot as soon as there is one, and every event after it; at each new start again.

        Returns the function that ends the subscription.
        """
        subscriber = _Subscriber(on_snapshot, on_events)
        self._subscribers.append(subscriber)
        self._newcomer.set()

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    async def run(self) -> None:
        """Read until the store is lost: raises StoreUnavailable or StaleEpoch. May be run again then."""
        for subscriber in self._subscribers:
            subscriber.began = False
            subscriber.kept.clear()
        self._running = False
        with first_error():
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(), name="event feed")
                tasks.create_task(self._welcome_newcomers(), name="event feed's newcomers")

    async def _read(self) -> None:
        while True:
            self._begin(await self._store.snapshot())
            async for events in self._store.events(self.position):
                self._hand_out(events)
                if any(isinstance(event, EpochBegun) for event in events):
                    break

    def _begin(self, snapshot: Snapshot) -> None:
        self.position = snapshot.position
        self._running = True
        self._newcomer.clear()
        for subscriber in list(self._subscribers):
            subscriber.take_snapshot(snapshot)

    def _hand_out(self, events: Sequence[AnyEvent]) -> None:
        if not events:
            return
        self.position = events[-1].id
        for subscriber in list(self._subscribers):
            subscriber.take_events(events)

    async def _welcome_newcomers(self) -> None:
        """Whoever came after the start gets a snapshot of its own; events that arrive meanwhile are kept for it."""
        while True:
            await self._newcomer.wait()
            self._newcomer.clear()
            waiting = [subscriber for subscriber in self._subscribers if not subscriber.began]
            if not waiting or not self._running:
                continue
            snapshot = await self._store.snapshot()
            for subscriber in waiting:
                if not subscriber.began and subscriber in self._subscribers:
                    subscriber.take_snapshot(snapshot)


def _call(callback: Callable[[_T], None], argument: _T) -> None:
    try:
        callback(argument)
    except Exception:
        log.exception("a subscriber of the event feed failed", subscriber=getattr(callback, "__qualname__", "?"))
