"""Configurations drawn at random for long runs: small worlds full of ties, and somewhat larger ones."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from acd.agent import AgentProfile
from acd.configuration import Cap, Configuration, LineOrder
from acd.queue import Crossing, Metric, Queue, Step
from acd.skills import Requirement, requirement
from tests.unit.matcher_scenery import STRATEGIES

SKILLS = ("english", "german", "billing")
GROUPS = ("east", "gold")
QUEUES = ("sales", "support", "night", "vip")
AGENTS = tuple(f"a{number:02}" for number in range(10))
REQUIREMENTS: tuple[Requirement, ...] = tuple(
    requirement(text)
    for text in (
        "",
        "",
        "",
        "english",
        "german >= 50",
        "english and german",
        "english >= 50 or german",
        "not german",
        "english and not (german >= 50)",
        "billing and (english or german >= 80)",
    )
)


def drawn_requirement(dice: Random) -> Requirement:
    return dice.choice(REQUIREMENTS)


def drawn_step(dice: Random) -> Step:
    live = dice.random() < 0.3
    after_s = None if live and dice.random() < 0.5 else dice.choice([0.0, 0.05, 0.2, 5.0, 60.0])
    return Step(
        after_s=after_s,
        when=Crossing(metric=dice.choice(list(Metric)), at=2, back_at=1) if live else None,
        lower={dice.choice(SKILLS): dice.choice([0, 1, 50])} if dice.random() < 0.5 else {},
        anyone=dice.random() < 0.15,
        ranks=dice.choice([None, None, 1, 2]),
        queues=(dice.choice(QUEUES),) if dice.random() < 0.2 else (),
        groups=(dice.choice(GROUPS),) if dice.random() < 0.2 else (),
    )


def drawn_queue(dice: Random, name: str) -> Queue:
    return Queue(
        name=name,
        offer_width=dice.choice([1, 1, 1, 2, 3]),
        strategy=dice.choice(sorted(STRATEGIES)),
        priority=dice.choice([0.0, 0.0, 1.0]),
        requires=drawn_requirement(dice),
        prefers=drawn_requirement(dice),
        ranks=dice.choice([None, None, 0, 1]),
        steps=tuple(drawn_step(dice) for _ in range(dice.choice([0, 0, 1, 2]))),
    )


def drawn_agent(dice: Random, name: str, queues: tuple[str, ...]) -> AgentProfile:
    return AgentProfile(
        id=name,
        skills={skill: dice.choice([1, 49, 50, 80, 100]) for skill in SKILLS if dice.random() < 0.6},
        queues={queue: dice.choice([0, 0, 1, 2]) for queue in queues if dice.random() < 0.7},
        groups=tuple(group for group in GROUPS if dice.random() < 0.4),
    )


def drawn_cap(dice: Random, name: str, queues: tuple[str, ...]) -> Cap:
    count, keeps = dice.choice([1, 1, 2]), dice.random() < 0.5
    return Cap(
        name=name,
        group=dice.choice(GROUPS),
        queue=dice.choice(queues),
        at_most=None if keeps else count,
        keep_free=count if keeps else None,
    )


def drawn_configuration(dice: Random, names: Sequence[str] = AGENTS) -> Configuration:
    """One to four queues, and some of these agents, two at least if there are as many."""
    queues = QUEUES[: dice.randint(1, len(QUEUES))]
    agents = names[: dice.randint(min(2, len(names)), len(names))]
    caps = [drawn_cap(dice, f"cap{number}", queues) for number in range(dice.choice([0, 0, 0, 1, 2]))]
    return Configuration(
        queues={name: drawn_queue(dice, name) for name in queues},
        agents={name: drawn_agent(dice, name, queues) for name in agents},
        caps={cap.name: cap for cap in caps},
        line=dice.choice(list(LineOrder)),
    )
