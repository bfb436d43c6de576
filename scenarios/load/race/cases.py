"""The traffic of the race, fixed here, so that no figure depends on a choice: one plan for all engines of a case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import Configuration
from acd.queue import CoolOff, Queue
from scenarios.load.arrivals import RampStep
from scenarios.load.draws import stream
from scenarios.load.plan import SILENCE, AgentGroup, Audio, Plan, PlannedAgent, PlannedCall

__all__ = ["CASES", "QUICK_CASES", "Case", "Kind", "growth_cases", "plan_of_case"]

SEED = 20_261_128
FIRST_NUMBER = 1_000
FILL_PER_S = 40.0
"""How fast the line is filled before it is measured."""
FIRST_AT = 1.0
SETTLE_S = 3.0
"""After the line is full: what is measured begins then."""
RING_S = (0.05, 0.1)


class Kind(StrEnum):
    """What is measured."""

    LINE = "line"
    """Callers always wait: how soon an agent who became free is rung."""
    IDLE = "idle"
    """Agents always wait: how soon a caller rings somewhere."""
    MISSED = "missed"
    """Some phones are not answered: how soon the next one rings."""
    RATE = "rate"
    """More and more calls a second, until not all are served."""
    BACKLOG = "backlog"
    """Many come at once: how long until all had an agent."""
    WAITING = "waiting"
    """Many wait and nobody is served: what their waiting costs."""
    GROWTH = "growth"
    """A steady rate at different sizes: what a call costs as the centre grows."""
    MEDIA = "media"
    """Few agents, whose calls have audio: what phones in browsers cost beside SIP phones."""
    SURGE = "surge"
    """Three times what can be sustained, for ten seconds, and what becomes of everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One kind of traffic at one size."""

    name: str
    kind: Kind
    agents: int
    waiting: int = 0
    per_s: float = 0.0
    """Calls a second while it is measured; 0: as many as the agents can take."""
    talk_s: tuple[float, float]
    measured_s: float
    no_answer: float = 0.0
    ring_timeout_s: float = 15.0
    music: bool = False
    browsers: bool = False
    """Agents work at the product's page in a Chromium each."""
    steps: tuple[float, ...] = ()
    """Calls a second of each step, where the rate grows."""
    step_s: float = 12.0
    queues: int = 1
    """Agents and callers are spread evenly over so many queues."""
    skills: int = 0
    """Each agent has one of so many, and each caller asks for one."""
    grows: str = ""
    """What is different from the other cases of a growth series."""
    turns: str = "ABC"
    """The order in which engines take turns: A is the product, B app_queue, C the bare application."""

    @property
    def begins_at(self) -> float:
        """Second of the run at which what is measured begins."""
        filling = (self.agents + self.waiting) / FILL_PER_S if self.keeps_a_line else 0.0
        return FIRST_AT + filling + SETTLE_S

    @property
    def keeps_a_line(self) -> bool:
        """Whether callers come as fast as agents can take them, behind a line that was filled before."""
        return self.kind is Kind.LINE or (self.kind is Kind.GROWTH and self.waiting > 0)

    @property
    def sustained_per_s(self) -> float:
        """Calls a second that the agents can take."""
        return self.per_s or self.agents / (sum(self.talk_s) / 2 + sum(RING_S) / 2)


_NOBODY_ANSWERS: Any = {"no_answer": 1.0, "ring_timeout_s": 300.0}
CASES: Sequence[Case] = (
    Case(name="20 agents, 40 waiting", kind=Kind.LINE, agents=20, waiting=40, talk_s=(1.5, 2.5), measured_s=30),
    Case(
        name="100 agents, 200 waiting", kind=Kind.LINE, agents=100, waiting=200, talk_s=(4, 6), measured_s=30,
        turns="ABCBA",
    ),
    Case(name="500 agents, 200 waiting", kind=Kind.LINE, agents=500, waiting=200, talk_s=(18, 30), measured_s=30),
    Case(
        name="a caller comes, 100 agents idle", kind=Kind.IDLE, agents=100, per_s=10, talk_s=(1, 2), measured_s=25,
        turns="ABCBA",
    ),
    Case(
        name="a phone is not answered", kind=Kind.MISSED, agents=100, per_s=8, talk_s=(1, 2), measured_s=25,
        no_answer=0.3, ring_timeout_s=2,
    ),
    Case(
        name="calls a second, 100 agents", kind=Kind.RATE, agents=100, talk_s=(0.4, 0.6), measured_s=0,
        steps=(40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140),
    ),
    Case(name="200 come at once, 100 agents", kind=Kind.BACKLOG, agents=100, waiting=200, talk_s=(1, 2), measured_s=0),
    Case(
        name="400 wait with music", kind=Kind.WAITING, agents=1, waiting=400, talk_s=(1, 1), measured_s=20, music=True,
        **_NOBODY_ANSWERS,
    ),
    Case(
        name="1,000 wait in silence", kind=Kind.WAITING, agents=1, waiting=1_000, talk_s=(1, 1), measured_s=20,
        **_NOBODY_ANSWERS,
    ),
    Case(
        name="4 agents at SIP phones", kind=Kind.MEDIA, agents=4, per_s=0.8, talk_s=(2.5, 3.5), measured_s=20, turns="A"
    ),
    Case(
        name="4 agents in browsers", kind=Kind.MEDIA, agents=4, per_s=0.8, talk_s=(2.5, 3.5), measured_s=20, turns="A",
        browsers=True,
    ),
    Case(
        name="three times too many for 10 s", kind=Kind.SURGE, agents=100, talk_s=(0.8, 1.2), measured_s=40, turns="A"
    ),
)  # fmt: skip
QUICK_CASES: Sequence[Case] = (
    Case(name="5 agents, 10 waiting", kind=Kind.LINE, agents=5, waiting=10, talk_s=(0.4, 0.8), measured_s=4),
)
"""To see that the race runs: the figures mean nothing."""


