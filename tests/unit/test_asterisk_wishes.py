"""What the dialplan says on behalf of a caller is data: what can be used is used, the rest is told and left out."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st

from acd.agent import AgentProfile
from acd.call import Call
from acd.configuration import Configuration
from acd.queue import Queue
from stasis_app.asterisk.wishes import Wishes, wishes_of
from stasis_app.asterisk.words import request_of, request_text

CONFIGURATION = Configuration(
    queues={"support": Queue(name="support")},
    agents={"anna": AgentProfile(id="anna")},
    skills={"german": "German", "trainee": "Trainee"},
)


def said(**variables: str) -> Wishes:
    return wishes_of([quote(f"ACD_{name}={value}", safe="()") for name, value in variables.items()], CONFIGURATION)


def test_all_that_is_said_is_taken_over() -> None:
    wishes = said(
        REQUIRES="german>=50 and not trainee", PREFERS="german >= 90", AGENT="anna", AGENT_SECONDS="20", PRIORITY="5.5"
    )
    assert wishes == Wishes(
        requires="german >= 50 and not trainee",
        prefers="german >= 90",
        preferred_agent="anna",
        preferred_for_s=20.0,
        priority=5.5,
    )


def test_variables_that_are_not_set_say_nothing() -> None:
    assert said(REQUIRES="", PREFERS=" ", AGENT="", AGENT_SECONDS="", PRIORITY="") == Wishes()
    assert wishes_of([], CONFIGURATION) == Wishes()


def test_an_agent_without_seconds_is_the_only_one() -> None:
    wishes = said(AGENT="anna")
    assert (wishes.preferred_agent, wishes.preferred_for_s, wishes.faults) == ("anna", None, ())


@pytest.mark.parametrize(
    ("variables", "place", "remedy"),
    [
        ({"REQUIRES": "german >= high"}, "ACD_REQUIRES", "a level is 1 to 100"),
        ({"REQUIRES": "german >= 200"}, "ACD_REQUIRES", "a level is 1 to 100"),
        ({"REQUIRES": "(german"}, "ACD_REQUIRES", "a ) is missing"),
        ({"REQUIRES": "german or french"}, "ACD_REQUIRES", "no such skill as french; known: german, trainee"),
        ({"REQUIRES": "german " * 100}, "ACD_REQUIRES", "at most 500 characters"),
        ({"PREFERS": "${SHELL(reboot)}"}, "ACD_PREFERS", "is not understood"),
        ({"AGENT": "nobody"}, "ACD_AGENT", "no such agent is configured"),
        ({"AGENT": "anna", "AGENT_SECONDS": "soon"}, "ACD_AGENT_SECONDS", "1 to 86400"),
        ({"AGENT": "anna", "AGENT_SECONDS": "0"}, "ACD_AGENT_SECONDS", "1 to 86400"),
        ({"PRIORITY": "nan"}, "ACD_PRIORITY", "-1440 to 1440"),
        ({"PRIORITY": "1e9"}, "ACD_PRIORITY", "-1440 to 1440"),
        ({"PRIORITY": "first"}, "ACD_PRIORITY", "-1440 to 1440"),
    ],
)
def test_what_cannot_be_used_is_left_out_and_told(variables: dict[str, str], place: str, remedy: str) -> None:
    wishes = said(**variables)
    [fault] = wishes.faults
    assert (wishes.requires, wishes.prefers, wishes.preferred_agent, wishes.priority) == ("", "", None, 0.0)
    assert fault.place == place
    assert remedy in fault.remedy


def test_every_fault_is_told_at_once_and_what_is_right_is_kept() -> None:
    wishes = said(REQUIRES="french", PREFERS="german", PRIORITY="x", AGENT="nobody")
    assert {fault.place for fault in wishes.faults} == {"ACD_REQUIRES", "ACD_PRIORITY", "ACD_AGENT"}
    assert wishes.prefers == "german"


@given(st.lists(st.text(max_size=40), max_size=8))
def test_no_words_whatever_raise(words: list[str]) -> None:
    wishes_of(words, CONFIGURATION)


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_no_values_whatever_raise(requires: str, agent: str, number: str) -> None:
    said(REQUIRES=requires, PREFERS=requires, AGENT=agent, AGENT_SECONDS=number, PRIORITY=number)


def test_the_request_on_the_channel_carries_all_of_it() -> None:
    call = Call(
        id="1",
        queue="support",
        priority=3.0,
        requires="german >= 50",
        prefers="trainee",
        preferred_agent="anna",
        preferred_for_s=20.0,
        queued_at=5,
        tried={"ben": 2},
    )
    assert request_of(request_text(call)) == call


@pytest.mark.parametrize("text", ["", "{}", '{"id": "1", "queue": "q", "requires": "german >= high"}', '"x"'])
def test_a_request_that_is_none_is_not_taken_for_one(text: str) -> None:
    assert request_of(text) is None
