"""The free agents of one queue, kept in the strategy's order so that the best is found without asking about all."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from acd.call import Call
from acd.matcher.free_row import FreeRow
from acd.matcher.ordering import Ordering
from acd.matcher.slots import AVAILABLE, AgentSlot, RequirementClass
from acd.strategy import SortKey

SPARES = 4
"""How many agents a proposal names beyond those it needs, where there are as many."""

VERY_FEW = 12
"""Of so few takers each one who is free is looked at."""
FEW = 256
FEW_OF_ALL = 4
"""Callers who can be taken by so few, or by less than this part of those who are free, have a row of their own: at the
front of the queue's row those pile up whom hardly anybody can take."""
LEAST_TO_TRIM = 64
_MOST_PER_FREE = 4
"""Where there are more takers than this for each free agent it is quicker to look who is free than to go through them.
"""
_FAILED = "longest idle, as the strategy failed"


Entry: TypeAlias = "tuple[SortKey | None, str, int, AgentSlot]"
"""Key (None where the strategy gave no usable one), agent's id, spell of being free, agent."""


@dataclass(slots=True)
class Choice:
    """The agents for one call, best first, and the strategy's reason."""

    agents: list[AgentSlot]
    reason: str


class FreeAgents:
    """Who is free in one queue.

    Being taken costs an agent nothing here, and being free again a place in a list. Only when somebody looks, those who
    came since the last look are put into the row that is looked at: a key is asked for at most once in each spell of
    being free, and not at all for agents who cannot take the calls that come.
    """

    __slots__ = ("_agents", "_came", "_entries", "_everybody", "_gone", "_keyed_by", "_unordered", "counts", "ordering")

    def __init__(self, ordering: Ordering, counts: list[int], agents: Mapping[str, AgentSlot]) -> None:
        """``agents``: all of the queue, free or not; ``counts``: how many of them are in each condition. Both are kept
        by others."""
        self.ordering = ordering
        self.counts = counts
        self._agents = agents
        self._came: list[str] = []
        """Agents in the order of becoming free; the latest are enough, and some are free no more."""
        self._gone = 0
        """How many are left out before the first of them."""
        self._everybody: FreeRow[AgentSlot] | None = None
        """The row of those who can be taken by many; the others' rows are with their requirement classes."""
        self._entries: dict[str, Entry] = {}
        """The latest entry of each agent, whatever row it is in."""
        self._unordered: list[Entry] = []
        """Those for whom the strategy gave no usable key: while there is one, longest idle decides."""
        self._keyed_by = ordering.strategy

    def __len__(self) -> int:
        return self.counts[AVAILABLE]

    def add(self, slot: AgentSlot) -> None:
        """The agent is free from now on, until the spell ends."""
        came = self._came
        came.append(slot.id)
        if len(came) > 2 * self.counts[AVAILABLE] + LEAST_TO_TRIM:
            self._trim()

    def _trim(self) -> None:
        came = self._came
        if self.ordering.by_key is None:  # nobody keeps rows, but whoever is free must be in
            self._came = [agent for agent in dict.fromkeys(came) if self._agents[agent].free]
        else:
            half = len(came) // 2
            del came[:half]
            self._gone += half

    def choose(
        self, kind: RequirementClass, call: Call, wanted: int, now: int, barred: Container[str] | None = None
    ) -> Choice | None:
        """The agents for this call, ``wanted`` and spares; None if nobody who can take it is free. ``barred``: agents
        who may not be asked for it just now."""
        most = wanted + SPARES
        if self.ordering.by_key is not None and not kind.terms.is_wide:
            agents = self._first(kind, wanted, most, barred)
            if not self._unordered:
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
        if self.ordering.by_key is not None or kind.terms.is_wide or len(takers) < _MOST_PER_FREE * len(self):
            able = [slot for slot in takers.values() if slot.free]
        else:
            self._trim()
            able = [takers[agent] for agent in self._came if agent in takers]
        return [slot for slot in able if slot.id not in barred] if barred else able

    # --- by key ----------------------------------------------------------------------------------------------------

    def _first(self, kind: RequirementClass, wanted: int, most: int, barred: Container[str] | None) -> list[AgentSlot]:
        """The first by their keys; those of the first tier before all others."""
        if self._unordered:
            self._unordered = [entry for entry in self._unordered if _holds(entry)]
        while True:
            strategy = self.ordering.strategy
            if self._keyed_by is not strategy:
                self._keyed_by = strategy
                self._unordered = []
                self._entries.clear()
            found: list[AgentSlot] = []
            for place, tier in enumerate(kind.tiers):
                if len(tier) <= VERY_FEW:
                    found += self._of_few(tier, barred)
                else:
                    found += self._from_row(kind, place, wanted - len(found), most - len(found), barred)
                if len(found) >= most:
                    break
            if self.ordering.strategy is strategy:  # it may have failed once too often meanwhile
                return found[:most]

    def _of_few(self, tier: Mapping[str, AgentSlot], barred: Container[str] | None) -> list[AgentSlot]:
        entries = [
            entry
            for slot in tier.values()
            if slot.free and not (barred and slot.id in barred) and (entry := self._entry(slot)) is not None
        ]
        if len(entries) > 1:
            try:
                entries.sort()
            except TypeError as error:
                self._cannot_compare(entries[0], error)
        return [entry[3] for entry in entries]

    def _from_row(
        self, kind: RequirementClass, place: int, wanted: int, most: int, barred: Container[str] | None
    ) -> list[AgentSlot]:
        tier = kind.tiers[place]
        many = len(tier)
        if many <= FEW or many * FEW_OF_ALL < len(self):
            row = kind.rows[place] = self._up_to_date(kind.rows.get(place), tier)
            return row.first(wanted, most, None, barred)
        row = self._everybody = self._up_to_date(self._everybody, self._agents)
        return row.first(wanted, most, tier, barred)

    def _up_to_date(self, row: FreeRow[AgentSlot] | None, agents: Mapping[str, AgentSlot]) -> FreeRow[AgentSlot]:
        """The row of these agents, with those who became free since it was looked at."""
        read = self._gone + len(self._came)
        if row is None or row.keyed_by is not self._keyed_by or row.read < self._gone:
            row = FreeRow(self._keyed_by)
            newcomers: Iterable[str] = agents
        else:
            newcomers = [agent for agent in self._came[row.read - self._gone :] if agent in agents]
        row.read = read
        for agent in dict.fromkeys(newcomers):
            slot = agents[agent]
            entry = self._entry(slot) if slot.free else None
            if entry is not None:
                try:
                    row.put_in(entry)
                except TypeError as error:
                    self._cannot_compare(entry, error)
        return row

    def _entry(self, slot: AgentSlot) -> Entry | None:
        """With the strategy's key; None if it gave no usable one in this spell."""
        entry = self._entries.get(slot.id)
        if entry is None or entry[2] != slot.spell:
            key = self.ordering.key(slot.candidate)
            entry = self._entries[slot.id] = (key, slot.id, slot.spell, slot)
            if key is None:
                self._unordered.append(entry)
        return None if entry[0] is None else entry

    def _cannot_compare(self, entry: Entry, error: TypeError) -> None:
        _, agent, spell, slot = entry
        self.ordering.fail(f"key({agent!r}) cannot be compared with other keys: {error}")
        entry = self._entries[agent] = (None, agent, spell, slot)
        self._unordered.append(entry)


def _holds(entry: Entry) -> bool:
    """Whether the spell of being free that is meant goes on."""
    return entry[3].free and entry[3].spell == entry[2]
