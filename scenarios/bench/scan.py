"""The plain way to decide, as a yardstick and a check: look at everybody, with all that can be prepared prepared."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter_ns
from typing import TypeAlias

from acd.agent import AgentProfile
from acd.call import Call
from acd.queue import Queue
from acd.skills import asked_for, combined, lowered
from scenarios.bench.centre import Centre

Needs: TypeAlias = "tuple[tuple[str, int], ...]"
Waiting: TypeAlias = "tuple[str, Needs, int, tuple[float, int, str]]"
"""Queue, skills with least levels, last rank, place in line."""
NO_WINDOW = 1_000


def first_caller(centre: Centre, agent: str) -> tuple[str | None, int]:
    """The caller whom this agent must get, and how many nanoseconds it took to look at all of them."""
    waiting = [_as_waiting(centre, call) for call in centre.calls.values()]
    profile = centre.matcher.configuration.agents[agent]
    began = perf_counter_ns()
    best = _first(waiting, profile)
    return best, perf_counter_ns() - began


def _first(waiting: Sequence[Waiting], profile: AgentProfile) -> str | None:
    best: tuple[float, int, str] | None = None
    rank_in, level_of = profile.queues.get, profile.skills.get
    for queue, needs, window, place in waiting:
        rank = rank_in(queue)
        if rank is None or rank > window or (best is not None and place >= best):
            continue
        for skill, level in needs:
            if level_of(skill, 0) < level:
                break
        else:
            best = place
    return None if best is None else best[2]


def best_agent(centre: Centre, call: Call) -> tuple[str | None, int]:
    """The agent who must get this caller by longest idle, and how many nanoseconds it took to look at all of them."""
    agents = centre.matcher.configuration.agents
    free = [(live.idle_since, live.id, agents[live.id]) for live in centre.agents.values() if live.is_free]
    queue, needs, window, _ = _as_waiting(centre, call)
    began = perf_counter_ns()
    best: tuple[int, int, str] | None = None
    for idle_since, name, profile in free:
        rank = profile.queues.get(queue)
        if rank is None or rank > window or (best is not None and (rank, idle_since, name) >= best):
            continue
        for skill, level in needs:
            if profile.skills.get(skill, 0) < level:
                break
        else:
            best = (rank, idle_since, name)
    return None if best is None else best[2], perf_counter_ns() - began


def _as_waiting(centre: Centre, call: Call) -> Waiting:
    queue = centre.matcher.configuration.queues[call.queue]
    needs, window = _terms(queue, call, centre.now)
    place = (call.queued_at - (call.priority + queue.priority) * 60_000, call.queued_at, call.id)
    return (call.queue, needs, window, place)


def _terms(queue: Queue, call: Call, now: int) -> tuple[Needs, int]:
    steps = [step for step in queue.steps if (now - call.queued_at) / 1000 >= (step.after_s or 0)]
    lower: dict[str, int] = {}
    window = NO_WINDOW if queue.ranks is None else queue.ranks
    for step in steps:
        window = max(window, step.ranks or 0)
        for skill, level in step.lower.items():
            lower[skill] = min(level, lower.get(skill, level))
    asks = lowered(combined(queue.requires, call.requires), tuple(sorted(lower.items())))
    return tuple(asked_for(asks).items()), window
