"""Live figures on which steps depend: when they are looked at, what they are, and what crosses a mark."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.agent import AgentActivity, AgentProfile
from acd.call import Call, CallState
from acd.configuration import Configuration
from acd.events import AgentStatusChanged, CallQueued, StepSwitched
from acd.matcher import Matcher
from acd.matcher.slots import StepChange
from acd.queue import Crossing, Metric, Queue, Step
from tests.unit.matcher_pool import NOW, profile, ready

MANY_WAIT = Crossing(metric=Metric.WAITING, at=3, back_at=1)
LONG_WAIT = Crossing(metric=Metric.LONGEST_WAIT_S, at=10, back_at=5)
FEW_FREE = Crossing(metric=Metric.AVAILABLE, at=1, back_at=3)


def matcher_of(*marks: Crossing | None, profiles: tuple[AgentProfile, ...] = ()) -> Matcher:
    steps = tuple(Step(when=mark, after_s=None if mark else 60, anyone=True) for mark in marks)
    queues = {"q": Queue(name="q", requires="german", steps=steps), "other": Queue(name="other")}
    return Matcher(Configuration(queues=queues, agents={one.id: one for one in profiles}), {})


def wait(matcher: Matcher, *calls: Call) -> None:
    for call in calls:
        matcher.apply(CallQueued(at=NOW, call=call))


def waiting(call: str, *, queue: str = "q", since: int = NOW) -> Call:
    return Call(id=call, queue=queue, queued_at=since)


def switch(matcher: Matcher, *, on: bool) -> None:
    matcher.apply(StepSwitched(at=NOW, queue="q", step=0, on=on))


@pytest.mark.parametrize(
    ("after_ms", "looked", "next_look"),
    [(0, False, 1_000), (999, False, 1_000), (1_000, True, 2_000), (1_001, True, 2_001), (5_000, True, 6_000)],
)
def test_figures_are_looked_at_once_a_second(after_ms: int, looked: bool, next_look: int) -> None:
    matcher = matcher_of(MANY_WAIT)
    assert matcher.sample(NOW) == []
    assert matcher.next_deadline() == NOW + 1_000
    wait(matcher, waiting("a"), waiting("b"), waiting("c"))

    assert bool(matcher.sample(NOW + after_ms)) is looked
    assert matcher.pool.figures.next_sample == NOW + next_look


def test_where_no_step_depends_on_a_figure_none_is_looked_at() -> None:
    matcher = matcher_of(None)
    wait(matcher, waiting("a"))

    assert matcher.sample(NOW) == []
    assert matcher.pool.figures.next_sample is None


@pytest.mark.parametrize(
    ("calls", "was_on", "on"),
    [
        ("a b", False, False),
        ("a b c", False, True),
        ("a b c d", False, True),
        ("a b", True, True),
        ("a", True, False),
        ("", True, False),
    ],
)
def test_a_step_counts_from_so_many_waiting_callers_until_there_are_so_few(calls: str, was_on: bool, on: bool) -> None:
    matcher = matcher_of(None, MANY_WAIT)
    matcher.apply(StepSwitched(at=NOW, queue="q", step=1, on=was_on))
    wait(matcher, *[waiting(call) for call in calls.split()], waiting("x", queue="other"), waiting("y", queue="other"))
    wait(matcher, replace(waiting("z"), state=CallState.CONNECTED))

    assert matcher.sample(NOW) == ([] if on is was_on else [StepChange(queue="q", step=1, on=on)])


@pytest.mark.parametrize(
    ("since", "was_on", "on"),
    [
        ((), False, False),
        ((9_999, 1), False, False),
        ((1, 10_000), False, True),
        ((5_001,), True, True),
        ((5_000,), True, False),
        ((), True, False),
    ],
)
def test_a_step_counts_while_the_first_in_line_waits_too_long(since: tuple[int, ...], was_on: bool, on: bool) -> None:
    matcher = matcher_of(LONG_WAIT)
    switch(matcher, on=was_on)
    wait(matcher, *[waiting(f"c{number}", since=NOW - ms) for number, ms in enumerate(since)])

    assert matcher.sample(NOW) == ([] if on is was_on else [StepChange(queue="q", step=0, on=on)])


@pytest.mark.parametrize(
    ("free", "known", "was_on", "on"),
    [
        (2, False, False, False),
        (1, False, False, True),
        (0, True, False, True),
        (2, True, True, True),
        (3, False, True, False),
        (3, True, True, False),
    ],
)
def test_a_step_counts_while_too_few_are_free_newcomers_included(
    free: int, known: bool, was_on: bool, on: bool
) -> None:
    """``known``: whether a caller was looked for since they came."""
    names = ["amy", "ben", "cat"]
    matcher = matcher_of(FEW_FREE, profiles=(*[profile(name) for name in names], profile("else", "other")))
    switch(matcher, on=was_on)
    for number, name in enumerate(names):
        busy = AgentActivity.IDLE if number < free else AgentActivity.TALKING
        matcher.apply(AgentStatusChanged(at=NOW, agent=ready(name, activity=busy)))
    matcher.apply(AgentStatusChanged(at=NOW, agent=ready("else")))
    if known:
        assert list(matcher.propose(NOW)) == []

    assert matcher.sample(NOW) == ([] if on is was_on else [StepChange(queue="q", step=0, on=on)])


@pytest.mark.parametrize(("queue", "available"), [("q", 1), ("other", 2), ("nowhere", 0)])
def test_the_free_agents_of_each_queue_are_counted_and_of_one_that_is_not_configured_there_are_none(
    queue: str, available: int
) -> None:
    matcher = matcher_of(FEW_FREE, profiles=(profile("amy", "q", "other"), profile("ben", "other")))
    for name in ("amy", "ben"):
        matcher.apply(AgentStatusChanged(at=NOW, agent=ready(name)))

    assert matcher.pool.available_of(queue) == available
    matcher.pool.agents.enter_new()
    assert matcher.pool.available_of(queue) == available


def test_who_somebody_else_looks_for_is_not_looked_for_again_within_the_second() -> None:
    matcher = matcher_of(MANY_WAIT)
    matcher.pool.figures.pass_over(NOW)
    wait(matcher, waiting("a"), waiting("b"), waiting("c"))

    assert matcher.sample(NOW + 999) == []
    assert matcher.sample(NOW + 1_000) == [StepChange(queue="q", step=0, on=True)]
