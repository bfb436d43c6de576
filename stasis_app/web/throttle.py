"""Slows down guessing: a few tries a minute for each pair of address and name."""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Hashable

MAX_KEYS = 10_000
"""Pairs remembered at once; the ones that tried longest ago are forgotten first."""


class Throttle:
    """Counts tries in a sliding window. Times are seconds of any steady clock."""

    def __init__(self, *, tries: int = 5, window_s: float = 60.0) -> None:
        self._tries = tries
        self._window_s = window_s
        self._seen: OrderedDict[Hashable, deque[float]] = OrderedDict()

    def admit(self, key: Hashable, now: float) -> int:
        """Count a try. 0: go on; else the whole seconds to wait, and the try is not counted."""
        times = self._seen.setdefault(key, deque())
        self._seen.move_to_end(key)
        while times and times[0] <= now - self._window_s:
            times.popleft()
        if len(times) >= self._tries:
            return max(1, math.ceil(times[0] + self._window_s - now))
        times.append(now)
        if len(self._seen) > MAX_KEYS:
            self._seen.popitem(last=False)
        return 0

    def forget(self, key: Hashable) -> None:
        """The try was right: this pair starts anew."""
        self._seen.pop(key, None)
