"""Every waiting caller and every idle agent can be told why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from acd.agent import Agent, AgentActivity, AgentProfile, AgentStatus
from acd.call import Call, CallState
from acd.configuration import Configuration
from acd.events import AgentStatusChanged, CallQueued
from acd.matcher import (
    Condition,
    Matcher,
    agents_standing,
    explain_agent,
    explain_call,
    queues_standing,
    waiting_callers,
)
from acd.ports import Refusal, Refused
from acd.queue import Queue
from acd.skills import requirement
from acd.strategy import Ranking, Situation

NOW = 1_000_000


def profile(agent: str, *queues: str, **skills: int) -> AgentProfile:
    return AgentProfile(id=agent, queues=dict.fromkeys(queues or ("q",), 0), skills=skills)


def ready(agent: str, **fields: Any) -> Agent:
    return Agent(id=agent, status=AgentStatus.READY, reachable=True, status_since=NOW - 5_000, **fields)


def caller(call: str, *, queue: str = "q", since: int = NOW, **requires: int) -> Call:
    return Call(id=call, queue=queue, queued_at=since, requires=requirement(requires))


def matcher_of(*profiles: AgentProfile, agents: list[Agent], calls: list[Call]) -> Matcher:
    queues = {name: Queue(name=name) for name in ("q", "other")}
    matcher = Matcher(Configuration(queues=queues, agents={one.id: one for one in profiles}), {})
    for agent in agents:
        matcher.apply(AgentStatusChanged(at=NOW, agent=agent))
    for call in calls:
        matcher.apply(CallQueued(at=NOW, call=call))
    matcher.keep_up(NOW)
    return matcher


def test_a_call_is_told_what_each_agent_is_held_back_by() -> None:
    on_break = Agent(id="b", status=AgentStatus.ON_BREAK, break_reason="lunch", reachable=True)
    matcher = matcher_of(
        *[profile(name, german=50) for name in "abcdefgh"],
        profile("weak", german=10),
        profile("elsewhere", "other", german=99),
        agents=[
            Agent(id="a"),
            on_break,
            ready("c", activity=AgentActivity.TALKING),
            ready("d", activity=AgentActivity.WRAP_UP),
            ready("e", activity=AgentActivity.RESERVED),
            replace(ready("f"), reachable=False),
            ready("g", cool_until=NOW + 3_000),
        ],
        calls=[caller("early", since=NOW - 20_000, german=50), caller("late", since=NOW - 10_000, german=50)],
    )

    told = explain_call(matcher, "late", NOW)
    assert told is not None
    assert told.reasons == {
        "logged_out": 1,
        "on_break (lunch)": 1,
        "talking": 1,
        "wrap_up": 1,
        "reserved": 1,
        "unreachable": 1,
        "cool_off": 1,
        "no_record": 1,
        "lacks german >= 50": 1,
        "not_in_queue": 1,
        "callers_before": 1,
    }
    assert told.candidates == []
    assert told.sentences == [
        "The caller has waited 10 s in queue q, 1 caller before.",
        (
            "8 agents take it and meet german >= 50, of whom none is free: 1 cool off, 1 logged out, 1 no record,"
            " 1 on break (lunch), 1 reserved, 1 talking, 1 unreachable, 1 wrap up."
        ),
        "The next cool-off ends in 3.0 s.",
    ]


def test_a_call_for_which_somebody_is_free_is_told_who_comes_first() -> None:
    matcher = matcher_of(
        profile("amy"),
        profile("ben"),
        agents=[ready("amy", idle_since=2), ready("ben", idle_since=1)],
        calls=[caller("a")],
    )

    told = explain_call(matcher, "a", NOW)
    assert told is not None
    assert told.candidates == ["ben", "amy"]
    assert told.reasons == {"free": 2}
    assert told.sentences[-1] == "ben comes first."


def test_a_call_that_nobody_can_take_is_told_so() -> None:
    matcher = matcher_of(profile("amy"), agents=[ready("amy")], calls=[caller("a", german=5)])

    told = explain_call(matcher, "a", NOW)
    assert told is not None
    assert told.sentences[-1] == "Nobody can take it: of 1 agent in the queue none meets german >= 5."


def test_what_is_on_the_way_is_told() -> None:
    matcher = matcher_of(profile("amy"), agents=[ready("amy")], calls=[caller("a")])
    [proposal] = matcher.propose(NOW)
    told = explain_call(matcher, "a", NOW)
    assert told is not None
    assert "An agent is just being reserved for it." in told.sentences
    about_amy = explain_agent(matcher, "amy", NOW)
    assert about_amy is not None
    assert about_amy.sentences[0] == "amy is free and just being reserved for a caller."

    matcher.settle(proposal, Refused(why=Refusal.WRONG_STATE))
    refused = explain_call(matcher, "a", NOW)
    assert refused is not None
    assert any(sentence.startswith("The store refused a reservation for it") for sentence in refused.sentences)

    offered = replace(caller("a"), state=CallState.OFFERED, offers={"a.1": "ben", "a.2": "amy"})
    matcher.apply(CallQueued(at=NOW, call=offered))
    ringing = explain_call(matcher, "a", NOW)
    assert ringing is not None
    assert "It is being offered to amy and ben." in ringing.sentences


def test_a_call_that_has_its_agent_or_is_unknown_is_told_so() -> None:
    talks = replace(caller("a"), state=CallState.CONNECTED, agent="amy")
    matcher = matcher_of(profile("amy"), agents=[], calls=[talks])

    told = explain_call(matcher, "a", NOW)
    assert told is not None
    assert told.sentences == ["The call is connected with amy."]
    assert explain_call(matcher, "gone", NOW) is None


def test_a_call_whose_queue_is_gone_is_told_so() -> None:
    matcher = matcher_of(profile("amy"), agents=[ready("amy")], calls=[caller("a")])
    matcher.configure(Configuration(agents={"amy": profile("amy")}), {})

    told = explain_call(matcher, "a", NOW)
    assert told is not None
    assert told.sentences[-1] == "Queue q is not configured any more: nobody can be offered the call."


def test_asking_why_does_not_count_as_a_failed_decision() -> None:
    class Fails:
        def rank(self, situation: Situation) -> Ranking:
            raise ValueError

    matcher = matcher_of(profile("amy"), agents=[ready("amy")], calls=[caller("a")])
    matcher.configure(matcher.configuration, {"q": Fails()})
    for _ in range(5):
        assert explain_call(matcher, "a", NOW) is not None

    assert matcher.troubles == []


@pytest.mark.parametrize(
    ("live", "sentence"),
    [
        (ready("amy", cool_until=NOW + 2_000), "amy is left in peace for 2.0 s after an offer that came to nothing."),
        (replace(ready("amy"), reachable=False), "amy is ready, but the phone is not registered."),
        (
            ready("amy", activity=AgentActivity.TALKING, activity_since=NOW - 70_000, call="x"),
            "amy is in conversation for 1 min 10 s, call x.",
        ),
        (
            replace(ready("amy"), status=AgentStatus.ON_BREAK, break_reason="lunch"),
            "amy is on break (lunch) for 5.0 s.",
        ),
        (replace(ready("amy"), status=AgentStatus.LOGGED_OUT), "amy is logged out for 5.0 s."),
        (ready("amy", idle_since=NOW - 7_000, cool_until=NOW - 2_000), "amy is free for 2.0 s."),
    ],
)
def test_an_agent_is_told_the_own_condition(live: Agent, sentence: str) -> None:
    matcher = matcher_of(profile("amy"), agents=[live], calls=[])

    told = explain_agent(matcher, "amy", NOW)
    assert told is not None
    assert told.sentences == [sentence, "Nobody in line needs an offer."]


def test_an_agent_is_told_who_waits_and_why_each_is_not_theirs() -> None:
    matcher = matcher_of(
        profile("amy", german=10),
        profile("idle"),
        agents=[replace(ready("amy"), status=AgentStatus.ON_BREAK)],
        calls=[
            caller("b", since=NOW - 1),
            caller("a", since=NOW - 2, german=10),
            caller("hard", german=11),
            caller("theirs", queue="other"),
        ],
    )

    told = explain_agent(matcher, "amy", NOW)
    assert told is not None
    assert told.reasons == {"on_break": 1, "can_take": 2, "lacks german >= 11": 1, "not_in_queue": 1}
    assert told.candidates == ["a", "b"]
    assert told.sentences[1:] == [
        "4 callers in line, of whom amy can take 2: 1 lacks german >= 11, 1 not in queue.",
        "The first would be a.",
    ]
    assert explain_agent(matcher, "nobody", NOW) is None
    unborn = explain_agent(matcher, "idle", NOW)
    assert unborn is not None
    assert unborn.reasons["no_record"] == 1


def test_pages_see_the_line_in_order_with_places() -> None:
    offered = replace(caller("b", since=NOW - 2), state=CallState.OFFERED, offers={"b.1": "amy"})
    talks = replace(caller("t", since=NOW - 9), state=CallState.CONNECTED)
    matcher = matcher_of(
        profile("amy"),
        agents=[],
        calls=[caller("c", since=NOW - 1), offered, caller("a", queue="other", since=NOW - 3), talks],
    )

    whole = [(one.call.id, one.place, one.place_in_queue) for one in waiting_callers(matcher)]
    assert whole == [("a", 1, 1), ("b", 2, 1), ("c", 3, 2)]
    assert [one.call.id for one in waiting_callers(matcher, "q")] == ["b", "c"]


def test_pages_see_agents_and_queues_in_figures() -> None:
    matcher = matcher_of(
        profile("amy"),
        profile("ben", "q", "other"),
        agents=[ready("amy", cool_until=NOW + 1), ready("ben", activity=AgentActivity.TALKING)],
        calls=[
            caller("a", since=NOW - 2),
            caller("b", since=NOW - 1),
            replace(caller("c"), state=CallState.CONNECTING),
        ],
    )

    conditions = {one.live.id: one.condition for one in agents_standing(matcher, NOW) if one.live}
    assert conditions == {"amy": Condition.COOL_OFF, "ben": Condition.TALKING}
    other, q = queues_standing(matcher, NOW)
    assert (other.queue, other.waiting, other.longest_waiting_since) == ("other", 0, None)
    assert (q.waiting, q.longest_waiting_since, q.connecting, q.connected) == (2, NOW - 2, 1, 0)
    assert q.agents == {Condition.COOL_OFF: 1, Condition.TALKING: 1}
