"""Small plans of load runs for tests: a queue, alike agents, and callers at given times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import Configuration
from acd.queue import Queue
from scenarios.load.plan import SILENCE, AgentGroup, Plan, PlannedAgent, PlannedCall
from scenarios.load.rules import Rules

GROUP = AgentGroup(name="desk", ring_s=(0.05, 0.05))


def caller(index: int, at: float, **more: Any) -> PlannedCall:
    """One who dials 100."""
    return PlannedCall(index=index, at=at, exten="100", queue="desk", **{"talk_bucket": 0, **more})


def callers(count: int, *, every_s: float, **more: Any) -> Sequence[PlannedCall]:
    """Evenly spaced."""
    return [caller(index, round(index * every_s, 3), **more) for index in range(count)]


def small_plan(
    calls: Sequence[PlannedCall],
    *,
    agents: int = 3,
    talk_s: Sequence[float] = (0.3,),
    drain_s: float = 30.0,
    group: AgentGroup = GROUP,
    rules: Rules | None = None,
    queue: Queue | None = None,
    **more: Any,
) -> Plan:
    """Phones 1001 and on; by default a queue that is silent, without wrap-up."""
    people = [
        PlannedAgent(id=f"desk-{number:03}", phone=str(1000 + number), group=group, queues={"desk": 0})
        for number in range(1, agents + 1)
    ]
    profiles = {
        agent.id: AgentProfile(
            id=agent.id,
            phone=Phone(kind=PhoneKind.ENDPOINT, target=f"PJSIP/{agent.phone}"),
            queues=agent.queues,
        )
        for agent in people
    }
    quiet = queue or Queue(name="desk", numbers=("100",), ring_timeout_s=5, wrap_up_s=0, music_class=SILENCE)
    plan = Plan(
        name="small",
        seed=1,
        calls=calls,
        agents=people,
        changes=[],
        talk_s=talk_s,
        duration_s=max((call.at for call in calls), default=0.0) + 0.5,
        drain_s=drain_s,
        configuration=Configuration(queues={"desk": quiet}, agents=profiles),
        rules=rules or Rules(),
    )
    return replace(plan, **more)
