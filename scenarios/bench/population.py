"""Draws the call centres that the bench measures, by one recipe, so that no figure depends on a choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from acd.agent import AgentProfile
from acd.call import Call
from acd.configuration import Configuration
from acd.queue import Queue, Step
from acd.skills import Requirement, requirement

NOW = 1_700_000_000_000
"""When the bench begins, store's milliseconds."""
SEED = 20_260_801
SKILLS = 200
RARE_SKILL = "s000"
"""Held by one agent alone, the first."""
FIRST_STEP_S, SECOND_STEP_S = 30.0, 120.0
LONGEST_WAIT_MS = 600_000


class Spread(StrEnum):
    """How agents come by their skills: the recipe leaves it open, so both are measured."""

    UNIFORM = "uniform"
    """Any of all skills: few agents hold what their queues ask for."""
    FITTING = "fitting"
    """First what their queues ask for: most agents can take calls of most of their queues, and indexes work harder."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How large a centre is."""

    agents: int
    queues: int
    waiting: int

    @property
    def name(self) -> str:
        return f"{self.agents:,} x {self.waiting:,}"


FULL = Scale(agents=10_000, queues=500, waiting=100_000)
GROWTH = (Scale(agents=100, queues=5, waiting=1_000), Scale(agents=1_000, queues=50, waiting=10_000), FULL)
TWILIO = Scale(agents=15_000, queues=5_000, waiting=500_000)

Set = dict[str, int]
"""A requirement set: skills with least levels."""


class Population:
    """One centre: its configuration, and as many callers as are asked for."""

    def __init__(self, scale: Scale, spread: Spread, *, strategy: str = "longest_idle") -> None:
        self.scale = scale
        self._random = Random(SEED)  # noqa: S311  # the same centre each time, no secret
        self._skills = [f"s{number:03}" for number in range(SKILLS)]
        self._names = [f"q{number:04}" for number in range(scale.queues)]
        self.sets: dict[str, list[Set]] = {
            name: [self._set() for _ in range(self._random.randint(1, 3))] for name in self._names
        }
        self._texts = {name: [requirement(one) for one in sets] for name, sets in self.sets.items()}
        queues = {name: self._queue(number, name, strategy) for number, name in enumerate(self._names)}
        agents = {agent.id: agent for agent in (self._agent(number, spread) for number in range(scale.agents))}
        self.configuration = Configuration(
            version=1, queues=queues, agents=agents, skills={skill: skill for skill in self._skills}
        )
        self._calls = 0

    @property
    def many_skilled(self) -> list[str]:
        """The agents who hold 50 skills, and the one who holds the rare one."""
        return [agent.id for agent in self.configuration.agents.values() if len(agent.skills) >= 50]

    def callers(self, count: int, *, now: int, longest_ms: int = 0) -> Iterator[Call]:
        """Callers who came within the last ``longest_ms``."""
        for _ in range(count):
            yield self.caller(now - self._random.randint(0, longest_ms))

    def caller(self, queued_at: int) -> Call:
        """One of a thousand asks for the rare skill; one of twenty brings a set of its own."""
        draw = self._random
        queue = draw.choice(self._names)
        if draw.random() < 0.001:
            queue, requires = self._rare_queue, requirement({RARE_SKILL: 1})
        elif draw.random() < 0.05:
            requires = requirement(self._set())
        else:
            requires = draw.choice(self._texts[queue])
        return self.call(queue, requires, queued_at)

    def call(self, queue: str, requires: Requirement, queued_at: int) -> Call:
        self._calls += 1
        return Call(
            id=f"{NOW // 1000}.{self._calls}",
            queue=queue,
            requires=requires,
            priority=float(self._random.randint(1, 10)) if self._random.random() < 0.1 else 0.0,
            node="pbx-1",
            owner="acd-1",
            caller_number=f"+49301{self._calls:07}",
            arrived_at=queued_at,
            queued_at=queued_at,
            state_since=queued_at,
        )

    def rare_call(self, queued_at: int) -> Call:
        """A caller for the one agent who holds the rare skill."""
        return self.call(self._rare_queue, requirement({RARE_SKILL: 1}), queued_at)

    @property
    def _rare_queue(self) -> str:
        return next(iter(self.configuration.agents["a00000"].queues))

    def _set(self) -> Set:
        chosen = self._random.sample(self._skills[1:], self._random.randint(1, 3))
        return {skill: self._random.choice((1, 1, 40)) for skill in chosen}

    def _queue(self, number: int, name: str, strategy: str) -> Queue:
        if number % 3:
            return Queue(name=name, strategy=strategy)
        skills = sorted({skill for one in self.sets[name] for skill in one})
        steps = (
            Step(after_s=FIRST_STEP_S, lower=dict.fromkeys(skills, 1)),
            Step(after_s=SECOND_STEP_S, lower={skills[0]: 0}, ranks=1),
        )
        return Queue(name=name, strategy=strategy, ranks=0, steps=steps)

    def _agent(self, number: int, spread: Spread) -> AgentProfile:
        draw = self._random
        queues = draw.sample(self._names, min(len(self._names), draw.randint(1, 20)))
        count = 50 if number % 100 == 0 else draw.randint(3, 12)
        skills: Sequence[str] = draw.sample(self._skills[1:], count)
        if spread is Spread.FITTING:
            asked = [skill for queue in queues for one in self.sets[queue] for skill in one]
            draw.shuffle(asked)
            skills = list(dict.fromkeys((*asked, *skills)))[:count]
        held = {skill: draw.randint(1, 100) for skill in skills}
        if number == 0:
            held[RARE_SKILL] = 50
        return AgentProfile(id=f"a{number:05}", queues={queue: draw.randint(0, 1) for queue in queues}, skills=held)
