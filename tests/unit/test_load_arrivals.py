"""Callers come as the profile says: as many, as spread, as clustered."""

from __future__ import annotations

import random
from itertools import pairwise
from statistics import fmean, pstdev

import pytest

from scenarios.load.arrivals import (
    Arrivals,
    Burst,
    Constant,
    Curve,
    Poisson,
    Ramp,
    Replay,
    ReplayedCall,
    busiest,
    expected_calls,
    ramp_steps,
    times_of,
)

DAY = Replay(calls=tuple(ReplayedCall(at=at) for at in (0.0, 1.5, 40.0)))
HILL = Curve(points=((0.0, 0.0), (1000.0, 10.0), (2000.0, 0.0)))
RAMP = Ramp(from_per_s=2, step_per_s=2, step_s=100, to_per_s=5)
EVERY: list[tuple[Arrivals, float]] = [
    (Constant(per_s=2.5), 1000),
    (Poisson(per_s=3), 4000),
    (HILL, 2000),
    (Burst(per_s=10, for_s=5, pause_s=15), 990),
    (RAMP, 400),
    (Ramp(from_per_s=1, step_per_s=1, step_s=20, to_per_s=None), 300),
    (DAY, 60),
]


def times(arrivals: Arrivals, duration_s: float, seed: int = 1) -> list[float]:
    return list(times_of(arrivals, duration_s, random.Random(seed)))


@pytest.mark.parametrize(("arrivals", "duration_s"), EVERY)
def test_as_many_come_as_are_expected_in_order_and_in_time(arrivals: Arrivals, duration_s: float) -> None:
    come = times(arrivals, duration_s)

    assert come == sorted(come)
    assert come[0] >= 0
    assert come[-1] < duration_s
    assert len(come) == pytest.approx(expected_calls(arrivals, duration_s), rel=0.04)


def test_independent_people_leave_exponential_gaps() -> None:
    gaps = [after - before for before, after in pairwise(times(Poisson(per_s=5), 4000))]

    assert fmean(gaps) == pytest.approx(0.2, rel=0.03)
    assert pstdev(gaps) == pytest.approx(0.2, rel=0.05)


def test_a_curve_is_thinned_to_its_rate_everywhere() -> None:
    come = times(HILL, 2000)
    counts = [sum(start <= at < start + 250 for at in come) for start in range(0, 2000, 250)]

    expected = [expected_calls(HILL, end + 250) - expected_calls(HILL, end) for end in range(0, 2000, 250)]
    assert expected == pytest.approx([312.5, 937.5, 1562.5, 2187.5, 2187.5, 1562.5, 937.5, 312.5])
    assert counts == pytest.approx(expected, rel=0.15)


def test_a_curve_stays_at_its_ends() -> None:
    curve = Curve(points=((10.0, 1.0), (20.0, 3.0)))

    assert [curve.rate_at(at) for at in (0, 10, 15, 20, 90)] == [1, 1, 2, 3, 3]
    assert expected_calls(curve, 30) == pytest.approx(10 + 20 + 30)


def test_bursts_are_bursts() -> None:
    come = times(Burst(per_s=10, for_s=5, pause_s=15), 60)

    assert [sum(start <= at < start + 5 for at in come) for start in range(0, 60, 5)] == [50, 0, 0, 0] * 3
    assert busiest(come, 5) == 10


def test_a_ramp_climbs_by_steps_and_stays_at_its_end() -> None:
    come = times(RAMP, 400)

    assert [(step.at, step.until, step.per_s) for step in ramp_steps(RAMP, 400)] == [
        (0, 100, 2),
        (100, 200, 4),
        (200, 400, 5),
    ]
    assert [sum(start <= at < start + 100 for at in come) for start in (0, 100, 200, 300)] == [200, 400, 500, 500]


def test_a_ramp_without_end_climbs_as_long_as_the_run_lasts() -> None:
    steps = ramp_steps(Ramp(from_per_s=5, step_per_s=5, step_s=10, to_per_s=None), 35)

    assert [(step.at, step.until, step.per_s) for step in steps] == [
        (0, 10, 5),
        (10, 20, 10),
        (20, 30, 15),
        (30, 35, 20),
    ]


def test_what_is_no_ramp_has_no_steps() -> None:
    assert ramp_steps(Poisson(per_s=1), 60) == ()


def test_another_seed_brings_other_callers() -> None:
    assert times(Poisson(per_s=1), 60) == times(Poisson(per_s=1), 60)
    assert times(Poisson(per_s=1), 60) != times(Poisson(per_s=1), 60, seed=2)
