"""A strategy's options are checked by its constructor's annotations, all faults at once, before anything is made."""

from __future__ import annotations

import pytest

from tests.unit.strategy_faults import THEIRS, faults_of, strategy_of

PICKY = f"{THEIRS}:Picky"


@pytest.mark.parametrize(
    ("name", "option", "value", "words"),
    [
        ("longest_idle", "rank", 1, "no such option; options that it takes: none"),
        (f"{THEIRS}:ByName", "backward", True, "no such option; did you mean backwards?"),
        (f"{THEIRS}:ByName", "xyz", True, "no such option; options that it takes: backwards"),
        (PICKY, "many", 0, "write a whole number, 1 to 5"),
        (PICKY, "many", 6, "write a whole number, 1 to 5"),
        (PICKY, "many", 2.0, "write a whole number, 1 to 5"),
        (PICKY, "many", True, "write a whole number, 1 to 5"),
        (PICKY, "part", 1.01, "write a number, 0 to 1"),
        (PICKY, "part", "half", "write a number, 0 to 1"),
        (PICKY, "part", float("nan"), "write a number, 0 to 1"),
        (PICKY, "word", "bronze", 'write "gold" or "silver"'),
        (PICKY, "names", "anna", "write a list, each a text"),
        (PICKY, "names", ["anna", 1], "write a list, each a text"),
        (PICKY, "names", {"anna": 1}, "write a list, each a text"),
        (PICKY, "levels", {"german": "much"}, "write a table: name = a whole number"),
        (PICKY, "levels", ["german"], "write a table: name = a whole number"),
        (PICKY, "on", 1, "write true or false"),
        (PICKY, "label", 1, "write a text"),
        (f"{THEIRS}:Unreadable", "many", "x", "write a whole number"),
        ("ring_all", "most", 0, "write a whole number, 1 to 100"),
        ("ring_progressively", "every_s", 0, "write a number, 0.5 to 300"),
        ("ring_progressively", "most", 101, "write a whole number, 1 to 100"),
        ("fixed_order", "order", "anna", "write a list, each a text"),
        ("fewest_calls", "since", "noon", 'write "login" or "ever"'),
        ("least_talk_time", "since", 1, 'write "login" or "ever"'),
        ("weighted_random", "by_skill", "yes", "write true or false"),
        ("idle_first", "step_s", -1, "write a number, 0 to 3600"),
        ("rrmemory", "order", ["anna"], "no such option"),
    ],
)
def test_what_is_wrong_with_an_option_is_said_at_its_place(name: str, option: str, value: object, words: str) -> None:
    [fault] = faults_of((name, {option: value}))

    assert fault.place == f"queues.q0.strategy_options.{option}"
    assert fault.value is value
    assert words in fault.remedy


def test_every_fault_of_the_options_is_told_at_once() -> None:
    faults = faults_of((PICKY, {"many": 9, "word": "x", "wrod": 1}), (f"{THEIRS}:NeedsAnOption", {"wieght": 1}))

    assert [fault.place for fault in faults] == [
        "queues.q0.strategy_options.many",
        "queues.q0.strategy_options.word",
        "queues.q0.strategy_options.wrod",
        "queues.q1.strategy_options.wieght",
        "queues.q1.strategy_options.weight",
    ]
    assert "did you mean weight?" in faults[3].remedy
    assert "it is needed and has no default: a whole number" in faults[4].remedy


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        (PICKY, {"many": 4}, "refuses them (ValueError: many above 3 needs on = true)"),
        ("fixed_order", {"order": ["anna", "ben", "anna"]}, "order names somebody twice"),
    ],
)
def test_options_that_do_not_go_together_are_refused_in_the_words_of_the_constructor(
    name: str, options: dict[str, object], words: str
) -> None:
    [fault] = faults_of((name, options))

    assert fault.place == "queues.q0.strategy_options"
    assert fault.value == options
    assert words in fault.remedy


@pytest.mark.parametrize(
    ("name", "options"),
    [
        (PICKY, {"many": 5, "on": True, "part": 1, "word": "silver", "names": ["a"], "levels": {"x": 1}, "label": "l"}),
        (PICKY, {"levels": None, "whatever": [1], "whatever_else": {"x": 2}}),
        (f"{THEIRS}:Unreadable", {"tier": 3}),
        (f"{THEIRS}:TakesAny", {"whatever": 3}),
        (f"{THEIRS}:Nothing", {}),
        ("fixed_order", {"order": []}),
        ("ring_progressively", {"every_s": 4, "most": 3}),
    ],
)
def test_what_a_strategy_may_be_given_it_is_given(name: str, options: dict[str, object]) -> None:
    assert strategy_of(name, **options) is not None
