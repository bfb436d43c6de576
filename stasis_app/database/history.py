"""Looking things up in history: calls, their offers and legs, agents' days; always a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Select, Table, func, select

from acd.agent import Agent, AgentActivity, AgentStatus
from acd.call import Call, CallState, EndedBy, EndReason
from acd.events import AgentRemoved, AlertKind, CallConnected, Leg, LegRole
from acd.offer import Offer, OfferOutcome, OfferState
from acd.reports import AgentTimes, AgentTimesFold, Summary, summarise
from stasis_app.database.connection import Desk
from stasis_app.database.tables import (
    AgentJournalRow,
    AgentLastStatusRow,
    AlertHistoryRow,
    CallHistoryRow,
    HistoryGapRow,
    LegHistoryRow,
    OfferHistoryRow,
    table_of,
)

Record = TypeVar("Record")

CALLS = table_of(CallHistoryRow)
LEGS = table_of(LegHistoryRow)
OFFERS = table_of(OfferHistoryRow)
JOURNAL = table_of(AgentJournalRow)
ALERTS = table_of(AlertHistoryRow)
GAPS = table_of(HistoryGapRow)
LAST_STATUSES = table_of(AgentLastStatusRow)

LONGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class Numbered(Generic[Record]):
    """A record with its place in history: the next page is asked for ``before`` the last number seen."""

    number: int
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """An agent's state after something changed it, at the store's milliseconds."""

    at: int
    agent: str
    what: str
    """The event's name."""
    status: AgentStatus
    break_reason: str | None
    activity: AgentActivity
    reachable: bool
    node: str | None
    call: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAlert:
    """Something that needed a person."""

    at: int
    alert: AlertKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryGap:
    """Events after one stream position and before another were lost: figures over that time are too low."""

    after: str
    resumed: str
    resumed_at: int
    why: str


class History:
    """What was kept. Every list is newest first unless it says otherwise, and a page is at most LONGEST_PAGE long."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def calls(
        self,
        limit: int = 100,
        before: int | None = None,
        *,
        queue: str | None = None,
        agent: str | None = None,
        reason: EndReason | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> Sequence[Numbered[Call]]:
        """Ended calls; ``since`` (inclusive) and ``until`` bound the time of the end, the store's milliseconds."""
        query = _page(CALLS, limit, before)
        if queue is not None:
            query = query.where(CALLS.c.queue == queue)
        if agent is not None:
            query = query.where(CALLS.c.agent == agent)
        if reason is not None:
            query = query.where(CALLS.c.end_reason == reason.value)
        if since is not None:
            query = query.where(CALLS.c.ended_at >= since)
        if until is not None:
            query = query.where(CALLS.c.ended_at < until)
        return [Numbered(row.id, call_of(row)) for row in await self._all(query)]

    async def call(self, call: str) -> Call | None:
        """One ended call, the latest if the id was used twice."""
        rows = await self._all(_page(CALLS, 1, None).where(CALLS.c.call == call))
        return call_of(rows[0]) if rows else None

    async def offers_of(self, call: str) -> Sequence[Offer]:
        """The offers of one call, in the order in which they came to their end."""
        query = select(OFFERS).where(OFFERS.c.call == call).order_by(OFFERS.c.id).limit(LONGEST_PAGE)
        return [offer_of(row) for row in await self._all(query)]

    async def legs_of(self, call: str) -> Sequence[Leg]:
        """The channels of one call, in the order in which they ended."""
        query = select(LEGS).where(LEGS.c.call == call).order_by(LEGS.c.id).limit(LONGEST_PAGE)
        return [_leg_of(row) for row in await self._all(query)]

    async def agent_journal(
        self,
        agent: str | None = None,
        limit: int = 100,
        before: int | None = None,
        *,
        since: int | None = None,
        until: int | None = None,
    ) -> Sequence[Numbered[JournalEntry]]:
        """What became of one agent, or of all."""
        query = _page(JOURNAL, limit, before)
        if agent is not None:
            query = query.where(JOURNAL.c.agent == agent)
        if since is not None:
            query = query.where(JOURNAL.c.at >= since)
        if until is not None:
            query = query.where(JOURNAL.c.at < until)
        return [Numbered(row.id, _entry_of(row)) for row in await self._all(query)]

    async def alerts(self, limit: int = 100, before: int | None = None) -> Sequence[Numbered[KeptAlert]]:
        """What operators were told."""
        rows = await self._all(_page(ALERTS, limit, before))
        return [Numbered(row.id, KeptAlert(at=row.at, alert=AlertKind(row.alert), text=row.text)) for row in rows]

    async def gaps(self, limit: int = 100, before: int | None = None) -> Sequence[Numbered[HistoryGap]]:
        """Where history knows that it is incomplete."""
        return [
            Numbered(
                row.id,
                HistoryGap(after=row.after, resumed=row.resumed, resumed_at=row.resumed_at, why=row.why),
            )
            for row in await self._all(_page(GAPS, limit, before))
        ]

    async def summary(
        self,
        since: int,
        until: int,
        *,
        queue: str | None = None,
        service_levels_s: Mapping[str, float] | None = None,
    ) -> Summary:
        """The figures of the calls that ended in this span, and of all their offers; see ``acd.reports``."""
        span = (CALLS.c.ended_at >= since) & (CALLS.c.ended_at < until)
        chosen = span if queue is None else span & (CALLS.c.queue == queue)
        calls = select(CALLS).where(chosen)
        offers = select(OFFERS).where(OFFERS.c.call.in_(select(CALLS.c.call).where(chosen)))

        def fold(connection: Connection) -> Summary:
            return summarise(
                (call_of(row) for row in connection.execute(calls)),
                (offer_of(row) for row in connection.execute(offers)),
                service_levels_s=service_levels_s,
            )

        return await self._desk.read(fold)

    async def agent_times(self, since: int, until: int) -> Mapping[str, AgentTimes]:
        """What every agent's time in this span went into; see ``acd.reports``."""
        latest = select(func.max(JOURNAL.c.id)).where(JOURNAL.c.at < since).group_by(JOURNAL.c.agent)
        before = select(JOURNAL).where(JOURNAL.c.id.in_(latest), JOURNAL.c.what != AgentRemoved.__name__)
        within = select(JOURNAL).where(JOURNAL.c.at >= since, JOURNAL.c.at < until).order_by(JOURNAL.c.id)

        def fold(connection: Connection) -> Mapping[str, AgentTimes]:
            times = AgentTimesFold(since, (_agent_of(row) for row in connection.execute(before)))
            for row in connection.execute(within):
                if row.what == AgentRemoved.__name__:
                    times.apply(AgentRemoved(at=row.at, agent=_agent_of(row)))
                else:
                    times.observe(_agent_of(row), row.at, connected=row.what == CallConnected.__name__)
            return times.times(until)

        return await self._desk.read(fold)

    async def journal_statuses(self) -> Mapping[str, tuple[AgentStatus, str | None]]:
        """Every agent's last known status and break reason: what to restore after the store was emptied."""
        rows = await self._all(select(LAST_STATUSES))
        return {row.agent: (AgentStatus(row.status), row.break_reason) for row in rows}

    async def _all(self, query: Select[Any]) -> Sequence[Any]:
        def ask(connection: Connection) -> Sequence[Any]:
            return connection.execute(query).all()

        return await self._desk.read(ask)


