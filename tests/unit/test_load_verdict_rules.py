"""Each rule of a profile is kept up to its mark and broken beyond it, and breaks nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenarios.load.rules import Rules
from scenarios.load.run import Run
from scenarios.load.verdict import verdict
from tests.load_plans import callers, small_plan
from tests.unit.load_runs import broken, run_of, samples, served, sound


@pytest.mark.parametrize(
    ("rules", "name", "kept"),
    [
        # Of five callers three have an agent: after 0.2, 0.2 and 1.62 s; one gives up, one is refused.
        (Rules(answered_share_at_least=0.6, answered_within_s=2.0), "service level", True),
        (Rules(answered_share_at_least=0.6, answered_within_s=1.0), "service level", False),
        (Rules(answered_share_at_least=0.61, answered_within_s=2.0), "service level", False),
        (Rules(abandoned_share_at_most=0.2), "abandoned", True),
        (Rules(abandoned_share_at_most=0.19), "abandoned", False),
        # Offers came 100 ms after their callers, but one 20 ms after its agent was free.
        (Rules(late_offers_at_most=0, late_after_ms=101), "late", True),
        (Rules(late_offers_at_most=3, late_after_ms=50), "late", True),
        (Rules(late_offers_at_most=2, late_after_ms=50), "late", False),
        (Rules(offer_p99_ms_at_most=101), "offer p99", True),
        (Rules(offer_p99_ms_at_most=99), "offer p99", False),
        (Rules(memory_growth_mib_per_h_at_most=36), "memory", True),
        (Rules(memory_growth_mib_per_h_at_most=35), "memory", False),
    ],
)
def test_each_rule_is_broken_at_its_mark(rules: Rules, name: str, kept: bool) -> None:
    run = replace(sound(), samples=samples(200, growth=0.01))
    run = replace(run, plan=replace(run.plan, rules=rules))

    assert name in [finding.name for finding in verdict(run)]
    assert broken(run).keys() == (set() if kept else {name})
    assert kept or "it was" in broken(run)[name].sentence or "there were" in broken(run)[name].sentence


def test_of_a_hundred_offers_one_may_be_late() -> None:
    rules = Rules(offer_p99_ms_at_most=200)

    def run(late: int) -> Run:
        waits = [1.0] * late + [0.1] * (100 - late)
        seen = [served(n, 10.0 * n, rang=10.0 * n + wait, ended=10.0 * n + 4.0) for n, wait in enumerate(waits)]
        return run_of(*seen, plan=small_plan(callers(100, every_s=10.0), rules=rules))

    assert broken(run(1)) == {}
    assert broken(run(2)).keys() == {"offer p99"}


def test_rules_of_a_run_without_anybody() -> None:
    rules = Rules(abandoned_share_at_most=0.1, late_offers_at_most=0, offer_p99_ms_at_most=1)

    assert broken(run_of(plan=small_plan([], rules=rules))) == {}


def test_the_generators_memory_is_nobodys_growth() -> None:
    rules = Rules(memory_growth_mib_per_h_at_most=1)
    run = replace(sound(), samples=samples(200, growth=1.0, name="sipp"))

    assert broken(replace(run, plan=replace(run.plan, rules=rules))) == {}
