"""Whom a queue's callers can reach: at first, after each step, and ever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from acd.agent import AgentProfile
from acd.configuration import Configuration
from acd.queue import Queue, Step
from acd.skills import ANYBODY, Requirement, lowered, meets


@dataclass(frozen=True, slots=True)
class Stage:
    """What a queue's callers may ask for while some of its steps count."""

    requires: Requirement
    window: int | None
    queues: frozenset[str]
    groups: frozenset[str]


def stage_of(queue: Queue, steps: Iterable[Step]) -> Stage:
    """The queue's own wishes, as far as these steps relax them."""
    counting = tuple(steps)
    levels: dict[str, int] = {}
    for step in counting:
        for skill, level in step.lower.items():
            levels[skill] = min(level, levels.get(skill, level))
    anyone = any(step.anyone for step in counting)
    wider = [step.ranks for step in counting if step.ranks is not None]
    return Stage(
        requires=ANYBODY if anyone else lowered(queue.requires, tuple(sorted(levels.items()))),
        window=None if queue.ranks is None else max([queue.ranks, *wider]),
        queues=frozenset(name for step in counting for name in step.queues),
        groups=frozenset(name for step in counting for name in step.groups),
    )


def in_time(queue: Queue) -> list[tuple[float, int]]:
    """The steps that time makes count: wait in seconds and place among the steps, in the order in which they come."""
    return sorted((step.after_s, place) for place, step in enumerate(queue.steps) if step.after_s is not None)


def before(queue: Queue, place: int) -> list[Step]:
    """The steps that surely count when this one begins to: those that time made count earlier. With a step that a live
    figure switches nothing else is sure to count."""
    if queue.steps[place].after_s is None:
        return []
    order = [number for _, number in in_time(queue)]
    return [queue.steps[number] for number in order[: order.index(place)]]


class Reach:
    """Agents by queue and group of one configuration; every agent is named by id."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.of_queue: dict[str, list[AgentProfile]] = {name: [] for name in configuration.queues}
        self.of_group: dict[str, list[AgentProfile]] = {}
        for agent in configuration.agents.values():
            for name in agent.queues:
                self.of_queue.setdefault(name, []).append(agent)
            for name in agent.groups:
                self.of_group.setdefault(name, []).append(agent)
        self._ever: dict[str, frozenset[str]] = {}

    def members(self, queue: Queue, stage: Stage) -> dict[str, AgentProfile]:
        """Who may be asked as far as queues, ranks and groups go."""
        own = self.of_queue.get(queue.name, [])
        found = {a.id: a for a in own if stage.window is None or a.queues[queue.name] <= stage.window}
        for name in stage.queues:
            found |= {agent.id: agent for agent in self.of_queue.get(name, [])}
        for name in stage.groups:
            found |= {agent.id: agent for agent in self.of_group.get(name, [])}
        return found

    def admitted(self, queue: Queue, steps: Iterable[Step]) -> frozenset[str]:
        """Who may be asked while these steps count."""
        stage = stage_of(queue, steps)
        members = self.members(queue, stage)
        return frozenset(name for name, agent in members.items() if meets(agent.skills, stage.requires))

    def ever(self, queue: str) -> frozenset[str]:
        """Who may be asked when all of the queue's steps count."""
        if queue not in self._ever:
            found = self.configuration.queues[queue]
            self._ever[queue] = self.admitted(found, [step for step in found.steps if can_count(found, step)])
        return self._ever[queue]

    @cached_property
    def best_levels(self) -> dict[str, int]:
        """The highest level at which anybody holds a skill."""
        best: dict[str, int] = {}
        for agent in self.configuration.agents.values():
            for skill, level in agent.skills.items():
                best[skill] = max(level, best.get(skill, 0))
        return best


def can_count(queue: Queue, step: Step) -> bool:
    """Whether a caller can still be waiting when this step begins to count by time."""
    return step.after_s is None or not queue.max_wait_s or step.after_s < queue.max_wait_s
