"""The free agents of one queue, kept in the strategy's order so that the best is found without asking about all."""

from __future__ import annotations

from bisect import insort
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from acd.call import Call
from acd.matcher.ordering import Ordering
from acd.matcher.slots import AVAILABLE, AgentSlot, RequirementClass
from acd.strategy import SortKey

SPARES = 4
"""How many agents a proposal names beyond those it needs, where there are as many."""

_LOOK_AHEAD_FOR_SPARES = 32
"""How many agents are looked at for spares: they are a convenience, and not worth a long search."""
_LEAST_STALE_TO_SWEEP = 64
_FAILED = "longest idle, as the strategy failed"

Seat: TypeAlias = "tuple[AgentSlot, int]"
"""A free agent, and the spell of being free that is meant: it is over when the agent's number is another."""
Entry: TypeAlias = "tuple[SortKey, str, int, AgentSlot]"
"""Key, agent's id, spell, agent: no two are equal in the first three."""


@dataclass(slots=True)
class Choice:
    """The agents for one call, best first, and the strategy's reason."""

    agents: list[AgentSlot]
    reason: str


class FreeAgents:
    """Who is free in one queue.

    Being taken costs an agent nothing here: entries of a spell that is over are passed over, and swept out when there
    are many. Being free again costs a place in a list; only when somebody looks is a key asked for.
    """

    __slots__ = ("_entries", "_keyed_by", "_row", "_seats", "_start", "_unordered", "counts", "ordering")

    def __init__(self, ordering: Ordering, counts: list[int]) -> None:
        """``counts``: how many of the queue's agents are in each condition, kept by others."""
        self.ordering = ordering
        self.counts = counts
        self._seats: list[Seat] = []
        """Those who have no entry in the row (yet)."""
        self._row: list[Entry] = []
        self._start = 0
        """Before this place all entries are of spells that are over."""
        self._entries: dict[str, Entry] = {}
        """The latest entry of each agent."""
        self._unordered: list[Seat] = []
        """Those for whom the strategy gave no usable key: while there is one, longest idle decides."""
        self._keyed_by = ordering.strategy

    def __len__(self) -> int:
        return self.counts[AVAILABLE]

    def add(self, slot: AgentSlot) -> None:
        """The agent is free from now on, until the spell ends."""
        self._seats.append((slot, slot.spell))

    def choose(
        self, kind: RequirementClass, call: Call, wanted: int, now: int, barred: Container[str] | None = None
    ) -> Choice | None:
        """The agents for this call, ``wanted`` and spares; None if nobody who can take it is free. ``barred``: agents
        who may not be asked for it just now."""
        most = wanted + SPARES
        if self.ordering.by_key is not None and not kind.terms.is_wide:
            self._sort()
            if not self._unordered and self.ordering.by_key is not None:
                agents = self._first(kind, wanted, most, barred)
                return Choice(agents, "") if agents else None
        return self.choose_among(self._able(kind, barred), kind, call, most, now)

    def choose_among(
        self, able: Sequence[AgentSlot], kind: RequirementClass, call: Call, most: int, now: int
    ) -> Choice | None:
        """The same where it is known who can take the call and is free."""
        if not able:
            return None
        if len(able) == 1 and self.ordering.by_key is not None:
            return Choice(list(able), "")
        if self._unordered and self.ordering.by_key is not None:
            ordered, reason = self.ordering.by_longest_idle(able), _FAILED
        else:
            ordered, reason = self.ordering.order(able, call, kind.terms.requires, now)
        if len(kind.tiers) > 1:
            ordered = [slot for tier in kind.tiers for slot in ordered if slot.id in tier]
        return Choice(ordered[:most], reason)

    def _able(self, kind: RequirementClass, barred: Container[str] | None) -> list[AgentSlot]:
        takers = kind.takers
        if self.ordering.by_key is not None or kind.terms.is_wide or len(takers) < len(self):
            able = [slot for slot in takers.values() if slot.free]
        else:
            self._seats = [(slot, spell) for slot, spell in self._seats if slot.free and slot.spell == spell]
            able = [slot for slot, _ in self._seats if slot.id in takers]
        return [slot for slot in able if slot.id not in barred] if barred else able

    # --- the row ---------------------------------------------------------------------------------------------------

    def _first(self, kind: RequirementClass, wanted: int, most: int, barred: Container[str] | None) -> list[AgentSlot]:
        found: list[AgentSlot] = []
        for tier in kind.tiers:
            if len(tier) * 4 < len(self):
                found += self._from_entries(tier, barred)
            else:
                found += self._from_row(tier, wanted - len(found), most - len(found), barred)
            if len(found) >= most:
                return found[:most]
        return found

    def _from_entries(self, tier: dict[str, AgentSlot], barred: Container[str] | None) -> list[AgentSlot]:
        entry_of = self._entries.get
        among = []
        for agent, slot in tier.items():
            if slot.free and (not barred or agent not in barred):
                entry = entry_of(agent)
                if entry is not None and entry[2] == slot.spell:
                    among.append(entry)
        if len(among) > 1:
            among.sort()
        return [entry[3] for entry in among]

    def _from_row(
        self, tier: dict[str, AgentSlot], wanted: int, most: int, barred: Container[str] | None
    ) -> Iterator[AgentSlot]:
        row = self._row
        found = looked_further = 0
        for place in range(self._start, len(row)):
            _, agent, spell, slot = row[place]
            if not slot.free or slot.spell != spell:
                if place == self._start:
                    self._start += 1
                continue
            if found >= wanted:
                looked_further += 1
                if looked_further > _LOOK_AHEAD_FOR_SPARES:
                    return
            if agent in tier and (not barred or agent not in barred):
                yield slot
                found += 1
                if found == most:
                    return

    def _sort(self) -> None:
        """Put those into the row who became free since somebody looked."""
        if self._keyed_by is not self.ordering.strategy:
            self._start_over()
        if self._seats:
            seats, self._seats = self._seats, []
            for slot, spell in seats:
                if slot.free and slot.spell == spell:
                    self._put_in(slot)
            if self._keyed_by is not self.ordering.strategy:
                self._start_over()
        if self._unordered:
            self._unordered = [(slot, spell) for slot, spell in self._unordered if slot.free and slot.spell == spell]
        if len(self._row) - self._start > 2 * len(self) + _LEAST_STALE_TO_SWEEP or self._start > len(self._row) // 2:
            self._sweep()

    def _sweep(self) -> None:
        row = self._row
        self._row = [entry for entry in row[self._start :] if entry[3].free and entry[3].spell == entry[2]]
        self._start = 0

    def _put_in(self, slot: AgentSlot) -> None:
        candidate = slot.candidate
        assert candidate is not None, "only agents with profile and record are free"
        key = self.ordering.key(candidate)
        if key is None:
            self._unordered.append((slot, slot.spell))
            return
        entry = (key, slot.id, slot.spell, slot)
        row = self._row
        try:
            if not row or entry > row[-1]:
                row.append(entry)
            else:
                insort(row, entry, self._start)
        except TypeError as error:
            self.ordering.fail(f"key({slot.id!r}) cannot be compared with other keys: {error}")
            self._unordered.append((slot, slot.spell))
        else:
            self._entries[slot.id] = entry

    def _start_over(self) -> None:
        """Give everybody a key of the strategy that decides now; one that fails on the way may be switched off."""
        slots = {entry[1]: entry[3] for entry in self._row[self._start :] if entry[3].spell == entry[2]}
        slots |= {slot.id: slot for slot, spell in [*self._seats, *self._unordered] if slot.spell == spell}
        self._seats = []
        while True:
            self._keyed_by = self.ordering.strategy
            self._row, self._start, self._unordered = [], 0, []
            self._entries.clear()
            if self.ordering.by_key is not None:
                for slot in slots.values():
                    if slot.free:
                        self._put_in(slot)
            if self._keyed_by is self.ordering.strategy:
                return
