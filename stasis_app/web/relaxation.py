"""A waiting call's steps as people read them: when each counts, what it does, and what is asked for by now."""

from __future__ import annotations

from collections.abc import Collection

from acd.call import Call
from acd.matcher.terms import QueueTerms
from acd.queue import Crossing, Queue, Step
from acd.skills import ANYBODY, Requirement
from stasis_app.web.views import StepView


def step_views(call: Call, queue: Queue, steps_on: Collection[int], now: int) -> tuple[StepView, ...]:
    """Every step of the call's queue, in order; none for a call that does not wait."""
    if not call.is_waiting:
        return ()
    counting = _counting(call, queue, steps_on, now)
    return tuple(
        StepView(
            after_s=step.after_s,
            when=_when(step.when),
            does=_does(step),
            counts=bool(counting >> place & 1),
        )
        for place, step in enumerate(queue.steps)
    )


def asked_for_now(call: Call, queue: Queue, steps_on: Collection[int], now: int) -> Requirement:
    """What the caller's agent has to meet at this time: the queue's requirement and the call's, as far as no step has
    relaxed it."""
    counting = _counting(call, queue, steps_on, now)
    return QueueTerms(queue, None).terms(counting, call.requires, ANYBODY, None).requires


def _counting(call: Call, queue: Queue, steps_on: Collection[int], now: int) -> int:
    terms = QueueTerms(queue, None)
    for place in steps_on:
        terms.switch(place, on=True)
    return terms.counting(call.waited_ms(now))


def _when(crossing: Crossing | None) -> str:
    if crossing is None:
        return ""
    rises = crossing.back_at < crossing.at
    at, back = (">=", "<=") if rises else ("<=", ">=")
    return f"{crossing.metric.value} {at} {crossing.at:g}, until {back} {crossing.back_at:g}"


def _does(step: Step) -> str:
    said = [
        f"{skill} {level} will do" if level else f"{skill} is asked for no more" for skill, level in step.lower.items()
    ]
    if step.anyone:
        said.append("no skill is asked for")
    if step.ranks is not None:
        said.append(f"agents up to rank {step.ranks}")
    if step.queues:
        said.append(f"agents of {', '.join(step.queues)}, too")
    if step.groups:
        said.append(f"agents of the groups {', '.join(step.groups)}, too")
    return "; ".join(said)
