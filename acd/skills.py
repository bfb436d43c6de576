"""What agents can do and what calls ask for: levels by skill on one side, a condition on them on the other.

A requirement is kept as its canonical text, such as ``billing and spanish >= 50 and not trainee``: it compares and
hashes as what it means, survives JSON, SQL and a file unchanged, and people can read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from acd import expressions, rules
from acd.errors import InvalidRequirement
from acd.expressions import LONGEST_REQUIREMENT, RESERVED_WORDS, SKILL
from acd.rules import EVERYBODY, MAX_LEVEL, MIN_LEVEL, All, Holds, Rule, Skills

__all__ = [
    "ANYBODY",
    "LONGEST_REQUIREMENT",
    "MAX_LEVEL",
    "MIN_LEVEL",
    "RESERVED_WORDS",
    "Requirement",
    "Skills",
    "asked_for",
    "combined",
    "contradicts_itself",
    "indispensable",
    "lowered",
    "meets",
    "missing",
    "named_in",
    "plain_levels",
    "requirement",
    "rule_of",
]

Requirement: TypeAlias = str
"""What a call needs, in the one form that ``requirement`` gives: skills with least levels under and, or, not."""

ANYBODY: Requirement = ""
"""The requirement that every agent meets."""


def requirement(said: str | Mapping[str, int]) -> Requirement:
    """The canonical text of what a person or a program wrote: an expression, or a table of skills with least levels.

    Raises InvalidRequirement, which says what is wrong and where.
    """
    rule = expressions.read(said) if isinstance(said, str) else _of_table(said)
    text = _canonical(rule)
    if len(text) > LONGEST_REQUIREMENT:
        raise InvalidRequirement(f"written out, it is longer than {LONGEST_REQUIREMENT} characters")
    return text


def _of_table(levels: Mapping[str, int]) -> Rule:
    for skill, level in levels.items():
        if skill in RESERVED_WORDS or not SKILL.fullmatch(skill):
            raise InvalidRequirement(f"{skill!r} is not the name of a skill")
        if type(level) is not int or not MIN_LEVEL <= level <= MAX_LEVEL:
            raise InvalidRequirement(f"{skill} = {level!r}: a level is {MIN_LEVEL} to {MAX_LEVEL}")
    return All(tuple(Holds(skill, level) for skill, level in levels.items()))


def _canonical(rule: Rule) -> Requirement:
    return rules.text(rules.tidy(rule))


@lru_cache(maxsize=100_000)
def rule_of(requirement: Requirement) -> Rule:
    """The requirement as a tree, in which only skills are negated. Of any length: two combined are longer than each."""
    return rules.tidy(expressions.read_again(requirement)) if requirement else EVERYBODY


@lru_cache(maxsize=100_000)
def plain_levels(requirement: Requirement) -> tuple[tuple[str, int], ...] | None:
    """Skills with least levels, if it asks for nothing but that all of them be held; None if it says more.

    Most requirements are of this kind, and calls bring new ones all the time: so it reads the canonical text without
    building a tree.
    """
    if not requirement:
        return ()
    if "(" in requirement or " or " in requirement or "not " in requirement:
        return None
    levels = []
    for part in requirement.split(" and "):
        skill, asked, level = part.partition(" >= ")
        levels.append((skill, int(level) if asked else MIN_LEVEL))
    return tuple(levels)


def meets(skills: Skills, requirement: Requirement) -> bool:
    """Whether an agent with these skills may take a call with this requirement."""
    levels = plain_levels(requirement)
    if levels is None:
        return rules.holds(rule_of(requirement), skills)
    for skill, level in levels:  # noqa: SIM110  three times as fast as a generator, and asked millions of times
        if skills.get(skill, 0) < level:
            return False
    return True


def missing(skills: Skills, requirement: Requirement) -> Requirement:
    """The parts of the requirement that these skills do not meet; empty if they meet it."""
    rule = rule_of(requirement)
    parts = rule.rules if isinstance(rule, All) else (rule,)
    return _canonical(All(tuple(part for part in parts if not rules.holds(part, skills))))


@lru_cache(maxsize=100_000)
def combined(*requirements: Requirement) -> Requirement:
    """One requirement that holds all of these."""
    said = {one for one in requirements if one}
    if len(said) < 2:
        return said.pop() if said else ANYBODY
    levels: dict[str, int] = {}
    for one in said:
        plain = plain_levels(one)
        if plain is None:
            return _canonical(All(tuple(rule_of(each) for each in said)))
        for skill, level in plain:
            if level > levels.get(skill, 0):
                levels[skill] = level
    return _plain_text(levels)


@lru_cache(maxsize=100_000)
def lowered(requirement: Requirement, levels: tuple[tuple[str, int], ...]) -> Requirement:
    """The requirement with the least levels of some skills lowered to these; 0 drops the skill. None is raised, and
    what rules a skill out stays as it is."""
    plain = plain_levels(requirement)
    if plain is None:
        return _canonical(rules.lowered(rule_of(requirement), dict(levels)))
    to = dict(levels)
    lower = {skill: min(level, to.get(skill, level)) for skill, level in plain}
    return _plain_text({skill: level for skill, level in lower.items() if level >= MIN_LEVEL})


@lru_cache(maxsize=100_000)
def asked_for(requirement: Requirement) -> Mapping[str, int]:
    """The skills that it asks for (not those that it rules out), each with the highest level named."""
    levels: dict[str, int] = {}
    for one in rules.asked(rule_of(requirement)):
        levels[one.skill] = max(one.level, levels.get(one.skill, 0))
    return levels


@lru_cache(maxsize=100_000)
def indispensable(requirement: Requirement) -> tuple[str, ...]:
    """Skills without which nobody meets it: what an index of agents by skill may be asked for."""
    return tuple(sorted(rules.indispensable(rule_of(requirement))))


def named_in(requirement: Requirement) -> frozenset[str]:
    """Every skill that it names."""
    return frozenset(one.skill for one in rules.atoms(rule_of(requirement)))


def contradicts_itself(requirement: Requirement) -> bool:
    """Whether no set of skills whatever meets it. Never claimed wrongly; found for all that people write, but not where
    a dozen skills or more hang together in one tangle of alternatives."""
    return rules.is_impossible(rule_of(requirement))


def _plain_text(levels: Mapping[str, int]) -> Requirement:
    return " and ".join(
        [skill if level == MIN_LEVEL else f"{skill} >= {level}" for skill, level in sorted(levels.items())]
    )
