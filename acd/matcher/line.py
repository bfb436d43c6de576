"""The pool's one line of callers, kept as a row per requirement class so that a decision compares heads only."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from operator import attrgetter
from typing import TypeAlias

from acd.matcher.roster import Roster
from acd.matcher.slots import LAST, UNNUMBERED, AgentSlot, CallSlot, LineKey, RequirementClass
from acd.matcher.terms import QueueTerms, Terms
from acd.skills import Requirement

ClassKey: TypeAlias = "tuple[str, int, Requirement, Requirement, str | None]"
"""Queue, the steps that count, the call's own requirement and preference, the one agent it is for."""

LEAST_EMPTY = 1024
EMPTY_PER_QUEUE = 4
"""So many classes in which nobody waits are kept, since the next caller mostly asks for what others asked for."""
_NOBODY = float("inf")
_RINGS = 1e15
"""Added for those for whom a phone rings already: more than any time in milliseconds, and small enough to keep them."""
_by_head = attrgetter("head")


class Line:
    """Everybody who needs an offer now, in order."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._classes: dict[ClassKey, RequirementClass] = {}
        """What was asked for lately, to be spared the terms; some of the classes may have been forgotten since."""
        self._by_terms: dict[Terms, RequirementClass] = {}
        """Wishes that come to the same, as when a step asks for no skill any more, share a class."""
        self._empty: dict[RequirementClass, None] = {}
        """The classes in which nobody waits, first the one that has been empty for longest."""
        self._most_empty = max(LEAST_EMPTY, EMPTY_PER_QUEUE * roster.queues)
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
        if kind is None or kind.is_forgotten:
            asked = terms.terms(counting, call.requires, call.prefers, agent)
            kind = self._by_terms.get(asked) or self._new_class(asked)
            if len(self._classes) >= 2 * (len(self._by_terms) + LEAST_EMPTY):
                del self._classes[next(iter(self._classes))]
            self._classes[key] = kind
        return kind

    def add(self, slot: CallSlot, kind: RequirementClass) -> None:
        """The caller needs an offer."""
        row = kind.row
        if not row:
            del self._empty[kind]
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
            self._empty[kind] = None

    def must_wait(self, kind: RequirementClass) -> None:
        """Nobody was found for the first of this class: agents who become free are to look there from now on."""
        self.untried.pop(kind, None)
        if kind.number == UNNUMBERED:
            self._number(kind)

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
            if kind.number != UNNUMBERED:
                self._heads[kind.number] = _place(head)

    def _new_class(self, terms: Terms) -> RequirementClass:
        """Requirements come and go with the callers: for each that is new up to two that nobody needs are forgotten,
        so that they do not pile up and no caller waits while many are swept out."""
        for _ in range(2):
            if len(self._empty) >= self._most_empty:
                self._forget(next(iter(self._empty)))
        takers = self._roster.takers(terms)
        kind = self._by_terms[terms] = RequirementClass(terms.queue, terms, takers, _tiers(terms, takers))
        self._empty[kind] = None
        return kind

    def _number(self, kind: RequirementClass) -> None:
        """Enter the class with its agents. Not done before somebody has to wait in it: most callers who bring a wish
        of their own, where anybody can take them, are taken at once, and nobody else ever asks for the same."""
        if self._free_numbers:
            number = self._free_numbers.pop()
        else:
            number = len(self._numbered)
            self._numbered.append(None)
            self._heads.append(_NOBODY)
        kind.number = number
        self._numbered[number] = kind
        self._heads[number] = _place(kind.head)
        for slot in kind.takers.values():
            slot.classes.append(number)

    def _forget(self, kind: RequirementClass) -> None:
        del self._empty[kind]
        del self._by_terms[kind.terms]
        kind.is_forgotten = True
        number = kind.number
        if number != UNNUMBERED:
            for slot in kind.takers.values():
                slot.classes.remove(number)
            self._numbered[number] = None
            self._free_numbers.append(number)
        kind.takers, kind.tiers = {}, []


def _place(head: LineKey) -> float:
    return _NOBODY if head is LAST else head[1] + _RINGS if head[0] else head[1]


def _tiers(terms: Terms, takers: dict[str, AgentSlot]) -> list[dict[str, AgentSlot]]:
    if not terms.prefers:
        return [takers]
    tiers: dict[int, dict[str, AgentSlot]] = {}
    for slot in takers.values():
        assert slot.profile is not None, "only configured agents take calls"
        tiers.setdefault(terms.tier(slot.profile), {})[slot.id] = slot
    return [tiers[tier] for tier in sorted(tiers)]
