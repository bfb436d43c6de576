"""Times are distributed as the profile says, and the few talk times of a plan keep the means of many."""

from __future__ import annotations

import random
from collections import Counter
from statistics import fmean, pstdev

import pytest

from scenarios.load.distributions import (
    Bounded,
    Distribution,
    Exponential,
    Fixed,
    LogNormal,
    Uniform,
    Weibull,
    mean_of,
    slice_means,
)
from scenarios.load.draws import TalkTimes, drawn, stream, weighted
from scenarios.load.plan import TALK_BUCKETS

EVERY: list[tuple[Distribution, float, float]] = [
    (Fixed(4.0), 4.0, 0.0),
    (Uniform(from_s=2.0, to_s=6.0), 4.0, 4 / 12**0.5),
    (Exponential(mean_s=5.0), 5.0, 5.0),
    (LogNormal(mean_s=180.0, deviation_s=120.0), 180.0, 120.0),
    (Weibull(mean_s=60.0, shape=1.0), 60.0, 60.0),
    (Weibull(mean_s=60.0, shape=2.0), 60.0, 31.4),
]


@pytest.mark.parametrize(("distribution", "mean", "deviation"), EVERY)
def test_times_have_the_mean_and_the_spread_that_is_said(
    distribution: Distribution, mean: float, deviation: float
) -> None:
    chance = random.Random(3)
    times = [drawn(distribution, chance) for _ in range(20_000)]

    assert min(times) >= 0
    assert fmean(times) == pytest.approx(mean, rel=0.03)
    assert pstdev(times) == pytest.approx(deviation, rel=0.06, abs=0.001)
    assert mean_of(distribution) == pytest.approx(mean, rel=0.01)


@pytest.mark.parametrize(("distribution", "mean", "_"), EVERY)
@pytest.mark.parametrize("slices", [1, 2, 7, TALK_BUCKETS])
def test_slices_ascend_and_keep_the_mean(distribution: Distribution, mean: float, _: float, slices: int) -> None:
    means = slice_means(distribution, slices)

    assert len(means) == slices
    assert list(means) == sorted(means)
    assert fmean(means) == pytest.approx(mean, rel=0.01)


def test_bounds_hold_and_the_mean_is_that_within_them() -> None:
    bounded = Bounded(of=Exponential(mean_s=5.0), least_s=2.0, most_s=8.0)
    chance = random.Random(1)
    times = [drawn(bounded, chance) for _ in range(20_000)]

    assert (min(times), max(times)) == (2.0, 8.0)
    assert mean_of(bounded) == pytest.approx(fmean(times), rel=0.02)


def test_talk_times_are_few_and_each_distribution_keeps_its_mean() -> None:
    kinds = [distribution for distribution, _, _ in EVERY]
    talk = TalkTimes.of([*kinds, *kinds])
    chance = random.Random(7)

    assert len(talk.times) <= TALK_BUCKETS
    assert list(talk.times) == sorted(set(talk.times))
    for distribution, mean, _ in EVERY:
        drawn_times = [talk.times[talk.bucket(distribution, chance)] for _ in range(20_000)]
        assert fmean(drawn_times) == pytest.approx(mean, rel=0.05)


def test_one_distribution_has_all_talk_times_and_a_fixed_one_has_one() -> None:
    assert len(TalkTimes.of([Exponential(mean_s=5.0)]).times) == TALK_BUCKETS
    assert TalkTimes.of([Fixed(5.0), Fixed(5.0)]).times == (5.0,)


def test_recorded_talk_times_are_kept_where_they_are_few() -> None:
    talk = TalkTimes.of([Fixed(5.0)], [7.5, 3.25, 7.5, 5.0])

    assert [talk.times[talk.bucket_of(time)] for time in (3.25, 5.0, 7.5)] == [3.25, 5.0, 7.5]


def test_many_recorded_talk_times_keep_their_mean() -> None:
    chance = random.Random(5)
    recorded = [chance.expovariate(1 / 200) for _ in range(5_000)]
    talk = TalkTimes.of([Exponential(mean_s=5.0)], recorded)
    kept = [talk.times[talk.bucket_of(time)] for time in recorded]

    assert len(talk.times) <= TALK_BUCKETS
    assert fmean(kept) == pytest.approx(fmean(recorded), rel=0.01)
    assert [talk.bucket_of(time) for time in sorted(recorded)] == sorted(talk.bucket_of(time) for time in recorded)


def test_weights_are_kept_and_each_draw_takes_one_number() -> None:
    chance, beside = random.Random(1), random.Random(1)
    counts = Counter(weighted({"a": 3.0, "never": 0.0, "b": 1.0}, chance) for _ in range(20_000))
    for _ in range(20_000):
        beside.random()

    assert counts["a"] / 20_000 == pytest.approx(0.75, abs=0.02)
    assert counts["never"] == 0
    assert chance.random() == beside.random()


def test_streams_depend_on_seed_and_purpose_alone() -> None:
    assert stream(1, "arrivals").random() == stream(1, "arrivals").random()
    assert stream(1, "arrivals").random() != stream(2, "arrivals").random()
    assert stream(1, "arrivals").random() != stream(1, "talk").random()
