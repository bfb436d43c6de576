"""A configuration as the rows of its tables, and back: pure, so that what is kept is exactly what is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, Protocol

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import Cap, Configuration, LineOrder
from acd.queue import CoolOff, Crossing, IdleClock, Metric, Queue, Step, WaitCountsFrom
from stasis_app.database.tables import (
    AgentGroupRow,
    AgentRow,
    AgentSkillRow,
    CapRow,
    QueueAgentRow,
    QueueNumberRow,
    QueueRow,
    QueueStepRow,
    Row,
    SkillRow,
)

Rows = list[dict[str, Any]]

_AS_THEY_ARE = (
    "name",
    "title",
    "strategy",
    "breaks_restart_idle_clock",
    "requires",
    "prefers",
    "ranks",
    "priority",
    "ring_timeout_s",
    "offer_width",
    "wrap_up_s",
    "max_wait_s",
    "service_level_s",
    "music_class",
    "misses_until_break",
)
"""What a queue's row keeps as the queue has it, under the same name."""


class RowsOf(Protocol):
    """One version's rows of a table, in this order."""

    def __call__(self, row: type[Row], *order: str) -> Sequence[Any]:
        """The rows, their columns as attributes."""
        ...


def rows_of(configuration: Configuration) -> Iterator[tuple[type[Row], Rows]]:
    """Every table's rows but the version's own, those first that others refer to."""
    queues, agents = configuration.queues.values(), configuration.agents.values()
    yield SkillRow, [_at(n, name=name, title=title) for n, (name, title) in enumerate(configuration.skills.items())]
    yield QueueRow, [_at(n, **_queue_row(queue)) for n, queue in enumerate(queues)]
    yield QueueNumberRow, [_at(n, queue=q.name, number=number) for q in queues for n, number in enumerate(q.numbers)]
    yield QueueStepRow, [_at(n, queue=q.name, **_step_row(step)) for q in queues for n, step in enumerate(q.steps)]
    yield AgentRow, [_at(n, **_agent_row(agent)) for n, agent in enumerate(agents)]
    yield AgentSkillRow, [{"agent": a.id, "skill": name, "level": n} for a in agents for name, n in a.skills.items()]
    yield AgentGroupRow, [_at(n, agent=a.id, name=group) for a in agents for n, group in enumerate(a.groups)]
    yield QueueAgentRow, [{"agent": a.id, "queue": name, "rank": n} for a in agents for name, n in a.queues.items()]
    yield CapRow, [_at(n, **_cap_row(cap)) for n, cap in enumerate(configuration.caps.values())]


def _at(position: int, **row: Any) -> dict[str, Any]:
    return {"position": position, **row}


def _queue_row(queue: Queue) -> dict[str, Any]:
    row = {column: getattr(queue, column) for column in _AS_THEY_ARE}
    return row | {
        "strategy_options": dict(queue.strategy_options),
        "idle_clock": queue.idle_clock.value,
        "wait_counts_from": queue.wait_counts_from.value,
        **{f"cool_off_{cause.name}": getattr(queue.cool_off, cause.name) for cause in fields(CoolOff)},
    }


def _step_row(step: Step) -> dict[str, Any]:
    return {
        "after_s": step.after_s,
        "metric": step.when.metric.value if step.when else None,
        "crossed_at": step.when.at if step.when else None,
        "back_at": step.when.back_at if step.when else None,
        "lower": dict(step.lower),
        "anyone": step.anyone,
        "ranks": step.ranks,
        "queues": list(step.queues),
        "agent_groups": list(step.groups),
    }


def _agent_row(agent: AgentProfile) -> dict[str, Any]:
    return {
        "name": agent.id,
        "title": agent.name,
        "phone_kind": agent.phone.kind.value,
        "phone_target": agent.phone.target,
        "wrap_up_s": agent.wrap_up_s,
    }


def _cap_row(cap: Cap) -> dict[str, Any]:
    return {
        "name": cap.name,
        "agent_group": cap.group,
        "queue": cap.queue,
        "at_most": cap.at_most,
        "keep_free": cap.keep_free,
    }


def configuration_of(version: Any, rows: RowsOf) -> Configuration:
    """The configuration of this version's row, from the rows of its other tables."""
    numbers = _grouped(rows(QueueNumberRow, "position"), "queue", "position", "number")
    skills = _grouped(rows(AgentSkillRow, "skill"), "agent", "skill", "level")
    ranks = _grouped(rows(QueueAgentRow, "rank", "queue"), "agent", "queue", "rank")
    groups = _grouped(rows(AgentGroupRow, "position"), "agent", "position", "name")
    steps: dict[str, list[Step]] = {}
    for row in rows(QueueStepRow, "position"):
        steps.setdefault(row.queue, []).append(_step_of(row))
    return Configuration(
        version=version.number,
        skills={row.name: row.title for row in rows(SkillRow, "position")},
        queues={
            row.name: _queue_of(row, tuple(numbers.get(row.name, {}).values()), tuple(steps.get(row.name, ())))
            for row in rows(QueueRow, "position")
        },
        agents={
            row.name: AgentProfile(
                id=row.name,
                name=row.title,
                phone=Phone(kind=PhoneKind(row.phone_kind), target=row.phone_target),
                skills=skills.get(row.name, {}),
                queues=ranks.get(row.name, {}),
                groups=tuple(groups.get(row.name, {}).values()),
                wrap_up_s=row.wrap_up_s,
            )
            for row in rows(AgentRow, "position")
        },
        caps={
            row.name: Cap(
                name=row.name, group=row.agent_group, queue=row.queue, at_most=row.at_most, keep_free=row.keep_free
            )
            for row in rows(CapRow, "position")
        },
        line=LineOrder(version.line),
    )


def _grouped(rows: Sequence[Any], owner: str, key: str, value: str) -> dict[str, dict[Any, Any]]:
    groups: dict[str, dict[Any, Any]] = {}
    for row in rows:
        groups.setdefault(getattr(row, owner), {})[getattr(row, key)] = getattr(row, value)
    return groups


def _queue_of(row: Any, numbers: tuple[str, ...], steps: tuple[Step, ...]) -> Queue:
    as_they_are: dict[str, Any] = {column: getattr(row, column) for column in _AS_THEY_ARE}
    return Queue(
        **as_they_are,
        numbers=numbers,
        steps=steps,
        strategy_options=row.strategy_options,
        idle_clock=IdleClock(row.idle_clock),
        wait_counts_from=WaitCountsFrom(row.wait_counts_from),
        cool_off=CoolOff(**{cause.name: getattr(row, f"cool_off_{cause.name}") for cause in fields(CoolOff)}),
    )


def _step_of(row: Any) -> Step:
    crossing = Crossing(metric=Metric(row.metric), at=row.crossed_at, back_at=row.back_at) if row.metric else None
    return Step(
        after_s=row.after_s,
        when=crossing,
        lower=row.lower,
        anyone=row.anyone,
        ranks=row.ranks,
        queues=tuple(row.queues),
        groups=tuple(row.agent_groups),
    )
