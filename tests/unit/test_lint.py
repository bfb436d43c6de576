"""What can hardly be meant is remarked on at its place, and a sensible configuration is left in peace."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from acd.configuration import Configuration
from acd.lint import remarks_of
from acd.lint.reach import Reach
from acd.matcher.terms import QueueTerms
from acd.skills import ANYBODY, meets
from stasis_app.configuration_file import read
from tests.configurations import configurations
from tests.unit.remarks import TEAM, of_support, remarks_in, step

patient = settings(
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
"""Other work on the machine must not decide whether these pass."""

DOCS = Path(__file__).parents[2] / "docs"


def test_sensible_configurations_are_left_in_peace() -> None:
    assert list(remarks_of(read(DOCS / "example.toml"))) == []
    assert list(remarks_of(read(""))) == []
    assert of_support("") == []
    assert (
        of_support(
            "requires = 'german >= 50'\nprefers = 'billing'\nranks = 0\nmax_wait_s = 600\n"
            + step("after_s = 20\nlower = { german = 30 }\nranks = 1")
            + step("after_s = 60\nanyone = true\nqueues = ['sales']")
            + step("when = { metric = 'available', at = 0, back_at = 2 }\ngroups = ['reserve']\nanyone = true")
        )
        == []
    )


X_OF_A = "[agents.x]\nqueues = ['a']\n"
QUEUES = [
    # queues that nobody serves
    ("[queues.a]", "queues.a", "nobody serves it: no agent takes its calls, and no step borrows any"),
    (
        TEAM + "[queues.support]\n[queues.sales]\n[queues.a]\n[[queues.a.steps]]\nafter_s = 20\ngroups = ['reserve']",
        "queues.a",
        "its callers have nobody for the first 20 s, until steps[0] counts: no agent takes its calls",
    ),
    (
        TEAM
        + "[queues.support]\n[queues.sales]\n[queues.a]\n[[queues.a.steps]]\n"
        + "when = { metric = 'waiting', at = 3, back_at = 1 }\nqueues = ['sales']",
        "queues.a",
        "its callers have nobody until a step by a live figure counts: no agent takes its calls",
    ),
    (
        "[queues.a]\nranks = 0\n[agents.x]\nqueues = { a = 1 }",
        "queues.a.ranks",
        "nobody ever gets its calls: no agent has a rank up to 0",
    ),
    (
        "[queues.a]\nranks = 0\n[[queues.a.steps]]\nafter_s = 9.5\nranks = 1\n[agents.x]\nqueues = { a = 1 }",
        "queues.a",
        "its callers have nobody for the first 9.5 s, until steps[0] counts: no agent has a rank up to 0",
    ),
    # requirements that nobody meets
    (
        "[queues.a]\nrequires = 'german >= 90'\n[agents.x]\nqueues = ['a']\nskills = { german = 80 }",
        "queues.a.requires",
        "nobody ever gets its calls: none of 1 agent meets 'german >= 90': german >= 90 (best: 80)",
    ),
    (
        "[queues.a]\nrequires = 'german and not billing'\n" + X_OF_A + "skills = { german = 80, billing = 1 }",
        "queues.a.requires",
        "nobody ever gets its calls: none of 1 agent meets 'german and not billing'",
    ),
    (
        "[queues.a]\nrequires = 'german >= 90'\n[[queues.a.steps]]\nafter_s = 30\nlower = { german = 50 }\n"
        + X_OF_A
        + "skills = { german = 80 }",
        "queues.a",
        "its callers have nobody for the first 30 s, until steps[0] counts: none of 1 agent meets 'german >= 90'",
    ),
    (
        "[queues.a]\nrequires = 'german'\n[agents.y]\nqueues = ['a']\n" + X_OF_A + "skills = { german = 80 }",
        "queues.a.requires",
        "1 agent of the queue never meet 'german': y",
    ),
    # skills, agents, wishes of no effect
    ("[agents.x]", "agents.x.queues", "no queue's calls ever reach this agent"),
    (
        "[queues.a]\nbreaks_restart_idle_clock = false\n[agents.x]\nqueues = ['a']",
        "queues.a.breaks_restart_idle_clock",
        "it is of no effect while idle_clock is ready, which begins with the end of a break",
    ),
    (
        "[queues.a]\nranks = 1\n[agents.x]\nqueues = { a = 1 }",
        "queues.a.ranks",
        "it holds nobody back: every agent of the queue has a rank up to 1",
    ),
    (
        "[queues.a]\nranks = 0\n[agents.x]\nqueues = { a = 0 }\n[agents.y]\nqueues = { a = 2 }",
        "queues.a.ranks",
        "agents of higher ranks than 0 never get its calls: y",
    ),
    (
        "[queues.a]\nprefers = 'german'\n[agents.x]\nqueues = ['a']\n[agents.y]\nqueues = ['a']",
        "queues.a.prefers",
        "it changes nothing: none of those who may take its calls meets it",
    ),
    (
        "[queues.a]\nprefers = 'not german'\n[agents.x]\nqueues = ['a']\n[agents.y]\nqueues = ['a']",
        "queues.a.prefers",
        "it changes nothing: every one of those who may take its calls meets it",
    ),
]
HELD = "[agents.z]\nskills = { german = 1, billing = 1 }\nqueues = ['z']\n[queues.z]\n"


@pytest.mark.parametrize(("text", "place", "sentence"), QUEUES)
def test_a_queue_is_remarked_on_once_and_at_its_place(text: str, place: str, sentence: str) -> None:
    assert [(one.place, one.sentence) for one in remarks_in(f"{HELD}{text}")] == [(place, sentence)]


def test_a_skill_that_nobody_holds_is_named_with_who_asks_for_it() -> None:
    assert [str(one) for one in remarks_in("[queues.a]\nprefers = 'german'\n[agents.x]\nqueues = ['a']")] == [
        "skills.german: no agent holds this skill; give it to somebody, or take it out",
        "skills.billing: no agent holds this skill; give it to somebody, or take it out",
    ]
    assert [one.sentence for one in remarks_in("[queues.a]\nrequires = 'german or billing'")][:2] == [
        "no agent holds this skill (asked for by a)"
    ] * 2


CAPS = [
    ("group = 'team'\nqueue = 'support'\nat_most = 1", None, ""),
    ("group = 'team'\nqueue = 'support'\nkeep_free = 1", None, ""),
    ("group = 'team'\nqueue = 'support'\nat_most = 2", "at_most", "it limits nothing: group team has 2 agents"),
    (
        "group = 'team'\nqueue = 'support'\nat_most = 0",
        "at_most",
        "support never gets anybody: all who can take its calls are in group team",
    ),
    (
        "group = 'team'\nqueue = 'sales'\nat_most = 0",
        "at_most",
        "sales never gets anybody of group team, though some of them can take its calls",
    ),
    (
        "group = 'reserve'\nqueue = 'support'\nat_most = 0",
        "",
        "it limits nothing: nobody of group reserve can take calls of support",
    ),
    (
        "group = 'reserve'\nqueue = 'support'\nkeep_free = 1",
        "",
        "it keeps agents free for nothing: nobody of group reserve can take calls of support",
    ),
    ("group = 'team'\nqueue = 'support'\nkeep_free = 0", "keep_free", "it keeps nobody free"),
    (
        "group = 'team'\nqueue = 'sales'\nkeep_free = 2",
        "keep_free",
        "other queues never get anybody: support (all their agents are of it, and group team has only 2 agents)",
    ),
    (
        "group = 'team'\nqueue = 'support'\nkeep_free = 2",
        "keep_free",
        "other queues never get anybody of the group: sales (group team has only 2 agents)",
    ),
]


@pytest.mark.parametrize(("keys", "place", "sentence"), CAPS)
def test_a_cap_is_remarked_on_once_and_at_its_place(keys: str, place: str | None, sentence: str) -> None:
    remarks = of_support(f"[caps.x]\n{keys}")
    if place is None:
        assert remarks == []
    else:
        assert [(one.place, one.sentence) for one in remarks] == [(f"caps.x.{place}".rstrip("."), sentence)]


def test_strict_priority_that_starves_names_the_queues_that_go_first() -> None:
    agents = "[agents.x]\nqueues = ['low', 'high']\n[agents.y]\nqueues = ['low', 'higher']\n"
    queues = "[queues.low]\n[queues.high]\npriority = 1\n[queues.higher]\npriority = 2\n"
    (remark,) = remarks_in("[pool]\nline = 'strict_priority'\n" + HELD + agents + queues)

    assert remark.place == "queues.low.priority"
    assert remark.sentence == (
        "all who can take its calls also serve high, higher, which strict priority puts first: it may starve"
    )
    assert remarks_in(HELD + agents + queues) == []
    own = "[agents.own]\nqueues = ['low']\n"
    assert remarks_in("[pool]\nline = 'strict_priority'\n" + HELD + agents + queues + own) == []


def test_a_head_start_longer_than_the_others_can_wait_starves_them() -> None:
    def text(priority: float, max_wait_s: float) -> str:
        return (
            f"{HELD}[agents.x]\nqueues = ['low', 'high']\n"
            f"[queues.low]\nmax_wait_s = {max_wait_s}\n[queues.high]\npriority = {priority}\n"
        )

    (remark,) = remarks_in(text(10, 600))

    assert remark.place == "queues.low.priority"
    assert "serve high, whose callers are ahead by more than its max_wait_s" in remark.sentence
    assert remarks_in(text(9.9, 600)) == []
    assert remarks_in(text(10, 0)) == []


def test_queues_that_borrow_from_one_another_are_named_once() -> None:
    def borrowing(pairs: str) -> str:
        return "".join(
            f"[queues.{one}]\n"
            + "".join(f"[[queues.{one}.steps]]\nafter_s = 9\nqueues = ['{other}']\n" for other in others)
            + f"[agents.of-{one}]\nqueues = ['{one}']\n"
            for one, _, others in (pair.partition(">") for pair in pairs.split())
        )

    (remark,) = remarks_in(HELD + borrowing("a>b b>c c>a d>a"))

    assert remark.place == "queues.a.steps"
    assert remark.sentence == "a, b, c borrow agents from one another: when all are busy, each drains the others"
    assert remarks_in(HELD + borrowing("a>b b>c c> d>a")) == []


def test_long_lists_of_names_are_cut() -> None:
    agents = "".join(f"[agents.x{number}]\nqueues = ['a']\n" for number in range(9))
    (remark,) = remarks_in(
        f"{HELD}[queues.a]\nrequires = 'german'\n[agents.ok]\nqueues=['a']\nskills={{german=1}}\n{agents}"
    )

    assert remark.sentence == "9 agents of the queue never meet 'german': x0, x1, x2, x3, x4 and 4 more"


@patient
@given(configurations())
def test_whom_a_queue_reaches_is_what_the_matcher_says(configuration: Configuration) -> None:
    reach = Reach(configuration)
    for queue in configuration.queues.values():
        terms = QueueTerms(queue, None)
        for counting in range(1 << len(queue.steps)):
            steps = [step for place, step in enumerate(queue.steps) if counting >> place & 1]
            asked = terms.terms(counting, ANYBODY, ANYBODY, None)

            assert reach.admitted(queue, steps) == {
                agent.id
                for agent in configuration.agents.values()
                if asked.admits_by_membership(agent) and meets(agent.skills, asked.requires)
            }
