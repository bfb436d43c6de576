"""Whatever is wrong in a file is told once, with the place and the value at which a person would look for it."""

from __future__ import annotations

from datetime import date

import pytest

from acd.errors import InvalidConfiguration
from stasis_app.configuration_file import read


def faults_in(text: str) -> list[tuple[str, object]]:
    with pytest.raises(InvalidConfiguration) as caught:
        read(text)
    assert all(fault.remedy for fault in caught.value.faults)
    return [(fault.place, fault.value) for fault in caught.value.faults]


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
