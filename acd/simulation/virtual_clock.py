"""Time that passes when the simulation says so: a day takes as long as its events take to be worked off."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Protocol

Act = Callable[[], object]


class Timer(Protocol):
    """Something that will be done at its time."""

    def cancel(self) -> None:
        """Have it not done; harmless once it was."""
        ...


class Time(Protocol):
    """What simulated parts ask of time: `VirtualClock` by itself, or an event loop whose clock is virtual."""

    def now(self) -> int:
        """Milliseconds; never goes back."""
        ...

    def after(self, ms: float, act: Act) -> Timer:
        """Do this so many milliseconds from now; things of one instant are done in the order asked for."""
        ...


class _Entry:
    __slots__ = ("act",)

    def __init__(self, act: Act | None) -> None:
        self.act = act

    def cancel(self) -> None:
        self.act = None


class VirtualClock:
    """Implements ``acd.ports.Clock`` and ``Time``. Nothing happens but in ``step`` and ``run_until``."""

    def __init__(self, start: int = 1_000_000_000_000) -> None:
        self._now = start
        self._entries: list[tuple[int, int, _Entry]] = []
        self._count = 0

    def now(self) -> int:
        """Milliseconds since 1970, as the simulation has it."""
        return self._now

    def at(self, ms: int, act: Act) -> Timer:
        """Do this at this time, or now if that has passed."""
        self._count += 1
        entry = _Entry(act)
        heappush(self._entries, (max(ms, self._now), self._count, entry))
        return entry

    def after(self, ms: float, act: Act) -> Timer:
        """Do this so many milliseconds from now."""
        return self.at(self._now + round(ms), act)

    @property
    def next_at(self) -> int | None:
        """When something is to be done next; None if nothing is."""
        entries = self._entries
        while entries and entries[0][2].act is None:
            heappop(entries)
        return entries[0][0] if entries else None

    def step(self) -> bool:
        """Go to the next thing to be done, and do it; False if there is none."""
        while self._entries:
            at, _, entry = heappop(self._entries)
            act, entry.act = entry.act, None
            if act is not None:
                self._now = at
                act()
                return True
        return False

    def run_until(self, ms: int) -> None:
        """Do everything that is due until then, and be there."""
        while (at := self.next_at) is not None and at <= ms:
            self.step()
        self._now = max(self._now, ms)
