"""What a waiting caller's explanation says in each situation, in whole sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from acd.agent import Agent, AgentActivity, AgentProfile, AgentStatus
from acd.call import Call, CallState
from acd.configuration import Cap, Configuration
from acd.events import AgentStatusChanged, CallQueued, StepSwitched
from acd.matcher import Matcher, explain_call
from acd.matcher.call_explanation import CallExplanation
from acd.ports import Refusal, Refused
from acd.queue import Crossing, Metric, Queue, Step
from acd.strategy import Ranking, Situation, Strategy
from tests.unit.matcher_pool import NOW, profile, ready

QUEUE = Queue(name="q")
WAITED = 20_000
CALL = Call(id="c", queue="q", queued_at=NOW - WAITED)
BUSY = Crossing(metric=Metric.WAITING, at=5, back_at=2)


def matcher_of(
    *profiles: AgentProfile,
    queue: Queue = QUEUE,
    live: tuple[Agent, ...] = (),
    calls: tuple[Call, ...] = (CALL,),
    strategies: Mapping[str, Strategy] | None = None,
    caps: Mapping[str, Cap] | None = None,
) -> Matcher:
    queues = {"q": queue} | {name: Queue(name=name) for name in ("sales", "late")}
    agents = {one.id: one for one in profiles}
    matcher = Matcher(Configuration(queues=queues, agents=agents, caps=caps or {}), strategies or {})
    for agent in live:
        matcher.apply(AgentStatusChanged(at=NOW, agent=agent))
    for call in calls:
        matcher.apply(CallQueued(at=NOW, call=call))
    matcher.keep_up(NOW)
    return matcher


def told(matcher: Matcher, call: str = "c", now: int = NOW) -> CallExplanation:
    explained = explain_call(matcher, call, now)
    assert explained is not None
    return explained


# --- what comes by time ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, None),
        ({"steps": (Step(after_s=20, anyone=True),)}, None),
        ({"steps": (Step(after_s=50, lower={"french": 1}),)}, None),
        ({"steps": (Step(when=BUSY, anyone=True),)}, None),
        ({"steps": (Step(after_s=50, anyone=True),)}, "In 30 s it asks for no skill."),
        ({"steps": (Step(after_s=22.5, lower={"german": 20}),)}, "In 2.5 s it asks for german >= 20."),
        ({"steps": (Step(after_s=50, anyone=True), Step(after_s=25, ranks=1))}, "In 30 s it asks for no skill."),
        ({"ranks": 0, "steps": (Step(after_s=110, ranks=3),)}, "In 1 min 30 s it asks agents up to rank 3."),
        ({"steps": (Step(after_s=50, queues=("sales",)),)}, "In 30 s it asks agents of queues sales, too."),
        (
            {"steps": (Step(after_s=50, groups=("gold", "east")),)},
            "In 30 s it asks agents of groups east and gold, too.",
        ),
        (
            {"steps": (Step(after_s=10, queues=("sales",)), Step(after_s=50, queues=("late",), groups=("gold",)))},
            "In 30 s it asks agents of queues late, too and asks agents of groups gold, too.",
        ),
        (
            {"ranks": 1, "steps": (Step(after_s=50, ranks=2, lower={"german": 1}, groups=("gold",)),)},
            "In 30 s it asks for german, asks agents up to rank 2 and asks agents of groups gold, too.",
        ),
        ({"steps": (Step(after_s=10, anyone=True), Step(after_s=50, lower={"german": 1}))}, None),
    ],
)
def test_what_the_next_step_changes_is_told_with_its_time(fields: dict[str, Any], says: str | None) -> None:
    queue = Queue(name="q", requires="german >= 50", **fields)
    sentences = told(matcher_of(queue=queue)).sentences

    assert [one for one in sentences if one.startswith("In ")] == ([] if says is None else [says])


def test_a_step_that_counts_by_a_live_figure_is_in_what_the_call_asks_for() -> None:
    queue = Queue(name="q", requires="german", steps=(Step(when=BUSY, anyone=True),))
    matcher = matcher_of(profile("amy"), queue=queue, live=(ready("amy"),))
    assert told(matcher).reasons == {"lacks german": 1}
    matcher.apply(StepSwitched(at=NOW, queue="q", step=0, on=True))

    assert told(matcher).sentences[1:] == ["1 agent takes it, of whom 1 is free.", "amy comes first."]


def test_a_calls_own_requirement_is_asked_for_besides_the_queues_and_steps_lower_both() -> None:
    queue = Queue(name="q", requires="german >= 50", steps=(Step(after_s=30, lower={"german": 5, "sales": 0}),))
    call = replace(CALL, requires="sales >= 9")
    matcher = matcher_of(profile("amy", german=50), profile("ben", sales=9), queue=queue, calls=(call,))

    assert told(matcher).reasons == {"lacks sales >= 9": 1, "lacks german >= 50": 1}
    assert told(matcher).sentences[1:] == [
        "Nobody can take it: of 2 agents in the queue none meets german >= 50 and sales >= 9.",
        "In 10 s it asks for german >= 5.",
    ]
    assert told(matcher, now=NOW + 10_000).reasons == {"no_record": 1, "lacks german >= 5": 1}


# --- an agent who is waited for --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("live", "for_s", "says"),
    [
        (ready("ben"), 30.0, ["It waits for ben, who is free.", "Others are asked in 10 s."]),
        (ready("ben"), 20.04, ["It waits for ben, who is free.", "Others are asked in 0.0 s."]),
        (ready("ben"), None, ["It waits for ben, who is free."]),
        (
            replace(ready("ben"), status=AgentStatus.ON_BREAK),
            300.0,
            ["It waits for ben, who is on break.", "Others are asked in 4 min 40 s."],
        ),
        (
            ready("ben", activity=AgentActivity.WRAP_UP),
            25.5,
            ["It waits for ben, who is in wrap-up.", "Others are asked in 5.5 s."],
        ),
        (ready("ben", cool_until=NOW + 1), None, ["It waits for ben, who is in a cool-off."]),
        (Agent(id="ben"), None, ["It waits for ben, who is logged out."]),
        (ready("ben"), 20.0, ["3 agents take it, of whom 1 is free: 2 no record.", "ben comes first."]),
        (Agent(id="ben"), 30.0, ["3 agents take it, of whom none is free: 2 no record, 1 logged out."]),
    ],
)
def test_a_call_that_waits_for_one_agent_says_for_whom_and_how_long(
    live: Agent, for_s: float | None, says: list[str]
) -> None:
    call = replace(CALL, preferred_agent="ben", preferred_for_s=for_s)
    matcher = matcher_of(profile("amy"), profile("ben"), profile("cat"), live=(live,), calls=(call,))
    explained = told(matcher)

    assert explained.sentences[1:] == says
    if says[0].startswith("It waits"):
        assert explained.reasons["another_agent_is_waited_for"] == 2
        assert explained.candidates == (["ben"] if "free" in says[0] else [])


def test_a_call_whose_preferred_agent_is_not_configured_asks_everybody() -> None:
    call = replace(CALL, preferred_agent="gone", preferred_for_s=None)

    assert told(matcher_of(profile("amy"), live=(ready("amy"),), calls=(call,))).candidates == ["amy"]


# --- agents ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("free", "busy", "requires", "says"),
    [
        (1, 0, "", "1 agent takes it, of whom 1 is free."),
        (2, 0, "german", "2 agents take it and meet german, of whom 2 are free."),
        (2, 3, "", "5 agents take it, of whom 2 are free: 3 talking."),
        (0, 1, "german", "1 agent takes it and meets german, of whom none is free: 1 talking."),
        (0, 0, "", "Nobody can take it: of 0 agents in the queue none meets it."),
    ],
)
def test_how_many_take_it_and_are_free_is_told(free: int, busy: int, requires: str, says: str) -> None:
    names = [f"a{number}" for number in range(free + busy)]
    live = [ready(name) for name in names[:free]] + [
        ready(name, activity=AgentActivity.TALKING) for name in names[free:]
    ]
    matcher = matcher_of(
        *[profile(name, german=1) for name in names],
        profile("outsider", "sales"),
        queue=replace(QUEUE, requires=requires),
        live=tuple(live),
    )

    assert told(matcher).sentences[1] == says


def test_an_agent_on_the_way_to_another_caller_is_being_reserved() -> None:
    matcher = matcher_of(profile("amy"), live=(ready("amy"),), calls=(CALL, replace(CALL, id="later", queued_at=NOW)))
    matcher.propose(NOW)

    assert told(matcher, "later").reasons == {"being_reserved": 1, "callers_before": 1}
    assert told(matcher, "later").sentences[1:] == ["1 agent takes it, of whom none is free: 1 being reserved."]


@pytest.mark.parametrize(
    ("others", "says"),
    [
        (("talking",), "Nobody can take it now: of 2 agents in the queue 2 cap vip."),
        (
            ("talking", "weak", "later"),
            "Nobody can take it now: of 4 agents in the queue 2 cap vip, 1 lacks german, 1 rank not asked yet.",
        ),
        (("talking", "own"), "1 agent takes it and meets german, of whom none is free: 1 no record."),
        (("own",), "2 agents take it and meet german, of whom 1 is free: 1 no record."),
    ],
)
def test_a_cap_or_a_rank_that_holds_back_is_told_and_not_that_nobody_meets_it(
    others: tuple[str, ...], says: str
) -> None:
    gold = AgentProfile(id="amy", queues={"q": 0}, groups=("gold",), skills={"german": 1})
    known = {
        "talking": replace(gold, id="talking"),
        "weak": profile("weak"),
        "later": AgentProfile(id="later", queues={"q": 1}, skills={"german": 1}),
        "own": profile("own", german=1),
    }
    busy = ready("talking", activity=AgentActivity.TALKING, busy_for="q")
    matcher = matcher_of(
        gold,
        profile("outsider", "sales", german=1),
        *[known[name] for name in others],
        queue=replace(QUEUE, requires="german", ranks=0),
        live=(ready("amy"), *([busy] if "talking" in others else [])),
        caps={"vip": Cap(name="vip", group="gold", queue="q", at_most=1)},
    )
    sentences = told(matcher).sentences

    assert sentences[1] == says
    assert ("Held back by caps: 2 cap vip." in sentences) is (others == ("talking", "own"))


@pytest.mark.parametrize(("prefers", "first"), [("", "ben"), ("german", "cat"), ("sales", "amy")])
def test_whom_the_call_prefers_comes_first_whatever_the_strategy_says(prefers: str, first: str) -> None:
    matcher = matcher_of(
        profile("amy", sales=1),
        profile("ben"),
        profile("cat", german=1),
        live=(ready("amy", idle_since=3), ready("ben", idle_since=2), ready("cat", idle_since=4)),
        calls=(replace(CALL, prefers=prefers),),
    )

    assert told(matcher).candidates[0] == first
    assert told(matcher).sentences[-1] == f"{first} comes first."


def test_the_strategy_that_orders_sees_the_call_what_it_asks_for_and_the_time_and_few_are_named() -> None:
    class Backwards:
        def rank(self, situation: Situation) -> Ranking:
            assert (situation.call.id, situation.requires, situation.now) == ("c", "german", NOW)
            return Ranking(sorted([one.id for one in situation.candidates], reverse=True))

    names = [f"a{number}" for number in range(7)]
    matcher = matcher_of(
        *[profile(name, german=1) for name in names],
        queue=replace(QUEUE, requires="german"),
        live=tuple(ready(name) for name in names),
        strategies={"q": Backwards()},
    )

    assert told(matcher).candidates == ["a6", "a5", "a4", "a3", "a2"]


# --- the call --------------------------------------------------------------------------------------------------------


def test_what_was_tried_in_vain_and_refused_is_told_with_the_time_of_the_next_try() -> None:
    call = replace(CALL, tried={"cat": 1, "ben": 2, "amy": 1})
    matcher = matcher_of(profile("amy"), live=(ready("amy"),), calls=(call,))
    [proposal] = matcher.propose(NOW)
    matcher.settle(proposal, Refused(why=Refusal.WRONG_STATE))
    slot = matcher.pool.calls["c"]
    assert slot.block is not None
    slot.block.until = NOW + 1_500

    assert told(matcher).sentences[1:3] == [
        "Offered in vain before: amy, ben and cat.",
        "The store refused a reservation for it; it is tried again when the news arrives, in 1.5 s at the latest.",
    ]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (replace(CALL, state=CallState.CONNECTING), "The call is connecting."),
        (replace(CALL, state=CallState.CONNECTED, agent="amy"), "The call is connected with amy."),
        (replace(CALL, queue="gone"), "Queue gone is not configured any more: nobody can be offered the call."),
    ],
)
def test_a_call_of_which_nothing_is_to_be_explained_has_no_reasons_and_no_candidates(call: Call, says: str) -> None:
    assert told(matcher_of(calls=(call,))) == CallExplanation(sentences=[says], reasons={}, candidates=[])


def test_the_first_in_line_has_nobody_before() -> None:
    assert told(matcher_of()).sentences[0] == "The caller has waited 20 s in queue q, nobody before."
