"""Who is configured to take what: the agents by queue, group and skill, for one version of the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from acd.matcher.slots import AgentSlot
from acd.matcher.terms import Terms
from acd.skills import Requirement, indispensable, meets, plain_levels

_NOBODY: Mapping[str, AgentSlot] = {}


class Roster:
    """Every agent known, with the indexes that the configuration gives."""

    def __init__(self) -> None:
        self.slots: dict[str, AgentSlot] = {}
        self._of_queue: dict[str, dict[str, AgentSlot]] = {}
        self._of_group: dict[str, dict[str, AgentSlot]] = {}
        self._of_skill: dict[tuple[str, str], dict[str, AgentSlot]] = {}

    def slot(self, agent: str) -> AgentSlot:
        """The agent's slot, made if need be."""
        found = self.slots.get(agent)
        if found is None:
            found = self.slots[agent] = AgentSlot(agent)
        return found

    def index(self) -> None:
        """Build the indexes from the profiles in the slots."""
        self._of_queue, self._of_group, self._of_skill = {}, {}, {}
        for slot in self.slots.values():
            if slot.profile is None:
                continue
            slot.skills = slot.profile.skills
            for group in slot.profile.groups:
                self._of_group.setdefault(group, {})[slot.id] = slot
            for queue in slot.profile.queues:
                self._of_queue.setdefault(queue, {})[slot.id] = slot
                for skill in slot.profile.skills:
                    self._of_skill.setdefault((queue, skill), {})[slot.id] = slot

    def of_queue(self, queue: str) -> Mapping[str, AgentSlot]:
        """The agents who take this queue's calls."""
        return self._of_queue.get(queue, _NOBODY)

    def of_group(self, group: str) -> Mapping[str, AgentSlot]:
        """The agents of this group."""
        return self._of_group.get(group, _NOBODY)

    @property
    def queues(self) -> int:
        """How many queues have agents."""
        return len(self._of_queue)

    def takers(self, terms: Terms) -> dict[str, AgentSlot]:
        """The agents who may be asked on these terms, free or not."""
        if terms.agent is not None:
            slot = self.slots.get(terms.agent)
            return {} if slot is None or slot.profile is None else {slot.id: slot}
        own = self._candidates(terms.queue, terms.requires)
        able = _able(own if terms.window is None else _within(own, terms.queue, terms.window), terms.requires)
        for queue in terms.queues:
            able |= _able(self._candidates(queue, terms.requires), terms.requires)
        for group in terms.groups:
            able |= _able(self.of_group(group).values(), terms.requires)
        return able

    def _candidates(self, queue: str, requires: Requirement) -> Iterable[AgentSlot]:
        """The fewest of the queue's agents among whom all who meet it are found."""
        fewest = self.of_queue(queue)
        levels = plain_levels(requires)
        for skill in indispensable(requires) if levels is None else [skill for skill, _ in levels]:
            holders = self._of_skill.get((queue, skill), _NOBODY)
            if len(holders) < len(fewest):
                fewest = holders
        return fewest.values()


# A call that brings a wish of its own waits until its takers are found, among hundreds of agents: hence skill by skill.


def _within(slots: Iterable[AgentSlot], queue: str, window: int) -> list[AgentSlot]:
    return [slot for slot in slots if slot.profile is not None and slot.profile.queues[queue] <= window]


def _able(slots: Iterable[AgentSlot], requires: Requirement) -> dict[str, AgentSlot]:
    levels = plain_levels(requires)
    if levels is None:
        return {slot.id: slot for slot in slots if slot.profile is not None and meets(slot.profile.skills, requires)}
    for skill, level in levels:
        slots = [slot for slot in slots if slot.skills.get(skill, 0) >= level]
    return {slot.id: slot for slot in slots}
