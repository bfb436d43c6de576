"""What a person writes is read as meant, or refused with every fault at its exact place."""

from __future__ import annotations

from datetime import date
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


CAPPED = "[queues.a]\n[agents.b]\ngroups = ['g']\n[caps.x]\ngroup = 'g'\nqueue = 'a'\n"
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
    ("[skills]\nand = 'x'", "skills", "and"),
    ("[skills]\nor = 'x'", "skills", "or"),
    ("[skills]\nnot = 'x'", "skills", "not"),
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
    ("[skills]\nx = ''\n[queues.a]\nrequires = { X = 1 }", "queues.a.requires.X", 1),
    ("[queues.a]\nrequires = 5", "queues.a.requires", 5),
    ("[queues.a]\nrequires = 'german'", "queues.a.requires", "german"),
    ("[queues.a]\nrequires = 'german or'", "queues.a.requires", "german or"),
    ("[skills]\nx = ''\n[queues.a]\nrequires = 'x and not x'", "queues.a.requires", "x and not x"),
    ("[queues.a]\nprefers = 'german'", "queues.a.prefers", "german"),
    ("[queues.a]\nprefers = '>'", "queues.a.prefers", ">"),
    ("[queues.a]\nranks = 100", "queues.a.ranks", 100),
    ("[queues.a]\nranks = 'all'", "queues.a.ranks", "all"),
    ("[queues.a]\nidle_clock = 'redy'", "queues.a.idle_clock", "redy"),
    ("[queues.a]\nidle_clock = 5", "queues.a.idle_clock", 5),
    ("[queues.a]\nbreaks_restart_idle_clock = 1", "queues.a.breaks_restart_idle_clock", 1),
    ("[queues.a]\nwait_counts_from = 'now'", "queues.a.wait_counts_from", "now"),
    ("[queues.a]\nmisses_until_break = 101", "queues.a.misses_until_break", 101),
    ("[queues.a]\nmisses_until_break = -1", "queues.a.misses_until_break", -1),
    ("[queues.a]\nmisses_until_break = 1.5", "queues.a.misses_until_break", 1.5),
    # steps
    ("[queues.a]\nsteps = 5", "queues.a.steps", 5),
    ("[queues.a]\nsteps = [5]", "queues.a.steps[0]", 5),
    ("[[queues.a.steps]]\nanyone = true", "queues.a.steps[0]", {}),
    (
        "[[queues.a.steps]]\nafter_s = 5\nwhen = { metric = 'waiting', at = 5, back_at = 2 }",
        "queues.a.steps[0]",
        {"after_s": 5, "when": "waiting"},
    ),
    ("[[queues.a.steps]]\nafter_s = 5\n[[queues.a.steps]]\nafter_s = -1", "queues.a.steps[1].after_s", -1),
    ("[[queues.a.steps]]\nafter_s = 'soon'", "queues.a.steps[0].after_s", "soon"),
    ("[[queues.a.steps]]\nafter_s = nan", "queues.a.steps[0].after_s", None),
    ("[[queues.a.steps]]\nafter = 5\nafter_s = 5", "queues.a.steps[0].after", 5),
    ("[[queues.a.steps]]\nwhen = 5", "queues.a.steps[0].when", 5),
    ("[[queues.a.steps]]\nwhen = { at = 5, back_at = 2 }", "queues.a.steps[0].when.metric", None),
    ("[[queues.a.steps]]\nwhen = { metric = 'waiting', back_at = 2 }", "queues.a.steps[0].when.at", None),
    ("[[queues.a.steps]]\nwhen = { metric = 'waiting', at = 2 }", "queues.a.steps[0].when.back_at", None),
    ("[[queues.a.steps]]\nwhen = { metric = 'x', at = 2, back_at = 1 }", "queues.a.steps[0].when.metric", "x"),
    ("[[queues.a.steps]]\nwhen = { metric = 'waiting', at = '2', back_at = 1 }", "queues.a.steps[0].when.at", "2"),
    ("[[queues.a.steps]]\nwhen = { metric = 'waiting', at = -2, back_at = 1 }", "queues.a.steps[0].when.at", -2),
    (
        "[[queues.a.steps]]\nwhen = { metric = 'waiting', at = inf, back_at = 1 }",
        "queues.a.steps[0].when.at",
        float("inf"),
    ),
    ("[[queues.a.steps]]\nwhen = { metric = 'waiting', at = 2, back_at = 2 }", "queues.a.steps[0].when.back_at", 2),
    (
        "[[queues.a.steps]]\nwhen = { metric = 'longest_wait_s', at = 1e6, back_at = 2 }",
        "queues.a.steps[0].when.at",
        1e6,
    ),
    ("[[queues.a.steps]]\nafter_s = 5\nlower = { x = 5 }", "queues.a.steps[0].lower", "x"),
    ("[skills]\nx = ''\n[[queues.a.steps]]\nafter_s = 5\nlower = { x = 101 }", "queues.a.steps[0].lower.x", 101),
    ("[skills]\nx = ''\n[[queues.a.steps]]\nafter_s = 5\nlower = { x = -1 }", "queues.a.steps[0].lower.x", -1),
    ("[[queues.a.steps]]\nafter_s = 5\nlower = ['x']", "queues.a.steps[0].lower", ["x"]),
    ("[[queues.a.steps]]\nafter_s = 5\nanyone = 1", "queues.a.steps[0].anyone", 1),
    ("[[queues.a.steps]]\nafter_s = 5\nranks = 100", "queues.a.steps[0].ranks", 100),
    ("[[queues.a.steps]]\nafter_s = 5\nranks = -1", "queues.a.steps[0].ranks", -1),
    ("[[queues.a.steps]]\nafter_s = 5\nqueues = ['b']", "queues.a.steps[0].queues", "b"),
    ("[[queues.a.steps]]\nafter_s = 5\nqueues = ['a']", "queues.a.steps[0].queues", "a"),
    ("[[queues.a.steps]]\nafter_s = 5\nqueues = ['b', 'b']\n[queues.b]", "queues.a.steps[0].queues", "b"),
    ("[[queues.a.steps]]\nafter_s = 5\ngroups = ['b']", "queues.a.steps[0].groups", "b"),
    ("[[queues.a.steps]]\nafter_s = 5\ngroups = 'b'", "queues.a.steps[0].groups", "b"),
    ("\n".join(["[[queues.a.steps]]\nafter_s = 5"] * 21), "queues.a.steps", 21),
    # caps and the pool
    ("[pool]\nline = 'first'", "pool.line", "first"),
    ("[pool]\nlines = 'strict_priority'", "pool.lines", "strict_priority"),
    ("pool = 5", "pool", 5),
    ("caps = 5", "caps", 5),
    ("caps.x = 5", "caps.x", 5),
    (CAPPED, "caps.x", {}),
    (CAPPED + "at_most = 1\nkeep_free = 1", "caps.x", {"at_most": 1, "keep_free": 1}),
    (CAPPED + "at_most = -1", "caps.x.at_most", -1),
    (CAPPED + "at_most = 1.0", "caps.x.at_most", 1.0),
    (CAPPED + "keep_free = 100001", "caps.x.keep_free", 100_001),
    (CAPPED + "keep_free = 1\nname = 'x'", "caps.x.name", "x"),
    (CAPPED.replace("group = 'g'", "group = 'h'") + "at_most = 1", "caps.x.group", "h"),
    (CAPPED.replace("group = 'g'\n", "") + "at_most = 1", "caps.x.group", ""),
    (CAPPED.replace("queue = 'a'", "queue = 'b'") + "at_most = 1", "caps.x.queue", "b"),
    (CAPPED.replace("[caps.x]", "[caps.X]") + "at_most = 1", "caps", "X"),
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
    ("[agents.a]\ngroups = 'g'", "agents.a.groups", "g"),
    ("[agents.a]\ngroups = ['two words']", "agents.a.groups", "two words"),
    ("[agents.a]\ngroups = ['g', 'g']", "agents.a.groups", "g"),
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
