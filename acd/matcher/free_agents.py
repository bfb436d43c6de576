"""The free agents of one queue, kept in the strategy's order so that the best is found without asking about all."""

from __future__ import annotations

from bisect import insort
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from acd.call import Call
from acd.matcher.ordering import Ordering
from acd.matcher.slots import AgentSlot, RequirementClass
from acd.strategy import SortKey

SPARES = 4
"""How many agents a proposal names beyond those it needs, where there are as many."""

_LOOK_AHEAD_FOR_SPARES = 32
"""How many agents are looked at for spares: they are a convenience, and not worth a long search."""
_LEAST_STALE_TO_SWEEP = 64
_FAILED = "longest idle, as the strategy failed"


@dataclass(slots=True)
class Choice:
    """The agents for one call, best first, and the strategy's reason."""

    agents: list[AgentSlot]
    reason: str


class FreeAgents:
    """Who is free in one queue.

    An agent who becomes free is put into the row only when somebody looks through it: most are taken before. One who
    is taken leaves a stale entry behind, which is passed over, and swept out when there are many.
    """

    __slots__ = ("_entries", "_keyed_by", "_row", "_start", "_unordered", "_unsorted", "all", "ordering")

    def __init__(self, ordering: Ordering) -> None:
        self.ordering = ordering
        self.all: dict[str, AgentSlot] = {}
        self._unsorted: dict[str, AgentSlot] = {}
        """Those who have no entry in the row yet."""
        self._row: list[tuple[SortKey, str]] = []
        self._start = 0
        """Before this place all entries are stale."""
        self._entries: dict[str, tuple[SortKey, str]] = {}
        """The one entry of each agent that is not stale."""
        self._unordered: dict[str, AgentSlot] = {}
        """Those for whom the strategy gave no usable key: while there is one, longest idle decides."""
        self._keyed_by = ordering.strategy

    def __len__(self) -> int:
        return len(self.all)

    def add(self, slot: AgentSlot) -> None:
        """The agent became free."""
        self.all[slot.id] = self._unsorted[slot.id] = slot

    def discard(self, slot: AgentSlot) -> None:
        """The agent is free no more."""
        agent = slot.id
        if self.all.pop(agent, None) is not None and self._unsorted.pop(agent, None) is None:
            self._entries.pop(agent, None)
            if self._unordered:
                self._unordered.pop(agent, None)

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
        if kind.terms.is_wide or len(takers) < len(self.all):
            able = [slot for slot in takers.values() if slot.free]
        else:
            able = [slot for agent, slot in self.all.items() if agent in takers]
        return [slot for slot in able if slot.id not in barred] if barred else able

    # --- the row ---------------------------------------------------------------------------------------------------

    def _first(self, kind: RequirementClass, wanted: int, most: int, barred: Container[str] | None) -> list[AgentSlot]:
        found: list[AgentSlot] = []
        for tier in kind.tiers:
            if len(tier) * 4 < len(self.all):
                entries = self._entries
                among = sorted([entries[agent] for agent in tier if agent in entries])
                found += [self.all[agent] for _, agent in among if not barred or agent not in barred]
            else:
                found += self._from_row(tier, wanted - len(found), most - len(found), barred)
            if len(found) >= most:
                break
        return found[:most]

    def _from_row(
        self, tier: dict[str, AgentSlot], wanted: int, most: int, barred: Container[str] | None
    ) -> Iterator[AgentSlot]:
        row, entries = self._row, self._entries
        found = looked_further = 0
        for place in range(self._start, len(row)):
            entry = row[place]
            agent = entry[1]
            if entries.get(agent) is not entry:
                if place == self._start:
                    self._start += 1
                continue
            if found >= wanted:
                looked_further += 1
                if looked_further > _LOOK_AHEAD_FOR_SPARES:
                    return
            if agent in tier and (not barred or agent not in barred):
                yield self.all[agent]
                found += 1
                if found == most:
                    return

    def _sort(self) -> None:
        """Put those into the row who became free since somebody looked."""
        if self._keyed_by is not self.ordering.strategy:
            self._start_over()
        if self._unsorted:
            unsorted, self._unsorted = self._unsorted, {}
            for slot in unsorted.values():
                self._put_in(slot)
            if self._keyed_by is not self.ordering.strategy:
                self._start_over()
        stale = len(self._row) - len(self._entries)
        if stale > _LEAST_STALE_TO_SWEEP and stale > len(self._entries):
            self._sweep()

    def _sweep(self) -> None:
        entries = self._entries
        self._row = [entry for entry in self._row[self._start :] if entries.get(entry[1]) is entry]
        self._start = 0

    def _put_in(self, slot: AgentSlot) -> None:
        assert slot.candidate is not None, "only agents with profile and record are free"
        key = self.ordering.key(slot.candidate)
        if key is None:
            self._unordered[slot.id] = slot
            return
        entry = (key, slot.id)
        row = self._row
        try:
            if not row or entry > row[-1]:
                row.append(entry)
            else:
                insort(row, entry, self._start)
        except TypeError as error:
            self.ordering.fail(f"key({slot.id!r}) cannot be compared with other keys: {error}")
            self._unordered[slot.id] = slot
        else:
            self._entries[slot.id] = entry

    def _start_over(self) -> None:
        """Give everybody a key of the strategy that decides now; one that fails on the way may be switched off."""
        while True:
            self._keyed_by = self.ordering.strategy
            self._row, self._start = [], 0
            self._entries.clear()
            self._unordered.clear()
            self._unsorted.clear()
            if self.ordering.by_key is not None:
                for slot in self.all.values():
                    self._put_in(slot)
            if self._keyed_by is self.ordering.strategy:
                return
