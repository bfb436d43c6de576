"""The pool's one line of callers, kept as a row per requirement class so that a decision compares heads only."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import TypeAlias

from acd.matcher.roster import Roster
from acd.matcher.slots import LAST, AgentSlot, CallSlot, RequirementClass
from acd.matcher.terms import QueueTerms, Terms
from acd.skills import Requirement

ClassKey: TypeAlias = "tuple[str, int, Requirement, Requirement, str | None]"
"""Queue, the steps that count, the call's own requirement and preference, the one agent it is for."""

_LEAST_EMPTY_TO_DROP = 1024
_by_head = attrgetter("head")


class Line:
    """Everybody who needs an offer now, in order."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._classes: dict[ClassKey, RequirementClass] = {}
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

    def class_of(self, terms: QueueTerms, counting: int, slot: CallSlot, agent: str | None) -> RequirementClass:
        """The class that this caller belongs to while these steps count."""
        call = slot.record
        key = (call.queue, counting, call.requires, call.prefers, agent)
        kind = self._classes.get(key)
        if kind is None:
            kind = self._classes[key] = self._new_class(key, terms.terms(counting, call.requires, call.prefers, agent))
        return kind

    def add(self, slot: CallSlot, kind: RequirementClass) -> None:
        """The caller needs an offer."""
        row = kind.row
        if not row:
            self._waiting.add(kind)
            self.untried[kind] = None
        row.add(slot.key)
        kind.head = row.first or LAST
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
            if len(self._classes) - len(self._waiting) > _LEAST_EMPTY_TO_DROP:
                self._drop_empty_classes()

    def first_for(self, agent: AgentSlot) -> RequirementClass | None:
        """The class whose head is the first caller in line that this agent can take."""
        if not self._callers or not agent.classes:
            return None
        best = min(agent.classes, key=_by_head)
        return None if best.head is LAST else best

    def waiting_for(self, agent: AgentSlot) -> Iterator[RequirementClass]:
        """The classes with waiting callers whom this agent can take."""
        return (kind for kind in agent.classes if kind.row)

    def _new_class(self, key: ClassKey, terms: Terms) -> RequirementClass:
        takers = self._roster.takers(terms)
        kind = RequirementClass(terms.queue, terms, takers, _tiers(terms, takers), key)
        for slot in takers.values():
            slot.classes[kind] = None
        return kind

    def _drop_empty_classes(self) -> None:
        """Requirements come and go with the callers: what nobody needs any more must not pile up."""
        if len(self._classes) < 3 * len(self._waiting):
            return
        for key, kind in list(self._classes.items()):
            if not kind.row:
                del self._classes[key]
                for slot in kind.takers.values():
                    slot.classes.pop(kind, None)


def _tiers(terms: Terms, takers: dict[str, AgentSlot]) -> list[dict[str, AgentSlot]]:
    if not terms.prefers:
        return [takers]
    tiers: dict[int, dict[str, AgentSlot]] = {}
    for slot in takers.values():
        assert slot.profile is not None, "only configured agents take calls"
        tiers.setdefault(terms.tier(slot.profile), {})[slot.id] = slot
    return [tiers[tier] for tier in sorted(tiers)]
