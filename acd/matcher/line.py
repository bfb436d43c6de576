"""The pool's one line of callers, kept as a row per requirement class so that a decision compares heads only."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import TypeAlias

from acd.matcher.roster import Roster
from acd.matcher.slots import LAST, AgentSlot, CallSlot, RequirementClass

ClassKey: TypeAlias = "tuple[str, tuple[tuple[str, int], ...]]"

_FEW_NEW_CLASSES = 32
_LEAST_EMPTY_TO_DROP = 1024
_by_head = attrgetter("head")


class Line:
    """Everybody who needs an offer now, in order."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._classes: dict[ClassKey, RequirementClass] = {}
        self._made: list[RequirementClass] = []
        """In the order of their making, so that an agent's list of classes can be brought up to date."""
        self._of_skill: dict[tuple[str, str], list[RequirementClass]] = {}
        """By queue and rarest skill; the empty name for those that need none."""
        self._generation = 0
        self._waiting: set[RequirementClass] = set()
        self._callers = 0
        self.untried: dict[RequirementClass, None] = {}
        """Classes with somebody in them for whom no agent has been looked for. In every other class the head, and so
        everybody behind it, is known to have found nobody among the agents who were free then."""

    def __len__(self) -> int:
        return self._callers

    @property
    def classes_waiting(self) -> set[RequirementClass]:
        """The classes in which somebody waits."""
        return self._waiting

    @property
    def classes_known(self) -> int:
        """How many classes are kept, those included in which nobody waits now."""
        return len(self._classes)

    def add(self, slot: CallSlot) -> None:
        """The caller needs an offer."""
        kind = self._class_of(slot)
        if not kind.row:
            self._waiting.add(kind)
            self.untried[kind] = None
        kind.row.add(slot.key)
        kind.head = kind.row.first or LAST
        slot.kind = kind
        self._callers += 1

    def remove(self, slot: CallSlot) -> None:
        """The caller needs none (now); does nothing for one who is not in line."""
        kind = slot.kind
        if kind is None:
            return
        kind.row.remove(slot.key)
        kind.head = kind.row.first or LAST
        slot.kind = None
        self._callers -= 1
        if not kind.row:
            self._waiting.discard(kind)
            self.untried.pop(kind, None)
            self._drop_empty_classes()

    def first_for(self, agent: AgentSlot) -> RequirementClass | None:
        """The class whose head is the first caller in line that this agent can take."""
        if not self._callers:
            return None
        classes = self._classes_for(agent)
        if not classes:
            return None
        best = min(classes, key=_by_head)
        return None if best.head is LAST else best

    def waiting_for(self, agent: AgentSlot) -> Iterator[RequirementClass]:
        """The classes with waiting callers whom this agent can take."""
        return (kind for kind in self._classes_for(agent) if kind.row)

    def _class_of(self, slot: CallSlot) -> RequirementClass:
        call = slot.record
        key = (call.queue, tuple(sorted(call.requires.items())))
        kind = self._classes.get(key)
        if kind is None:
            kind = RequirementClass(call.queue, dict(call.requires))
            self._classes[key] = kind
            self._enlist(kind)
        return kind

    def _enlist(self, kind: RequirementClass) -> None:
        self._made.append(kind)
        rarest = self._roster.rarest_skill(kind.queue, kind.requires)
        self._of_skill.setdefault((kind.queue, rarest), []).append(kind)

    def _classes_for(self, agent: AgentSlot) -> list[RequirementClass]:
        behind = len(self._made) - agent.seen
        if agent.generation == self._generation and behind <= _FEW_NEW_CLASSES:
            if behind:
                new = self._made[agent.seen :]
                agent.classes.extend(kind for kind in new if kind.can_be_taken_by(agent))
        else:
            agent.classes = [kind for kind in self._maybe_for(agent) if kind.can_be_taken_by(agent)]
        agent.generation, agent.seen = self._generation, len(self._made)
        return agent.classes

    def _maybe_for(self, agent: AgentSlot) -> Iterator[RequirementClass]:
        if agent.profile is None:
            return
        for queue in agent.profile.queues:
            for skill in ("", *agent.profile.skills):
                yield from self._of_skill.get((queue, skill), ())

    def _drop_empty_classes(self) -> None:
        """Requirements come and go with the callers: what nobody needs any more must not pile up."""
        empty = len(self._classes) - len(self._waiting)
        if empty < _LEAST_EMPTY_TO_DROP or empty < 2 * len(self._waiting):
            return
        self._classes = {key: kind for key, kind in self._classes.items() if kind.row}
        self._made, self._of_skill = [], {}
        for kind in self._classes.values():
            self._enlist(kind)
        self._generation += 1
