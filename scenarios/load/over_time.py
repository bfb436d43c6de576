"""A run second by second: who came, waited and talked, and what each process took."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from scenarios.load.meters import MIB, Sample
from scenarios.load.run import Run

__all__ = ["series_of"]

MOST_POINTS = 600
"""More than a plot has room for."""


def series_of(run: Run) -> Mapping[str, Sequence[float]]:
    """By name, a value for each point of time in ``at``, which are seconds of the run."""
    every = max(1, round(run.lasted_s / MOST_POINTS))
    count = int(run.lasted_s) // every + 1
    calls = list(run.traffic.calls.values())
    came = Counter(int((call.invited_at - run.began_at) // every) for call in calls)
    series: dict[str, Sequence[float]] = {
        "at": [float(place * every) for place in range(count)],
        "arrivals_per_s": [came[place] / every for place in range(count)],
        "waiting": _present(run, ((call.invited_at, call.agent_at or call.ended_at) for call in calls), every, count),
        "talking": _present(run, ((call.agent_at, call.ended_at) for call in calls), every, count),
    }
    for name in dict.fromkeys(name for sample in run.samples for name in sample.use):
        known = [sample for sample in run.samples if name in sample.use]
        series |= _use(known, name, every, count)
    return series


def _present(run: Run, stays: Iterable[tuple[float | None, float | None]], every: int, count: int) -> Sequence[float]:
    """How many are there at each point, of those who came and went at these times."""
    changes: dict[int, int] = defaultdict(int)
    for came, went in stays:
        if came is not None:
            changes[int((came - run.began_at) // every)] += 1
            if went is not None:
                changes[int((went - run.began_at) // every)] -= 1
    present, result = 0, []
    for place in range(count):
        present += changes[place]
        result.append(float(present))
    return result


def _use(samples: Sequence[Sample], name: str, every: int, count: int) -> Mapping[str, Sequence[float]]:
    """The process's memory, and its share of a core since the point before."""
    times = [sample.at for sample in samples]
    at_point = [samples[min(len(times) - 1, bisect_left(times, place * every))] for place in range(count)]
    shares = [0.0]
    for before, after in itertools.pairwise(at_point):
        spent, passed = after.use[name].cpu_s - before.use[name].cpu_s, after.at - before.at
        shares.append(round(spent / passed, 4) if passed > 0 else 0.0)
    return {f"rss_{name}": [round(sample.use[name].rss / MIB, 1) for sample in at_point], f"cpu_{name}": shares}
