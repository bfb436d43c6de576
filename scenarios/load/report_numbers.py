"""Numbers as the report writes them: with their units, and no more digits than can be believed."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["NONE", "count", "mib", "milliseconds", "moment", "ratio", "seconds", "share"]

NONE = "\N{EN DASH}"
"""Stands where there is no figure."""
_UNIT_GAP = "\N{NO-BREAK SPACE}"


def count(value: float) -> str:
    """``1,600``."""
    return f"{value:,.0f}"


def seconds(value: float) -> str:
    """``0.64 s``, ``12.3 s``, ``1,234 s``."""
    return f"{_digits(value, most=2)}{_UNIT_GAP}s"


def milliseconds(value: float) -> str:
    """``0.31 ms``, ``14.2 ms``, ``1,486 ms``."""
    return f"{_digits(value, most=2)}{_UNIT_GAP}ms"


def mib(value: float) -> str:
    """``94.9 MiB``."""
    return f"{value:,.1f}{_UNIT_GAP}MiB"


def share(value: float) -> str:
    """``96.3%``; 1 is all."""
    return f"{value:.1%}"


def ratio(value: float) -> str:
    """Three digits, whatever their size, behind a multiplication sign: 39.9, 0.0251."""
    return "\N{MULTIPLICATION SIGN}" + (f"{value:,.0f}" if value >= 100 else f"{float(f'{value:.3g}'):.5g}")


def moment(iso: str) -> str:
    """``28 November 2026, 11:30 UTC``; what is no time stays as it is."""
    try:
        at = datetime.fromisoformat(iso).astimezone(UTC)
    except (ValueError, OverflowError):
        return iso
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def _digits(value: float, *, most: int) -> str:
    """Three digits that matter, and at most so many after the point."""
    size = abs(value)
    after = most if size < 10 else min(most, 1) if size < 100 else 0
    return f"{value:,.{after}f}"
