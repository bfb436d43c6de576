"""What calls ask for and agents can do: expressions are read as meant, kept in one form, and judged as logic has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import given, settings, strategies as st

from acd.rules import All, Holds, Not, Rule, Some, text, tidy
from acd.skills import (
    ANYBODY,
    asked_for,
    combined,
    contradicts_itself,
    indispensable,
    lowered,
    meets,
    missing,
    named_in,
    plain_levels,
    requirement,
    rule_of,
)

patient = settings(deadline=None, max_examples=300)
"""Other work on the machine must not decide whether these pass."""

NAMES = ("a", "b", "not-c")
LEVELS = (1, 50, 100)
rules = st.recursive(
    st.builds(Holds, st.sampled_from(NAMES), st.sampled_from(LEVELS)),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple))
        | st.builds(Some, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=8,
)
agents = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 100))


def as_written(rule: Rule) -> str:
    """The rule with every bracket that there could be, as a careful person would write it."""
    match rule:
        case Holds(skill, level):
            return f"{skill}>={level}"
        case Not(inner):
            return f"not ({as_written(inner)})"
        case All(parts):
            return " and ".join(f"({as_written(part)})" for part in parts)
        case Some(parts):
            return " or ".join(f"( {as_written(part)} )" for part in parts)


def met(rule: Rule, skills: Mapping[str, int]) -> bool:
    """What the rule means, word for word."""
    match rule:
        case Holds(skill, level):
            return skills.get(skill, 0) >= level
        case Not(inner):
            return not met(inner, skills)
        case All(parts):
            return all(met(part, skills) for part in parts)
        case Some(parts):
            return any(met(part, skills) for part in parts)


def every_agent() -> Iterator[Mapping[str, int]]:
    """One agent of every kind that a rule with these names and levels can tell apart."""
    for levels in product((0, *LEVELS), repeat=len(NAMES)):
        yield {name: level for name, level in zip(NAMES, levels, strict=True) if level}


# --- one form ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("", ANYBODY),
        ("  ", ANYBODY),
        ("spanish", "spanish"),
        (" spanish >= 1 ", "spanish"),
        ("spanish>=50", "spanish >= 50"),
        ("spanish >= 050", "spanish >= 50"),
        ("((spanish))", "spanish"),
        ("spanish >= 50 and not trainee and billing", "billing and spanish >= 50 and not trainee"),
        ("b or a", "a or b"),
        ("a and a", "a"),
        ("a >= 5 and a >= 7", "a >= 7"),
        ("a >= 5 or a >= 7", "a >= 5"),
        ("not a >= 5 and not a >= 7", "not a >= 5"),
        ("not a >= 5 or not a >= 7", "not a >= 7"),
        ("not not a", "a"),
        ("not (a and b)", "not a or not b"),
        ("not (a or b)", "not a and not b"),
        ("a or b and c", "a or b and c"),
        ("(a or b) and c", "c and (a or b)"),
        ("a and (b and (c or (d or e)))", "a and b and (c or d or e)"),
        ("not a or b", "b or not a"),
        ("and-so or or-else", "and-so or or-else"),
        ("50 >= 50", "50 >= 50"),
    ],
)
def test_an_expression_is_kept_in_one_form(said: str, kept: str) -> None:
    assert requirement(said) == kept
    assert requirement(kept) == kept


def test_a_table_of_levels_says_the_same_as_an_expression() -> None:
    assert requirement({"spanish": 50, "billing": 1}) == requirement("billing and spanish >= 50")
    assert requirement({}) == ANYBODY


@patient
@given(rules)
def test_the_one_form_is_read_back_as_itself_and_means_what_was_written(rule: Rule) -> None:
    kept = requirement(as_written(rule))

    assert requirement(kept) == kept
    assert text(rule_of(kept)) == kept
    assert all(meets(agent, kept) == met(rule, agent) for agent in every_agent())


@patient
@given(rules)
def test_only_skills_are_negated_in_the_one_form(rule: Rule) -> None:
    def negated(part: Rule) -> Iterator[Rule]:
        match part:
            case Not(inner):
                yield inner
            case All(parts) | Some(parts):
                for each in parts:
                    yield from negated(each)
            case Holds():
                pass

    assert all(isinstance(inner, Holds) for inner in negated(tidy(rule)))


# --- what agents are asked for ----------------------------------------------------------------------------------------


@patient
@given(rules, agents)
def test_what_is_missing_is_exactly_what_is_not_met(rule: Rule, agent: Mapping[str, int]) -> None:
    kept = requirement(as_written(rule))
    lacking = missing(agent, kept)

    assert (lacking == ANYBODY) == meets(agent, kept)
    if lacking:
        assert not meets(agent, lacking)
        assert named_in(lacking) <= named_in(kept)
        assert all(meets(each, lacking) for each in every_agent() if meets(each, kept))


def test_what_is_missing_names_the_parts_and_no_others() -> None:
    assert missing({"german": 100, "billing": 20}, "billing >= 50 and german and not trainee") == "billing >= 50"
    assert missing({"trainee": 1}, "german and (a or b) and not trainee") == "german and not trainee and (a or b)"
    assert missing({}, ANYBODY) == ANYBODY


@patient
@given(st.lists(rules, max_size=3))
def test_combined_asks_for_all_of_them(parts: list[Rule]) -> None:
    kept = [requirement(as_written(part)) for part in parts]
    both = combined(*kept)

    assert all(meets(agent, both) == all(meets(agent, one) for one in kept) for agent in every_agent())
    assert text(rule_of(both)) == both
    assert combined(*kept, *kept, ANYBODY) == both


def with_less(rule: Rule, levels: Mapping[str, int], skills: Mapping[str, int], *, asks: bool = True) -> bool:
    """Whether the agent meets it, where every skill that is asked for at a higher level is asked for at this one."""
    match rule:
        case Holds(skill, level):
            return skills.get(skill, 0) >= (min(level, levels.get(skill, level)) if asks else level)
        case Not(inner):
            return not with_less(inner, levels, skills, asks=not asks)
        case All(parts):
            return all(with_less(part, levels, skills, asks=asks) for part in parts)
        case Some(parts):
            return any(with_less(part, levels, skills, asks=asks) for part in parts)


@patient
@given(rules, st.dictionaries(st.sampled_from(NAMES), st.integers(0, 100), max_size=3))
def test_lowering_changes_what_is_asked_for_and_never_what_is_ruled_out(rule: Rule, levels: dict[str, int]) -> None:
    kept = requirement(as_written(rule))
    less = lowered(kept, tuple(sorted(levels.items())))

    assert text(rule_of(less)) == less
    for agent in every_agent():
        assert meets(agent, less) == with_less(rule, levels, agent)
        assert meets(agent, less) or not meets(agent, kept)


@pytest.mark.parametrize(
    ("before", "levels", "after"),
    [
        ("spanish >= 50", {"spanish": 20}, "spanish >= 20"),
        ("spanish >= 50", {"spanish": 80}, "spanish >= 50"),
        ("spanish >= 50", {"spanish": 0}, ANYBODY),
        ("spanish >= 50 and billing", {"spanish": 0}, "billing"),
        ("spanish or french", {"spanish": 0}, ANYBODY),
        ("billing and (spanish >= 50 or french >= 50)", {"spanish": 1}, "billing and (spanish or french >= 50)"),
        ("spanish and not trainee", {"trainee": 0}, "spanish and not trainee"),
        ("spanish and not trainee", {"spanish": 0}, "not trainee"),
        ("spanish", {"german": 0}, "spanish"),
    ],
)
def test_lowering_by_example(before: str, levels: dict[str, int], after: str) -> None:
    assert lowered(before, tuple(levels.items())) == requirement(after)


@patient
@given(rules)
def test_skills_asked_for_are_those_that_can_make_somebody_eligible(rule: Rule) -> None:
    kept = requirement(as_written(rule))
    asked = asked_for(kept)

    assert set(asked) <= named_in(kept) <= set(NAMES)
    for skill in NAMES:
        helps = any(
            not meets(agent, kept) and meets({**agent, skill: 100}, kept)
            for agent in every_agent()
            if skill not in agent
        )
        assert skill in asked or not helps


def test_skills_asked_for_have_the_highest_level_named_and_are_not_those_ruled_out() -> None:
    assert asked_for("a >= 5 and b or a >= 9 and not c") == {"a": 9, "b": 1}
    assert asked_for(requirement("not (not a >= 5 and b)")) == {"a": 5}
    assert named_in("a >= 5 and b or a >= 9 and not c") == {"a", "b", "c"}


@patient
@given(rules)
def test_without_an_indispensable_skill_nobody_meets_it(rule: Rule) -> None:
    kept = requirement(as_written(rule))
    for skill in indispensable(kept):
        assert not any(meets(agent, kept) for agent in every_agent() if skill not in agent)


def test_indispensable_is_what_every_way_asks_for() -> None:
    assert indispensable("a and b >= 50 and not c and (d or e)") == ("a", "b")
    assert indispensable("a and b or a and c") == ("a",)
    assert indispensable("a or b") == ()
    assert indispensable("a") == ("a",)
    assert indispensable(ANYBODY) == ()


@patient
@given(rules)
def test_a_contradiction_is_found_exactly_where_nobody_can_meet_it(rule: Rule) -> None:
    kept = requirement(as_written(rule))

    assert contradicts_itself(kept) == (not any(meets(agent, kept) for agent in every_agent()))


@pytest.mark.parametrize(
    ("said", "contradicts"),
    [
        (ANYBODY, False),
        ("a", False),
        ("not a", False),
        ("a >= 50 and not a >= 80", False),
        ("a >= 50 and not a >= 50", True),
        ("a and not a", True),
        ("a and not a or b", False),
        ("a and not a or b and not b", True),
        ("(a or b) and not a and not b", True),
        (" and ".join(f"s{n}" for n in range(60)), False),
        (" and ".join(f"s{n}" for n in range(60)) + " and not s30", True),
        ("not a and (" + " or ".join(f"a >= {n}" for n in range(1, 90)) + ")", True),
    ],
)
def test_contradictions_by_example_of_any_size(said: str, contradicts: bool) -> None:
    assert contradicts_itself(requirement(said)) is contradicts


def test_a_tangle_too_large_to_judge_is_never_called_a_contradiction() -> None:
    pairs = " and ".join(f"(s{n} or s{n + 1})" for n in range(40))
    none = " and ".join(f"not s{n}" for n in range(41))

    assert contradicts_itself(requirement(pairs)) is False
    assert not meets({}, requirement(f"{pairs} and {none}"))
    assert contradicts_itself(requirement(f"{pairs} and {none}")) is False


@patient
@given(rules)
def test_plain_levels_say_the_same_as_the_tree(rule: Rule) -> None:
    kept = requirement(as_written(rule))
    plain = plain_levels(kept)
    parts = rule_of(kept).rules if isinstance(rule_of(kept), All) else (rule_of(kept),)  # type: ignore[union-attr]

    if plain is not None:
        assert All(tuple(Holds(*each) for each in plain)) == All(parts)
    else:
        assert not all(isinstance(part, Holds) for part in parts)
