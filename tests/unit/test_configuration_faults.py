"""A configuration that a program made is checked like one that was read from a file, to the same sentences."""

from __future__ import annotations

from typing import Any

import pytest

from acd.agent import AgentProfile
from acd.configuration import Cap, Configuration, checked, faults_of
from acd.errors import InvalidConfiguration
from acd.queue import Crossing, Metric, Queue, Step

AGENT = AgentProfile(id="ann", queues={"a": 0}, groups=("g",))
FLAPS = "write less than at, if a high figure is meant, or more, if a low one is: at one mark it would flap"
SKILLS = {"german": "German", "billing": "Billing"}


def faults(*, agent: AgentProfile = AGENT, caps: tuple[Cap, ...] = (), **queue: Any) -> list[str]:
    return [
        str(fault)
        for fault in faults_of(
            Configuration(
                skills=SKILLS,
                queues={"a": Queue(name="a", **queue), "b": Queue(name="b")},
                agents={"ann": agent},
                caps={cap.name: cap for cap in caps},
            )
        )
    ]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (
            "german and billing",
            "'german and billing': keep it in its one form, which acd.skills.requirement gives: billing and german",
        ),
        ("german >= 500", "'german >= 500': german >= 500: a level is 1 to 100"),
        ("(german", "'(german': a ) is missing at the end"),
        ("french", "'french': no such skill; known: billing, german"),
        (
            "german and not german",
            "'german and not german': no agent whatever can meet this: it contradicts itself",
        ),
        ("(" * 99, f"{'(' * 99!r}: nested more than 30 deep"),
    ],
)
@pytest.mark.parametrize("key", ["requires", "prefers"])
def test_a_requirement_that_will_not_do_is_told_with_its_place(key: str, said: str, fault: str) -> None:
    wish: Any = {key: said}

    assert faults(**wish) == [f"queues.a.{key} = {fault}"]


def test_a_requirement_in_its_one_form_is_no_fault() -> None:
    assert faults(requires="billing and german >= 50", prefers="not german") == []


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        (Step(), " = {}: write exactly one of after_s and when"),
        (
            Step(after_s=1, when=Crossing(metric=Metric.WAITING, at=2, back_at=1)),
            " = {'after_s': 1, 'when': 'waiting'}: write exactly one of after_s and when",
        ),
        (Step(after_s=float("inf")), ".after_s = inf: write 0 to 86400"),
        (Step(after_s=1, queues=("b", "b")), ".queues = 'b': it stands here twice: write it once"),
        (Step(after_s=1, groups=("g", "g")), ".groups = 'g': it stands here twice: write it once"),
        (Step(after_s=1, groups=("h",)), ".groups = 'h': no such group; known: g"),
        (
            Step(after_s=1, queues=("a",)),
            ".queues = 'a': a queue's own agents are asked anyway: leave it out, or widen by ranks",
        ),
        (Step(after_s=1, lower={"german": -1}), ".lower.german = -1: write 0 (ask no longer for it) to 100"),
        (Step(after_s=1, lower={"french": 1}), ".lower = 'french': no such skill; known: billing, german"),
        (Step(after_s=1, ranks=100), ".ranks = 100: a rank is 0 (first) to 99"),
        (
            Step(when=Crossing(metric=Metric.AVAILABLE, at=1, back_at=1)),
            f".when.back_at = 1: {FLAPS}",
        ),
        (
            Step(when=Crossing(metric=Metric.LONGEST_WAIT_S, at=1, back_at=90_000)),
            ".when.back_at = 90000: write 0 to 86400",
        ),
    ],
)
def test_a_step_that_will_not_do_is_told_with_its_place(step: Step, fault: str) -> None:
    assert faults(steps=(Step(after_s=5), step)) == [f"queues.a.steps[1]{fault}"]


@pytest.mark.parametrize(
    ("cap", "found"),
    [
        (Cap(name="x", group="g", queue="a", at_most=0), []),
        (Cap(name="x", group="g", queue="a", keep_free=100_000), []),
        (Cap(name="x", group="g", queue="a"), ["caps.x = {}: write exactly one of at_most and keep_free"]),
        (
            Cap(name="x", group="h", queue="c", at_most=1, keep_free=-1),
            [
                "caps.x.queue = 'c': no such queue; known: a, b",
                "caps.x = {'at_most': 1, 'keep_free': -1}: write exactly one of at_most and keep_free",
                "caps.x.keep_free = -1: write 0 to 100000 agents",
                "caps.x.group = 'h': no such group; known: g",
            ],
        ),
    ],
)
def test_a_cap_that_will_not_do_is_told_with_its_place(cap: Cap, found: list[str]) -> None:
    assert faults(caps=(cap,)) == found


def test_groups_of_an_agent_are_names_and_stand_there_once() -> None:
    agent = AgentProfile(id="ann", groups=("g", "g", "Two Words"))

    assert faults(agent=agent) == [
        "agents.ann.groups = 'Two Words': a name is 1 to 63 of a-z, 0-9, - and _, and begins with a letter or digit",
        "agents.ann.groups = 'g': it stands here twice: write it once",
    ]


def test_words_of_requirements_are_no_names_of_skills() -> None:
    found = [str(fault) for fault in faults_of(Configuration(skills={"not": "", "and": "", "or": "", "nota": ""}))]

    assert found == [
        f"skills = {word!r}: and, or, not join skills in requirements: choose another" for word in ("not", "and", "or")
    ]


def test_a_long_list_of_what_is_known_is_cut() -> None:
    queues = {f"q{number:03}": Queue(name=f"q{number:03}") for number in range(500)}
    (fault,) = faults_of(Configuration(queues=queues, agents={"ann": AgentProfile(id="ann", queues={"x": 0})}))

    assert fault.remedy.startswith("no such queue; known: q000, q001")
    assert fault.remedy.endswith("q029 and 470 more")


def test_all_faults_of_all_kinds_are_told_at_once() -> None:
    cap = Cap(name="x", group="h", queue="a", at_most=1)
    with pytest.raises(InvalidConfiguration) as caught:
        checked(
            Configuration(
                queues={"a": Queue(name="a", requires="french", ranks=-1, misses_until_break=101, steps=(Step(),))},
                agents={"ann": AgentProfile(id="ann", queues={"b": 0}, skills={"french": 500})},
                caps={"x": cap},
            )
        )

    assert [fault.place for fault in caught.value.faults] == [
        "queues.a.misses_until_break",
        "queues.a.ranks",
        "queues.a.requires",
        "queues.a.steps[0]",
        "agents.ann.skills",
        "agents.ann.skills.french",
        "agents.ann.queues",
        "caps.x.group",
    ]
