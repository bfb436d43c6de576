"""A matcher fed as the distributor feeds it, each decision and each event that follows from it timed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter_ns

from acd.agent import Agent, AgentActivity, AgentStatus
from acd.call import Call, CallState, EndedBy, EndReason
from acd.configuration import Configuration
from acd.events import (
    AgentStatusChanged,
    AnyEvent,
    CallConnected,
    CallEnded,
    CallQueued,
    OfferAccepted,
    OfferMade,
    WrapUpEnded,
)
from acd.matcher import Matcher, Proposal
from acd.offer import Offer, OfferState
from acd.ports import Snapshot
from acd.strategy import Strategies
from scenarios.bench.population import NOW

MS_BETWEEN_DECISIONS = 1
"""A thousand decisions a second pass on the store's clock: more than any centre has, so that steps come due often."""


@dataclass(slots=True)
class Times:
    """Nanoseconds by what was done."""

    decisions: list[int] = field(default_factory=list)
    """Apply the event that makes it possible, propose, settle."""
    follow_ups: list[int] = field(default_factory=list)
    """Apply the OfferMade that comes of it."""
    courses: list[int] = field(default_factory=list)
    """Apply the rest of the call's events: accepted, connected, ended."""
    without: list[int] = field(default_factory=list)
    """Apply an event and propose where nothing was to be decided."""


