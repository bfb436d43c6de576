"""What the control API asks of the process, answered from the database, the matcher and the event feed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from acd.call import Call
from acd.events import AnyEvent
from acd.ports import Snapshot
from stasis_app.database import Database
from stasis_app.event_feed import EventFeed
from stasis_app.web.services import PastCall, PastCallDetail, PastLeg, PastOffer

BATCHES_BEHIND = 500
"""A listener that is further behind than this begins again with a fresh snapshot."""


class WebHistory:
    """Implements the control API's History."""

    def __init__(self, database: Database) -> None:
        self._history = database.history

    async def calls(
        self, *, limit: int, queue: str | None = None, agent: str | None = None, before: int | None = None
    ) -> Sequence[PastCall]:
        """Calls that ended (before this time), the latest first."""
        page = await self._history.calls(limit, queue=queue, agent=agent, until=before)
        return [_past(one.record) for one in page]

    async def call(self, call: str) -> PastCallDetail | None:
        """One call with its legs and offers."""
        record = await self._history.call(call)
        if record is None:
            return None
        legs = [
            PastLeg(
                channel=leg.channel, role=leg.role, node=leg.node, agent=leg.agent, started_at=leg.started_at,
                answered_at=leg.answered_at, ended_at=leg.ended_at, cause=leg.cause, sip_code=leg.sip_code,
            )
            for leg in await self._history.legs_of(call)
        ]  # fmt: skip
        offers = [
            PastOffer(
                id=offer.id, agent=offer.agent, round=offer.round, made_at=offer.made_at, dialled_at=offer.dialled_at,
                accepted_at=offer.accepted_at, ended_at=offer.ended_at, outcome=offer.outcome,
                latency_ms=offer.latency_ms, why=offer.why,
            )
            for offer in await self._history.offers_of(call)
        ]  # fmt: skip
        return PastCallDetail(call=_past(record), legs=legs, offers=offers)


def _past(call: Call) -> PastCall:
    return PastCall(
        id=call.id, queue=call.queue, caller_number=call.caller_number, caller_name=call.caller_name,
        arrived_at=call.arrived_at, queued_at=call.queued_at, connected_at=call.connected_at,
        ended_at=call.ended_at or 0, end_reason=call.end_reason or "", ended_by=call.ended_by or "", agent=call.agent,
        rounds=call.rounds,
    )  # fmt: skip


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
