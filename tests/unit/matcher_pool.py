"""A matcher with the little of a store that its tests need: events are numbered, offers made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from acd.agent import Agent, AgentActivity, AgentProfile, AgentStatus
from acd.call import Call, CallState
from acd.configuration import Configuration
from acd.events import (
    AgentStatusChanged,
    AnyEvent,
    CallQueued,
    OfferMade,
)
from acd.matcher import Matcher, Proposal
from acd.offer import Offer
from acd.queue import Queue
from acd.skills import requirement
from acd.strategy import Strategy

NOW = 1_000_000


def profile(agent: str, *queues: str, **skills: int) -> AgentProfile:
    return AgentProfile(id=agent, queues=dict.fromkeys(queues or ("q",), 0), skills=skills)


def ready(agent: str, **fields: Any) -> Agent:
    return Agent(id=agent, status=AgentStatus.READY, reachable=True, **fields)


def caller(call: str, *, queue: str = "q", since: int = NOW, priority: float = 0.0, **requires: int) -> Call:
    return Call(id=call, queue=queue, queued_at=since, priority=priority, requires=requirement(requires))


class Pool:
    """A matcher with the little of a store that examples need: it numbers events and makes offers."""

    def __init__(
        self,
        *profiles: AgentProfile,
        queues: Sequence[Queue] = (Queue(name="q"),),
        strategies: Mapping[str, Strategy] | None = None,
    ) -> None:
        self.configuration = Configuration(
            queues={queue.name: queue for queue in queues}, agents={one.id: one for one in profiles}
        )
        self.strategies = dict(strategies or {})
        self.matcher = Matcher(self.configuration, self.strategies)
        self.events = 0
        self.now = NOW

    def apply(self, event: AnyEvent) -> AnyEvent:
        self.events += 1
        numbered = replace(event, id=f"{NOW}-{self.events}")
        self.matcher.apply(numbered)
        return numbered

    def agents(self, *agents: Agent) -> Pool:
        for agent in agents:
            self.apply(AgentStatusChanged(at=self.now, agent=agent))
        return self

    def calls(self, *calls: Call) -> Pool:
        for call in calls:
            self.apply(CallQueued(at=self.now, call=call))
        return self

    def propose(self, now: int | None = None) -> list[Proposal]:
        self.now = now or self.now
        return list(self.matcher.propose(self.now))

    def pairs(self, now: int | None = None) -> list[tuple[str, str]]:
        """Who gets whom: each call with the agent who comes first."""
        return [(proposal.call, proposal.agents[0]) for proposal in self.propose(now)]

    def offers_for(self, proposal: Proposal, count: int = 1) -> list[Offer]:
        return [
            Offer(id=f"{proposal.call}.{agent}", call=proposal.call, agent=agent, queue=proposal.queue, fence=1)
            for agent in proposal.agents[:count]
        ]

    def made(self, offer: Offer, call: Call, agent: Agent) -> AnyEvent:
        return self.apply(
            OfferMade(
                at=self.now,
                call=replace(call, state=CallState.OFFERED, offers=dict(call.offers) | {offer.id: offer.agent}),
                agent=replace(agent, activity=AgentActivity.RESERVED, offer=offer.id, call=call.id),
                offer=offer,
            )
        )

    def position(self) -> str:
        return f"{NOW}-{self.events}"
