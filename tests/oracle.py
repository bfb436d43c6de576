"""Says who must get whom, by looking at every pair: slow and obvious, to hold the matcher against."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from acd.agent import Agent, AgentActivity, AgentProfile, AgentStatus
from acd.call import Call
from acd.configuration import Cap, Configuration, LineOrder
from acd.queue import Queue, Step
from acd.skills import ANYBODY, Requirement, combined, lowered, meets
from acd.strategies.longest_idle import LongestIdle
from acd.strategy import Candidate, KeyStrategy, Situation, Strategies, WideStrategy

Decision = tuple[str, tuple[str, ...]]
"""A call, and the agents chosen for it, best first."""

BUSY = {AgentActivity.RESERVED, AgentActivity.TALKING, AgentActivity.WRAP_UP}


@dataclass(frozen=True, kw_only=True)
class Oracle:
    """All that is known at one instant, and what follows from it."""

    configuration: Configuration
    strategies: Strategies
    agents: Mapping[str, Agent]
    calls: Mapping[str, Call]
    now: int
    steps_on: Mapping[str, Collection[int]] = field(default_factory=dict)
    on_the_way: Mapping[str, str] = field(default_factory=dict)
    """Agents in a proposal, or reserved by an offer that was not heard of yet, each with the queue."""
    asked: Collection[str] = ()
    """Calls with a proposal out."""
    unheard: Mapping[str, int] = field(default_factory=dict)
    """Calls with offers that were not heard of yet: how many."""

    def decisions(self) -> list[Decision]:
        """Everything that must be decided now, first in line first."""
        held = dict(self.on_the_way)
        result = []
        for call in self.line():
            chosen: list[str] = []
            free = [agent for agent in self.agents if self.may_take(agent, call, held)]
            for agent in self.best_first(call, free):
                if len(chosen) < self.room(call) and self.may_take(agent, call, held):
                    chosen.append(agent)
                    held[agent] = call.queue
            if chosen:
                result.append((call.id, tuple(chosen)))
        return result

    # --- callers ---------------------------------------------------------------------------------------------------

    def line(self) -> list[Call]:
        """Those who need an offer, in order."""
        needy = [call for call in self.calls.values() if call.is_waiting and self.room(call) > 0]
        return sorted((call for call in needy if call.id not in self.asked), key=self.place)

    def place(self, call: Call) -> tuple[bool, float, int, str]:
        """Smallest is first: those who ring no phone at all go before those who only want more."""
        priority = call.priority + self.configuration.queues[call.queue].priority
        by_wait = call.queued_at - priority * 60_000
        strict = self.configuration.line is LineOrder.STRICT_PRIORITY
        return (self.offers_out(call) > 0, -priority if strict else by_wait, call.queued_at, call.id)

    def room(self, call: Call) -> int:
        """How many more phones this call may ring."""
        queue = self.configuration.queues.get(call.queue)
        return 0 if queue is None else self.width(call, queue) - self.offers_out(call)

    def width(self, call: Call, queue: Queue) -> int:
        """How many phones this call may ring at once."""
        strategy: object = self.strategies.get(queue.name)
        if not isinstance(strategy, WideStrategy):
            return queue.offer_width
        rung_s = (self.now - call.round_at) / 1000 if call.offers else 0
        return [width.phones for width in strategy.widths(queue) if width.after_s <= max(0, rung_s)][-1]

    def offers_out(self, call: Call) -> int:
        """Phones that ring for it, or are about to."""
        return len(call.offers) + self.unheard.get(call.id, 0)

    def steps(self, call: Call) -> list[Step]:
        """The steps of the queue that count for this call."""
        queue = self.configuration.queues[call.queue]
        waited_s = (self.now - call.queued_at) / 1000
        on = self.steps_on.get(queue.name, ())
        return [
            step
            for place, step in enumerate(queue.steps)
            if (step.after_s is not None and waited_s >= step.after_s) or (step.when is not None and place in on)
        ]

    def asks_for(self, call: Call) -> Requirement:
        """What is left of the requirement."""
        steps = self.steps(call)
        if any(step.anyone for step in steps):
            return ANYBODY
        levels: dict[str, int] = {}
        for step in steps:
            for skill, level in step.lower.items():
                levels[skill] = min(level, levels.get(skill, level))
        queue = self.configuration.queues[call.queue]
        return lowered(combined(queue.requires, call.requires), tuple(sorted(levels.items())))

    # --- pairs -----------------------------------------------------------------------------------------------------

    def may_take(self, agent: str, call: Call, held: Mapping[str, str]) -> bool:
        """Whether this agent may be given this call at this very moment."""
        return (
            self.available(agent, held)
            and self.eligible(agent, call)
            and all(self.allows(cap, agent, call.queue, held) for cap in self.configuration.caps.values())
        )

    def available(self, agent: str, held: Mapping[str, str]) -> bool:
        """Ready, idle, reachable, not cooling off, and in nobody's proposal."""
        live = self.agents.get(agent)
        return live is not None and live.is_available(self.now) and agent not in held

    def eligible(self, agent: str, call: Call) -> bool:
        """Whether this agent could take this call if free; caps aside."""
        profile = self.configuration.agents.get(agent)
        queue = self.configuration.queues.get(call.queue)
        if profile is None or queue is None:
            return False
        if self.waits_for_preferred(call):
            return agent == call.preferred_agent
        return self.is_asked(profile, call, queue) and meets(profile.skills, self.asks_for(call))

    def waits_for_preferred(self, call: Call) -> bool:
        """Whether nobody but the preferred agent is eligible."""
        if call.preferred_agent is None or call.preferred_agent not in self.configuration.agents:
            return False
        if call.preferred_for_s is None:
            return True
        live = self.agents.get(call.preferred_agent)
        there = live is not None and live.status is not AgentStatus.LOGGED_OUT
        return there and (self.now - call.queued_at) / 1000 < call.preferred_for_s

    def is_asked(self, profile: AgentProfile, call: Call, queue: Queue) -> bool:
        """Whether the agent is among those whom the queue and its steps name."""
        steps = self.steps(call)
        if any(name in profile.queues for step in steps for name in step.queues):
            return True
        if any(name in profile.groups for step in steps for name in step.groups):
            return True
        if queue.ranks is None:
            return queue.name in profile.queues
        window = max([queue.ranks, *(step.ranks for step in steps if step.ranks is not None)])
        return queue.name in profile.queues and profile.queues[queue.name] <= window

    def allows(self, cap: Cap, agent: str, queue: str, held: Mapping[str, str]) -> bool:
        """Whether a cap lets one more call of this queue go to this agent."""
        group = list(self.group(cap.group))
        if agent not in group:
            return True
        if cap.at_most is not None and queue == cap.queue:
            return sum(self.busy_for(member, held) == queue for member in group) < cap.at_most
        if cap.keep_free is not None and queue != cap.queue:
            return sum(self.available(member, held) for member in group) > cap.keep_free
        return True

    def group(self, name: str) -> Iterator[str]:
        """The agents of a group."""
        return (profile.id for profile in self.configuration.agents.values() if name in profile.groups)

    def busy_for(self, agent: str, held: Mapping[str, str]) -> str | None:
        """The queue that keeps the agent busy."""
        live = self.agents.get(agent)
        return live.busy_for if live is not None and live.activity in BUSY else held.get(agent)

    # --- the best --------------------------------------------------------------------------------------------------

    def best_first(self, call: Call, agents: Sequence[str]) -> list[str]:
        """All of these: who meets what call and queue prefer, then as the strategy says."""
        queue = self.configuration.queues[call.queue]

        def liked(agent: str) -> tuple[bool, bool]:
            skills = self.configuration.agents[agent].skills
            return (not meets(skills, call.prefers), not meets(skills, queue.prefers))

        return sorted(self.by_strategy(call, queue, agents), key=liked)

    def by_strategy(self, call: Call, queue: Queue, agents: Sequence[str]) -> list[str]:
        """All of these as the strategy orders them; whom it leaves out by longest idle, behind the others."""
        candidates = [Candidate(self.configuration.agents[agent], self.agents[agent]) for agent in agents]
        strategy = self.strategies.get(queue.name) or LongestIdle()

        def by_key(judge: KeyStrategy) -> list[str]:
            return [one.id for one in sorted(candidates, key=lambda one: (judge.key(one, queue), one.id))]

        if isinstance(strategy, KeyStrategy):
            return by_key(strategy)
        situation = Situation(call=call, queue=queue, requires=self.asks_for(call), candidates=candidates, now=self.now)
        ranked = [agent for agent in dict.fromkeys(strategy.rank(situation).agents) if agent in agents]
        return ranked + [agent for agent in by_key(LongestIdle()) if agent not in ranked]
