"""Who is configured to take what: the agents by queue, group and skill, for one version of the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from acd.matcher.slots import AgentSlot
from acd.matcher.terms import Terms
from acd.skills import indispensable

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

    def takers(self, terms: Terms) -> dict[str, AgentSlot]:
        """The agents who may be asked on these terms, free or not."""
        if terms.agent is not None:
            slot = self.slots.get(terms.agent)
            return {} if slot is None or slot.profile is None else {slot.id: slot}
        able = _able(self._candidates(terms.queue, terms), terms)
        for queue in terms.queues:
            able |= _able(self._candidates(queue, terms), terms)
        for group in terms.groups:
            able |= _able(self.of_group(group).values(), terms)
        return able

    def _candidates(self, queue: str, terms: Terms) -> Iterable[AgentSlot]:
        """The fewest of the queue's agents among whom all who can take it are found."""
        fewest = self.of_queue(queue)
        for skill in indispensable(terms.requires):
            holders = self._of_skill.get((queue, skill), _NOBODY)
            if len(holders) < len(fewest):
                fewest = holders
        return fewest.values()


def _able(slots: Iterable[AgentSlot], terms: Terms) -> dict[str, AgentSlot]:
    return {slot.id: slot for slot in slots if slot.profile is not None and terms.admits(slot.profile)}
