"""Percentiles by nearest rank, in one place: a rule and a table must never disagree on what p99 is."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["percentile"]


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The smallest of these ascending values, at least one, that so many of a hundred do not exceed."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
