"""Counts what caps limit, so that a decision knows at once whom a queue may not have just now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from acd.agent import AgentActivity
from acd.configuration import Cap
from acd.matcher.slots import AgentSlot


class CapCount:
    """One cap and the agents that it counts now."""

    __slots__ = ("_counted", "cap", "was_open")

    def __init__(self, cap: Cap) -> None:
        self.cap = cap
        self._counted: set[str] = set()
        self.was_open = self.is_open

    @property
    def room(self) -> int:
        """How many more agents of the group may be taken."""
        if self.cap.at_most is not None:
            return self.cap.at_most - len(self._counted)
        return len(self._counted) - (self.cap.keep_free or 0)

    @property
    def is_open(self) -> bool:
        """Whether one more may be taken."""
        return self.room > 0

    def limits(self, queue: str) -> bool:
        """Whether calls of this queue have to keep to it."""
        return (self.cap.queue == queue) if self.cap.at_most is not None else (self.cap.queue != queue)

    def count(self, slot: AgentSlot) -> bool:
        """Take notice of how this agent of the group stands; answers whether the cap was closed and is open now."""
        counts = slot.free if self.cap.at_most is None else self._is_busy_for(slot)
        if counts:
            self._counted.add(slot.id)
        else:
            self._counted.discard(slot.id)
        before, self.was_open = self.was_open, self.is_open
        return self.was_open and not before

    def _is_busy_for(self, slot: AgentSlot) -> bool:
        live = slot.live
        if live is not None and live.activity is not AgentActivity.IDLE:  # whatever is out for the agent comes too late
            return live.busy_for == self.cap.queue
        return slot.held_for == self.cap.queue


class Caps:
    """All caps of one version of the configuration."""

    def __init__(self, caps: Iterable[Cap], queues: Iterable[str]) -> None:
        counts = [CapCount(cap) for cap in caps]
        self._of_group: dict[str, list[CapCount]] = {}
        for count in counts:
            self._of_group.setdefault(count.cap.group, []).append(count)
        self._of_queue: Mapping[str, Sequence[CapCount]] = {
            queue: limits for queue in queues if (limits := [count for count in counts if count.limits(queue)])
        }

    def counts(self, slot: AgentSlot) -> bool:
        """Whether some cap has to do with this agent."""
        return slot.profile is not None and any(group in self._of_group for group in slot.profile.groups)

    def see(self, slot: AgentSlot) -> list[CapCount]:
        """The agent stands otherwise than before; answers the caps that opened by it."""
        groups = () if slot.profile is None else slot.profile.groups
        return [count for group in groups for count in self._of_group.get(group, ()) if count.count(slot)]

    def limit(self, queue: str) -> bool:
        """Whether calls of this queue have to keep to any."""
        return queue in self._of_queue

    def bars(self, queue: str, slot: AgentSlot) -> CapCount | None:
        """The cap that forbids calls of this queue to take this agent now."""
        if slot.profile is not None and slot.capped:
            for count in self._of_queue.get(queue, ()):
                if count.cap.group in slot.profile.groups and not count.is_open:
                    return count
        return None

    def trimmed(self, queue: str, agents: Sequence[AgentSlot], wanted: int) -> list[AgentSlot]:
        """Of agents none of whom is barred, those who may be taken together: first the ones to be held, then spares,
        who may not be in any capped group, since a store that takes one of them does not count."""
        left = {id(count): count.room for count in self._of_queue.get(queue, ())}
        kept: list[AgentSlot] = []
        spares: list[AgentSlot] = []
        for slot in agents:
            limits = self._limits_on(queue, slot)
            if len(kept) < wanted and all(left[id(count)] > 0 for count in limits):
                kept.append(slot)
                for count in limits:
                    left[id(count)] -= 1
            elif not limits:
                spares.append(slot)
        return kept + spares

    def _limits_on(self, queue: str, slot: AgentSlot) -> list[CapCount]:
        groups = () if slot.profile is None else slot.profile.groups
        return [count for count in self._of_queue.get(queue, ()) if count.cap.group in groups]