class Centre:
    """The matcher, the records as a store would have them, and the time."""

    def __init__(self, configuration: Configuration, strategies: Strategies) -> None:
        began = perf_counter_ns()
        self.matcher = Matcher(configuration, strategies)
        self.configured_s = (perf_counter_ns() - began) / 1e9
        self.loaded_s = 0.0
        self.now = NOW
        self.agents: dict[str, Agent] = {}
        self.calls: dict[str, Call] = {}
        self.times = Times()
        self._events = 0
        self._fence = 0

    def load(self, agents: Sequence[Agent], calls: Sequence[Call]) -> None:
        """Begin with this; how long the matcher took is in ``loaded_s``."""
        self.agents = {agent.id: agent for agent in agents}
        self.calls = {call.id: call for call in calls}
        snapshot = Snapshot(agents=dict(self.agents), calls=dict(self.calls), offers={}, position="", at=NOW, epoch="e")
        began = perf_counter_ns()
        self.matcher.reset(snapshot)
        self.matcher.propose(self.now)
        self.loaded_s = (perf_counter_ns() - began) / 1e9

    def agent_becomes_free(self, agent: str) -> list[Proposal]:
        """An agent's wrap-up ends."""
        self.now += MS_BETWEEN_DECISIONS
        live = replace(
            self.agents[agent],
            status=AgentStatus.READY,
            activity=AgentActivity.IDLE,
            activity_since=self.now,
            idle_since=self.now,
            call=None,
            busy_for=None,
            wrap_up_until=None,
        )
        self.agents[agent] = live
        return self.decide(WrapUpEnded(at=self.now, id=self.next_id(), agent=live, by="agent"))

    def call_arrives(self, call: Call) -> list[Proposal]:
        """A caller is queued."""
        self.now += MS_BETWEEN_DECISIONS
        self.calls[call.id] = call
        return self.decide(CallQueued(at=self.now, id=self.next_id(), call=call))

    def decide(self, event: AnyEvent) -> list[Proposal]:
        """What follows of this event, settled, with the OfferMade applied."""
        began = perf_counter_ns()
        self.matcher.apply(event)
        proposals = list(self.matcher.propose(self.now))
        taken = perf_counter_ns() - began
        if not proposals:
            self.times.without.append(taken)
            return proposals
        for proposal in proposals:
            offer = self._offer(proposal)
            began = perf_counter_ns()
            self.matcher.settle(proposal, [offer])
            self.times.decisions.append(taken + perf_counter_ns() - began)
            taken = 0
            self.times.follow_ups.append(self._apply(self._offer_made(offer)))
        return proposals

    def runs_its_course(self, proposal: Proposal) -> None:
        """The agent answers and talks, the caller hangs up, wrap-up begins."""
        agent, call = self.agents[proposal.agents[0]], self.calls.pop(proposal.call)
        offer = Offer(id=agent.offer or "", call=call.id, agent=agent.id, queue=call.queue, fence=self._fence)
        accepted = replace(call, state=CallState.CONNECTING, offer=offer.id, agent=agent.id)
        connected = replace(accepted, state=CallState.CONNECTED, offers={}, connected_at=self.now)
        talking = replace(agent, activity=AgentActivity.TALKING, offer=None)
        wrapping = replace(talking, activity=AgentActivity.WRAP_UP, wrap_up_until=self.now + 10_000)
        ended = replace(
            connected,
            state=CallState.ENDED,
            ended_at=self.now,
            end_reason=EndReason.COMPLETED,
            ended_by=EndedBy.CALLER,
        )
        taken = self._apply(OfferAccepted(at=self.now, id=self.next_id(), call=accepted, offer=offer))
        offer = replace(offer, state=OfferState.CONNECTED)
        taken += self._apply(CallConnected(at=self.now, id=self.next_id(), call=connected, agent=talking, offer=offer))
        taken += self._apply(CallEnded(at=self.now, id=self.next_id(), call=ended, agent=wrapping))
        self.agents[agent.id] = wrapping
        self.times.courses.append(taken)

    def caller_leaves(self, call: Call) -> None:
        """The caller gives up; not timed."""
        del self.calls[call.id]
        ended = replace(call, state=CallState.ENDED, end_reason=EndReason.ABANDONED, ended_by=EndedBy.CALLER)
        self._apply(CallEnded(at=self.now, id=self.next_id(), call=ended))

    def agent_takes_a_break(self, agent: str) -> None:
        """The agent is free no more; not timed."""
        live = self.agents[agent] = replace(self.agents[agent], status=AgentStatus.ON_BREAK)
        self._apply(AgentStatusChanged(at=self.now, id=self.next_id(), agent=live, previous="ready"))

    def _apply(self, event: AnyEvent) -> int:
        began = perf_counter_ns()
        self.matcher.apply(event)
        return perf_counter_ns() - began

    def _offer(self, proposal: Proposal) -> Offer:
        self._fence += 1
        return Offer(
            id=f"{proposal.call}.{self._fence}",
            call=proposal.call,
            agent=proposal.agents[0],
            queue=proposal.queue,
            fence=self._fence,
            made_at=self.now,
        )

    def _offer_made(self, offer: Offer) -> OfferMade:
        call = self.calls[offer.call]
        call = self.calls[offer.call] = replace(
            call, state=CallState.OFFERED, rounds=1, round_at=self.now, offers={offer.id: offer.agent}
        )
        agent = self.agents[offer.agent] = replace(
            self.agents[offer.agent],
            activity=AgentActivity.RESERVED,
            activity_since=self.now,
            offered_at=self.now,
            offer=offer.id,
            call=offer.call,
            busy_for=offer.queue,
        )
        return OfferMade(at=self.now, id=self.next_id(), call=call, agent=agent, offer=offer)

    def next_id(self) -> str:
        self._events += 1
        return f"{NOW}-{self._events}"


def ready(agent: str, idle_since: int) -> Agent:
    """An agent who may be asked."""
    return Agent(
        id=agent,
        status=AgentStatus.READY,
        reachable=True,
        node="pbx-1",
        idle_since=idle_since,
        ready_at=idle_since,
        activity_since=idle_since,
    )


def busy(agent: str) -> Agent:
    """An agent who wraps up a call."""
    return replace(
        ready(agent, NOW - 1_000), activity=AgentActivity.WRAP_UP, call=f"before-{agent}", wrap_up_until=NOW + 60_000
    )
