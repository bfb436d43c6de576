"""The records of a configuration: what there is, and what follows from it without asking anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from acd.agent import AgentProfile
from acd.queue import Queue


class LineOrder(StrEnum):
    """Who is before whom in the pool's one line."""

    WAIT_PLUS_PRIORITY = "wait_plus_priority"
    """Who waited longest, each with the priority of queue and call as minutes of head start."""
    STRICT_PRIORITY = "strict_priority"
    """The highest priority first, and only within one priority who waited longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A limit on what one queue may take of a group of agents. Exactly one of the two numbers is given."""

    name: str
    group: str
    queue: str
    at_most: int | None = None
    """At most so many agents of the group are busy for calls of this queue."""
    keep_free: int | None = None
    """Calls of every *other* queue leave so many agents of the group free for this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A numbered version: queues, agents, caps, and the names of the skills in use."""

    version: int = 0
    queues: Mapping[str, Queue] = field(default_factory=dict)
    agents: Mapping[str, AgentProfile] = field(default_factory=dict)
    skills: Mapping[str, str] = field(default_factory=dict)
    """Skill name to what people read."""
    caps: Mapping[str, Cap] = field(default_factory=dict)
    line: LineOrder = LineOrder.WAIT_PLUS_PRIORITY

    @property
    def queue_of_number(self) -> Mapping[str, str]:
        """Dialled number or queue name to queue name."""
        numbers = {number: queue.name for queue in self.queues.values() for number in queue.numbers}
        return MappingProxyType(numbers | {name: name for name in self.queues})

    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Every group, with the ids of its agents: a group is there as soon as one agent belongs to it."""
        groups: dict[str, list[str]] = {}
        for agent in self.agents.values():
            for group in agent.groups:
                groups.setdefault(group, []).append(agent.id)
        return MappingProxyType({group: tuple(agents) for group, agents in groups.items()})

    def wrap_up_ms(self, queue: str, agent: str | None) -> int:
        """The wrap-up after a call of this queue, in milliseconds: the agent's own, else the queue's."""
        profile = self.agents.get(agent or "")
        if profile is not None and profile.wrap_up_s is not None:
            return round(profile.wrap_up_s * 1000)
        return round((self.queues.get(queue) or Queue(name=queue)).wrap_up_s * 1000)

    def agents_of(self, queue: str) -> Iterator[AgentProfile]:
        """The agents who take this queue's calls."""
        return (agent for agent in self.agents.values() if queue in agent.queues)
