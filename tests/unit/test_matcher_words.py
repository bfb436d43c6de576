"""How explanations say counts, times and names, and what a call asks for by queues, ranks and groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from acd.agent import AgentProfile
from acd.call import Call
from acd.matcher import words
from acd.matcher.terms import Terms


@pytest.mark.parametrize(
    ("names", "said"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"), (["a"] * 4, "a, a, a and a")],
)
def test_names_are_listed_with_commas_and_one_and(names: list[str], said: str) -> None:
    assert words.listed(names) == said


@pytest.mark.parametrize(
    ("count", "agents", "callers", "verb"),
    [
        (0, "0 agents", "nobody", "is"),
        (1, "1 agent", "1 caller", "is"),
        (2, "2 agents", "2 callers", "are"),
        (3, "3 agents", "3 callers", "are"),
    ],
)
def test_one_is_said_in_the_singular_and_more_in_the_plural(count: int, agents: str, callers: str, verb: str) -> None:
    assert (words.agents(count), words.callers(count), words.are(count)) == (agents, callers, verb)


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (-1, "0.0 s"),
        (0, "0.0 s"),
        (49, "0.0 s"),
        (1_250, "1.2 s"),
        (9_940, "9.9 s"),
        (10_000, "10 s"),
        (59_400, "59 s"),
        (60_000, "1 min 0 s"),
        (3_725_000, "62 min 5 s"),
    ],
)
def test_times_are_said_as_exactly_as_they_matter(milliseconds: int, said: str) -> None:
    assert words.time(milliseconds) == said


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        ({}, ""),
        ({"wrap_up": 2}, "2 wrap up"),
        ({"a": 1, "b": 3, "c": 2}, "3 b, 2 c, 1 a"),
        ({"z": 1, "being_reserved": 1, "m": 4}, "4 m, 1 being reserved, 1 z"),
    ],
)
def test_reasons_are_counted_the_most_frequent_first_and_then_by_name(reasons: Mapping[str, int], said: str) -> None:
    assert words.counts(reasons) == said


@pytest.mark.parametrize(
    ("condition", "said", "after_is"),
    [
        ("wrap_up", "wrap-up", "in wrap-up"),
        ("reserved", "reservation", "reserved"),
        ("talking", "conversation", "talking"),
        ("cool_off", "cool off", "in a cool-off"),
        ("no_record", "no record", "without a record"),
        ("on_break (long_lunch)", "on break (long lunch)", "on break (long lunch)"),
        ("logged_out", "logged out", "logged out"),
    ],
)
def test_conditions_are_said_as_people_say_them(condition: str, said: str, after_is: str) -> None:
    assert (words.plain(condition), words.doing(condition)) == (said, after_is)


TERMS = Terms(queue="q")
OWN_AND_BORROWED = Terms(queue="q", window=1, queues=("sales", "late"), groups=("gold", "east"))


@pytest.mark.parametrize(
    ("terms", "queues", "groups", "admitted"),
    [
        (TERMS, {"q": 9}, (), True),
        (TERMS, {"other": 0}, ("gold",), False),
        (replace(TERMS, window=1), {"q": 0}, (), True),
        (replace(TERMS, window=1), {"q": 1}, (), True),
        (replace(TERMS, window=1), {"q": 2}, (), False),
        (OWN_AND_BORROWED, {"late": 9}, (), True),
        (OWN_AND_BORROWED, {}, ("west", "east"), True),
        (OWN_AND_BORROWED, {"q": 2, "sales": 9}, (), True),
        (OWN_AND_BORROWED, {"q": 2}, ("gold",), True),
        (OWN_AND_BORROWED, {"q": 2, "other": 0}, ("west",), False),
        (replace(TERMS, queues=("sales",)), {"other": 0}, (), False),
        (replace(TERMS, groups=("gold",)), {"other": 0}, ("west",), False),
    ],
)
def test_who_may_be_asked_goes_by_rank_in_the_queue_other_queues_and_groups(
    terms: Terms, queues: dict[str, int], groups: tuple[str, ...], admitted: bool
) -> None:
    assert terms.admits_by_membership(AgentProfile(id="amy", queues=queues, groups=groups)) is admitted


@pytest.mark.parametrize(
    ("call", "waited"),
    [
        (Call(id="c", queue="q", queued_at=5_000), 2_000),
        (Call(id="c", queue="q", queued_at=7_000), 0),
        (Call(id="c", queue="q", queued_at=8_000), 0),
        (Call(id="c", queue="q", queued_at=5_000, ended_at=6_500), 1_500),
        (Call(id="c", queue="q", queued_at=5_000, connected_at=5_200, ended_at=6_500), 200),
    ],
)
def test_a_wait_ends_with_the_connection_or_the_call_and_is_never_negative(call: Call, waited: int) -> None:
    assert call.waited_ms(7_000) == waited
