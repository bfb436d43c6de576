"""What a person wrote about skills and cannot be read is refused in one sentence; what is long or deep still works."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from acd.errors import InvalidRequirement
from acd.rules import text
from acd.skills import LONGEST_REQUIREMENT, combined, meets, requirement, rule_of


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("and", "a skill is expected at 'and'"),
        ("a and", "a skill is expected at the end"),
        ("a or or b", "a skill is expected at 'or'"),
        ("a not b", "nothing is expected at 'not'; join with and, or"),
        ("a b", "nothing is expected at 'b'; join with and, or"),
        ("()", "a skill is expected at ')'"),
        (">= 5", "a skill is expected at '>='"),
        ("(a", "a ) is missing at the end"),
        ("(a b)", "a ) is missing at 'b'"),
        ("a)", "nothing is expected at ')'; join with and, or"),
        ("a >= ", "a >= nothing: a level is 1 to 100"),
        ("a >= b", "a >= b: a level is 1 to 100"),
        ("a >= 0", "a >= 0: a level is 1 to 100"),
        ("a >= 101", "a >= 101: a level is 1 to 100"),
        ("a >= -5", "'-5' is not understood; write names of skills, >= level, and, or, not, ( )"),
        ("a > 5", "'> 5' is not understood"),
        ("a & b", "'& b' is not understood"),
        ("Spanish", "'Spanish' is not understood"),
        ("a >= \u0665", "'\u0665' is not understood"),
        ("a\x00", "'\\\\x00' is not understood"),
        ("(" * 40 + "a" + ")" * 40, "nested more than 30 deep"),
        ("not " * 40 + "a", "nested more than 30 deep"),
        ("a" * (LONGEST_REQUIREMENT + 1), "longer than 2000 characters"),
        ("not (" + " or ".join(["ab>=2"] * 220) + ")", None),
        (" and ".join(f"ab{n}>=2" for n in range(160)), "written out, it is longer than 2000 characters"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(said: str, why: str | None) -> None:
    if why is None:  # long as written, short as kept
        assert requirement(said) == "not ab >= 2"
        return
    with pytest.raises(InvalidRequirement, match=rf"^{why}".replace("(", r"\(").replace(")", r"\)")) as caught:
        requirement(said)

    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("level", [0, -1, 101, 1.5, True, "5", None])
def test_a_table_with_an_absurd_level_is_refused(level: object) -> None:
    with pytest.raises(InvalidRequirement, match=r"^a = .*: a level is 1 to 100$"):
        requirement({"a": level})  # type: ignore[dict-item]


@pytest.mark.parametrize("skill", ["not", "and", "or", "", "two words", "Spanish", "-a", "a\n"])
def test_a_table_with_no_name_of_a_skill_is_refused(skill: str) -> None:
    with pytest.raises(InvalidRequirement, match="is not the name of a skill"):
        requirement({skill: 1})


@given(st.text(alphabet="ab not()>=15\t\n", max_size=30) | st.text(max_size=30))
def test_any_text_is_either_read_or_refused_as_ours(said: str) -> None:
    try:
        kept = requirement(said)
    except InvalidRequirement:
        return
    assert requirement(kept) == kept


def test_two_long_requirements_can_be_combined_and_used() -> None:
    one = requirement(" and ".join(f"skill-{n:03} >= 50" for n in range(90)))
    other = requirement(" or ".join(f"other-{n:03} >= 50" for n in range(90)))
    both = combined(one, other)

    assert len(both) > LONGEST_REQUIREMENT
    assert meets({f"skill-{n:03}": 50 for n in range(90)} | {"other-000": 50}, both)
    assert not meets({f"skill-{n:03}": 50 for n in range(90)}, both)


def test_a_deep_requirement_can_be_combined_with_another() -> None:
    deep = "a"
    for number in range(14):
        deep = f"(b{number} and ({deep} or c{number}))"
    both = combined(requirement(deep), "x or y")

    assert requirement(deep) == text(rule_of(requirement(deep)))
    assert meets({"x": 1, "c13": 1, "b13": 1}, both)
