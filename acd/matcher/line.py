"""The pool's one line of callers, kept as a row per requirement class so that a decision compares heads only."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from operator import attrgetter
from typing import TypeAlias

from acd.matcher.roster import Roster
from acd.matcher.slots import LAST, AgentSlot, CallSlot, LineKey, RequirementClass
from acd.matcher.terms import QueueTerms, Terms
from acd.skills import Requirement

ClassKey: TypeAlias = "tuple[str, int, Requirement, Requirement, str | None]"
"""Queue, the steps that count, the call's own requirement and preference, the one agent it is for."""

_LEAST_TO_DROP = 1024
"""Below this many wishes nothing is forgotten; above, whenever their number has doubled."""
_NOBODY = float("inf")
_RINGS = 1e15
"""Added for those for whom a phone rings already: more than any time in milliseconds, and small enough to keep them."""
_by_head = attrgetter("head")


class Line:
    """Everybody who needs an offer now, in order."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._classes: dict[ClassKey, RequirementClass] = {}
        self._by_terms: dict[Terms, RequirementClass] = {}
        """Wishes that come to the same, as when a step asks for no skill any more, share a class."""
        self._drop_at = _LEAST_TO_DROP
        self._numbered: list[RequirementClass | None] = []
        self._free_numbers: list[int] = []
        self._heads = array("d")
        """By the class's number: its head's place as one number, so that an agent's classes are compared in a few
        cache lines; ties are broken by the heads themselves."""
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
        return len(self._by_terms)

    def class_of(self, terms: QueueTerms, counting: int, slot: CallSlot, agent: str | None) -> RequirementClass:
        """The class that this caller belongs to while these steps count."""
        call = slot.record
        key = (call.queue, counting, call.requires, call.prefers, agent)
        kind = self._classes.get(key)
        if kind is None:
            if len(self._classes) >= self._drop_at:
                self._drop_empty_classes()
            asked = terms.terms(counting, call.requires, call.prefers, agent)
            kind = self._by_terms.get(asked) or self._new_class(asked)
            self._classes[key] = kind
        return kind

    def add(self, slot: CallSlot, kind: RequirementClass) -> None:
        """The caller needs an offer."""
        row = kind.row
        if not row:
            self._waiting.add(kind)
            self.untried[kind] = None
        row.add(slot.key)
        self._put_head(kind, row.first or LAST)
        slot.kind = kind
        self._callers += 1

    def remove(self, slot: CallSlot) -> None:
        """The caller needs none (now); does nothing for one who is not in line."""
        kind = slot.kind
        if kind is None:
            return
        row = kind.row
        row.remove(slot.key)
        self._put_head(kind, row.first or LAST)
        slot.kind = None
        self._callers -= 1
        if not row:
            self._waiting.discard(kind)
            self.untried.pop(kind, None)

    def first_for(self, agent: AgentSlot) -> RequirementClass | None:
        """The class whose head is the first caller in line that this agent can take."""
        numbers = agent.classes
        if not numbers or not self._callers:
            return None
        heads = self._heads
        places = [heads[number] for number in numbers]
        first = min(places)
        if first == _NOBODY:
            return None
        if places.count(first) == 1:
            return self._numbered[numbers[places.index(first)]]
        return min((kind for kind in self.waiting_for(agent) if heads[kind.number] == first), key=_by_head)

    def waiting_for(self, agent: AgentSlot) -> Iterator[RequirementClass]:
        """The classes with waiting callers whom this agent can take."""
        for number in agent.classes:
            kind = self._numbered[number]
            if kind is not None and kind.row:
                yield kind

    def _put_head(self, kind: RequirementClass, head: LineKey) -> None:
        if head is not kind.head:
            kind.head = head
            self._heads[kind.number] = _NOBODY if head is LAST else head[1] + _RINGS if head[0] else head[1]

    def _new_class(self, terms: Terms) -> RequirementClass:
        takers = self._roster.takers(terms)
        if self._free_numbers:
            number = self._free_numbers.pop()
        else:
            number = len(self._numbered)
            self._numbered.append(None)
            self._heads.append(_NOBODY)
        kind = RequirementClass(terms.queue, terms, takers, _tiers(terms, takers), number)
        self._numbered[number] = self._by_terms[terms] = kind
        for slot in takers.values():
            slot.classes.append(number)
        return kind

    def _drop_empty_classes(self) -> None:
        """Requirements come and go with the callers: what nobody needs any more must not pile up."""
        dropped: set[int] = set()
        touched: dict[str, AgentSlot] = {}
        for terms, kind in list(self._by_terms.items()):
            if not kind.row:
                del self._by_terms[terms]
                self._numbered[kind.number] = None
                dropped.add(kind.number)
                touched |= kind.takers
        self._classes = {key: kind for key, kind in self._classes.items() if kind.row}
        for slot in touched.values():
            slot.classes = array("I", [number for number in slot.classes if number not in dropped])
        self._free_numbers += dropped
        self._drop_at = max(_LEAST_TO_DROP, 2 * len(self._classes))


def _tiers(terms: Terms, takers: dict[str, AgentSlot]) -> list[dict[str, AgentSlot]]:
    if not terms.prefers:
        return [takers]
    tiers: dict[int, dict[str, AgentSlot]] = {}
    for slot in takers.values():
        assert slot.profile is not None, "only configured agents take calls"
        tiers.setdefault(terms.tier(slot.profile), {})[slot.id] = slot
    return [tiers[tier] for tier in sorted(tiers)]
