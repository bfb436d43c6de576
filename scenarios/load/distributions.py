"""How long things take, as a profile says it: each distribution by its quantiles, which give draws, means, slices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

__all__ = [
    "Bounded",
    "Distribution",
    "Exponential",
    "Fixed",
    "LogNormal",
    "Uniform",
    "Weibull",
    "mean_of",
    "slice_means",
]

CELLS = 4096
"""Points at which a quantile function is looked at for a mean: exact to some thousandths."""
_NORMAL = NormalDist()


class Distribution(Protocol):
    """A time in seconds that differs from case to case."""

    def quantile(self, part: float) -> float:
        """The time, in seconds, that this part of all cases (above 0, below 1) do not exceed."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same."""

    s: float

    def quantile(self, part: float) -> float:
        return self.s

    def __str__(self) -> str:
        return f"{self.s:g} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform:
    """Each time between two bounds is as likely."""

    from_s: float
    to_s: float

    def quantile(self, part: float) -> float:
        return self.from_s + part * (self.to_s - self.from_s)

    def __str__(self) -> str:
        return f"{self.from_s:g} to {self.to_s:g} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exponential:
    """Without memory: who has waited a while is as likely to go on waiting."""

    mean_s: float

    def quantile(self, part: float) -> float:
        return -self.mean_s * math.log1p(-part)

    def __str__(self) -> str:
        return f"exponential, {self.mean_s:g} s on average"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNormal:
    """What conversations look like: most are short, a few very long."""

    mean_s: float
    deviation_s: float

    def quantile(self, part: float) -> float:
        variance = math.log1p((self.deviation_s / self.mean_s) ** 2)
        return math.exp(math.log(self.mean_s) - variance / 2 + math.sqrt(variance) * _NORMAL.inv_cdf(part))

    def __str__(self) -> str:
        return f"lognormal, {self.mean_s:g} s on average, deviation {self.deviation_s:g} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weibull:
    """Shape below 1: many leave at once, the others stay long. Above 1: most leave at about the same time."""

    mean_s: float
    shape: float

    def quantile(self, part: float) -> float:
        scale = self.mean_s / math.gamma(1 + 1 / self.shape)
        return scale * math.pow(-math.log1p(-part), 1 / self.shape)

    def __str__(self) -> str:
        return f"Weibull, {self.mean_s:g} s on average, shape {self.shape:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """Another distribution, of which nothing is shorter or longer than its bounds; what would be, is the bound."""

    of: Distribution
    least_s: float = 0.0
    most_s: float = math.inf

    def quantile(self, part: float) -> float:
        return min(max(self.of.quantile(part), self.least_s), self.most_s)

    def __str__(self) -> str:
        least = f", at least {self.least_s:g} s" if self.least_s else ""
        most = f", at most {self.most_s:g} s" if self.most_s < math.inf else ""
        return f"{self.of}{least}{most}"


def mean_of(distribution: Distribution) -> float:
    """The mean, in seconds."""
    return slice_means(distribution, 1)[0]


def slice_means(distribution: Distribution, slices: int) -> tuple[float, ...]:
    """The means of so many slices of equal probability, in seconds, ascending: together they keep its mean."""
    cells = CELLS // slices
    step = 1 / (slices * cells)
    return tuple(
        sum(distribution.quantile((number * cells + cell + 0.5) * step) for cell in range(cells)) / cells
        for number in range(slices)
    )
