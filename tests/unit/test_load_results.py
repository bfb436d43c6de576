"""What a run came to is counted once each; spreads, costs, steps and the generator's own part are as they are told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import pytest

from scenarios.load.arrivals import RampStep
from scenarios.load.meters import MIB, Sample, Use, cpu_ms, growth_mib_per_h
from scenarios.load.over_time import MOST_POINTS, series_of
from scenarios.load.report_reading import read_results
from scenarios.load.results import Callers, Results, Spread, generator_of, results_of
from scenarios.load.running import write_results
from scenarios.load.seen import CallerEnd, OfferEnd
from tests.load_plans import callers, small_plan
from tests.unit.load_runs import call, offer, run_of, samples, served, sound

COUNTS = ("answered", "gave_up", "refused", "dropped", "vanished", "unfinished")


def every_fate() -> Results:
    """One caller of each, the vanished one twice: with an agent and without."""
    too_late = offer(2, 1.1, 2.1, answered=2.01, phone="1003", end=OfferEnd.HUNG_UP_ON)
    return results_of(
        run_of(
            served(0, 1.0, rang=1.1, ended=4.0),
            (call(1, 1.0, 4.0, CallerEnd.HUNG_UP), offer(1, 1.1, 4.0, answered=2.0, phone="1002")),
            (call(2, 1.0, 2.0, CallerEnd.GAVE_UP), too_late),
            call(3, 1.0, 2.0, CallerEnd.GAVE_UP),
            call(4, 1.0, 1.1, CallerEnd.REFUSED, code=503),
            call(5, 1.0, 1.1, CallerEnd.REFUSED, code=486),
            call(6, 1.0, 1.1, CallerEnd.REFUSED, code=503),
            call(7, 1.0, 3.0),
            call(8, 1.0),
            (call(9, 1.0), offer(9, 5.0, 6.0, answered=5.1)),
            call(10, 1.0),
            plan=small_plan(callers(13, every_s=0.1)),
            vanished={call(9, 0).number: 5.5, call(10, 0).number: 2.0},
            told=False,
        )
    )


def test_every_caller_is_in_exactly_one_count() -> None:
    counted = every_fate().callers

    assert counted == Callers(
        planned=13,
        dialled=11,
        answered=3,
        gave_up=2,
        refused=3,
        dropped=1,
        vanished=1,
        unfinished=1,
        refused_by_code={"503": 2, "486": 1},
    )
    assert sum(getattr(counted, name) for name in COUNTS) == counted.dialled
    assert {each.name for each in fields(Callers)} == {*COUNTS, "planned", "dialled", "refused_by_code"}


def test_waits_and_service_level_are_of_agents_who_came_in_time() -> None:
    results = every_fate()

    assert (results.wait_s.count, results.wait_s.p50, results.wait_s.worst) == (3, 1.0, 4.1)
    assert results.gave_up_after_s.count == 2
    assert results.service_level == round(3 / 11, 4)
    assert results.calls_per_s == 3.0


def test_a_run_passes_by_its_verdict() -> None:
    assert results_of(sound()).passed
    failed = results_of(replace(sound(), left=["bridge 1"]))
    assert not failed.passed
    assert [finding.name for finding in failed.verdict if not finding.kept] == ["left"]


def test_a_run_without_anybody_has_results() -> None:
    empty = results_of(run_of(plan=small_plan([]), lasted_s=0.2))

    assert empty.passed
    assert empty.callers.dialled == empty.wait_s.count == empty.calls_per_s == 0
    assert empty.series["at"] == [0.0]


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    results = every_fate()
    path = tmp_path / "new" / "folder" / "results.json"
    write_results(results, path)

    assert json.loads(path.read_bytes())["callers"]["refused_by_code"] == {"503": 2, "486": 1}
    assert results_of(sound()) != results
    assert read_results(path).callers == results.callers
    assert read_results(path).verdict == list(results.verdict)


@pytest.mark.parametrize(
    ("values", "p50", "p95", "p99", "worst", "mean"),
    [
        ([], 0, 0, 0, 0, 0),
        ([7.0], 7, 7, 7, 7, 7),
        ([2.0, 1.0], 1, 2, 2, 2, 1.5),
        (list(range(1, 101)), 50, 95, 99, 100, 50.5),
        (list(range(1, 102)), 51, 96, 100, 101, 51),
        (list(range(1, 1001)), 500, 950, 990, 1000, 500.5),
    ],
)
def test_spreads(values: Sequence[float], p50: float, p95: float, p99: float, worst: float, mean: float) -> None:
    spread = Spread.of(values)

    assert spread == Spread(count=len(values), p50=p50, p95=p95, p99=p99, worst=worst, mean=mean)


# --- ramps ------------------------------------------------------------------------------------------------------------


def test_a_step_is_held_when_each_of_its_callers_had_an_agent_and_an_end() -> None:
    plan = small_plan(
        callers(6, every_s=1.0), ramp=[RampStep(at=n, until=n + 1, per_s=10.0 * n) for n in (0, 1, 2, 3, 4, 5)]
    )
    run = run_of(
        served(0, 0.1, rang=0.2, ended=3.0),
        (call(1, 1.1), offer(1, 1.2, answered=1.3, phone="1002")),
        call(2, 2.1, 4.0, CallerEnd.GAVE_UP),
        call(3, 3.1, 3.2, CallerEnd.REFUSED, code=503),
        (call(4, 4.1, 6.0), offer(4, 4.2, 5.5, answered=5.0)),
        plan=plan,
    )
    steps = results_of(run).steps

    assert [step.held for step in steps] == [True, False, False, False, True, False]
    assert [step.calls for step in steps] == [1, 1, 1, 1, 1, 0]
    assert [step.answered for step in steps] == [1, 0, 0, 0, 1, 0]
    assert [step.per_s for step in steps] == [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]


# --- the generator ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cpu_share", "lag_s", "valid"),
    [(0.1, 0.0, True), (0.59, 0.0049, True), (0.61, 0.0, False), (0.1, 0.0051, False)],
)
def test_a_generator_that_is_the_bottleneck_makes_a_run_void(cpu_share: float, lag_s: float, valid: bool) -> None:
    generator = generator_of(replace(sound(), samples=samples(30, name="sipp", cpu_share=cpu_share, lag_s=lag_s)))

    assert generator.valid == valid
    assert generator.cpu_share == pytest.approx(cpu_share)
    assert generator.timer_lag_p99_ms == pytest.approx(lag_s * 1000, abs=0.01)


def test_the_busiest_ten_seconds_count() -> None:
    spent = [0.0] * 20 + [n * 0.9 for n in range(1, 11)] + [9.0] * 30
    uneven = [Sample(at=n, use={"sipp": Use(cpu_s=each, rss=0)}, lag_s=0) for n, each in enumerate(spent)]

    assert generator_of(replace(sound(), samples=uneven)).cpu_share == pytest.approx(0.9)
    assert generator_of(replace(sound(), samples=uneven[:1])).cpu_share == 0
    assert generator_of(replace(sound(), samples=[])).valid


def test_a_constant_start_is_nobodys_lateness() -> None:
    seen = [served(n, n + 0.3, rang=n + 0.4, ended=n + 0.6) for n in range(10)]
    late = [served(n, n + 0.3 + (n == 5) * 0.2, rang=n + 0.6, ended=n + 0.8) for n in range(10)]
    plan = small_plan(callers(10, every_s=1.0))

    assert generator_of(run_of(*seen, plan=plan)).dialled_late_p99_ms == pytest.approx(0, abs=0.01)
    assert generator_of(run_of(*late, plan=plan)).dialled_late_p99_ms == pytest.approx(200, abs=0.01)


# --- costs and growth -------------------------------------------------------------------------------------------------


def test_costs_are_shared_by_the_calls() -> None:
    run = replace(sound(), samples=samples(21, cpu_share=0.25))
    (cost,) = results_of(run).costs.values()

    assert cost.cpu_ms_a_call == 1000 * 20 * 0.25 / len(run.traffic.calls)
    assert (cost.cpu_share, cost.rss_mib, cost.growth_mib_per_h) == (0.25, 100.0, None)


def test_growth_is_a_leak_of_the_second_half() -> None:
    warm_up = [Sample(at=n, use={"acd": Use(cpu_s=0, rss=min(n, 100) * MIB)}, lag_s=0) for n in range(200)]
    saw_tooth = [Sample(at=n, use={"acd": Use(cpu_s=0, rss=(100 + n % 2) * MIB)}, lag_s=0) for n in range(200)]

    assert growth_mib_per_h(samples(200), "acd") == pytest.approx(0)
    assert growth_mib_per_h(warm_up, "acd") == pytest.approx(0)
    assert growth_mib_per_h(saw_tooth, "acd") == pytest.approx(0, abs=2)
    assert growth_mib_per_h(samples(200, growth=0.5), "acd") == pytest.approx(1800, rel=0.001)
    assert growth_mib_per_h(samples(200, growth=-0.5), "acd") == pytest.approx(-1800, rel=0.001)
    assert growth_mib_per_h(samples(100, growth=0.5), "acd") is None
    assert growth_mib_per_h(samples(200), "redis") is None
    assert growth_mib_per_h([], "acd") is None


def test_processor_time_is_between_the_samples_that_knew_the_process() -> None:
    late = [*samples(5, name="redis"), *samples(5, cpu_share=0.5)]

    assert cpu_ms(late, "acd") == 2000
    assert cpu_ms(late[:6], "acd") == 0
    assert cpu_ms(late, "nobody") == 0


# --- over time --------------------------------------------------------------------------------------------------------


def test_who_came_waited_and_talked_second_by_second() -> None:
    run = run_of(
        served(0, 0.5, rang=0.6, ended=3.5),
        (call(1, 1.2, 5.0), offer(1, 3.6, 5.0, answered=3.9)),
        call(2, 1.8, 2.5, CallerEnd.GAVE_UP),
        call(3, 4.1),
        lasted_s=6.4,
    )
    series = series_of(run)

    assert series["at"] == [0, 1, 2, 3, 4, 5, 6]
    assert series["arrivals_per_s"] == [1, 2, 0, 0, 1, 0, 0]
    assert series["waiting"] == [0, 2, 1, 0, 1, 1, 1]
    assert series["talking"] == [1, 1, 1, 1, 1, 0, 0]


def test_a_long_run_has_no_more_points_than_a_plot() -> None:
    series = series_of(replace(sound(), lasted_s=36_000, samples=samples(3)))

    assert MOST_POINTS * 0.9 < len(series["at"]) <= MOST_POINTS + 1
    assert {len(values) for values in series.values()} == {len(series["at"])}


def test_what_a_process_took_is_told_for_each_second() -> None:
    series = series_of(replace(sound(), lasted_s=5.0, samples=samples(6, cpu_share=0.5, growth=2.0)))

    assert series["cpu_acd"] == [0, 0.5, 0.5, 0.5, 0.5, 0.5]
    assert series["rss_acd"] == [100, 102, 104, 106, 108, 110]
