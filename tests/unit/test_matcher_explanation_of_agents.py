"""What an agent's explanation says in each situation, how things stand, and how a strategy's failures are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.agent import Agent, AgentActivity, AgentProfile
from acd.call import Call, CallState
from acd.matcher import Condition, agents_standing, explain_agent, queues_standing, waiting_callers
from acd.ports import Refusal, Refused
from acd.queue import Queue
from acd.strategy import Candidate, SortKey
from tests.unit.matcher_pool import NOW, Pool, caller, profile, ready

QUEUES = [Queue(name="q"), Queue(name="other", priority=5)]


def sentences(pool: Pool, agent: str = "amy") -> list[str]:
    told = explain_agent(pool.matcher, agent, NOW)
    assert told is not None
    return list(told.sentences)


# --- agents ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("live", "says"),
    [
        (
            ready("amy", activity=AgentActivity.RESERVED, activity_since=NOW - 2_500, call="x"),
            "amy is in reservation for 2.5 s, call x.",
        ),
        (
            ready("amy", activity=AgentActivity.WRAP_UP, activity_since=NOW - 12_000, call="x"),
            "amy is in wrap-up for 12 s, call x.",
        ),
        (ready("amy", idle_since=NOW - 500, cool_until=NOW), "amy is free for 0.0 s."),
        (
            ready("amy", idle_since=NOW, cool_until=NOW + 1),
            "amy is left in peace for 0.0 s after an offer that came to nothing.",
        ),
    ],
)
def test_an_agent_is_told_the_own_condition_in_words(live: Agent, says: str) -> None:
    assert sentences(Pool(profile("amy")).agents(live))[0] == says


def test_an_agent_whom_the_store_knows_to_be_taken_is_told_that_news_is_on_its_way() -> None:
    pool = Pool(profile("amy")).agents(ready("amy")).calls(caller("a"))
    [proposal] = pool.propose()
    pool.matcher.settle(proposal, Refused(why=Refusal.NOBODY_FREE))

    assert sentences(pool)[0] == "amy seems free, but the store says otherwise; the news is on its way."


def test_an_agent_without_a_record_is_told_when_it_is_made() -> None:
    assert sentences(Pool(profile("amy")))[0] == (
        "amy has no live record yet: it is made when the configuration is announced."
    )


@pytest.mark.parametrize(
    ("who", "calls", "says"),
    [
        (profile("amy"), [], ["Nobody in line needs an offer."]),
        (profile("amy"), [caller("a")], ["1 caller in line, of whom amy can take 1.", "The first would be a."]),
        (
            profile("amy"),
            [caller("b", since=NOW - 1), caller("a", since=NOW)],
            ["2 callers in line, of whom amy can take 2.", "The first would be b."],
        ),
        (
            profile("amy"),
            [caller("a", german=5)],
            ["1 caller in line, of whom amy can take none: 1 lacks german >= 5."],
        ),
        (
            profile("amy", "other"),
            [caller("a"), caller("b"), caller("c", queue="other", german=1)],
            ["3 callers in line, of whom amy can take none: 2 not in queue, 1 lacks german."],
        ),
        (AgentProfile(id="amy"), [caller("a")], ["amy takes no queue's calls."]),
    ],
)
def test_an_agent_is_told_who_is_in_line_and_what_holds_them_back(
    who: AgentProfile, calls: list[Call], says: list[str]
) -> None:
    on_the_phone = ready("amy", activity=AgentActivity.TALKING)

    assert sentences(Pool(who, queues=QUEUES).agents(on_the_phone).calls(*calls))[1:] == says


def test_a_few_callers_are_named_over_all_that_they_ask_for_the_first_in_line_first() -> None:
    pool = Pool(profile("amy", german=9)).agents(ready("amy", activity=AgentActivity.TALKING))
    pool.calls(*[caller(f"g{number}", since=NOW + 2 * number, german=9) for number in range(4)])
    pool.calls(*[caller(f"p{number}", since=NOW + 2 * number - 1) for number in range(4)])
    told = explain_agent(pool.matcher, "amy", NOW)

    assert told is not None
    assert told.candidates == ["p0", "g0", "p1", "g1", "p2"]


def test_an_agent_who_is_no_longer_configured_is_told_so() -> None:
    pool = Pool(profile("amy")).agents(ready("amy", activity=AgentActivity.TALKING)).calls(caller("a"))
    pool.matcher.configure(replace(pool.configuration, agents={}), {})

    assert sentences(pool)[1:] == ["amy is not configured any more."]


# --- how things stand ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cool_until", "condition"), [(NOW - 1, Condition.FREE), (NOW, Condition.FREE), (NOW + 1, Condition.COOL_OFF)]
)
def test_a_cool_off_is_over_at_its_time(cool_until: int, condition: Condition) -> None:
    pool = Pool(profile("amy", german=3)).agents(ready("amy", cool_until=cool_until))
    [standing] = agents_standing(pool.matcher, NOW)

    assert (standing.profile, standing.condition) == (profile("amy", german=3), condition)
    assert standing.live == ready("amy", cool_until=cool_until)


def test_a_caller_who_is_being_offered_to_somebody_still_waits() -> None:
    rings = replace(caller("b", since=NOW - 9), state=CallState.OFFERED, offers={"b.1": "amy"})
    pool = Pool(profile("amy"), queues=QUEUES).calls(caller("a"), rings)
    standing = {one.queue: (one.waiting, one.longest_waiting_since) for one in queues_standing(pool.matcher, NOW)}

    assert standing == {"other": (0, None), "q": (2, NOW - 9)}


def test_a_head_start_counts_in_the_places_that_pages_show() -> None:
    pool = Pool(profile("amy"), queues=QUEUES)
    pool.calls(caller("a", since=NOW - 200_000), caller("b", queue="other"), caller("c", since=NOW - 1, priority=4))

    assert [one.call.id for one in waiting_callers(pool.matcher)] == ["b", "c", "a"]


# --- a strategy's failures -------------------------------------------------------------------------------------------


class Unshowable:
    def __repr__(self) -> str:
        raise ValueError


class Says:
    def __init__(self, answer: object) -> None:
        self.answer = answer

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (None, "answered None"),
        ([1, 2], "answered [1, 2]"),
        (["x" * 76], f"answered ['{'x' * 76}']"),
        (["x" * 77], f"answered ['{'x' * 75}..."),
        (["x" * 500], f"answered ['{'x' * 75}..."),
        (Unshowable(), "answered a Unshowable that cannot be shown"),
    ],
)
def test_what_a_strategy_answered_is_told_as_far_as_it_is_short(answer: object, shown: str) -> None:
    pool = Pool(*[profile(name) for name in ("amy", "ben")], strategies={"q": Says(answer)})
    pool.agents(ready("amy"), ready("ben")).calls(caller("a")).propose()

    assert pool.matcher.troubles[0].what == f"key('amy') {shown}: a number, a string or a tuple of them was due"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("no idea"), "ValueError: no idea"),
        (ValueError(), "ValueError"),
        (KeyError("amy"), "KeyError: 'amy'"),
        (RuntimeError(""), "RuntimeError"),
    ],
)
def test_what_a_strategy_raised_is_told_with_its_words_if_it_has_any(error: Exception, words: str) -> None:
    pool = Pool(*[profile(name) for name in ("amy", "ben")], strategies={"q": Says(error)})
    pool.agents(ready("amy"), ready("ben")).calls(caller("a")).propose()

    assert pool.matcher.troubles[0].what == f"key('amy') raised {words}"
