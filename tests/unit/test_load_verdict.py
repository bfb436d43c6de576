"""Each finding is broken by its own fault and by nothing else; what only looks like a fault breaks none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from acd.agent import Agent
from acd.call import Call, EndReason
from acd.events import AnyEvent, CallEnded, CallQueued
from scenarios.load.plan import Plan
from scenarios.load.rules import Rules
from scenarios.load.run import Run
from scenarios.load.seen import CallerEnd, OfferEnd, SeenOffer
from scenarios.load.verdict import MOST_TOLD, verdict
from tests.load_plans import callers, small_plan
from tests.unit.load_runs import broken, call, offer, run_of, served, sound


def with_events(run: Run, change: Callable[[Sequence[AnyEvent]], Sequence[AnyEvent]]) -> Run:
    assert run.events is not None
    return replace(run, events=change(run.events))


def ended_as(reason: EndReason, run: Run) -> Run:
    def change(events: Sequence[AnyEvent]) -> Sequence[AnyEvent]:
        return [
            replace(one, call=replace(one.call, end_reason=reason)) if isinstance(one, CallEnded) else one
            for one in events
        ]

    return with_events(run, change)


TWO = small_plan(callers(2, every_s=1.0))
ONE = small_plan(callers(1, every_s=1.0))


def test_a_sound_run_keeps_every_promise() -> None:
    assert broken(sound()) == {}
    assert [finding.name for finding in verdict(sound())] == ["accounted", "lost", "doubled", "fair", "left", "sipp"]
    assert all(finding.sentence == finding.promise for finding in verdict(sound()))
    assert broken(replace(sound(), events=None)) == {}


# --- every caller once ------------------------------------------------------------------------------------------------


def test_who_was_planned_and_never_dialled_is_missed() -> None:
    run = run_of(served(0, 1.0, rang=1.1, ended=4.0), plan=TWO)

    assert broken(run).keys() == {"accounted"}
    assert "900000100 was planned and never dialled" in broken(run)["accounted"].sentence
    # Where the run was broken off nobody can expect them.
    assert broken(replace(run, broken_off="it was told to stop")).keys() == {"whole"}


def test_a_phone_that_rang_for_nobody_is_told() -> None:
    stray = offer(7, 6.0, 7.0)

    assert broken(run_of(served(0, 1.0, rang=1.1, ended=4.0), stray)).keys() == {"accounted"}
    assert "for 900000700, who never dialled" in broken(run_of(stray))["accounted"].sentence
    assert "for nobody" in broken(run_of(replace(stray, number="")))["accounted"].sentence


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda events: events[:-1], "queued 1 times and ended 0 times"),
        (lambda events: [*events, events[-1]], "queued 1 times and ended 2 times"),
        (lambda events: [*events, events[0]], "queued 2 times and ended 1 times"),
        (lambda events: events[1:], "was never known to the engine (hung_up_on)"),
        (
            lambda events: [*events, CallQueued(at=0, call=Call(id="x", queue="desk", caller_number="999"))],
            "the engine knows 999, who never dialled",
        ),
    ],
)
def test_events_too_few_or_too_many(change: Callable[[Sequence[AnyEvent]], Sequence[AnyEvent]], words: str) -> None:
    found = broken(with_events(run_of(served(0, 1.0, rang=1.1, ended=4.0)), change))

    assert found.keys() == {"accounted"}
    assert found["accounted"].count == 1
    assert words in found["accounted"].sentence


def test_who_is_sent_back_into_the_line_is_no_second_caller() -> None:
    def sent_back(events: Sequence[AnyEvent]) -> Sequence[AnyEvent]:
        queued = events[0]
        assert isinstance(queued, CallQueued)
        return [*events, replace(queued, agent=Agent(id="desk-001"))]

    assert broken(with_events(run_of(served(0, 1.0, rang=1.1, ended=4.0)), sent_back)) == {}


def test_who_is_refused_at_once_need_not_be_known_to_the_engine() -> None:
    refused = call(0, 1.0, 1.1, CallerEnd.REFUSED, code=503)
    dropped = call(0, 1.0, 1.1, CallerEnd.GAVE_UP)

    assert broken(run_of(refused, events=[])) == {}
    assert broken(run_of(dropped, events=[])).keys() == {"accounted"}


@pytest.mark.parametrize("reason", [EndReason.ABANDONED, EndReason.TIMED_OUT])
def test_who_talked_is_not_told_as_gone(reason: EndReason) -> None:
    assert broken(ended_as(reason, run_of(served(0, 1.0, rang=1.1, ended=4.0)))).keys() == {"accounted"}
    # Caller and agent did not know of each other yet when the one hung up and the other answered.
    crossed = (call(0, 1.0, 4.0, CallerEnd.HUNG_UP), offer(0, 3.0, 4.2, answered=3.99, end=OfferEnd.HUNG_UP_ON))
    assert broken(ended_as(reason, run_of(crossed))) == {}


def test_who_had_no_agent_is_not_told_as_served() -> None:
    gone = (call(0, 1.0, 4.0, CallerEnd.GAVE_UP), offer(0, 3.0, 4.0))
    crossed = (call(0, 1.0, 4.0, CallerEnd.GAVE_UP), offer(0, 3.0, 4.2, answered=4.01, end=OfferEnd.HUNG_UP_ON))

    assert broken(ended_as(EndReason.COMPLETED, run_of(gone))).keys() == {"accounted"}
    assert broken(ended_as(EndReason.COMPLETED, run_of(crossed))) == {}


# --- lost -------------------------------------------------------------------------------------------------------------


def test_who_is_hung_up_on_without_an_agent_is_lost() -> None:
    dropped = call(0, 1.0, 3.0)
    found = broken(run_of(dropped))

    assert found.keys() == {"lost"}
    assert "900000000 was hung up on after 2.0 s without an agent" in found["lost"].sentence


def test_an_agent_who_answers_when_the_caller_was_dropped_saves_nobody() -> None:
    run = run_of(call(0, 1.0, 3.0), offer(0, 2.0, 3.2, answered=3.01, end=OfferEnd.HUNG_UP_ON), told=False)

    assert broken(run).keys() == {"lost"}


def test_who_has_no_end_is_lost() -> None:
    assert broken(run_of(call(0, 1.0), told=False)).keys() == {"lost"}


def test_who_was_there_when_time_was_up_is_lost_and_who_was_there_when_it_was_told_to_stop_is_not() -> None:
    def run(why: str, *, overdue: bool) -> Run:
        waiting = call(0, 1.0, 9.0, CallerEnd.HUNG_UP)
        return run_of(waiting, sent_away_at=8.9, broken_off=why, overdue=overdue)

    assert broken(run("not served", overdue=True)).keys() == {"lost", "whole"}
    assert broken(run("told to stop", overdue=False)).keys() == {"whole"}


def test_some_may_be_lost_where_the_profile_says_so() -> None:
    for allowed, kept in ((0, False), (1, False), (2, True)):
        plan = small_plan(callers(2, every_s=1.0), rules=Rules(lost_at_most=allowed))
        assert (broken(run_of(call(0, 1.0, 3.0), call(1, 2.0, 3.0), plan=plan)) == {}) == kept


# --- doubled ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end_of_first", "doubled"),
    [(4.0, False), (4.5, True), (None, True)],
)
def test_a_phone_that_is_called_while_it_talks(end_of_first: float | None, doubled: bool) -> None:
    run = run_of(
        call(0, 1.0, end_of_first),
        offer(0, 1.1, end_of_first, answered=1.2),
        served(1, 2.0, rang=4.2, ended=5.0),
        told=False,
    )

    assert ("doubled" in broken(run)) == doubled
    assert "fair" not in broken(run)


def test_a_cancel_may_be_on_its_way_when_the_phone_is_called_for_the_next() -> None:
    def run(cancelled_after: float) -> Run:
        gone = (call(0, 1.0, 4.0, CallerEnd.GAVE_UP), offer(0, 1.1, 4.1 + cancelled_after))
        return run_of(gone, served(1, 2.0, rang=4.1, ended=5.0))

    assert broken(run(0.01)) == {}
    assert broken(run(0.06)).keys() == {"doubled"}


def test_a_phone_that_rings_twice_at_once_is_doubled() -> None:
    run = run_of(
        (call(0, 1.0, 4.0, CallerEnd.GAVE_UP), offer(0, 1.1, 4.0)),
        (call(1, 2.0, 4.0, CallerEnd.GAVE_UP), offer(1, 2.1, 4.0)),
    )

    assert broken(run).keys() == {"doubled"}
    assert "phone 1001 was called for 900000100 while it was with 900000000" in broken(run)["doubled"].sentence


@pytest.mark.parametrize(
    ("second", "doubled"),
    [
        (offer(0, 1.3, 3.0, answered=2.0, phone="1002"), True),
        (offer(0, 1.3, 6.0, answered=2.0, phone="1002", end=OfferEnd.HUNG_UP_ON), True),
        (offer(0, 1.3, None, answered=2.0, phone="1002"), True),
        # Both rang, and one answered too late: cancelled, or hung up on at once.
        (offer(0, 1.3, 1.25, phone="1002"), False),
        (offer(0, 1.3, 1.24, answered=1.23, phone="1002", end=OfferEnd.CANCELLED), False),
        (offer(0, 1.15, 1.3, answered=1.25, phone="1002", end=OfferEnd.HUNG_UP_ON), False),
        # One after the other.
        (offer(0, 4.1, 5.0, answered=4.2, phone="1002"), False),
    ],
)
def test_a_caller_with_two_agents(second: SeenOffer, doubled: bool) -> None:
    run = run_of(call(0, 1.0, 6.0), offer(0, 1.1, 4.0, answered=1.2), replace(second))

    assert (broken(run).keys() == {"doubled"}) == doubled
    assert ("doubled" in broken(run)) == doubled


# --- fair -------------------------------------------------------------------------------------------------------------


def line(*offered: float, plan: Plan | None = None) -> Run:
    """Callers who come a second apart and are offered at these times, each at a phone of its own."""
    seen = [served(n, 1.0 + n, rang=at, ended=at + 5.0, phone=f"10{n + 1:02}") for n, at in enumerate(offered)]
    return run_of(*seen, plan=plan)


@pytest.mark.parametrize(
    ("offered", "unfair"),
    [
        ((10.0, 11.0, 12.0), 0),
        ((12.0, 11.0, 13.0), 1),
        ((12.0, 11.0, 10.0), 2),
        # In the same moment nobody can say who was first.
        ((10.04, 10.0, 10.05), 0),
        ((1.1, 2.1, 3.1), 0),
    ],
)
def test_who_came_first_is_offered_first(offered: tuple[float, ...], unfair: int) -> None:
    found = broken(line(*offered))

    assert found.keys() == ({"fair"} if unfair else set())
    assert not unfair or found["fair"].count == unfair


def test_who_came_together_may_be_served_in_either_order() -> None:
    for apart, fair in ((0.04, True), (0.5, False)):
        run = run_of(served(0, 1.0, rang=12.0, ended=14.0), served(1, 1.0 + apart, rang=11.0, ended=13.0, phone="1002"))
        assert ("fair" not in broken(run)) == fair


def test_a_caller_of_whom_the_system_did_not_know_yet_cannot_be_overtaken() -> None:
    late, late_offer = served(0, 1.0, rang=12.0, ended=14.0)
    late.picked_up_at = None if late.picked_up_at is None else late.picked_up_at + 1.0

    assert broken(run_of((late, late_offer), served(1, 1.5, rang=11.0, ended=13.0, phone="1002"))) == {}


def test_who_has_gone_is_not_overtaken() -> None:
    run = run_of(call(0, 1.0, 3.0, CallerEnd.GAVE_UP), served(1, 2.0, rang=4.0, ended=5.0))

    assert broken(run) == {}


def test_who_was_missed_by_an_agent_has_had_its_turn() -> None:
    run = run_of(
        call(0, 1.0, 9.0),
        offer(0, 1.1, 4.0),
        offer(0, 7.0, 9.0, answered=7.1),
        served(1, 2.0, rang=4.1, ended=5.0, phone="1002"),
    )

    assert broken(run) == {}


@pytest.mark.parametrize(
    "other", [{"priority": 5.0}, {"requires": "german"}, {"prefers": "german"}, {"queue": "other"}]
)
def test_who_asks_for_something_else_stands_in_another_line(other: dict[str, object]) -> None:
    calls = list(callers(2, every_s=1.0))
    plan = small_plan([calls[0], replace(calls[1], **other)])  # type: ignore[arg-type]

    assert broken(line(12.0, 11.0, plan=plan)) == {}
    assert broken(line(12.0, 11.0)).keys() == {"fair"}


# --- what others tell -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"left": ["channel 1", "bridge 2"]}, "left"),
        ({"complaints": ["callers-1: 1 calls went wrong", "and another"]}, "sipp"),
    ],
)
def test_what_is_left_and_what_sipp_says(more: dict[str, object], name: str) -> None:
    found = broken(replace(sound(), **more))  # type: ignore[arg-type]

    assert found.keys() == {name}
    assert found[name].count == 2


def test_a_run_that_was_broken_off_says_why_unless_that_was_its_aim() -> None:
    run = replace(sound(), broken_off="acd-1 ended by itself")

    assert broken(run).keys() == {"whole"}
    assert "acd-1 ended by itself" in broken(run)["whole"].sentence
    assert broken(replace(run, plan=replace(run.plan, until_it_breaks=True))) == {}


def test_of_many_faults_a_few_are_told() -> None:
    found = broken(replace(sound(), left=[f"bridge {n}" for n in range(100)]))["left"]

    assert found.count == 100
    assert len(found.examples) == MOST_TOLD
    assert "broken 100 times" in found.sentence
