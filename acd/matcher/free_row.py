"""Free agents in their strategy's order, brought up to date when somebody looks."""

from __future__ import annotations

from bisect import insort
from collections.abc import Container
from typing import Generic, Protocol, TypeVar

from acd.strategy import SortKey, Strategy

_LOOK_AHEAD_FOR_SPARES = 32
"""How many agents are looked at for spares: they are a convenience, and not worth a long search."""
_LEAST_TO_SWEEP = 32


class MayBeFree(Protocol):
    """An agent as a row knows it."""

    free: bool
    spell: int
    """Counts the times of being free."""


Slot = TypeVar("Slot", bound=MayBeFree)


class FreeRow(Generic[Slot]):
    """Some agents of one queue, as far as they are free, by their keys.

    Being taken costs an agent nothing here: entries of a spell that is over are passed over, and swept out when there
    are many.
    """

    __slots__ = ("_entries", "_start", "_sweep_at", "keyed_by", "read")

    def __init__(self, keyed_by: Strategy) -> None:
        self.keyed_by = keyed_by
        """The strategy whose keys these are."""
        self.read = 0
        """How many of those who became free in the queue were looked at."""
        self._entries: list[tuple[SortKey | None, str, int, Slot]] = []
        self._start = 0
        """Before this place all entries are of spells that are over."""
        self._sweep_at = _LEAST_TO_SWEEP

    def put_in(self, entry: tuple[SortKey | None, str, int, Slot]) -> None:
        """The agent is free: key, id (no two are equal in these), spell, agent. Raises TypeError if the keys cannot be
        compared."""
        entries = self._entries
        if not entries or entry > entries[-1]:
            entries.append(entry)
        else:
            insort(entries, entry, self._start)

    def first(self, wanted: int, most: int, among: Container[str] | None, barred: Container[str] | None) -> list[Slot]:
        """The first ``most`` of them, or fewer if there are as many as are ``wanted`` and the search would be long;
        only ``among`` these ids, and without those who are ``barred``."""
        if len(self._entries) > self._sweep_at:
            self._sweep()
        entries = self._entries
        look_ahead = _LOOK_AHEAD_FOR_SPARES
        found: list[Slot] = []
        for place in range(self._start, len(entries)):
            _, agent, spell, slot = entries[place]
            if not slot.free or slot.spell != spell:
                if place == self._start:
                    self._start += 1
                continue
            if len(found) >= wanted:
                look_ahead -= 1
                if look_ahead < 0:
                    break
            if (among is None or agent in among) and not (barred and agent in barred):
                found.append(slot)
                if len(found) == most:
                    break
        return found

    def _sweep(self) -> None:
        self._entries = [
            entry for entry in self._entries[self._start :] if entry[3].free and entry[3].spell == entry[2]
        ]
        self._start = 0
        self._sweep_at = 2 * len(self._entries) + _LEAST_TO_SWEEP
