"""Who is configured to take what: the agents by queue, group and skill, for one version of the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from acd.matcher.slots import AgentSlot
from acd.matcher.terms import Terms
from acd.skills import MIN_LEVEL, Requirement, indispensable, meets, plain_levels

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
            holds = [skill for skill, level in slot.skills.items() if level >= MIN_LEVEL]
            for group in slot.profile.groups:
                self._of_group.setdefault(group, {})[slot.id] = slot
            for queue in slot.profile.queues:
                self._of_queue.setdefault(queue, {})[slot.id] = slot
                for skill in holds:
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
        able = self._able(terms.queue, terms)
        if terms.window is not None:
            able = [slot for slot in able if _rank(slot, terms.queue) <= terms.window]
        takers = {slot.id: slot for slot in able}
        for queue in terms.queues:
            takers |= {slot.id: slot for slot in self._able(queue, terms)}
        for group in terms.groups:
            takers |= {slot.id: slot for slot in _meeting(self.of_group(group).values(), terms.requires)}
        return takers

    def _able(self, queue: str, terms: Terms) -> Iterable[AgentSlot]:
        """The queue's agents who meet what is asked for, found among the holders of the skill that the fewest hold."""
        fewest, by = self.of_queue(queue), ""
        levels = plain_levels(terms.requires)
        for skill in indispensable(terms.requires) if levels is None else [skill for skill, _ in levels]:
            holders = self._of_skill.get((queue, skill), _NOBODY)
            if len(holders) < len(fewest):
                fewest, by = holders, skill
        if levels is None:
            return _meeting(fewest.values(), terms.requires)
        return _holding(fewest.values(), [level for level in levels if level != (by, MIN_LEVEL)])


def _rank(slot: AgentSlot, queue: str) -> int:
    assert slot.profile is not None, "only configured agents are indexed"
    return slot.profile.queues[queue]


def _meeting(slots: Iterable[AgentSlot], requires: Requirement) -> Iterable[AgentSlot]:
    levels = plain_levels(requires)
    return [slot for slot in slots if meets(slot.skills, requires)] if levels is None else _holding(slots, levels)


def _holding(slots: Iterable[AgentSlot], levels: Iterable[tuple[str, int]]) -> Iterable[AgentSlot]:
    # Skill by skill: a caller who brings a wish of one's own waits until its takers are found among hundreds of agents.
    for skill, level in levels:
        slots = [slot for slot in slots if slot.skills.get(skill, 0) >= level]
    return slots
