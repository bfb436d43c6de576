"""One clock for the pool: the store's milliseconds, carried between readings by this machine's monotonic clock."""

from __future__ import annotations

import time


class StoreClock:
    """Implements ``acd.ports.Clock``. The machine's wall clock is never looked at."""

    def __init__(self) -> None:
        self._offset_ms = 0

    def set(self, store_now_ms: int) -> None:
        """Take a fresh reading of the store's clock."""
        self._offset_ms = store_now_ms - time.monotonic_ns() // 1_000_000

    def now(self) -> int:
        """Milliseconds since 1970, as the store counts them."""
        return time.monotonic_ns() // 1_000_000 + self._offset_ms
