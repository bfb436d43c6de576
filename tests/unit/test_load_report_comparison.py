"""Runs beside one another: ratios to the first, and what makes them hard to compare."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scenarios.load.report import report_of
from scenarios.load.report_comparison import labels_of
from scenarios.load.report_numbers import ratio
from scenarios.load.results import Results
from tests.unit.load_results import NOTHING, results, spread
from tests.unit.page_as_read import Page

TIMES = "\N{MULTIPLICATION SIGN}"
NONE = "\N{EN DASH}"


def undrawn(**changed: Any) -> Results:
    """Without what takes time to draw."""
    return results(**{"series": {}, "offers": (), "steps": ()} | changed)


@pytest.fixture(scope="module")
def page() -> Page:
    slower = results(
        engine="app_queue", agent_free_ms=spread(400.0), wait_s=spread(1.0), event_lag_ms=NOTHING, service_level=0.93,
        costs={"asterisk": replace(results().costs["asterisk"], cpu_ms_a_call=6.0)},
    )  # fmt: skip
    return Page(report_of([results(), slower]))


def test_figures_stand_beside_each_other_with_ratios_to_the_first(page: Page) -> None:
    assert page.rows[0] == ["", "native (reference)", "app_queue"]
    assert page.row("dialled") == ["1,200", f"1,200 {TIMES}1"]
    assert page.row("agent free → phone rings, p50") == ["10.0 ms", f"400 ms {TIMES}40 worse"]
    assert page.row("wait, p50") == ["1.25 s", f"1.00 s {TIMES}0.8 better"]
    assert page.row("service level") == ["91.7%", f"93.0% {TIMES}1.01"]
    assert page.row("event written → read, p50") == ["0.50 ms", NONE]
    assert page.row("CPU of all but the generator") == ["10.0 ms", f"6.00 ms {TIMES}0.6 better"]
    assert page.row("CPU of acd-1") == ["2.00 ms", NONE]


def test_each_run_has_its_verdict_and_the_same_traffic_is_told(page: Page) -> None:
    assert page.text.count("Failed: 1 of 3 promises was broken.") == 2
    assert "All 2 runs had the same traffic (digest abcdef012345)" in page.text
    assert "The traffic was not the same" not in page.text


def test_plots_are_on_top_of_one_another(page: Page) -> None:
    drawn = [given["aria-label"] for tag, given in page.elements if tag == "svg" and given.get("role") == "img"]

    assert any("native: 3 hand-overs" in one and "app_queue: 3 hand-overs" in one for one in drawn)
    assert any(one.startswith("CPU of all but the generator") and "app_queue" in one for one in drawn)


def test_other_traffic_is_told_and_nothing_is_called_better() -> None:
    other = undrawn(digest="fedcba", agent_free_ms=spread(400.0))
    page = Page(report_of([undrawn(), other]))
    told = "The traffic was not the same: the plan of native (2) has another digest than that of native (1)."

    assert told in page.text
    assert page.row("agent free → phone rings, p50") == ["10.0 ms", f"400 ms {TIMES}40"]


def test_other_machines_and_slow_generators_are_told() -> None:
    other = undrawn(
        engine="floor", machine={"processor": "Another", "cores": "2"}, broken_off="Ctrl-C",
        generator=replace(results().generator, valid=False),
    )  # fmt: skip
    text = Page(report_of([undrawn(), other])).text

    assert "The machines were not the same: processor A processor (native), Another (floor)." in text
    assert "The generator was the bottleneck in floor: its speed says nothing." in text
    assert "Broken off: floor." in text


def test_runs_are_called_by_what_differs() -> None:
    assert labels_of([results(), results(engine="floor")]) == ["native", "floor"]
    assert labels_of([results(), results(seed=8)]) == ["native seed 7", "native seed 8"]
    assert labels_of([results(), results(profile="big")]) == ["small native", "big native"]
    assert labels_of([results(), results()]) == ["native (1)", "native (2)"]


def test_ratios_have_three_digits() -> None:
    told = {1: "1", 39.94: "39.9", 0.02512: "0.0251", 1234.5: "1,234"}

    assert {value: ratio(value) for value in told} == {value: f"{TIMES}{digits}" for value, digits in told.items()}
