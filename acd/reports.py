"""Figures from what happened: pure folds that demo, API and pages share, so that one word means one thing everywhere.

Everything is counted from ended calls, from offers with an outcome, and from agents' events. All times are
milliseconds. A percentile is by nearest rank: the smallest observed value that at least so many per cent do not exceed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from acd.agent import Agent, AgentActivity, AgentStatus
from acd.call import Call, EndReason
from acd.events import (
    AgentReachabilityChanged,
    AgentRemoved,
    AgentStatusChanged,
    AnyEvent,
    CallConnected,
    CallEnded,
    CallQueued,
    OfferEnded,
    OfferMade,
    WrapUpEnded,
)
from acd.offer import Offer, OfferOutcome

USUAL_SERVICE_LEVEL_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a set of durations is spread, in milliseconds; all 0 where there were none."""

    count: int = 0
    mean: float = 0.0
    p50: int = 0
    p90: int = 0
    p99: int = 0
    max: int = 0


def spread_of(durations: Iterable[int]) -> Spread:
    """The spread of these durations."""
    ordered = sorted(durations)
    if not ordered:
        return Spread()
    return Spread(
        count=len(ordered),
        mean=sum(ordered) / len(ordered),
        p50=_nearest_rank(ordered, 50),
        p90=_nearest_rank(ordered, 90),
        p99=_nearest_rank(ordered, 99),
        max=ordered[-1],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A set of ended calls and of offers, in figures."""

    offered: int = 0
    """Calls that came into a queue and have left it in whatever way."""
    answered: int = 0
    """Those that were connected to an agent."""
    abandoned: int = 0
    """Those whose caller hung up while waiting."""
    by_reason: Mapping[EndReason, int] = field(default_factory=dict)
    """Calls by how they ended; reasons that did not occur are left out."""
    wait: Spread = field(default_factory=Spread)
    """Waits of all calls: from being queued to being connected, or to the end for those who never were."""
    answer_wait: Spread = field(default_factory=Spread)
    """Waits of answered calls; its mean is the ASA, the average speed of answer."""
    abandon_wait: Spread = field(default_factory=Spread)
    """How long those who gave up had waited."""
    answered_in_time: int = 0
    """Answered calls that waited no longer than their queue's service level."""
    abandoned_in_time: int = 0
    """Abandoned calls whose caller gave up within it."""
    talk: Spread = field(default_factory=Spread)
    """From connected to the end, of answered calls: the talking part of the handling time."""
    offers_by_outcome: Mapping[OfferOutcome, int] = field(default_factory=dict)
    """Offers by how they ended; outcomes that did not occur are left out."""
    offer_latency: Spread = field(default_factory=Spread)
    """From caller and agent both free to the phone being dialled, of offers that were dialled."""
    longest_line: int = 0
    """The most of these calls that waited at one instant. Who is connected as another arrives makes room first."""

    @property
    def asa_ms(self) -> float:
        """The average speed of answer."""
        return self.answer_wait.mean

    @property
    def service_level(self) -> float | None:
        """Answered in time / answered, 0 to 1; None if nothing was answered."""
        return self.answered_in_time / self.answered if self.answered else None

    @property
    def service_level_with_abandoned(self) -> float | None:
        """(Answered in time + abandoned in time) / (answered + abandoned), 0 to 1; None if there were neither.

        It does not punish a queue for callers who gave up before it had to answer them, and does for all others.
        """
        judged = self.answered + self.abandoned
        return (self.answered_in_time + self.abandoned_in_time) / judged if judged else None

    @property
    def abandon_rate(self) -> float | None:
        """Abandoned / offered, 0 to 1; None if nothing was offered."""
        return self.abandoned / self.offered if self.offered else None


def summarise(
    calls: Iterable[Call], offers: Iterable[Offer] = (), *, service_levels_s: Mapping[str, float] | None = None
) -> Summary:
    """The figures of these ended calls and offers with an outcome.

    ``service_levels_s`` gives each queue's service level in seconds; queues that it leaves out have 20.
    """
    calls, offers = list(calls), list(offers)
    levels = service_levels_s or {}
    answered = [call for call in calls if call.connected_at is not None]
    abandoned = [call for call in calls if call.end_reason is EndReason.ABANDONED]
    return Summary(
        offered=len(calls),
        answered=len(answered),
        abandoned=len(abandoned),
        by_reason=Counter(call.end_reason for call in calls if call.end_reason is not None),
        wait=spread_of(_wait(call) for call in calls),
        answer_wait=spread_of(_wait(call) for call in answered),
        abandon_wait=spread_of(_wait(call) for call in abandoned),
        answered_in_time=sum(_is_in_time(call, levels) for call in answered),
        abandoned_in_time=sum(_is_in_time(call, levels) for call in abandoned),
        talk=spread_of(_talk(call) for call in answered),
        offers_by_outcome=Counter(offer.outcome for offer in offers if offer.outcome is not None),
        offer_latency=spread_of(offer.latency_ms for offer in offers if offer.latency_ms is not None),
        longest_line=_longest_line(calls),
    )


class EndedRecords:
    """Collects ended calls and decided offers from events; an event that comes twice counts once."""

    def __init__(self) -> None:
        self.calls: dict[str, Call] = {}
        self.offers: dict[str, Offer] = {}

    def apply(self, event: AnyEvent) -> None:
        """Take from the event what it ends."""
        match event:
            case CallEnded():
                self.calls[event.call.id] = event.call
            case OfferEnded():
                self.offers[event.offer.id] = event.offer
            case CallConnected():
                outcome = event.offer.outcome or OfferOutcome.ANSWERED
                self.offers[event.offer.id] = replace(event.offer, outcome=outcome)
            case _:
                pass

    def summary(self, *, service_levels_s: Mapping[str, float] | None = None) -> Summary:
        """The figures of all that was collected."""
        return summarise(self.calls.values(), self.offers.values(), service_levels_s=service_levels_s)


def summarise_events(events: Iterable[AnyEvent], *, service_levels_s: Mapping[str, float] | None = None) -> Summary:
    """The figures of all calls and offers that these events ended."""
    records = EndedRecords()
    for event in events:
        records.apply(event)
    return records.summary(service_levels_s=service_levels_s)


# --- agents' time ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTimes:
    """What an agent's part of a span went into, in milliseconds."""

    logged_in_ms: int = 0
    """Ready or on break."""
    on_break_ms: int = 0
    """On break and not handling a call: a break that was asked for during a call begins after it."""
    staffed_ms: int = 0
    """Ready, or handling a call whatever was asked for meanwhile."""
    talking_ms: int = 0
    wrap_up_ms: int = 0
    calls: int = 0
    """Calls that the agent was connected to within the span."""

    @property
    def handling_ms(self) -> int:
        """Talking and wrapping up."""
        return self.talking_ms + self.wrap_up_ms

    @property
    def occupancy(self) -> float | None:
        """Handling / staffed, 0 to 1; None if the agent was never staffed."""
        return self.handling_ms / self.staffed_ms if self.staffed_ms else None

    @property
    def aht_ms(self) -> float | None:
        """Average handling time: talk and wrap-up per call; None without calls.

        In a short span the edges blur it: a call counts where it was connected, its time where it passed.
        """
        return self.handling_ms / self.calls if self.calls else None


class AgentTimesFold:
    """Adds up agents' time from events in the stream's order, from ``start`` on (milliseconds of the store)."""

    def __init__(self, start: int, agents: Iterable[Agent] = ()) -> None:
        """``agents`` are the records as they were at the start; others count from their first event."""
        self._start = start
        self._agents: dict[str, tuple[int, Agent]] = {}
        self._times: dict[str, AgentTimes] = {}
        for agent in agents:
            self.observe(agent, start)

    def apply(self, event: AnyEvent) -> None:
        """Count the time up to this event in the state before it."""
        match event:
            case AgentRemoved():
                self._close(event.agent.id, event.at)
                self._agents.pop(event.agent.id, None)
            case CallConnected():
                self.observe(event.agent, event.at, connected=True)
            case CallEnded() | CallQueued():
                if event.agent is not None:
                    self.observe(event.agent, event.at)
            case OfferMade() | OfferEnded() | AgentStatusChanged() | AgentReachabilityChanged() | WrapUpEnded():
                self.observe(event.agent, event.at)
            case _:
                pass

    def observe(self, agent: Agent, at: int, *, connected: bool = False) -> None:
        """The agent is as in this record from this time on; ``connected`` if that is because a call was."""
        self._close(agent.id, at)
        self._agents[agent.id] = (max(at, self._start), agent)
        if connected and at >= self._start:
            times = self._times.get(agent.id, AgentTimes())
            self._times[agent.id] = replace(times, calls=times.calls + 1)

    def times(self, end: int) -> Mapping[str, AgentTimes]:
        """Everybody's time from the start to this end, the states of now held until then."""
        for agent in list(self._agents):
            self._close(agent, end)
        return dict(self._times)

    def _close(self, agent: str, at: int) -> None:
        if agent not in self._agents:
            return
        since, record = self._agents[agent]
        passed = max(0, at - since)
        self._agents[agent] = (max(since, at), record)
        self._times[agent] = _plus(self._times.get(agent, AgentTimes()), record, passed)


def agent_times(
    events: Iterable[AnyEvent], *, start: int, end: int, agents: Iterable[Agent] = ()
) -> Mapping[str, AgentTimes]:
    """Everybody's time from ``start`` to ``end``; ``agents`` as they were at the start, events in order."""
    fold = AgentTimesFold(start, agents)
    for event in events:
        if event.at < end:
            fold.apply(event)
    return fold.times(end)


def _plus(times: AgentTimes, agent: Agent, passed: int) -> AgentTimes:
    talks = agent.activity is AgentActivity.TALKING
    wraps_up = agent.activity is AgentActivity.WRAP_UP
    ready = agent.status is AgentStatus.READY
    on_break = agent.status is AgentStatus.ON_BREAK
    return replace(
        times,
        logged_in_ms=times.logged_in_ms + passed * (ready or on_break),
        on_break_ms=times.on_break_ms + passed * (on_break and not (talks or wraps_up)),
        staffed_ms=times.staffed_ms + passed * (ready or talks or wraps_up),
        talking_ms=times.talking_ms + passed * talks,
        wrap_up_ms=times.wrap_up_ms + passed * wraps_up,
    )


# --- single figures --------------------------------------------------------------------------------------------------


def _nearest_rank(ordered: Sequence[int], percent: int) -> int:
    rank = -(-percent * len(ordered) // 100)
    return ordered[rank - 1]


def _left_at(call: Call) -> int:
    """When the call stopped waiting."""
    return next(at for at in (call.connected_at, call.ended_at, call.queued_at) if at is not None)


def _wait(call: Call) -> int:
    return max(0, _left_at(call) - call.queued_at)


def _talk(call: Call) -> int:
    return max(0, (call.ended_at or 0) - (call.connected_at or 0))


def _is_in_time(call: Call, levels_s: Mapping[str, float]) -> bool:
    return _wait(call) <= 1000 * levels_s.get(call.queue, USUAL_SERVICE_LEVEL_S)


def _longest_line(calls: Iterable[Call]) -> int:
    # At one instant the -1 of who leaves sorts before the +1 of who comes.
    steps = sorted(step for call in calls for step in ((call.queued_at, 1), (_left_at(call), -1)) if _wait(call))
    longest = waiting = 0
    for _, change in steps:
        waiting += change
        longest = max(longest, waiting)
    return longest
