"""What agents can do and what calls ask for: levels by skill on one side, a condition on them on the other.

A requirement is kept as its canonical text, such as ``billing and spanish >= 50 and not trainee``: it compares and
hashes as what it means, survives JSON, SQL and a file unchanged, and people can read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from acd.errors import InvalidRequirement

MIN_LEVEL = 1
MAX_LEVEL = 100

Skills: TypeAlias = "Mapping[str, int]"
"""An agent's skills: name to level, ``MIN_LEVEL`` (some) to ``MAX_LEVEL`` (expert)."""

Requirement: TypeAlias = str
"""What a call needs, in the one form that ``requirement`` gives: skills with least levels under and, or, not."""

ANYBODY: Requirement = ""
"""The requirement that every agent meets."""

RESERVED_WORDS = frozenset({"and", "or", "not"})
LONGEST_REQUIREMENT = 2_000
_DEEPEST = 30
_TOKEN = re.compile(r"\s*(?:(?P<word>[a-z0-9][a-z0-9_-]*)|(?P<sign>>=|[()]))")


@dataclass(frozen=True, slots=True)
class Holds:
    """The agent has this skill, at least at this level."""

    skill: str
    level: int = MIN_LEVEL


@dataclass(frozen=True, slots=True)
class Not:
    """The agent does not meet this."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class All:
    """The agent meets every one of these; without any, everybody does."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """The agent meets at least one of these; without any, nobody does."""

    rules: tuple[Rule, ...]


Rule: TypeAlias = "Holds | Not | All | Some"
_EVERYBODY = All(())


def requirement(said: str | Mapping[str, int]) -> Requirement:
    """The canonical text of what a person or a program wrote: an expression, or a table of skills with least levels.

    Raises InvalidRequirement, which says what is wrong and where.
    """
    if isinstance(said, str):
        return _text(_tidy(_parsed(said)))
    for skill, level in said.items():
        if not isinstance(level, int) or isinstance(level, bool) or not MIN_LEVEL <= level <= MAX_LEVEL:
            raise InvalidRequirement(f"{skill} = {level!r}: a level is {MIN_LEVEL} to {MAX_LEVEL}")
        if skill in RESERVED_WORDS or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", skill):
            raise InvalidRequirement(f"{skill!r} is not the name of a skill")
    return _text(_tidy(All(tuple(Holds(skill, level) for skill, level in said.items()))))


@lru_cache(maxsize=100_000)
def rule_of(requirement: Requirement) -> Rule:
    """The requirement as a tree."""
    return _tidy(_parsed(requirement))


def meets(skills: Skills, requirement: Requirement) -> bool:
    """Whether an agent with these skills may take a call with this requirement."""
    return not requirement or _holds(rule_of(requirement), skills)


def missing(skills: Skills, requirement: Requirement) -> Requirement:
    """The parts of the requirement that these skills do not meet; empty if they meet it."""
    rule = rule_of(requirement)
    parts = rule.rules if isinstance(rule, All) else (rule,)
    return _text(_tidy(All(tuple(part for part in parts if not _holds(part, skills)))))


def combined(*requirements: Requirement) -> Requirement:
    """One requirement that holds all of these."""
    return _text(_tidy(All(tuple(rule_of(one) for one in requirements if one))))


@lru_cache(maxsize=100_000)
def lowered(requirement: Requirement, levels: tuple[tuple[str, int], ...]) -> Requirement:
    """The requirement with the least levels of some skills lowered to these; 0 drops the skill. None is raised."""
    return _text(_tidy(_lowered(rule_of(requirement), dict(levels))))


@lru_cache(maxsize=100_000)
def asked_for(requirement: Requirement) -> Mapping[str, int]:
    """The skills that it asks for (not those that it rules out), each with the highest level named."""
    levels: dict[str, int] = {}
    for one in _asked(rule_of(requirement)):
        levels[one.skill] = max(one.level, levels.get(one.skill, 0))
    return levels


@lru_cache(maxsize=100_000)
def indispensable(requirement: Requirement) -> tuple[str, ...]:
    """Skills without which nobody meets it: what an index of agents by skill may be asked for."""
    rule = rule_of(requirement)
    parts = rule.rules if isinstance(rule, All) else (rule,)
    return tuple(sorted({part.skill for part in parts if isinstance(part, Holds)}))


def named_in(requirement: Requirement) -> frozenset[str]:
    """Every skill that it names."""
    return frozenset(one.skill for one in _atoms(rule_of(requirement)))


def contradicts_itself(requirement: Requirement) -> bool:
    """Whether no set of skills whatever meets it. Exact up to 12 different conditions; beyond, never claimed."""
    rule = rule_of(requirement)
    bounds: dict[str, set[int]] = {}
    for atom in _atoms(rule):
        bounds.setdefault(atom.skill, {0}).add(atom.level)
    cases = 1
    for levels in bounds.values():
        cases *= len(levels)
    return cases <= 1 << 12 and not any(_holds(rule, skills) for skills in _every_way(bounds))


def _every_way(bounds: Mapping[str, set[int]]) -> Iterator[dict[str, int]]:
    ways: list[dict[str, int]] = [{}]
    for skill, levels in bounds.items():
        ways = [way | {skill: level} for way in ways for level in levels]
    yield from ways


# --- the tree --------------------------------------------------------------------------------------------------------


def _holds(rule: Rule, skills: Skills) -> bool:
    match rule:
        case Holds(skill, level):
            return skills.get(skill, 0) >= level
        case All(rules):
            return all(_holds(each, skills) for each in rules)
        case Some(rules):
            return any(_holds(each, skills) for each in rules)
        case Not(inner):
            return not _holds(inner, skills)


def _atoms(rule: Rule) -> Iterator[Holds]:
    match rule:
        case Holds():
            yield rule
        case Not(inner):
            yield from _atoms(inner)
        case All(rules) | Some(rules):
            for each in rules:
                yield from _atoms(each)


def _asked(rule: Rule) -> Iterator[Holds]:
    match rule:
        case Holds():
            yield rule
        case Not():
            return
        case All(rules) | Some(rules):
            for each in rules:
                yield from _asked(each)


def _lowered(rule: Rule, levels: Mapping[str, int]) -> Rule:
    match rule:
        case Holds(skill, level) if skill in levels:
            lower = min(level, levels[skill])
            return Holds(skill, lower) if lower >= MIN_LEVEL else _EVERYBODY
        case All(rules):
            return All(tuple(_lowered(each, levels) for each in rules))
        case Some(rules):
            return Some(tuple(_lowered(each, levels) for each in rules))
        case _:
            return rule


def _tidy(rule: Rule) -> Rule:
    """The same rule with nothing said twice, and its parts in one order."""
    match rule:
        case Not(inner):
            tidy = _tidy(inner)
            return tidy.rule if isinstance(tidy, Not) else Not(tidy)
        case All(rules):
            return _tidy_all(rules)
        case Some(rules):
            return _tidy_some(rules)
        case _:
            return rule


def _tidy_all(rules: tuple[Rule, ...]) -> Rule:
    levels: dict[str, int] = {}
    others: dict[str, Rule] = {}
    for part in _flat(rules, All):
        if isinstance(part, Holds):
            levels[part.skill] = max(part.level, levels.get(part.skill, 0))
        else:
            others[_text(part)] = part
    parts: list[Rule] = [Holds(skill, levels[skill]) for skill in sorted(levels)]
    parts += [others[text] for text in sorted(others)]
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _tidy_some(rules: tuple[Rule, ...]) -> Rule:
    levels: dict[str, int] = {}
    others: dict[str, Rule] = {}
    for part in _flat(rules, Some):
        if isinstance(part, All) and not part.rules:
            return _EVERYBODY
        if isinstance(part, Holds):
            levels[part.skill] = min(part.level, levels.get(part.skill, MAX_LEVEL))
        else:
            others[_text(part)] = part
    parts: list[Rule] = [Holds(skill, levels[skill]) for skill in sorted(levels)]
    parts += [others[text] for text in sorted(others)]
    return parts[0] if len(parts) == 1 else Some(tuple(parts))


def _flat(rules: tuple[Rule, ...], kind: type[All] | type[Some]) -> Iterator[Rule]:
    for each in rules:
        tidy = _tidy(each)
        if isinstance(tidy, kind) and isinstance(tidy, (All, Some)):
            yield from tidy.rules
        else:
            yield tidy


def _text(rule: Rule) -> str:
    match rule:
        case Holds(skill, level):
            return skill if level == MIN_LEVEL else f"{skill} >= {level}"
        case Not(inner):
            return f"not {_in_brackets(inner)}"
        case All(rules):
            return " and ".join(_in_brackets(each) if isinstance(each, Some) else _text(each) for each in rules)
        case Some(rules):
            return " or ".join(_text(each) for each in rules)


def _in_brackets(rule: Rule) -> str:
    return f"({_text(rule)})" if isinstance(rule, (All, Some)) else _text(rule)


# --- reading ---------------------------------------------------------------------------------------------------------


def _parsed(text: str) -> Rule:
    if not text.strip():
        return _EVERYBODY
    if len(text) > LONGEST_REQUIREMENT:
        raise InvalidRequirement(f"longer than {LONGEST_REQUIREMENT} characters")
    reader = _Reader(text, _tokens(text))
    rule = reader.either(0)
    if reader.left:
        raise InvalidRequirement(f"{text!r}: nothing is expected at {reader.left[0]!r}; join with and, or")
    return rule


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise InvalidRequirement(
                f"{text!r}: {text[at:].strip()[:20]!r} is not understood; write skill names, >= level, and, or, not, ( )"
            )
        tokens.append(found["word"] or found["sign"])
        at = found.end()
    return tokens


@dataclass(slots=True)
class _Reader:
    text: str
    left: list[str]

    def either(self, depth: int) -> Rule:
        rules = [self.both(depth)]
        while self._take("or"):
            rules.append(self.both(depth))
        return Some(tuple(rules)) if len(rules) > 1 else rules[0]

    def both(self, depth: int) -> Rule:
        rules = [self.one(depth)]
        while self._take("and"):
            rules.append(self.one(depth))
        return All(tuple(rules)) if len(rules) > 1 else rules[0]

    def one(self, depth: int) -> Rule:
        if depth > _DEEPEST:
            raise InvalidRequirement(f"nested more than {_DEEPEST} deep")
        if self._take("not"):
            return Not(self.one(depth + 1))
        if self._take("("):
            inner = self.either(depth + 1)
            if not self._take(")"):
                raise InvalidRequirement(f"{self.text!r}: a ) is missing")
            return inner
        if not self.left or self.left[0] in RESERVED_WORDS or self.left[0] in {")", ">="}:
            found = repr(self.left[0]) if self.left else "the end"
            raise InvalidRequirement(f"{self.text!r}: a skill is expected at {found}")
        skill = self.left.pop(0)
        return Holds(skill, self._level(skill) if self._take(">=") else MIN_LEVEL)

    def _level(self, skill: str) -> int:
        word = self.left.pop(0) if self.left else ""
        if not word.isdecimal() or not MIN_LEVEL <= int(word) <= MAX_LEVEL:
            raise InvalidRequirement(f"{skill} >= {word or 'nothing'}: a level is {MIN_LEVEL} to {MAX_LEVEL}")
        return int(word)

    def _take(self, token: str) -> bool:
        if self.left and self.left[0] == token:
            del self.left[0]
            return True
        return False
