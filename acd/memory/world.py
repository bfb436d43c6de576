"""What a pool's store holds, and how its stream grows: the data that all handles on one memory store share."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from acd.agent import Agent
from acd.call import Call, CallState
from acd.events import AgentRemoved, AlertKind, AlertRaised, AnyEvent, stream_position
from acd.offer import Offer, OfferState
from acd.ports import Deadline, DeadlineKind

Position = tuple[int, int]


class Wake(Protocol):
    """What a reader waits for: ``asyncio.Event``, or a simulator's own."""

    def set(self) -> object:
        """Let those who wait go on."""
        ...

    def clear(self) -> object:
        """Make them wait again."""
        ...

    async def wait(self) -> object:
        """Return once it is set."""
        ...


@dataclass(slots=True, eq=False)
class Listener:
    """Somebody who waits for events; an inbox also collects them."""

    wake: Wake
    process: str | None = None
    collected: list[AnyEvent] = field(default_factory=list)


@dataclass(slots=True)
class EpochState:
    """The life of the contents, and who rebuilds them."""

    id: str
    ready: bool
    run: int
    rebuilder: str
    rebuild_lease: int
    rebuild_until: int
    ended: dict[str, Call] = field(default_factory=dict)
    """The calls that ended lately, oldest first."""


class World:
    """One pool's data. ``flush`` and ``restart`` do to it what can happen to a Redis."""

    def __init__(self, clock: Callable[[], int], *, event_limit: int, keep_ms: int) -> None:
        self.clock = clock
        self.event_limit = event_limit
        self.keep_ms = keep_ms
        self.run = 1
        self.epochs_begun = 0
        self.listeners: set[Listener] = set()
        self._empty()

    def _empty(self) -> None:
        self.epoch: EpochState | None = None
        self.version: int | None = None
        self.agents: dict[str, Agent] = {}
        self.calls: dict[str, Call] = {}
        self.offers: dict[str, Offer] = {}
        self.deadlines: dict[tuple[DeadlineKind, str], int] = {}
        self.fence = 0
        self.leaving: set[str] = set()
        self.steps_on: set[tuple[str, int]] = set()
        self.processes: dict[str, int] = {}
        self.leader: tuple[str, int] = ("", 0)
        self.events: list[AnyEvent] = []
        self._positions: list[Position] = []
        self._last: Position = (0, 0)
        self.first: Position = (0, 0)
        """Whoever is before this position has lost events."""
        self.consumers: dict[str, Position] = {}
        self._changed_by: dict[tuple[str, str], str] = {}

    def flush(self) -> None:
        """Lose everything, as an emptied Redis does."""
        self._empty()
        self.wake_all()

    def restart(self) -> None:
        """Keep everything, but be another run of the server."""
        self.run += 1
        self.wake_all()

    # records

    def changed_by(self, kind: str, record_id: str) -> str:
        """Id of the last event that changed this record; empty if none did."""
        return self._changed_by.get((kind, record_id), "")

    def put(self, *records: Agent | Call | Offer, event_id: str = "") -> None:
        """Keep records as they are now; those that have ended are kept no longer."""
        for record in records:
            kind = type(record).__name__.lower()
            match record:
                case Agent():
                    self.agents[record.id] = record
                case Call():
                    _keep(self.calls, record, ended=record.state is CallState.ENDED)
                case Offer():
                    _keep(self.offers, record, ended=record.state is OfferState.ENDED)
            self._changed_by[kind, record.id] = event_id
            if kind != "agent" and record.id not in (self.calls if kind == "call" else self.offers):
                del self._changed_by[kind, record.id]

    def forget_offer(self, offer: str | None) -> None:
        """The offer's call talks no longer."""
        if offer is not None and self.offers.pop(offer, None) is not None:
            self._changed_by.pop(("offer", offer), None)

    def steps_by_queue(self) -> dict[str, frozenset[int]]:
        """Per queue the steps that count because of a live figure."""
        return {
            name: frozenset(step for queue, step in self.steps_on if queue == name)
            for name in {queue for queue, _ in self.steps_on}
        }

    # the stream

    def emit(self, kind: type[Any], *, tell: str | None = None, **parts: Any) -> str:
        """Write an event and the records in it; hand it to the process that has to act on it. Answers its id."""
        now = self.clock()
        self._last = (now, 0) if now > self._last[0] else (self._last[0], self._last[1] + 1)
        event: AnyEvent = kind(at=now, id=f"{self._last[0]}-{self._last[1]}", **parts)
        self.events.append(event)
        self._positions.append(self._last)
        self.put(*(part for part in parts.values() if isinstance(part, Agent | Call | Offer)), event_id=event.id)
        if isinstance(event, AgentRemoved):
            del self.agents[event.agent.id]
            del self._changed_by["agent", event.agent.id]
        for listener in self.listeners:
            if listener.process is None:
                listener.wake.set()
            elif listener.process == tell:
                listener.collected.append(event)
                listener.wake.set()
        if len(self.events) > self.event_limit:
            self._give_up_oldest()
        return event.id

    def events_after(self, after: str, limit: int) -> Sequence[AnyEvent]:
        """The next events of the stream."""
        start = bisect_right(self._positions, stream_position(after))
        return self.events[start : start + limit]

    @property
    def position(self) -> str:
        """Id of the last event; empty if there is none."""
        return self.events[-1].id if self.events else ""

    def trim(self, before: Position) -> None:
        """Drop the events before this position."""
        count = bisect_right(self._positions, (before[0], before[1] - 1))
        if count:
            self._drop(count)

    def _drop(self, count: int) -> None:
        del self.events[:count]
        del self._positions[:count]
        if self._positions:
            self.first = self._positions[0]

    def _give_up_oldest(self) -> None:
        self._drop(len(self.events) - (self.event_limit - max(1, self.event_limit // 100)))
        first = f"{self.first[0]}-{self.first[1]}"
        for consumer, position in self.consumers.items():
            if position < self.first:
                kept = f"{position[0]}-{position[1]}"
                self.emit(
                    AlertRaised,
                    alert=AlertKind.EVENTS_LOST,
                    text=f"{consumer} had kept the events up to {kept}; those before {first} are lost, because the "
                    "stream reached its limit: start what reads the events, or make it faster",
                )

    # those who wait

    @contextmanager
    def listening(self, wake: Wake, process: str | None = None) -> Iterator[Listener]:
        """Be woken by every event, or collect those for this process."""
        listener = Listener(wake, process)
        self.listeners.add(listener)
        try:
            yield listener
        finally:
            self.listeners.discard(listener)

    def wake_all(self) -> None:
        """Have every reader look at the epoch again."""
        for listener in self.listeners:
            listener.wake.set()

    def agenda(self, limit: int) -> Sequence[Deadline]:
        """The earliest deadlines."""
        entries = sorted((at, f"{kind}|{subject}", kind, subject) for (kind, subject), at in self.deadlines.items())
        return [Deadline(at=at, kind=kind, subject=subject) for at, _, kind, subject in entries[:limit]]


def _keep(records: dict[str, Any], record: Call | Offer, *, ended: bool) -> None:
    if ended:
        records.pop(record.id, None)
    else:
        records[record.id] = record
