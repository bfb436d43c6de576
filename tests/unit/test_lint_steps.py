"""Steps that never count, always count, or change nothing are remarked on; those that may help a call are not."""

from __future__ import annotations

import pytest

from tests.unit.remarks import of_support, step

STEPS = [
    # never
    (
        "max_wait_s = 60\n" + step("after_s = 60\nanyone = true"),
        "steps[0].after_s",
        "it never counts: callers leave after 60 s (max_wait_s)",
    ),
    (
        step("when = { metric = 'available', at = 3, back_at = 1 }\nanyone = true"),
        "steps[0].when.at",
        "it never counts: the queue has 2 agents",
    ),
    (
        "max_wait_s = 60\n" + step("when = { metric = 'longest_wait_s', at = 90, back_at = 5 }\nanyone = true"),
        "steps[0].when.at",
        "it never counts: callers leave after 60 s (max_wait_s)",
    ),
    (
        step("when = { metric = 'waiting', at = 0, back_at = 1 }\nanyone = true"),
        "steps[0].when.back_at",
        "it counts only while nobody waits, and is over when somebody comes",
    ),
    # always
    (step("after_s = 0\ngroups = ['reserve']"), "steps[0].after_s", "it counts from the first moment"),
    (
        step("when = { metric = 'available', at = 2, back_at = 3 }\ngroups = ['reserve']"),
        "steps[0].when.at",
        "it always counts: the queue has 2 agents",
    ),
    (
        step("when = { metric = 'available', at = 1, back_at = 3 }\ngroups = ['reserve']"),
        "steps[0].when.back_at",
        "once it counts it never stops: the queue has 2 agents",
    ),
    # nothing
    (step("after_s = 20"), "steps[0]", "it changes nothing, since it says nothing"),
    (
        step("after_s = 20\nranks = 5"),
        "steps[0].ranks",
        "it changes nothing: the queue asks agents of all ranks from the start",
    ),
    (
        "ranks = 0\n" + step("after_s = 20\nranks = 1") + step("after_s = 30\nranks = 0\nanyone = true"),
        "steps[1].ranks",
        "it changes nothing: agents up to rank 1 are asked already",
    ),
    (
        "requires = 'german >= 40'\n"
        + step("after_s = 20\nanyone = true\ngroups = ['reserve']")
        + step("after_s = 30\nlower = { german = 5 }"),
        "steps[1].lower",
        "it changes nothing: an earlier step asks for no skill any more",
    ),
    (
        "requires = 'german >= 40'\n" + step("after_s = 30\nanyone = true") + step("after_s = 40\nanyone = true"),
        "steps[1].anyone",
        "it changes nothing: an earlier step asks for no skill any more",
    ),
    (
        "requires = 'german >= 40'\n" + step("after_s = 40\nanyone = true") + step("after_s = 30\nanyone = true"),
        "steps[0].anyone",
        "it changes nothing: an earlier step asks for no skill any more",
    ),
    (
        "requires = 'german >= 40'\n" + step("after_s = 30\nanyone = true\nlower = { german = 5 }"),
        "steps[0].lower",
        "it changes nothing: with anyone no skill is asked for",
    ),
    (
        "requires = 'german >= 40'\n"
        + step("after_s = 20\nlower = { german = 20 }")
        + step("after_s = 30\nlower = { german = 30 }"),
        "steps[1].lower.german",
        "it changes nothing: an earlier step lowers it to 20 already",
    ),
    (
        "requires = 'german >= 30'\n" + step("after_s = 30\nlower = { german = 30 }"),
        "steps[0].lower.german",
        "it changes nothing: the queue asks for 30 only",
    ),
    (
        step("after_s = 20\ngroups = ['reserve']") + step("after_s = 30\ngroups = ['reserve']"),
        "steps[1].groups",
        "it changes nothing: an earlier step borrows from reserve already",
    ),
    (
        step("after_s = 20\nqueues = ['sales']") + step("after_s = 30\nqueues = ['sales']"),
        "steps[1].queues",
        "it changes nothing: an earlier step borrows from sales already",
    ),
    # nobody
    (step("after_s = 20\ngroups = ['team']"), "steps[0]", "no further agent can be asked when it counts"),
    (
        "requires = 'german >= 20'\n" + step("after_s = 20\nlower = { german = 10 }"),
        "steps[0]",
        "no further agent can be asked when it counts",
    ),
    (
        "requires = 'german >= 20'\n" + step("after_s = 20\ngroups = ['reserve']"),
        "steps[0]",
        "no further agent can be asked when it counts",
    ),
]


@pytest.mark.parametrize(("keys", "place", "sentence"), STEPS)
def test_a_step_is_remarked_on_once_and_at_its_place(keys: str, place: str, sentence: str) -> None:
    assert [(one.place, one.sentence) for one in of_support(keys)] == [(f"queues.support.{place}", sentence)]


def test_a_step_for_what_calls_bring_is_left_in_peace() -> None:
    assert of_support(step("after_s = 20\nlower = { billing = 0 }")) == []
    assert of_support(step("after_s = 20\nanyone = true")) == []


def test_a_step_by_a_live_figure_is_measured_by_the_queue_alone() -> None:
    """Whether earlier steps count by then is not known."""
    keys = "requires = 'german >= 40'\n" + step("after_s = 20\nanyone = true")

    assert of_support(keys + step("when = { metric = 'waiting', at = 5, back_at = 2 }\nanyone = true")) == []
