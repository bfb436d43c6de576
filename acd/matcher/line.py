"""The pool's one line of callers, kept as a row per requirement class so that a decision compares heads only."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import TypeAlias

from acd.agent import AgentProfile
from acd.matcher.roster import Roster
from acd.matcher.slots import LAST, AgentSlot, CallSlot, RequirementClass

ClassKey: TypeAlias = "tuple[str, tuple[tuple[str, int], ...]]"

_FEW_NEW_CLASSES = 32
_LEAST_EMPTY_TO_DROP = 1024
_NO_CLASSES: tuple[list[int], list[RequirementClass]] = ([], [])
_by_head = attrgetter("head")


class Line:
    """Everybody who needs an offer now, in order."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._classes: dict[ClassKey, RequirementClass] = {}
        self._made: list[RequirementClass] = []
        """In the order of their making, so that an agent's list of classes can be brought up to date."""
        self._of_skill: dict[tuple[str, str], tuple[list[int], list[RequirementClass]]] = {}
        """By queue and rarest skill, the empty name for those that need none: places in ``_made``, and the classes."""
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
        key = (slot.record.queue, slot.needs)
        kind = self._classes.get(key)
        if kind is None:
            kind = self._classes[key] = RequirementClass(slot.record.queue, dict(slot.needs), slot.needs)
            self._enlist(kind)
        return kind

    def _enlist(self, kind: RequirementClass) -> None:
        rarest = self._roster.rarest_skill(kind.queue, kind.requires)
        places, kinds = self._of_skill.setdefault((kind.queue, rarest), ([], []))
        places.append(len(self._made))
        kinds.append(kind)
        self._made.append(kind)

    def _classes_for(self, agent: AgentSlot) -> list[RequirementClass]:
        """The classes that the agent can serve: kept with the agent, and brought up to date by those made since."""
        profile = agent.profile
        if profile is None:
            return []
        if agent.generation != self._generation:
            agent.classes, agent.seen, agent.generation = [], 0, self._generation
        behind = len(self._made) - agent.seen
        if behind > _FEW_NEW_CLASSES:
            for queue in profile.queues:
                for skill in ("", *profile.skills):
                    places, kinds = self._of_skill.get((queue, skill), _NO_CLASSES)
                    if places and places[-1] >= agent.seen:
                        _add_able(agent.classes, kinds[bisect_left(places, agent.seen) :], profile)
        elif behind:
            new = [kind for kind in self._made[agent.seen :] if kind.queue in profile.queues]
            _add_able(agent.classes, new, profile)
        agent.seen = len(self._made)
        return agent.classes

    def _drop_empty_classes(self) -> None:
        """Requirements come and go with the callers: what nobody needs any more must not pile up."""
        empty = len(self._classes) - len(self._waiting)
        if empty < _LEAST_EMPTY_TO_DROP or empty < 2 * len(self._waiting):
            return
        self._classes = {key: kind for key, kind in self._classes.items() if kind.row}
        self._made.clear()
        self._of_skill.clear()
        for kind in self._classes.values():
            self._enlist(kind)
        self._generation += 1


def _add_able(able: list[RequirementClass], kinds: Sequence[RequirementClass], profile: AgentProfile) -> None:
    """Append those of these classes whose requirement the agent meets."""
    level_of = profile.skills.get
    for kind in kinds:
        for skill, level in kind.needs:
            if level_of(skill, 0) < level:
                break
        else:
            able.append(kind)
