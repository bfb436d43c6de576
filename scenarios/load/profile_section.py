"""Values of a profile with their bounds: numbers in a range, spans, points of a curve, and how long things take."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, Self

from scenarios.load.distributions import Bounded, Distribution, Exponential, Fixed, LogNormal, Uniform, Weibull
from stasis_app.configuration_file import Section

__all__ = ["LONGEST_S", "ProfileSection"]

LONGEST_S = 86_400.0
SHORTEST_MEAN_S = 0.001
KINDS = ("fixed", "uniform", "exponential", "lognormal", "weibull")


@dataclass(slots=True)
class ProfileSection(Section):
    """A table of a profile. What is out of its range is a fault, and the usual value stands in for it."""

    def number_in(self, key: str, low: float, high: float, usual: Any) -> Any:
        """A number from ``low`` to ``high``; ``usual`` may be None."""
        value = self.number_at(key, usual)
        if value is usual or low <= value <= high:
            return value
        self.fault(key, value, f"write {low:g} to {high:g}")
        return usual

    def whole_in(self, key: str, low: int, high: int, usual: Any) -> Any:
        """A whole number from ``low`` to ``high``; ``usual`` may be None."""
        if not self.has(key):
            self.asked.append(key)
            return usual
        value = self.whole_at(key, low)
        if low <= value <= high:
            return value
        self.fault(key, value, f"write {low} to {high}")
        return usual

    def needed_number(self, key: str, low: float, high: float) -> float:
        """A number that has to be there; one that is not there is ``high`` meanwhile, which harms nothing."""
        if self.is_table and not self.has(key):
            self.fault(key, None, f"is missing; write {low:g} to {high:g}")
        return float(self.number_in(key, low, high, high))

    def share_at(self, key: str) -> float:
        """A part of all cases, 0 to 1."""
        return float(self.number_in(key, 0, 1, 0.0))

    def table(self, key: str) -> Self | None:
        """The table under this key, or None where there is none or something else, which is a fault."""
        known = len(self.faults)
        section = self.section(key)
        return section if self.has(key) and len(self.faults) == known else None

    def span_at(self, key: str, low: float, high: float, usual: tuple[float, float]) -> tuple[float, float]:
        """Two bounds, or a number that is both."""
        value = self._take(key, list(usual))
        ends = value if isinstance(value, list) else [value, value]
        if len(ends) == 2 and all(_is_number(end) for end in ends) and low <= ends[0] <= ends[1] <= high:
            return (ends[0], ends[1])
        self.fault(key, value, f"write a number, or [from, to], each {low:g} to {high:g}")
        return usual

    def points_at(self, key: str, high: float, rate: float) -> tuple[tuple[float, float], ...]:
        """Points of a curve: times from 0 to ``high``, ascending, with rates from 0 to ``rate``."""
        value = self._take(key, [])
        good = (
            isinstance(value, list)
            and len(value) >= 2
            and all(isinstance(point, list) and len(point) == 2 and all(map(_is_number, point)) for point in value)
            and all(0 <= at <= high and 0 <= per_s <= rate for at, per_s in value)
            and all(before[0] < after[0] for before, after in itertools.pairwise(value))
            and any(per_s > 0 for _, per_s in value)
        )
        if good:
            return tuple((float(at), float(per_s)) for at, per_s in value)
        remedy = f"write two points or more, [time, calls per second]: times ascend from 0 to {high:g}"
        self.fault(key, value, f"{remedy}, rates are 0 to {rate:g}, and one is above 0")
        return ((0.0, 1.0),)

    def distribution_at(self, key: str) -> Distribution | None:
        """How long something takes: seconds, or a table that says how it is distributed. None where it is left out."""
        value = self.value.get(key) if self.is_table else None
        if _is_number(value):
            return Fixed(self.number_in(key, 0, LONGEST_S, 0.0))
        section = self.table(key)
        if section is None:
            return None
        bounds = (section.number_in("least_s", 0, LONGEST_S, 0.0), section.number_in("most_s", 0, LONGEST_S, inf))
        of = section.read_distribution()
        section.refuse_the_rest()
        if bounds[0] > bounds[1]:
            section.fault("most_s", bounds[1], f"write at least {bounds[0]:g}, which is least_s")
        return of if bounds == (0.0, inf) else Bounded(of=of, least_s=bounds[0], most_s=bounds[1])

    def needed_distribution(self, key: str) -> Distribution:
        """How long something takes, which has to be said."""
        if self.is_table and not self.has(key):
            self.fault(key, None, 'is missing; write seconds, or { kind = "exponential", mean_s = … }')
        return self.distribution_at(key) or Fixed(1.0)

    def read_distribution(self) -> Distribution:
        """What this table says, but for its bounds."""
        kind = self.text_at("kind", "")
        if kind not in KINDS:
            self.fault("kind", kind or None, f"write one of {', '.join(KINDS)}")
            self.asked += self.value  # of a kind that nobody knows nothing is known
            return Fixed(1.0)
        return _READERS[kind](self)

    def mean(self) -> float:
        return self.needed_number("mean_s", SHORTEST_MEAN_S, LONGEST_S)


def _uniform(section: ProfileSection) -> Distribution:
    from_s, to_s = section.needed_number("from_s", 0, LONGEST_S), section.needed_number("to_s", 0, LONGEST_S)
    if section.has("from_s") and section.has("to_s") and from_s > to_s:
        section.fault("to_s", to_s, f"write at least {from_s:g}, which is from_s")
    return Uniform(from_s=from_s, to_s=to_s)


_READERS: dict[str, Callable[[ProfileSection], Distribution]] = {
    "fixed": lambda section: Fixed(section.mean()),
    "uniform": _uniform,
    "exponential": lambda section: Exponential(mean_s=section.mean()),
    "lognormal": lambda section: LogNormal(
        mean_s=section.mean(), deviation_s=section.needed_number("deviation_s", SHORTEST_MEAN_S, LONGEST_S)
    ),
    "weibull": lambda section: Weibull(mean_s=section.mean(), shape=section.needed_number("shape", 0.1, 20)),
}


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
