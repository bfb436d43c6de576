"""The demo's plan can be repeated, its callers can be told apart, and its configuration is one that applies."""

from __future__ import annotations

import itertools

import pytest

from acd.lint import remarks_of
from scenarios.demo import plan
from stasis_app.configuration_file import read


def test_a_seed_draws_the_same_callers_again() -> None:
    assert list(plan.callers(7, seconds=90)) == list(plan.callers(7, seconds=90))
    assert list(plan.callers(7, seconds=90)) != list(plan.callers(8, seconds=90))


@pytest.mark.parametrize("seconds", [20.0, 90.0, 300.0])
def test_callers_come_in_order_and_leave_time_to_drain(seconds: float) -> None:
    callers = list(plan.callers(1, seconds=seconds))
    assert callers
    assert callers == sorted(callers, key=lambda caller: caller.at)
    assert len({caller.number for caller in callers}) == len(callers)
    assert callers[-1].at <= seconds - 0.28 * min(seconds, plan.CYCLE_S)


def test_most_callers_come_in_the_burst() -> None:
    cycle = plan.CYCLE_S
    phases = [plan.phase_at(caller.at, cycle)[1] for caller in plan.callers(1, seconds=cycle)]
    assert phases.count("burst") > len(phases) / 2


def test_without_an_end_there_is_always_a_next_caller() -> None:
    later = list(itertools.islice(plan.callers(1, seconds=None), 500))
    assert later[-1].at > 2 * plan.CYCLE_S
    assert max(caller.patience_s for caller in later) <= plan.LONGEST_STAY_S


def test_the_configuration_says_what_the_plan_says() -> None:
    configuration = read(plan.configuration())
    assert configuration.queues == plan.QUEUES
    assert configuration.agents == plan.PROFILES


def test_nothing_in_the_configuration_deserves_a_second_look() -> None:
    assert list(remarks_of(read(plan.configuration()))) == []
