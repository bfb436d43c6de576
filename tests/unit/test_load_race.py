"""The race's traffic is what its cases say, its summary is what its turns say, and the picture names every engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.load.digest import digest_of
from scenarios.load.race.cases import CASES, Case, Kind, growth_cases, plan_of_case
from scenarios.load.race.plot import draw
from scenarios.load.race.summary import exponents_of, summary_of
from scenarios.load.race.turns import Turn
from scenarios.load.results import Generator, Spread

LINE = "100 agents, 200 waiting"


def turn(engine: str, *, kind: Kind = Kind.LINE, case: str = LINE, p50: float = 1.0, **more: object) -> Turn:
    spread = Spread(count=10, p50=p50, p95=2 * p50, p99=3 * p50, worst=4 * p50, mean=p50)
    said: dict[str, object] = {
        "calls": 10, "unserved": 0, "refused": 0, "invited_ms": spread, "cpu_ms_a_call": {}, "cpu_share": {},
        "rss_mib": {}, "generator": Generator(cpu_share=0, timer_lag_p99_ms=0, dialled_late_p99_ms=0, valid=True),
    } | more  # fmt: skip
    return Turn(case=case, kind=kind, engine=engine, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", [*CASES, *growth_cases()], ids=lambda case: case.name)
def test_a_case_is_one_plan_whose_callers_come_in_order(case: Case) -> None:
    plan = plan_of_case(case)
    times = [call.at for call in plan.calls]

    assert times == sorted(times)
    assert len(plan.agents) == case.agents
    assert {call.queue for call in plan.calls} <= plan.configuration.queues.keys()
    assert all(call.talk_bucket < len(plan.talk_s) for call in plan.calls)
    assert digest_of(plan) == digest_of(plan_of_case(case)), "every engine gets the same"


def test_before_a_line_is_measured_it_is_as_long_as_the_case_says() -> None:
    (case,) = [case for case in CASES if case.name == LINE]
    fill = case.begins_at - 3.0

    assert sum(call.at < fill for call in plan_of_case(case).calls) == case.agents + case.waiting


def test_the_summary_takes_the_median_of_turns_and_compares_engines() -> None:
    turns = [turn("native", p50=p50) for p50 in (5.0, 7.0, 90.0)] + [turn("app_queue", p50=700), turn("floor", p50=3.5)]

    summary = summary_of(turns)

    assert summary["free_to_invite_p50_ms"] == 7.0
    assert summary["free_to_invite_p50_ratio"] == 100.0
    assert summary["free_to_invite_p50_vs_floor"] == 2.0


def test_the_rate_that_was_held_is_compared_with_that_of_the_others() -> None:
    turns = [
        turn(name, kind=Kind.RATE, case="rate", held_per_s=per_s) for name, per_s in (("native", 90), ("floor", 100))
    ]

    assert summary_of(turns)["cps_native_vs_floor"] == 0.9


def test_what_does_not_grow_has_no_exponent_and_what_doubles_with_the_size_has_one() -> None:
    flat = [turn("native", grows="agents", size=size, cpu_ms_a_call={"asterisk": 8.0}) for size in (10, 100, 1_000)]
    steep = [turn("floor", grows="agents", size=size, cpu_ms_a_call={"asterisk": size}) for size in (10, 100, 1_000)]

    assert exponents_of([*flat, *steep]) == {"growth_agents_native": 0.0, "growth_agents_floor": 1.0}


def test_the_picture_names_engines_and_cases_and_needs_nothing_else(tmp_path: Path) -> None:
    draw([turn("native"), turn("app_queue", p50=500), turn("floor")], tmp_path / "race.svg")
    picture = (tmp_path / "race.svg").read_text()

    assert all(word in picture for word in (LINE, "stasis-acd", "app_queue", "bare application", "500 to 1500 ms"))


def test_without_such_cases_there_is_no_picture(tmp_path: Path) -> None:
    draw([turn("native", kind=Kind.IDLE)], tmp_path / "race.svg")

    assert not (tmp_path / "race.svg").exists()
