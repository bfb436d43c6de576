"""The section ``[arrivals]`` of a profile: which way of coming it says, and whether the run is long enough for it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenarios.load.arrivals import (
    Arrivals,
    Burst,
    Constant,
    Curve,
    Poisson,
    Ramp,
    Replay,
    expected_calls,
)
from scenarios.load.plan import MOST_CALLS
from scenarios.load.profile_section import LONGEST_S, ProfileSection
from scenarios.load.replay import compressed, read_day

__all__ = ["ARRIVAL_KINDS", "HIGHEST_RATE", "UNTIL_IT_BREAKS", "read_arrivals"]

HIGHEST_RATE = 1_000.0
LOWEST_RATE = 0.001
UNTIL_IT_BREAKS = "until it breaks"
HEADROOM = 0.9
"""A Poisson process may bring some more than are expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Surroundings:
    """What the other sections say that arrivals depend on."""

    duration_s: float
    queues: Collection[str]
    folder: Path


def read_arrivals(section: ProfileSection, *, duration_s: float, queues: Collection[str], folder: Path) -> Arrivals:
    """How callers come. ``folder`` is the profile's own, from which a path counts."""
    known = len(section.faults)
    kind = section.text_at("kind", "")
    if kind not in _READERS:
        section.fault("kind", kind or None, f"write one of {', '.join(ARRIVAL_KINDS)}")
        return Constant(per_s=1.0)
    arrivals = _READERS[kind](section, _Surroundings(duration_s=duration_s, queues=queues, folder=folder))
    section.refuse_the_rest()
    if len(section.faults) == known:
        _check_number_of_calls(section, arrivals, duration_s)
    return arrivals


def _check_number_of_calls(section: ProfileSection, arrivals: Arrivals, duration_s: float) -> None:
    expected = expected_calls(arrivals, duration_s)
    if expected > HEADROOM * MOST_CALLS:
        remedy = f"that would be {expected:.0f} calls; a run has at most {HEADROOM * MOST_CALLS:.0f}: shorten it"
        section.fault("", section.value, remedy)
    if expected < 1:
        section.fault("", section.value, f"nobody would call in {duration_s:g} s: raise the rate, or make it last")


def _rate(section: ProfileSection, key: str = "per_s") -> float:
    return section.needed_number(key, LOWEST_RATE, HIGHEST_RATE)


def _curve(section: ProfileSection, around: _Surroundings) -> Arrivals:
    parts, seconds = section.has("points_share"), section.has("points_s")
    if parts == seconds:
        section.fault("", section.value, "write exactly one of points_share and points_s")
    by_share = section.points_at("points_share", 1, HIGHEST_RATE) if parts else ()
    by_time = section.points_at("points_s", LONGEST_S, HIGHEST_RATE) if seconds else ()
    section.asked += ("points_share", "points_s")
    return Curve(points=by_time or tuple((at * around.duration_s, rate) for at, rate in by_share) or ((0.0, 1.0),))


def _burst(section: ProfileSection, _: _Surroundings) -> Arrivals:
    return Burst(
        per_s=_rate(section),
        for_s=section.needed_number("for_s", 0.1, LONGEST_S),
        pause_s=section.needed_number("pause_s", 0, LONGEST_S),
    )


def _ramp(section: ProfileSection, around: _Surroundings) -> Arrivals:
    known = len(section.faults)
    ends: Any = section.value.get("to_per_s")
    endless = ends == UNTIL_IT_BREAKS
    if isinstance(ends, str) and not endless:
        section.fault("to_per_s", ends, f'write calls per second, or "{UNTIL_IT_BREAKS}"')
    ramp = Ramp(
        from_per_s=_rate(section, "from_per_s"),
        step_per_s=_rate(section, "step_per_s"),
        step_s=section.needed_number("step_s", 0.1, LONGEST_S),
        to_per_s=None if isinstance(ends, str) else _rate(section, "to_per_s"),
    )
    section.asked.append("to_per_s")
    if len(section.faults) == known:
        _check_ramp(section, ramp, around.duration_s)
    return ramp


def _check_ramp(section: ProfileSection, ramp: Ramp, duration_s: float) -> None:
    if ramp.to_per_s is None:
        return
    if ramp.to_per_s <= ramp.from_per_s:
        section.fault("to_per_s", ramp.to_per_s, f"write more than {ramp.from_per_s:g}, which is from_per_s")
        return
    needed = (ramp.to_per_s - ramp.from_per_s) / ramp.step_per_s * ramp.step_s
    if needed >= duration_s:
        remedy = f"it comes there after {needed:g} s, and the run is over after {duration_s:g} s: make it longer"
        section.fault("to_per_s", ramp.to_per_s, remedy)


def _replay(section: ProfileSection, around: _Surroundings) -> Arrivals:
    file, factor = section.text_at("file", ""), section.number_in("compress", 0.01, 10_000, 1.0)
    if not file:
        section.fault("file", None, "is missing; write the path of a CSV, as seen from the profile")
        return Replay(calls=())
    place = f"{section.place}.file"
    known = len(section.faults)
    calls = compressed(read_day(around.folder / file, place, around.queues, section.faults), factor)
    if len(section.faults) == known and calls[-1].at >= around.duration_s:
        remedy = f"its last call comes after {calls[-1].at:.1f} s: make duration_s longer than that, or compress more"
        section.fault("file", file, remedy)
    return Replay(calls=calls)


_READERS: dict[str, Callable[[ProfileSection, _Surroundings], Arrivals]] = {
    "constant": lambda section, _: Constant(per_s=_rate(section)),
    "poisson": lambda section, _: Poisson(per_s=_rate(section)),
    "curve": _curve,
    "burst": _burst,
    "ramp": _ramp,
    "replay": _replay,
}
ARRIVAL_KINDS = tuple(_READERS)
