"""What a person writes is read as meant, or refused with every fault at its exact place."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import Cap, Configuration, LineOrder
from acd.errors import InvalidConfiguration
from acd.queue import CoolOff, Crossing, IdleClock, Metric, Queue, Step, WaitCountsFrom
from stasis_app.configuration_file import difference, read, write

GOOD = """
[pool]
line = "strict_priority"

[caps.few-for-sales]
group = "reserve"
queue = "sales"
at_most = 1

[caps.spare]
group = "reserve"
queue = "support"
keep_free = 2

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
prefers = "billing and not german"
ranks = 0
idle_clock = "call_end"
breaks_restart_idle_clock = false
wait_counts_from = "arrival"
misses_until_break = 3

[[queues.support.steps]]
after_s = 20.5
lower = { german = 0 }

[[queues.support.steps]]
after_s = 60
ranks = 2
queues = ["sales"]

[[queues.support.steps]]
when = { metric = "available", at = 0, back_at = 2 }
anyone = true
groups = ["reserve", "back-office"]

[queues.support.cool_off]
busy_s = 2.5

[queues.sales]

[agents.alice]
name = "Alice"
skills = { german = 80, billing = 1 }
queues = ["support", "sales"]

[agents.bob]
groups = ["reserve", "back-office"]
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
                requires="german >= 50",
                priority=1.5,
                ring_timeout_s=25.0,
                offer_width=2,
                wrap_up_s=0.0,
                max_wait_s=600.0,
                service_level_s=30.0,
                music_class="jazz",
                prefers="billing and not german",
                ranks=0,
                idle_clock=IdleClock.CALL_END,
                breaks_restart_idle_clock=False,
                wait_counts_from=WaitCountsFrom.ARRIVAL,
                misses_until_break=3,
                steps=(
                    Step(after_s=20.5, lower={"german": 0}),
                    Step(after_s=60.0, ranks=2, queues=("sales",)),
                    Step(
                        when=Crossing(metric=Metric.AVAILABLE, at=0, back_at=2),
                        anyone=True,
                        groups=("reserve", "back-office"),
                    ),
                ),
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
                groups=("reserve", "back-office"),
                phone=Phone(kind=PhoneKind.ENDPOINT, target="PJSIP/bob"),
                wrap_up_s=0.0,
            ),
        },
        caps={
            "few-for-sales": Cap(name="few-for-sales", group="reserve", queue="sales", at_most=1),
            "spare": Cap(name="spare", group="reserve", queue="support", keep_free=2),
        },
        line=LineOrder.STRICT_PRIORITY,
    )


def test_an_empty_text_is_an_empty_configuration() -> None:
    assert read("") == Configuration()


def test_all_faults_are_told_at_once_syntax_and_sense_together() -> None:
    text = GOOD.replace("ring_timeout_s", "ring_timeout").replace("offer_width = 2", "offer_width = 99")
    text = text.replace('"support", "sales"]', '"support", "sale"]').replace('name = "Alice"', "name = 7")

    assert faults_in(text) == [
        ("queues.support.ring_timeout", 25),
        ("agents.alice.name", 7),
        ("queues.support.offer_width", 99),
        ("agents.alice.queues", "sale"),
    ]


def test_an_unknown_key_is_answered_with_the_nearest_known_one() -> None:
    with pytest.raises(InvalidConfiguration, match=r"did you mean ring_timeout_s\?"):
        read("[queues.a]\nring_timeout = 5")
    with pytest.raises(InvalidConfiguration, match=r"no such key; known: pool, skills, queues, agents, caps"):
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


def test_steps_are_written_as_tables_of_their_own() -> None:
    configuration = Configuration(
        skills={"german": "German"},
        queues={
            "a": Queue(name="a", requires="german >= 50", steps=(Step(after_s=20.0, lower={"german": 0}, ranks=1),)),
            "b": Queue(
                name="b", steps=(Step(when=Crossing(metric=Metric.WAITING, at=20.0, back_at=10.0), queues=("a",)),)
            ),
        },
        caps={"c": Cap(name="c", group="g", queue="a", keep_free=0)},
        line=LineOrder.STRICT_PRIORITY,
    )

    assert (
        write(configuration)
        == """[pool]
line = "strict_priority"

[skills]
german = "German"

[queues.a]
requires = "german >= 50"

[[queues.a.steps]]
after_s = 20
lower = { german = 0 }
ranks = 1

[queues.b]

[[queues.b.steps]]
when = { metric = "waiting", at = 20, back_at = 10 }
queues = ["a"]

[caps.c]
group = "g"
queue = "a"
keep_free = 0
"""
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{ german = 50, billing = 1 }", "billing and german >= 50"),
        ("{}", ""),
        ("''", ""),
        ("'german>=50 and billing'", "billing and german >= 50"),
        ("'not (german or billing)'", "not billing and not german"),
    ],
)
def test_a_requirement_is_a_table_or_an_expression(written: str, meant: str) -> None:
    skills = "[skills]\ngerman = ''\nbilling = ''\n"

    assert read(f"{skills}[queues.a]\nrequires = {written}").queues["a"].requires == meant
    assert read(f"{skills}[queues.a]\nprefers = {written}").queues["a"].prefers == meant


def test_a_difference_reads_as_lines() -> None:
    old = read(GOOD)
    new = read(
        GOOD.replace("ring_timeout_s = 25", "ring_timeout_s = 20")
        .replace("Billing questions", "Money")
        .replace("[agents.alice]", "[agents.alicia]")
        .replace("wrap_up_s = 0\n", "")
        .replace("busy_s = 2.5", "busy_s = 3")
        .replace("requires = { german = 50 }", "requires = 'german or billing'")
        .replace("ranks = 0", "")
        .replace("after_s = 20.5\nlower = { german = 0 }", "after_s = 30\nranks = 2")
        .replace("at_most = 1", "at_most = 4")
        .replace("keep_free = 2", "keep_free = 2\n[caps.new]\ngroup = 'reserve'\nqueue = 'sales'\nkeep_free = 1")
        .replace("strict_priority", "wait_plus_priority")
        + "[[queues.support.steps]]\nafter_s = 90\nanyone = true\n"
    )

    assert difference(old, new) == [
        '~ pool.line: "strict_priority" → "wait_plus_priority"',
        '~ skills.billing: "Billing questions" → "Money"',
        '~ queues.support.requires: "german >= 50" → "billing or german"',
        "~ queues.support.ranks: 0 → not set",
        "~ queues.support.steps[0]: { after_s = 20.5, lower = { german = 0 } } → { after_s = 30, ranks = 2 }",
        "+ queues.support.steps[3]: { after_s = 90, anyone = true }",
        "~ queues.support.ring_timeout_s: 25 → 20",
        "~ queues.support.wrap_up_s: 0 → 10",
        "~ queues.support.cool_off.busy_s: 2.5 → 3",
        "- agents.alice",
        "~ agents.bob.wrap_up_s: 0 → not set",
        '+ agents.alicia: name = "Alice", skills = { german = 80, billing = 1 }, queues = ["support", "sales"]',
        "~ caps.few-for-sales.at_most: 1 → 4",
        '+ caps.new: group = "reserve", queue = "sales", keep_free = 1',
    ]
    assert difference(new, new) == []
