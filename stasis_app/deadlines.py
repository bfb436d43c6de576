"""Ends what time ends: reservations whose lease is over and wrap-ups, on the second, by whichever process leads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from heapq import heapify, heappop, heappush

import structlog

from acd.agent import Agent, AgentActivity
from acd.events import AgentRemoved, AnyEvent
from acd.offer import Offer, OfferState
from acd.ports import Deadline, DeadlineKind, Refusal, Refused, Snapshot, Store
from stasis_app.clock import StoreClock
from stasis_app.event_feed import EventFeed
from stasis_app.first_error import first_error

log = structlog.get_logger(__name__)

_RETRY_MS = 20
"""After the store said that it is too early, its clock was read anew and is this much further at most."""

_REFRESH_CLOCK_S = 10.0

_MOST_OUTDATED = 1_000

_OVER = frozenset({OfferState.CONNECTED, OfferState.ENDED})


class Deadlines:
    """Knows every deadline from the events that set it, and sleeps until the earliest is due.

    Every process knows them; only the one that is ``active`` acts, so that a new leader goes on at once.
    """

    def __init__(self, store: Store, feed: EventFeed, *, active: asyncio.Event) -> None:
        self._store = store
        self._active = active
        self._clock = StoreClock()
        self._agenda: list[tuple[int, str, str]] = []
        self._due_at: dict[tuple[str, str], int] = {}
        """By kind and subject: what is in force of the agenda."""
        self._earlier = asyncio.Event()
        self._began = asyncio.Event()
        feed.subscribe(self._take_snapshot, self._take_events)

    @property
    def agenda_size(self) -> int:
        """How many entries are kept, those included that are moot."""
        return len(self._agenda)

    async def run(self) -> None:
        """Work until the store is lost: raises StoreUnavailable or StaleEpoch. May be run again then."""
        try:
            with first_error():
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._keep_clock(), name="deadlines' clock")
                    tasks.create_task(self._work(), name="deadlines")
        finally:
            self._began.clear()

    async def _keep_clock(self) -> None:
        while True:
            await asyncio.sleep(_REFRESH_CLOCK_S)
            self._clock.set(await self._store.now())
            self._earlier.set()

    async def _work(self) -> None:
        self._clock.set(await self._store.now())
        await self._began.wait()
        while True:
            await self._active.wait()
            self._earlier.clear()
            await self._end(self._take_due(self._clock.now()))
            await self._earlier_or_due()

    async def _earlier_or_due(self) -> None:
        self._drop_outdated()
        wait_s = max(0, self._agenda[0][0] - self._clock.now()) / 1000 if self._agenda else None
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._earlier.wait()

    def _take_due(self, now: int) -> list[Deadline]:
        due = []
        self._drop_outdated()
        while self._agenda and self._agenda[0][0] <= now:
            at, kind, subject = heappop(self._agenda)
            due.append(Deadline(at=at, kind=DeadlineKind(kind), subject=subject))
            self._drop_outdated()
        return due

    async def _end(self, due: Sequence[Deadline]) -> None:
        async with asyncio.TaskGroup() as tasks:
            for deadline in due:
                tasks.create_task(self._end_one(deadline), name=f"{deadline.kind} of {deadline.subject}")

    async def _end_one(self, deadline: Deadline) -> None:
        result: Agent | Offer | Refused
        if deadline.kind is DeadlineKind.WRAP_UP:
            result = await self._store.end_wrap_up(deadline.subject, by="time")
        else:
            result = await self._store.expire_offer(deadline.subject)
        key = (deadline.kind.value, deadline.subject)
        if isinstance(result, Refused) and result.why is Refusal.NOT_DUE:
            self._clock.set(await self._store.now())
            if self._due_at.get(key) == deadline.at:
                self._put(*key, max(deadline.at, self._clock.now()) + _RETRY_MS)
            return
        if self._due_at.get(key) == deadline.at:
            del self._due_at[key]
        log.debug("deadline", of=deadline.kind, subject=deadline.subject, refused=_why(result))

    # --- the stream ------------------------------------------------------------------------------------------------

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        self._agenda.clear()
        self._due_at.clear()
        for offer in snapshot.offers.values():
            self._put_offer(offer)
        for agent in snapshot.agents.values():
            self._put_agent(agent)
        self._began.set()
        self._earlier.set()

    def _take_events(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            offer: Offer | None = getattr(event, "offer", None)
            if offer is not None:
                self._put_offer(offer)
            agent: Agent | None = getattr(event, "agent", None)
            if isinstance(event, AgentRemoved):
                self._due_at.pop((DeadlineKind.WRAP_UP, event.agent.id), None)
            elif agent is not None:
                self._put_agent(agent)

    def _put_offer(self, offer: Offer) -> None:
        if offer.state in _OVER:
            self._due_at.pop((DeadlineKind.OFFER_LEASE, offer.id), None)
        else:
            self._put(DeadlineKind.OFFER_LEASE, offer.id, offer.lease_until)

    def _put_agent(self, agent: Agent) -> None:
        if agent.activity is AgentActivity.WRAP_UP and agent.wrap_up_until is not None:
            self._put(DeadlineKind.WRAP_UP, agent.id, agent.wrap_up_until)
        else:
            self._due_at.pop((DeadlineKind.WRAP_UP, agent.id), None)

    def _put(self, kind: str, subject: str, at: int) -> None:
        if self._due_at.get((kind, subject)) == at:
            return
        self._due_at[kind, subject] = at
        heappush(self._agenda, (at, kind, subject))
        if self._agenda[0] == (at, kind, subject):
            self._earlier.set()
        if len(self._agenda) > 2 * len(self._due_at) + _MOST_OUTDATED:
            self._agenda = [(due_at, *key) for key, due_at in self._due_at.items()]
            heapify(self._agenda)

    def _drop_outdated(self) -> None:
        while self._agenda and self._due_at.get(self._agenda[0][1:]) != self._agenda[0][0]:
            heappop(self._agenda)


def _why(result: object) -> str:
    return result.why if isinstance(result, Refused) else ""
