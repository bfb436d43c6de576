"""Chance that can be repeated: a stream for each purpose, so that what is added for one purpose shifts no other."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from scenarios.load.distributions import Distribution, Fixed, slice_means
from scenarios.load.plan import TALK_BUCKETS

__all__ = ["TalkTimes", "drawn", "milliseconds", "stream", "weighted"]

LEAST = 1e-12
"""What stands for a draw of exactly 0, of which some quantiles are infinite."""


def stream(seed: int, purpose: str) -> random.Random:
    """The chance of this purpose: the same for the same seed on every machine."""
    return random.Random(f"{seed}:{purpose}")  # noqa: S311  a plan that can be repeated, no secret


def drawn(distribution: Distribution, chance: random.Random) -> float:
    """One time of this distribution, in seconds, to the millisecond."""
    return milliseconds(distribution.quantile(max(chance.random(), LEAST)))


def milliseconds(seconds: float) -> float:
    """Seconds to the millisecond, which is what SIPp can tell apart."""
    return round(seconds, 3)


def weighted(weights: Mapping[str, float], chance: random.Random) -> str:
    """One of these names, by weight. It takes one number of the stream, whatever the weights."""
    sums = list(accumulate(weights.values()))
    place = bisect_right(sums, chance.random() * sums[-1])
    return list(weights)[min(place, len(sums) - 1)]


@dataclass(frozen=True, slots=True)
class TalkTimes:
    """The few talk times that a run has, and which of them stand for which distribution in equal parts."""

    times: tuple[float, ...]
    """Seconds, ascending; ``TALK_BUCKETS`` at most."""
    buckets: Mapping[Distribution, tuple[int, ...]]
    """Places in ``times``, each as likely."""
    recorded: tuple[float, ...]
    """Of recorded talk times, each that is the longest of its slice, ascending."""
    recorded_buckets: tuple[int, ...]
    """The place in ``times`` for each of those slices."""

    @classmethod
    def of(cls, distributions: Iterable[Distribution], recorded: Sequence[float] = ()) -> TalkTimes:
        """Slices of equal probability, as many for each distribution as the others leave; fixed times need but one."""
        different = list(dict.fromkeys(distributions))
        fixed = sum(isinstance(each, Fixed) for each in different)
        shared = max(len(different) - fixed + bool(recorded), 1)
        share = max((TALK_BUCKETS - fixed) // shared, 1)
        means = {
            each: [milliseconds(mean) for mean in slice_means(each, 1 if isinstance(each, Fixed) else share)]
            for each in different
        }
        slices = _slices(sorted(recorded), share)
        middles = [milliseconds(sum(each) / len(each)) for each in slices]
        times = sorted({time for several in means.values() for time in several} | set(middles))
        place = {time: number for number, time in enumerate(times)}
        return cls(
            tuple(times),
            {each: tuple(place[time] for time in several) for each, several in means.items()},
            tuple(each[-1] for each in slices),
            tuple(place[middle] for middle in middles),
        )

    def bucket(self, distribution: Distribution, chance: random.Random) -> int:
        """One of this distribution's, by chance."""
        buckets = self.buckets[distribution]
        return buckets[int(chance.random() * len(buckets))]

    def bucket_of(self, talk_s: float) -> int:
        """The one that stands for this recorded time."""
        place = next(number for number, longest in enumerate(self.recorded) if talk_s <= longest)
        return self.recorded_buckets[place]


def _slices(times: Sequence[float], slices: int) -> list[Sequence[float]]:
    """So many parts of the same size, of sorted times. Each time that is there seldom enough is a part of its own."""
    different = sorted(set(times))
    if len(different) <= slices:
        return [[time] for time in different]
    size = len(times) / slices
    cuts = [math.floor(number * size) for number in range(slices + 1)]
    return [part for first, end in pairwise(cuts) if (part := times[first:end])]
