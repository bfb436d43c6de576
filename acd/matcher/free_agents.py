"""The free agents of one queue, kept in the strategy's order so that the best is found without asking about all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from acd.call import Call
from acd.matcher.ordering import Ordering
from acd.matcher.roster import Roster
from acd.matcher.slots import AgentSlot, RequirementClass
from acd.matcher.sorted_row import SortedRow
from acd.strategy import SortKey

SPARES = 4
"""How many agents a proposal names beyond those it needs, where there are as many."""

_LOOK_AHEAD_FOR_SPARES = 32
"""How many agents are looked at for spares: they are a convenience, and not worth a long search."""


@dataclass(slots=True)
class Choice:
    """The agents for one call, best first, and the strategy's reason."""

    agents: list[AgentSlot]
    reason: str


class FreeAgents:
    """Who is free in one queue.

    An agent who becomes free is *new* until a caller was looked for among those who wait already. As most find one at
    once, only those who do not are given a key and a place in the row.
    """

    __slots__ = ("_entries", "_keyed_by", "_roster", "_row", "_unordered", "all", "new", "ordering", "sorted_now")

    def __init__(self, ordering: Ordering, roster: Roster) -> None:
        self.ordering = ordering
        self._roster = roster
        self.all: dict[str, AgentSlot] = {}
        self.new: dict[str, AgentSlot] = {}
        self.sorted_now = False
        """Whether new agents were put into the row before a caller was looked for: then the row counts, too."""
        self._row: SortedRow[tuple[SortKey, str]] = SortedRow()
        self._entries: dict[str, tuple[SortKey, str]] = {}
        self._unordered: dict[str, AgentSlot] = {}
        """Those for whom the strategy gave no usable key: while there is one, longest idle decides."""
        self._keyed_by = ordering.strategy

    def __len__(self) -> int:
        return len(self.all)

    def add(self, slot: AgentSlot) -> None:
        """The agent became free."""
        self.all[slot.id] = slot
        self.new[slot.id] = slot

    def discard(self, slot: AgentSlot) -> None:
        """The agent is free no more."""
        self.all.pop(slot.id, None)
        self._unordered.pop(slot.id, None)
        if self.new.pop(slot.id, None) is None:
            entry = self._entries.pop(slot.id, None)
            if entry is not None:
                self._take_out(entry)

    def sort_new(self) -> None:
        """Put the new ones into the row."""
        if self._keyed_by is not self.ordering.strategy:
            self._start_over()
        if not self.new:
            return
        new, self.new = self.new, {}
        self.sorted_now = True
        if self.ordering.by_key is None:
            return
        for slot in new.values():
            self._put_in(slot)
        if self._keyed_by is not self.ordering.strategy:
            self._start_over()

    def choose(self, kind: RequirementClass, call: Call, wanted: int, now: int, *, only_new: bool) -> Choice | None:
        """The agents for this call, ``wanted`` and spares; None if nobody who can take it is free.

        ``only_new`` says that the others are known to be unable to.
        """
        most = wanted + SPARES
        if only_new:
            able = [slot for slot in self.new.values() if kind.can_be_taken_by(slot)]
        else:
            self.sort_new()
            if not self.all:
                return None
            if self.ordering.by_key is not None and not self._unordered:
                agents = self._first(kind, wanted, most)
                return Choice(agents, "") if agents else None
            able = self._able(kind)
        if not able:
            return None
        if self._unordered and self.ordering.by_key is not None:
            return Choice(self.ordering.by_longest_idle(able)[:most], "longest idle, as the strategy failed")
        ordered, reason = self.ordering.order(able, call, now)
        return Choice(ordered[:most], reason)

    def _first(self, kind: RequirementClass, wanted: int, most: int) -> list[AgentSlot]:
        takers = self._roster.takers_of(kind) if kind.requires else self.all
        if len(takers) * 4 < len(self._row):
            entries = sorted(self._entries[agent] for agent in takers if agent in self._entries)
            return [self.all[agent] for _, agent in entries[:most]]
        return list(self._from_row(takers, wanted, most))

    def _from_row(self, takers: Mapping[str, AgentSlot], wanted: int, most: int) -> Iterator[AgentSlot]:
        found = looked_further = 0
        for _, agent in self._row:
            if found >= wanted:
                looked_further += 1
                if looked_further > _LOOK_AHEAD_FOR_SPARES:
                    return
            if agent in takers:
                yield self.all[agent]
                found += 1
                if found == most:
                    return

    def _able(self, kind: RequirementClass) -> list[AgentSlot]:
        if not kind.requires:
            return list(self.all.values())
        takers = self._roster.takers_of(kind)
        if len(takers) < len(self.all):
            return [slot for agent, slot in takers.items() if agent in self.all]
        return [slot for agent, slot in self.all.items() if agent in takers]

    def _put_in(self, slot: AgentSlot) -> None:
        assert slot.candidate is not None, "only agents with profile and record are free"
        key = self.ordering.key(slot.candidate)
        if key is None:
            self._unordered[slot.id] = slot
            return
        entry = (key, slot.id)
        try:
            self._row.add(entry)
        except TypeError as error:
            self.ordering.fail(f"key({slot.id!r}) cannot be compared with other keys: {error}")
            self._unordered[slot.id] = slot
        else:
            self._entries[slot.id] = entry

    def _take_out(self, entry: tuple[SortKey, str]) -> None:
        try:
            self._row.remove(entry)
        except (TypeError, ValueError):
            # Keys of several types that had not met before: the row cannot be searched, so it is filled anew.
            self._start_over()

    def _start_over(self) -> None:
        """Give everybody a key of the strategy that decides now; one that fails on the way may be switched off."""
        self.new.clear()
        self.sorted_now = True
        while True:
            self._keyed_by = self.ordering.strategy
            self._row.clear()
            self._entries.clear()
            self._unordered.clear()
            if self.ordering.by_key is not None:
                for slot in self.all.values():
                    self._put_in(slot)
            if self._keyed_by is self.ordering.strategy:
                return
