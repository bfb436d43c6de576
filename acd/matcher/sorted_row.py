"""A row of entries kept in order, so that whoever is first is known without looking at the others."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from itertools import islice
from typing import Any, Generic, TypeVar

Entry = TypeVar("Entry", bound="tuple[Any, ...]")

_LEAST_GAP_TO_CLOSE = 64


class SortedRow(Generic[Entry]):
    """Distinct entries, ascending.

    Taking the first and putting one back in front cost a constant time, an entry at the end a logarithm; elsewhere
    a block of pointers is moved, which for 100,000 entries is some microseconds.
    """

    __slots__ = ("_entries", "_start")

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._start = 0

    def __len__(self) -> int:
        return len(self._entries) - self._start

    def __iter__(self) -> Iterator[Entry]:
        return islice(self._entries, self._start, None)

    @property
    def first(self) -> Entry | None:
        """The least entry; None if there is none."""
        return self._entries[self._start] if self._start < len(self._entries) else None

    def add(self, entry: Entry) -> None:
        """Put it in its place; raises TypeError if the entries cannot be compared."""
        start = self._start
        if start and entry < self._entries[start]:
            self._start = start - 1
            self._entries[start - 1] = entry
        else:
            insort(self._entries, entry, start)

    def remove(self, entry: Entry) -> None:
        """Take it out; raises ValueError if it is not there."""
        entries, start = self._entries, self._start
        if start < len(entries) and entries[start] == entry:
            self._start = start + 1
            self._close_gap()
            return
        index = bisect_left(entries, entry, start)
        if index == len(entries) or entries[index] != entry:
            raise ValueError(f"not in this row: {entry!r}")
        del entries[index]

    def clear(self) -> None:
        """Take everything out."""
        self._entries.clear()
        self._start = 0

    def _close_gap(self) -> None:
        if self._start == len(self._entries):
            self.clear()
        elif self._start >= _LEAST_GAP_TO_CLOSE and self._start * 2 > len(self._entries):
            del self._entries[: self._start]
            self._start = 0
