"""How long to wait before the next try, so that many clients do not come back all at once."""

from __future__ import annotations

import random
from typing import Final

__all__ = ["Backoff"]


class Backoff:
    """Delays that double from `first_s` up to `cap_s`, each shortened by up to half at random."""

    def __init__(self, source: random.Random, *, first_s: float = 0.1, cap_s: float = 2.0) -> None:
        self._random: Final = source
        self._first_s: Final = first_s
        self.cap_s: Final = cap_s
        self._next_s = first_s

    def delay_s(self) -> float:
        """The seconds to wait now; the next answer is longer."""
        delay = self._next_s
        self._next_s = min(self.cap_s, delay * 2)
        return delay * self._random.uniform(0.5, 1.0)

    def reset(self) -> None:
        """Begin again with the shortest delay."""
        self._next_s = self._first_s
