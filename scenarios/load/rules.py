"""By what a run passes or fails, as its profile says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The profile's pass marks; None asks nothing. A share is 0 to 1."""

    lost_at_most: int = 0
    """Callers whom nobody served though they neither gave up nor were refused with a code."""
    answered_share_at_least: float | None = None
    """The service level: of all callers so many had an agent within ``answered_within_s``."""
    answered_within_s: float = 20.0
    abandoned_share_at_most: float | None = None
    """Of all callers so many gave up before an agent answered."""
    late_offers_at_most: int | None = None
    """Offers that came later than ``late_after_ms`` after caller and agent were both free."""
    late_after_ms: float = 500.0
    offer_p99_ms_at_most: float | None = None
    """Of a hundred offers 99 came within so many milliseconds after caller and agent were both free."""
    memory_growth_mib_per_h_at_most: float | None = None
    """How fast the memory of any of our processes grew."""

    def sentences(self) -> Iterator[str]:
        """Each rule that asks for something, as people say it."""
        yield f"lost callers: {self.lost_at_most} at most"
        if self.answered_share_at_least is not None:
            yield f"answered within {self.answered_within_s:g} s: {self.answered_share_at_least:.0%} at least"
        if self.abandoned_share_at_most is not None:
            yield f"gave up waiting: {self.abandoned_share_at_most:.0%} at most"
        if self.late_offers_at_most is not None:
            yield f"offers later than {self.late_after_ms:g} ms: {self.late_offers_at_most} at most"
        if self.offer_p99_ms_at_most is not None:
            yield f"99 of 100 offers: within {self.offer_p99_ms_at_most:g} ms"
        if self.memory_growth_mib_per_h_at_most is not None:
            yield f"growth of memory: {self.memory_growth_mib_per_h_at_most:g} MiB an hour at most"
