"""Who is served first, by whom, and by how many at once: one promise a test."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.agent import Agent, AgentActivity, AgentProfile, AgentStatus
from acd.call import CallState
from acd.events import (
    AgentRemoved,
    CallEnded,
    OfferEnded,
    WrapUpEnded,
)
from acd.matcher.line import LEAST_EMPTY
from acd.ports import Refusal, Refused
from acd.queue import Queue, Step
from acd.skills import requirement
from acd.strategies.most_skilled import MostSkilled
from tests.unit.matcher_pool import NOW, Pool, caller, profile, ready


def test_who_came_first_is_served_first() -> None:
    pool = Pool(profile("amy")).calls(caller("late", since=NOW - 1), caller("early", since=NOW - 2))

    assert pool.agents(ready("amy")).pairs() == [("early", "amy")]


def test_a_minute_of_priority_is_worth_a_minute_of_waiting() -> None:
    early, late = caller("early", since=NOW - 60_000), caller("late", since=NOW, priority=1.0)
    pool = Pool(profile("amy")).calls(late, early).agents(ready("amy"))

    assert pool.pairs() == [("early", "amy")], "equal: who came first by the clock"

    hurried = Pool(profile("amy")).calls(early, replace(late, priority=1.001)).agents(ready("amy"))
    assert hurried.pairs() == [("late", "amy")]


def test_a_queues_priority_counts_like_its_callers_own() -> None:
    queues = [Queue(name="q"), Queue(name="vip", priority=5)]
    pool = Pool(profile("amy", "q", "vip"), queues=queues)
    pool.calls(caller("early", since=NOW - 299_000), caller("late", queue="vip")).agents(ready("amy"))

    assert pool.pairs() == [("late", "amy")]


def test_a_caller_whose_agents_are_all_busy_holds_up_nobody_behind() -> None:
    pool = Pool(profile("amy"), profile("ben", german=50))
    pool.calls(caller("waits", since=NOW - 9, german=50), caller("next", since=NOW - 1))

    assert pool.agents(ready("amy")).pairs() == [("next", "amy")]


def test_a_call_that_comes_back_keeps_its_place() -> None:
    pool = Pool(profile("amy"), profile("ben")).calls(caller("first", since=NOW - 2)).agents(ready("amy"))
    [proposal] = pool.propose()
    [offer] = pool.offers_for(proposal)
    pool.matcher.settle(proposal, [offer])
    pool.made(offer, caller("first", since=NOW - 2), ready("amy"))
    pool.calls(caller("second", since=NOW - 1))
    pool.apply(
        OfferEnded(at=NOW, call=caller("first", since=NOW - 2), agent=ready("amy", cool_until=NOW + 9), offer=offer)
    )

    assert pool.agents(ready("ben")).pairs() == [("first", "ben")]


def test_one_round_serves_everybody_whom_it_can() -> None:
    pool = Pool(profile("amy"), profile("ben"), profile("cat"))
    pool.agents(ready("amy", idle_since=1), ready("ben", idle_since=2), ready("cat", idle_since=3))

    assert pool.calls(caller("a"), caller("b")).pairs() == [("a", "amy"), ("b", "ben")]


def test_only_agents_of_the_queue_are_asked() -> None:
    queues = [Queue(name="q"), Queue(name="other")]
    pool = Pool(profile("amy", "other"), queues=queues).agents(ready("amy")).calls(caller("a"))

    assert pool.pairs() == []


def test_a_caller_of_another_queue_who_came_meanwhile_does_not_hide_ones_own() -> None:
    pool = Pool(profile("amy"), profile("ben", "other"), queues=[Queue(name="q"), Queue(name="other")])
    [proposal] = pool.calls(caller("a")).agents(ready("amy")).propose()
    pool.matcher.settle(proposal, pool.offers_for(proposal))
    pool.calls(caller("theirs", queue="other", since=NOW - 9), replace(caller("b"), requires=""))
    assert pool.propose() == []

    pool.made(pool.offers_for(proposal)[0], caller("a"), ready("amy"))
    assert pool.agents(ready("amy")).pairs() == [("b", "amy")]


@pytest.mark.parametrize(("level", "expected"), [(49, []), (50, [("a", "amy")]), (51, [("a", "amy")])])
def test_an_agent_needs_the_level_that_the_call_asks_for(level: int, expected: list[tuple[str, str]]) -> None:
    pool = Pool(profile("amy", german=level)).agents(ready("amy")).calls(caller("a", german=50))

    assert pool.pairs() == expected


@pytest.mark.parametrize(
    "live",
    [
        ready("amy", activity=AgentActivity.RESERVED),
        ready("amy", activity=AgentActivity.TALKING),
        ready("amy", activity=AgentActivity.WRAP_UP),
        replace(ready("amy"), reachable=False),
        replace(ready("amy"), status=AgentStatus.ON_BREAK),
        replace(ready("amy"), status=AgentStatus.LOGGED_OUT),
        ready("amy", cool_until=NOW + 1),
    ],
)
def test_who_is_not_available_gets_nothing(live: Agent) -> None:
    assert Pool(profile("amy")).calls(caller("a")).agents(live).pairs() == []


@pytest.mark.parametrize("state", [CallState.CONNECTING, CallState.CONNECTED])
def test_a_call_that_has_its_agent_gets_no_offer(state: CallState) -> None:
    pool = Pool(profile("amy")).agents(ready("amy")).calls(replace(caller("a"), state=state))

    assert pool.pairs() == []


def test_an_agent_who_left_the_configuration_gets_nothing() -> None:
    pool = Pool(profile("amy")).agents(ready("amy"))
    pool.apply(AgentRemoved(at=NOW, agent=ready("amy")))

    assert pool.calls(caller("a")).pairs() == []


def test_a_call_gets_as_many_offers_as_its_queue_allows() -> None:
    pool = Pool(profile("amy"), profile("ben"), profile("cat"), queues=[Queue(name="q", offer_width=2)])
    pool.agents(ready("amy", idle_since=1), ready("ben", idle_since=2), ready("cat", idle_since=3))
    pool.calls(caller("a"), caller("b"))

    first, second = pool.propose()
    assert (first.agents[:2], first.width) == (("amy", "ben"), 2)
    assert second.agents == ("cat",), "those chosen for the first are not even spares"


def test_a_call_with_an_offer_out_is_offered_to_the_next_who_is_free() -> None:
    pool = Pool(profile("amy"), profile("ben"), queues=[Queue(name="q", offer_width=2)])
    pool.calls(caller("a")).agents(ready("amy"))
    [proposal] = pool.propose()
    [offer] = pool.offers_for(proposal)
    pool.matcher.settle(proposal, [offer])
    pool.made(offer, caller("a"), ready("amy"))

    assert pool.agents(ready("ben")).pairs() == [("a", "ben")]


def test_spares_follow_those_who_are_chosen() -> None:
    names = [f"agent-{number}" for number in range(9)]
    pool = Pool(*[profile(name) for name in names])
    pool.agents(*[ready(name, idle_since=number) for number, name in enumerate(names)])

    [proposal] = pool.calls(caller("a")).propose()
    assert proposal.agents == tuple(names[:5])


def test_a_spare_is_still_there_for_the_next_caller() -> None:
    pool = Pool(profile("amy"), profile("ben")).agents(ready("amy", idle_since=1), ready("ben", idle_since=2))

    [first] = pool.calls(caller("a")).propose()
    [second] = pool.calls(caller("b")).propose()

    assert first.agents == ("amy", "ben")
    assert second.agents == ("ben",)


def test_many_agents_at_once_are_matched_like_one_after_the_other() -> None:
    names = [f"agent-{number:03}" for number in range(100)]
    skills = [{"german": 1 + number % 3} if number % 2 else {} for number in range(100)]
    profiles = [AgentProfile(id=name, queues={"q": 0}, skills=skill) for name, skill in zip(names, skills, strict=True)]
    calls = [
        replace(caller(f"c{number:03}", since=NOW + number), requires="german >= 2" if number % 3 else "")
        for number in range(150)
    ]
    agents = [ready(name, idle_since=number) for number, name in enumerate(names)]

    at_once = Pool(*profiles).calls(*calls).agents(*agents)
    together = dict(at_once.pairs())

    free = dict(zip(names, skills, strict=True))
    expected = {}
    for call in calls:
        able = [name for name, skill in free.items() if not call.requires or skill.get("german", 0) >= 2]
        if able:
            expected[call.id] = able[0]
            del free[able[0]]
    assert together == expected


def test_many_agents_for_still_more_kinds_of_callers_are_matched_too() -> None:
    skills = [f"skill-{number:02}" for number in range(30)]
    pool = Pool(*[AgentProfile(id=f"for-{skill}", queues={"q": 0}, skills={skill: 1}) for skill in skills[:20]])
    pool.calls(*[replace(caller(f"c-{skill}"), requires=skill) for skill in skills])
    assert pool.propose() == []

    pool.agents(*[ready(f"for-{skill}") for skill in skills[:20]])
    assert sorted(pool.pairs()) == [(f"c-{skill}", f"for-{skill}") for skill in skills[:20]]


def test_who_has_a_rare_skill_is_found_among_many_and_spares_with_it() -> None:
    names = [f"agent-{number:03}" for number in range(200)]
    rare = {"agent-150", "agent-160", "agent-170"}
    pool = Pool(*[AgentProfile(id=name, queues={"q": 0}, skills={"rare": 1} if name in rare else {}) for name in names])
    pool.agents(*[ready(name, idle_since=1_000 - number) for number, name in enumerate(names)])
    pool.propose()

    [proposal] = pool.calls(replace(caller("a"), requires="rare")).propose()
    assert proposal.agents == ("agent-170", "agent-160", "agent-150")


def test_requirements_that_nobody_has_any_more_are_forgotten_and_may_come_back() -> None:
    pool = Pool(profile("amy", german=100)).calls(replace(caller("hopeless"), requires="nobody"))

    def come_and_go(numbers: range) -> None:
        for number in numbers:
            call = replace(caller(f"c{number}"), requires=requirement({"german": 1 + number % 100, f"s{number}": 1}))
            pool.calls(call)
            pool.apply(CallEnded(at=NOW, call=replace(call, state=CallState.ENDED)))

    come_and_go(range(900))
    assert pool.agents(ready("amy")).propose() == []
    pool.agents(replace(ready("amy"), status=AgentStatus.ON_BREAK))
    come_and_go(range(900, 2_000))
    assert pool.matcher.pool.line.classes_known <= LEAST_EMPTY + 1

    assert pool.calls(caller("a", german=3)).propose() == []
    assert pool.agents(ready("amy")).pairs() == [("a", "amy")]


def test_a_wish_of_ones_own_for_which_somebody_is_free_leaves_nothing_with_the_agents() -> None:
    pool = Pool(profile("amy", german=100)).agents(ready("amy"))
    amy = pool.matcher.pool.roster.slot("amy")
    assert pool.calls(caller("a", german=77)).pairs() == [("a", "amy")]
    assert list(amy.classes) == []

    assert pool.calls(caller("b", german=78)).propose() == []
    assert len(amy.classes) == 1


def test_forgotten_wishes_are_forgotten_by_the_agents_too() -> None:
    pool = Pool(profile("amy", german=100))
    amy = pool.matcher.pool.roster.slot("amy")
    for number in range(3 * LEAST_EMPTY):
        call = replace(caller(f"c{number}"), requires=requirement(f"german >= {number % 100 + 1} or s{number}"))
        assert pool.calls(call).propose() == []
        pool.apply(CallEnded(at=NOW, call=replace(call, state=CallState.ENDED)))

    assert len(amy.classes) == len(set(amy.classes)) <= LEAST_EMPTY + 1
    assert pool.matcher.pool.line.classes_known <= LEAST_EMPTY + 1


def test_wishes_that_come_to_the_same_do_not_pile_up_while_somebody_waits() -> None:
    anybody = Queue(name="q", steps=(Step(after_s=0, anyone=True),))
    pool = Pool(profile("amy"), queues=[anybody]).calls(caller("waits"))
    assert pool.propose() == []
    for number in range(3 * LEAST_EMPTY):
        call = replace(caller(f"c{number}"), requires=f"s{number}")
        pool.calls(call)
        pool.apply(CallEnded(at=NOW, call=replace(call, state=CallState.ENDED)))

    line = pool.matcher.pool.line
    assert line.classes_known == 1
    assert len(line._classes) <= 2 * (LEAST_EMPTY + 1)


def test_agents_of_a_queue_without_calls_are_not_noted_for_ever() -> None:
    queues = [Queue(name="busy"), Queue(name="calm"), Queue(name="judged", strategy="most_skilled")]
    pool = Pool(profile("amy", "busy", "calm", "judged"), queues=queues, strategies={"judged": MostSkilled()})
    for number in range(1_000):
        pool.agents(ready("amy", idle_since=number))
        assert pool.propose() == []

    assert all(len(free._came) < 100 for free in pool.matcher.pool.free.values())
    assert pool.calls(caller("a", queue="judged")).pairs() == [("a", "amy")]


def test_who_was_free_before_many_others_came_and_went_is_still_found() -> None:
    """In a row that nobody looked at meanwhile; with more takers than are looked at one by one."""
    names = [f"agent-{number:02}" for number in range(20)]
    pool = Pool(*[profile(name) for name in names]).agents(*[ready(name, idle_since=100) for name in names[:2]])
    assert pool.pairs() == []
    call = replace(caller("a"), state=CallState.QUEUED)
    [proposal] = pool.calls(call).propose()
    assert proposal.agents == ("agent-00", "agent-01")
    pool.matcher.settle(proposal, Refused(why=Refusal.WRONG_STATE))
    pool.apply(CallEnded(at=NOW, call=replace(call, state=CallState.ENDED)))
    for number in range(300):
        pool.agents(ready("agent-19", idle_since=200 + number))
        assert pool.propose() == []

    assert pool.calls(caller("b")).propose()[0].agents == ("agent-00", "agent-01", "agent-19")


def test_whoever_is_being_reserved_is_not_available_before_anything_is_heard_of_it() -> None:
    pool = Pool(profile("amy"), profile("ben")).agents(ready("amy"), ready("ben")).calls(caller("a"))
    [proposal] = pool.propose()
    assert pool.matcher.pool.available_of("q") == 1

    [later] = pool.calls(caller("b")).propose()
    assert proposal.counts[:2] == (2, 0)
    assert later.counts[:2] == (1, 1)
    assert pool.matcher.pool.available_of("q") == 0


def test_wrap_up_that_ended_makes_the_agent_free() -> None:
    pool = Pool(profile("amy")).calls(caller("a")).agents(ready("amy", activity=AgentActivity.WRAP_UP))
    assert pool.propose() == []
    pool.apply(WrapUpEnded(at=NOW, agent=ready("amy")))

    assert pool.pairs() == [("a", "amy")]


def test_what_time_made_possible_is_possible_since_then() -> None:
    queue = Queue(name="q", requires="german", steps=(Step(after_s=5, anyone=True),))
    pool = Pool(profile("amy"), queues=[queue]).agents(ready("amy")).calls(caller("a"))
    assert pool.propose() == []

    [proposal] = pool.propose(NOW + 5_200)
    assert proposal.possible_since == NOW + 5_000, "the step's time, so that being late shows"

    pool = Pool(profile("amy")).agents(ready("amy")).calls(caller("a"))
    assert pool.propose()[0].possible_since == 0
