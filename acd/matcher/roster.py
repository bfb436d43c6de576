"""Who is configured to take what: the agents by queue and by skill, for one version of the configuration."""

from __future__ import annotations

from acd.matcher.slots import AgentSlot, RequirementClass
from acd.skills import Requirement


class Roster:
    """Every agent known, with the indexes that the configuration gives."""

    def __init__(self) -> None:
        self.slots: dict[str, AgentSlot] = {}
        self._of_queue: dict[str, dict[str, AgentSlot]] = {}
        self._of_skill: dict[tuple[str, str], dict[str, AgentSlot]] = {}

    def slot(self, agent: str) -> AgentSlot:
        """The agent's slot, made if need be."""
        found = self.slots.get(agent)
        if found is None:
            found = self.slots[agent] = AgentSlot(agent)
        return found

    def index(self) -> None:
        """Build the indexes from the profiles in the slots."""
        self._of_queue, self._of_skill = {}, {}
        for slot in self.slots.values():
            if slot.profile is None:
                continue
            for queue in slot.profile.queues:
                self._of_queue.setdefault(queue, {})[slot.id] = slot
                for skill in slot.profile.skills:
                    self._of_skill.setdefault((queue, skill), {})[slot.id] = slot

    def of_queue(self, queue: str) -> dict[str, AgentSlot]:
        """The agents who take this queue's calls."""
        return self._of_queue.get(queue, {})

    def rarest_skill(self, queue: str, requires: Requirement) -> str:
        """The required skill that the fewest agents of the queue have; the empty string if none is required."""
        if not requires:
            return ""
        return min(requires, key=lambda skill: (len(self._of_skill.get((queue, skill), ())), skill))

    def takers_of(self, kind: RequirementClass) -> dict[str, AgentSlot]:
        """The agents who can take the callers of this class, free or not; looked up once for each configuration."""
        if kind.takers is None:
            rarest = self.rarest_skill(kind.queue, kind.requires)
            able = self._of_skill.get((kind.queue, rarest), {}) if rarest else self.of_queue(kind.queue)
            kind.takers = {slot.id: slot for slot in able.values() if kind.can_be_taken_by(slot)}
        return kind.takers
