"""What a person writes is read as meant, or refused with every fault at its exact place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import Configuration
from acd.errors import InvalidConfiguration
from acd.queue import CoolOff, Queue
from stasis_app.configuration_file import difference, read, write

GOOD = """
[skills]
billing = "Billing questions"
german = "German"

[queues.support]
title = "Support"
numbers = ["100", "+49301"]
strategy = "most_skilled"
strategy_options = { weights = [1, 2.5], "odd key" = true }
requires = { german = 50 }
priority = 1.5
ring_timeout_s = 25
offer_width = 2
wrap_up_s = 0
max_wait_s = 600
service_level_s = 30
music_class = "jazz"

[queues.support.cool_off]
busy_s = 2.5

[queues.sales]

[agents.alice]
name = "Alice"
skills = { german = 80, billing = 1 }
queues = ["support", "sales"]

[agents.bob]
queues = { support = 2 }
phone = { kind = "endpoint", target = "PJSIP/bob" }
wrap_up_s = 0
"""


def faults_in(text: str) -> list[tuple[str, object]]:
    with pytest.raises(InvalidConfiguration) as caught:
        read(text)
    assert all(fault.remedy for fault in caught.value.faults)
    return [(fault.place, fault.value) for fault in caught.value.faults]


def test_every_key_is_read_as_it_was_meant() -> None:
    assert read(GOOD) == Configuration(
        skills={"billing": "Billing questions", "german": "German"},
        queues={
            "support": Queue(
                name="support",
                title="Support",
                numbers=("100", "+49301"),
                strategy="most_skilled",
                strategy_options={"weights": [1, 2.5], "odd key": True},
                requires={"german": 50},
                priority=1.5,
                ring_timeout_s=25.0,
                offer_width=2,
                wrap_up_s=0.0,
                max_wait_s=600.0,
                service_level_s=30.0,
                music_class="jazz",
                cool_off=CoolOff(busy_s=2.5),
            ),
            "sales": Queue(name="sales"),
        },
        agents={
            "alice": AgentProfile(
                id="alice", name="Alice", skills={"german": 80, "billing": 1}, queues={"support": 0, "sales": 0}
            ),
            "bob": AgentProfile(
                id="bob",
                queues={"support": 2},
                phone=Phone(kind=PhoneKind.ENDPOINT, target="PJSIP/bob"),
                wrap_up_s=0.0,
            ),
        },
    )


def test_an_empty_text_is_an_empty_configuration() -> None:
    assert read("") == Configuration()


WRONG: list[tuple[str, str, object]] = [
    # not TOML at all
    ("[queues.support\n", "line 1, column 16", "[queues.support"),
    ("\n[queues.support]\ntitle = \n", "line 3, column 9", "title ="),
    ("[queues.a]\n[queues.a]\n", "line 2, column 10", "[queues.a]"),
    ("[queues.a]\ntitle='x'\ntitle='y'\n", "line 3, column 10", "title='y'"),
    # headings
    ("version = 3", "version", 3),
    ("queues = 5", "queues", 5),
    ("agents = []", "agents", []),
    ("skills = 'german'", "skills", "german"),
    ("[queue.support]", "queue", {"support": {}}),
    ("[users.alice]", "users", {"alice": {}}),
    # skills
    ("[skills]\ngerman = 5", "skills.german", 5),
    ("[skills]\nGerman = 'x'", "skills", "German"),
    ('[skills]\ngerman = "a\\nb"', "skills.german", "a\nb"),
    # queues
    ("queues.support = 'x'", "queues.support", "x"),
    ("[queues.Support]", "queues", "Support"),
    ("[queues.'two words']", "queues", "two words"),
    ("[queues.a]\nring_timeout = 5", "queues.a.ring_timeout", 5),
    ("[queues.a]\ntitle = 5", "queues.a.title", 5),
    ('[queues.a]\ntitle = "x\\u0000"', "queues.a.title", "x\x00"),
    ("[queues.a]\nnumbers = '100'", "queues.a.numbers", "100"),
    ("[queues.a]\nnumbers = [100]", "queues.a.numbers", 100),
    ("[queues.a]\nnumbers = ['100', '100']", "queues.a.numbers", "100"),
    ("[queues.a]\nnumbers = ['12a']", "queues.a.numbers", "12a"),
    ("[queues.a]\nnumbers = ['1']\n[queues.b]\nnumbers = ['1']", "queues.b.numbers", "1"),
    ("[queues.a]\nstrategy = ['longest_idle']", "queues.a.strategy", ["longest_idle"]),
    ("[queues.a]\nstrategy_options = 3", "queues.a.strategy_options", 3),
    ("[queues.a]\nstrategy_options = { x = inf }", "queues.a.strategy_options", {"x": float("inf")}),
    ("[queues.a]\nrequires = ['german']", "queues.a.requires", ["german"]),
    ("[queues.a]\nrequires = { german = 50 }", "queues.a.requires", "german"),
    ("[skills]\nx = ''\n[queues.a]\nrequires = { x = 0 }", "queues.a.requires.x", 0),
    ("[skills]\nx = ''\n[queues.a]\nrequires = { x = 1.5 }", "queues.a.requires.x", 1.5),
    ("[queues.a]\nring_timeout_s = '20'", "queues.a.ring_timeout_s", "20"),
    ("[queues.a]\nring_timeout_s = 0.5", "queues.a.ring_timeout_s", 0.5),
    ("[queues.a]\nring_timeout_s = true", "queues.a.ring_timeout_s", True),
    ("[queues.a]\nmax_wait_s = -1", "queues.a.max_wait_s", -1),
    ("[queues.a]\npriority = -inf", "queues.a.priority", float("-inf")),
    ("[queues.a]\noffer_width = 2.0", "queues.a.offer_width", 2.0),
    ("[queues.a]\noffer_width = 21", "queues.a.offer_width", 21),
    ("[queues.a]\ncool_off = 5", "queues.a.cool_off", 5),
    ("[queues.a.cool_off]\nno_anser_s = 5", "queues.a.cool_off.no_anser_s", 5),
    ("[queues.a.cool_off]\nbusy_s = -1", "queues.a.cool_off.busy_s", -1),
    # agents
    ("agents.alice = true", "agents.alice", True),
    ("[agents.alice]\nid = 'x'", "agents.alice.id", "x"),
    ("[agents.alice]\nname = 1979-05-27", "agents.alice.name", date(1979, 5, 27)),
    ("[agents.alice]\nqueues = 'support'", "agents.alice.queues", "support"),
    ("[agents.alice]\nqueues = ['support']", "agents.alice.queues", "support"),
    ("[agents.a]\nqueues = ['q', 'q']\n[queues.q]", "agents.a.queues", "q"),
    ("[agents.a]\nqueues = { q = 100 }\n[queues.q]", "agents.a.queues.q", 100),
    ("[agents.a]\nqueues = { q = 'first' }\n[queues.q]", "agents.a.queues.q", "first"),
    ("[agents.a]\nskills = { german = true }", "agents.a.skills.german", True),
    ("[agents.a]\nskills = { german = 50 }", "agents.a.skills", "german"),
    ("[agents.a]\nphone = 'PJSIP/a'", "agents.a.phone", "PJSIP/a"),
    ("[agents.a]\nphone = { kind = 'sip' }", "agents.a.phone.kind", "sip"),
    ("[agents.a]\nphone = { kind = 'endpoint' }", "agents.a.phone.target", ""),
    ("[agents.a]\nphone = { kind = 'dial', target = 'PJSIP/a&PJSIP/b' }", "agents.a.phone.target", "PJSIP/a&PJSIP/b"),
    ("[agents.a]\nphone = { kind = 'dial', target = 5 }", "agents.a.phone.target", 5),
    ("[agents.a]\nphone = { target = 'PJSIP/a' }", "agents.a.phone.target", "PJSIP/a"),
    ("[agents.a]\nphone = { kind = 'dial', number = '5' }", "agents.a.phone.number", "5"),
    ("[agents.a]\nwrap_up_s = 90000", "agents.a.wrap_up_s", 90000),
    ("[agents.a]\nwrap_up_s = nan", "agents.a.wrap_up_s", None),
]


@pytest.mark.parametrize(("text", "place", "value"), WRONG)
def test_one_fault_is_named_once_and_at_its_place(text: str, place: str, value: object) -> None:
    (found,) = faults_in(text)

    assert found[0] == place
    assert found[1] == value or found[1] != found[1]  # nan alone differs from itself


def test_all_faults_are_told_at_once_syntax_and_sense_together() -> None:
    text = GOOD.replace("ring_timeout_s", "ring_timeout").replace("offer_width = 2", "offer_width = 99")
    text = text.replace('"sales"]', '"sale"]').replace('name = "Alice"', "name = 7")

    assert faults_in(text) == [
        ("queues.support.ring_timeout", 25),
        ("agents.alice.name", 7),
        ("queues.support.offer_width", 99),
        ("agents.alice.queues", "sale"),
    ]


def test_an_unknown_key_is_answered_with_the_nearest_known_one() -> None:
    with pytest.raises(InvalidConfiguration, match=r"did you mean ring_timeout_s\?"):
        read("[queues.a]\nring_timeout = 5")
    with pytest.raises(InvalidConfiguration, match=r"no such key; known: skills, queues, agents"):
        read("zzz = 5")


def test_a_file_is_read_like_its_text(tmp_path: Path) -> None:
    path = tmp_path / "acd.toml"
    path.write_text(GOOD, encoding="utf-8")

    assert read(path) == read(GOOD)


def test_a_file_that_cannot_be_read_is_a_fault_with_a_remedy(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes("[skills]\ngerman = 'Grüße'".encode("latin-1"))
    for path, said in (
        (tmp_path / "missing.toml", "No such file"),
        (tmp_path, "Is a directory"),
        (latin, "byte 21 is not UTF-8"),
    ):
        with pytest.raises(InvalidConfiguration, match=said) as caught:
            read(path)

        assert str(path) in str(caught.value)


def test_endless_nesting_is_a_fault_and_not_a_crash() -> None:
    assert [place for place, _ in faults_in("a = " + "[" * 100_000)] == ["file"]


def test_only_what_differs_from_the_defaults_is_written() -> None:
    configuration = Configuration(
        queues={"a": Queue(name="a", ring_timeout_s=15.0, cool_off=CoolOff(busy_s=2.0))},
        agents={"bob": AgentProfile(id="bob", queues={"a": 0})},
    )

    assert write(configuration) == (
        '[queues.a]\nring_timeout_s = 15\ncool_off = { busy_s = 2 }\n\n[agents.bob]\nqueues = ["a"]\n'
    )


def test_a_difference_reads_as_lines() -> None:
    old = read(GOOD)
    new = read(
        GOOD.replace("ring_timeout_s = 25", "ring_timeout_s = 20")
        .replace("Billing questions", "Money")
        .replace("[agents.alice]", "[agents.alicia]")
        .replace("wrap_up_s = 0\n", "")
        .replace("busy_s = 2.5", "busy_s = 3")
    )

    assert difference(old, new) == [
        '~ skills.billing: "Billing questions" → "Money"',
        "~ queues.support.ring_timeout_s: 25 → 20",
        "~ queues.support.wrap_up_s: 0 → 10",
        "~ queues.support.cool_off.busy_s: 2.5 → 3",
        "- agents.alice",
        "~ agents.bob.wrap_up_s: 0 → not set",
        '+ agents.alicia: name = "Alice", skills = { german = 80, billing = 1 }, queues = ["support", "sales"]',
    ]
    assert difference(new, new) == []