def _page(table: Table, limit: int, before: int | None) -> Select[Any]:
    query = select(table).order_by(table.c.id.desc()).limit(max(1, min(limit, LONGEST_PAGE)))
    return query if before is None else query.where(table.c.id < before)


def call_of(row: Any) -> Call:
    """The call as it was at its end."""
    return Call(
        id=row.call,
        queue=row.queue,
        state=CallState.ENDED,
        state_since=row.ended_at,
        node=row.node,
        caller_number=row.caller_number,
        caller_name=row.caller_name,
        called_number=row.called_number,
        priority=row.priority,
        requires=row.requires,
        prefers=row.prefers,
        preferred_agent=row.preferred_agent,
        attributes=row.attributes,
        rounds=row.rounds,
        agent=row.agent,
        offer=row.offer,
        arrived_at=row.arrived_at,
        queued_at=row.queued_at,
        first_offered_at=row.first_offered_at,
        connected_at=row.connected_at,
        ended_at=row.ended_at,
        end_reason=EndReason(row.end_reason),
        ended_by=EndedBy(row.ended_by) if row.ended_by else None,
    )


def offer_of(row: Any) -> Offer:
    """The offer as its outcome left it; fence, owner and lease are of no more use and not kept."""
    outcome = OfferOutcome(row.outcome)
    return Offer(
        id=row.offer,
        call=row.call,
        agent=row.agent,
        queue=row.queue,
        fence=0,
        state=OfferState.CONNECTED if outcome is OfferOutcome.ANSWERED else OfferState.ENDED,
        round=row.round,
        made_at=row.made_at,
        free_since=row.free_since,
        dialled_at=row.dialled_at,
        accepted_at=row.accepted_at,
        connected_at=row.connected_at,
        ended_at=row.ended_at,
        outcome=outcome,
        sip_code=row.sip_code,
        why=row.why,
    )


def _agent_of(row: Any) -> Agent:
    return Agent(id=row.agent, status=AgentStatus(row.status), activity=AgentActivity(row.activity), call=row.call)


def _leg_of(row: Any) -> Leg:
    return Leg(
        channel=row.channel,
        call=row.call,
        role=LegRole(row.role),
        node=row.node,
        agent=row.agent,
        offer=row.offer,
        started_at=row.started_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        cause=row.cause,
        sip_code=row.sip_code,
    )


def _entry_of(row: Any) -> JournalEntry:
    return JournalEntry(
        at=row.at,
        agent=row.agent,
        what=row.what,
        status=AgentStatus(row.status),
        break_reason=row.break_reason,
        activity=AgentActivity(row.activity),
        reachable=row.reachable,
        node=row.node,
        call=row.call,
    )
