"""When callers come: the ways a profile can say it, each worked out to times."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

__all__ = [
    "Arrivals",
    "Burst",
    "Constant",
    "Curve",
    "Poisson",
    "Ramp",
    "RampStep",
    "Replay",
    "ReplayedCall",
    "expected_calls",
    "ramp_steps",
    "times_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """Evenly spaced."""

    per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Poisson:
    """As independent people call, at one rate."""

    per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """As independent people call, at a rate that is linear between points: (seconds, calls per second), ascending."""

    points: tuple[tuple[float, float], ...]

    def rate_at(self, at: float) -> float:
        """Calls per second; before the first point and after the last as there."""
        if at <= self.points[0][0]:
            return self.points[0][1]
        for (start, before), (end, after) in pairwise(self.points):
            if at <= end:
                return before + (after - before) * (at - start) / (end - start)
        return self.points[-1][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """``per_s`` calls per second, evenly, for ``for_s`` seconds; then nobody for ``pause_s``; and again."""

    per_s: float
    for_s: float
    pause_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """Evenly spaced, faster with each step of ``step_s`` seconds; at ``to_per_s`` it stays."""

    from_per_s: float
    step_per_s: float
    step_s: float
    to_per_s: float | None
    """None: faster and faster, until callers are lost; then the run is broken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RampStep:
    """One step of a ramp, from ``at`` to ``until`` in seconds of the run."""

    at: float
    until: float
    per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedCall:
    """One line of a recorded day. What it does not say is drawn as for any caller."""

    at: float
    queue: str | None = None
    talk_s: float | None = None
    patience_s: float | None = None
    priority: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A recorded day, in order of time."""

    calls: tuple[ReplayedCall, ...]


Arrivals: TypeAlias = "Constant | Poisson | Curve | Burst | Ramp | Replay"


def times_of(arrivals: Arrivals, duration_s: float, chance: random.Random) -> Iterator[float]:
    """When each caller comes, in seconds: ascending, from 0, before ``duration_s``."""
    match arrivals:
        case Poisson(per_s=per_s):
            yield from _poisson(Curve(points=((0.0, per_s),)), duration_s, chance)
        case Curve():
            yield from _poisson(arrivals, duration_s, chance)
        case Replay(calls=calls):
            yield from (call.at for call in calls if call.at < duration_s)
        case _:
            yield from _evenly(_stretches(arrivals, duration_s))


def expected_calls(arrivals: Arrivals, duration_s: float) -> float:
    """How many callers are to be expected."""
    match arrivals:
        case Poisson(per_s=per_s):
            return per_s * duration_s
        case Curve(points=points):
            inner = [at for at, _ in points if 0 < at < duration_s]
            marks = [0.0, *inner, duration_s]
            return sum((b - a) * (arrivals.rate_at(a) + arrivals.rate_at(b)) / 2 for a, b in pairwise(marks))
        case Replay(calls=calls):
            return sum(call.at < duration_s for call in calls)
        case _:
            return sum((step.until - step.at) * step.per_s for step in _stretches(arrivals, duration_s))


def ramp_steps(arrivals: Arrivals, duration_s: float) -> tuple[RampStep, ...]:
    """The steps of a ramp; none where it is none."""
    return tuple(_stretches(arrivals, duration_s)) if isinstance(arrivals, Ramp) else ()


def _poisson(curve: Curve, duration_s: float, chance: random.Random) -> Iterator[float]:
    """At the highest rate, and thinned: each caller stays with the probability of the rate at that time."""
    highest = max(rate for _, rate in curve.points)
    at = chance.expovariate(highest)
    while at < duration_s:
        if chance.random() * highest < curve.rate_at(at):
            yield at
        at += chance.expovariate(highest)


def _stretches(arrivals: Constant | Burst | Ramp, duration_s: float) -> Iterator[RampStep]:
    """The parts of the run in which the rate stays the same."""
    match arrivals:
        case Constant(per_s=per_s):
            yield RampStep(at=0.0, until=duration_s, per_s=per_s)
        case Burst(per_s=per_s, for_s=for_s, pause_s=pause_s):
            for number in range(math.ceil(duration_s / (for_s + pause_s))):
                at = number * (for_s + pause_s)
                yield RampStep(at=at, until=min(at + for_s, duration_s), per_s=per_s)
        case Ramp(from_per_s=from_per_s, step_per_s=step_per_s, step_s=step_s, to_per_s=to_per_s):
            for number in range(math.ceil(duration_s / step_s)):
                at, per_s = number * step_s, from_per_s + number * step_per_s
                if to_per_s is not None and per_s >= to_per_s:
                    yield RampStep(at=at, until=duration_s, per_s=to_per_s)
                    return
                yield RampStep(at=at, until=min(at + step_s, duration_s), per_s=per_s)


def _evenly(stretches: Iterator[RampStep]) -> Iterator[float]:
    """The first caller after half a space: so each stretch has as many as its rate says."""
    due = 0.5
    for stretch in stretches:
        at = stretch.at + due / stretch.per_s
        while at < stretch.until:
            yield at
            at += 1 / stretch.per_s
        due = (at - stretch.until) * stretch.per_s


def busiest(times: Sequence[float], window_s: float) -> float:
    """The most callers that come within any so many seconds, per second."""
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - window_s:
            first += 1
        most = max(most, last - first + 1)
    return most / window_s
