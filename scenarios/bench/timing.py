"""Turns lists of nanoseconds into the figures that a row shows."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import TypedDict

from stasis_app.app.serving import COLLECT_AFTER


class Figures(TypedDict):
    """One row of the table."""

    count: int
    per_s: int
    p50_us: float
    p99_us: float
    worst_us: float


def figures(nanoseconds: Sequence[int]) -> Figures:
    """What these durations come to; all zero if there are none."""
    if not nanoseconds:
        return Figures(count=0, per_s=0, p50_us=0.0, p99_us=0.0, worst_us=0.0)
    ordered = sorted(nanoseconds)
    return Figures(
        count=len(ordered),
        per_s=round(len(ordered) * 1e9 / max(1, sum(ordered))),
        p50_us=_us(ordered[len(ordered) // 2]),
        p99_us=_us(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]),
        worst_us=_us(ordered[-1]),
    )


def _us(nanoseconds: int) -> float:
    return round(nanoseconds / 1000, 1)


def collect_as_the_service_does() -> None:
    """The garbage collector's settings of the real process: its pauses belong to the figures."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
