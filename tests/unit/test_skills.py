"""Who may take which call, as far as skills decide it."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from acd.skills import combined, meets, missing

levels = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 100))


@pytest.mark.parametrize(
    ("skills", "requirement", "expected"),
    [
        ({}, {}, True),
        ({"german": 1}, {}, True),
        ({}, {"german": 1}, False),
        ({"german": 49}, {"german": 50}, False),
        ({"german": 50}, {"german": 50}, True),
        ({"german": 100}, {"german": 50, "billing": 1}, False),
        ({"german": 100, "billing": 1}, {"german": 50, "billing": 1}, True),
    ],
)
def test_an_agent_meets_a_requirement_with_every_skill_at_its_level(
    skills: dict[str, int], requirement: dict[str, int], expected: bool
) -> None:
    assert meets(skills, requirement) is expected


def test_what_is_missing_is_named_with_the_level_that_was_asked_for() -> None:
    assert missing({"german": 30, "billing": 9}, {"german": 50, "billing": 9, "sales": 1}) == {"german": 50, "sales": 1}


def test_requirements_combine_to_the_highest_level_of_each_skill() -> None:
    assert combined({"german": 10, "sales": 5}, {"german": 50}, {"sales": 1}) == {"german": 50, "sales": 5}
    assert combined() == {}


@given(levels, levels)
def test_an_agent_meets_exactly_what_is_not_missing(skills: dict[str, int], requirement: dict[str, int]) -> None:
    assert meets(skills, requirement) == (not missing(skills, requirement))


@given(levels, levels, levels)
def test_who_meets_a_combined_requirement_meets_each_of_its_parts(
    skills: dict[str, int], one: dict[str, int], other: dict[str, int]
) -> None:
    assert meets(skills, combined(one, other)) == (meets(skills, one) and meets(skills, other))