def growth_cases() -> Iterator[Case]:
    """One dimension at a time grows by tens, at a steady rate that the smallest size can take."""
    usual: dict[str, Any] = {"kind": Kind.GROWTH, "talk_s": (0.3, 0.5), "measured_s": 30, "per_s": 15}
    for agents in (10, 100, 1_000):
        yield Case(name=f"growth: {agents:,} agents", agents=agents, grows="agents", **usual)
    for queues in (1, 10, 100, 1_000):
        yield Case(name=f"growth: {queues:,} queues", agents=1_000, queues=queues, grows="queues", turns="AB", **usual)
    for skills in (2, 20, 200):
        yield Case(name=f"growth: {skills:,} skills", agents=1_000, skills=skills, grows="skills", turns="A", **usual)
    usual["per_s"] = 0
    for waiting in (10, 100, 1_000):
        yield Case(name=f"growth: {waiting:,} waiting", agents=10, waiting=waiting, grows="waiting", **usual)


def plan_of_case(case: Case) -> Plan:
    """The traffic of one case."""
    chance = stream(SEED, case.name)
    low, high = case.talk_s
    talk_s = tuple(low + (high - low) * (place + 0.5) / 8 for place in range(8)) if high > low else (low,)
    calls = [
        PlannedCall(
            index=index,
            at=round(at, 3),
            exten=str(FIRST_NUMBER + index % case.queues),
            queue=_queue(index % case.queues),
            requires=f"s{index % case.skills}" if case.skills else "",
            audio=Audio.TONE if case.kind is Kind.MEDIA else Audio.NONE,
            talk_bucket=chance.randrange(len(talk_s)),
            patience_s=case.measured_s + SETTLE_S + 5 if case.kind is Kind.WAITING else None,
        )
        for index, at in enumerate(_arrivals(case))
    ]
    last = calls[-1].at
    return Plan(
        name=case.name,
        title=case.name,
        seed=SEED,
        calls=calls,
        agents=_agents(case),
        changes=(),
        talk_s=talk_s,
        duration_s=last + (case.measured_s if case.kind in {Kind.WAITING, Kind.SURGE} else 0),
        drain_s=60 + 3 * high,
        configuration=_configuration(case),
        ramp=_ramp(case),
        until_it_breaks=bool(case.steps),
    )


def _arrivals(case: Case) -> Iterator[float]:
    if case.steps:
        for step in _ramp(case):
            yield from _even(step.at, step.until, step.per_s)
        return
    per_s, begins = case.sustained_per_s, FIRST_AT
    if case.waiting:
        count = case.waiting + (case.agents if case.keeps_a_line else 0)
        at_once = FILL_PER_S if case.kind is not Kind.BACKLOG else 500.0
        begins += count / at_once
        yield from _even(FIRST_AT, begins, at_once)
    if case.kind is Kind.SURGE:
        yield from _even(FIRST_AT, FIRST_AT + 10, per_s / 2)
        yield from _even(FIRST_AT + 10, FIRST_AT + 20, per_s * 3)
        yield from _even(FIRST_AT + 20, FIRST_AT + 20 + case.measured_s, per_s / 2)
    elif case.kind not in {Kind.BACKLOG, Kind.WAITING}:
        yield from _even(begins, case.begins_at + case.measured_s, per_s)


def _even(begins: float, ends: float, per_s: float) -> Iterator[float]:
    count = round((ends - begins) * per_s)
    yield from (begins + place / per_s for place in range(count))


def _ramp(case: Case) -> Sequence[RampStep]:
    return [
        RampStep(at=FIRST_AT + place * case.step_s, until=FIRST_AT + (place + 1) * case.step_s, per_s=per_s)
        for place, per_s in enumerate(case.steps)
    ]


def _queue(number: int) -> str:
    return f"race{number}"


def _agents(case: Case) -> Sequence[PlannedAgent]:
    group = AgentGroup(name="agents", ring_s=RING_S, no_answer=case.no_answer, browser=case.browsers)
    return [
        PlannedAgent(
            id=f"a{1001 + number}",
            phone="" if case.browsers else str(1001 + number),
            group=group,
            queues={_queue(number % case.queues): 0},
            skills={f"s{number % case.skills}": 50} if case.skills else {},
        )
        for number in range(case.agents)
    ]


def _configuration(case: Case) -> Configuration:
    """Everything in the way of a fair race is off: no wrap-up, no cool-off, no limit."""
    queues = {
        _queue(number): Queue(
            name=_queue(number),
            numbers=(str(FIRST_NUMBER + number),),
            wrap_up_s=0,
            ring_timeout_s=case.ring_timeout_s,
            music_class="default" if case.music else SILENCE,
            cool_off=CoolOff(no_answer_s=0, rejected_s=0, busy_s=0, unreachable_s=0),
        )
        for number in range(case.queues)
    }
    agents = {
        agent.id: AgentProfile(
            id=agent.id,
            phone=Phone(kind=PhoneKind.ENDPOINT, target=f"PJSIP/{agent.phone}") if agent.phone else Phone(),
            queues=agent.queues,
            skills=agent.skills,
        )
        for agent in _agents(case)
    }
    skills = {f"s{number}": f"Skill {number}" for number in range(case.skills)}
    return Configuration(queues=queues, agents=agents, skills=skills)
