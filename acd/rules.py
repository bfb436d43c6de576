"""The tree behind a requirement: what can be asked of it, and the one form in which equal wishes look the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TypeAlias

MIN_LEVEL = 1
MAX_LEVEL = 100

Skills: TypeAlias = "Mapping[str, int]"
"""An agent's skills: name to level, ``MIN_LEVEL`` (some) to ``MAX_LEVEL`` (expert)."""

_MOST_CASES = 1 << 12


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
EVERYBODY = All(())


def holds(rule: Rule, skills: Skills) -> bool:
    """Whether an agent with these skills meets it."""
    match rule:
        case Holds(skill, level):
            return skills.get(skill, 0) >= level
        case All(rules):
            return all(holds(each, skills) for each in rules)
        case Some(rules):
            return any(holds(each, skills) for each in rules)
        case Not(inner):
            return not holds(inner, skills)


def atoms(rule: Rule) -> Iterator[Holds]:
    """Every skill with its level that it names."""
    match rule:
        case Holds():
            yield rule
        case Not(inner):
            yield from atoms(inner)
        case All(rules) | Some(rules):
            for each in rules:
                yield from atoms(each)


def asked(rule: Rule) -> Iterator[Holds]:
    """Those of a tidy rule that it asks for, not those that it rules out."""
    match rule:
        case Holds():
            yield rule
        case Not():
            return
        case All(rules) | Some(rules):
            for each in rules:
                yield from asked(each)


def indispensable(rule: Rule) -> frozenset[str]:
    """Skills without which nobody meets a tidy rule."""
    match rule:
        case Holds(skill):
            return frozenset({skill})
        case Not():
            return frozenset()
        case All(rules):
            return frozenset().union(*(indispensable(each) for each in rules))
        case Some(rules):
            each_way = [indispensable(each) for each in rules]
            return each_way[0].intersection(*each_way[1:]) if each_way else frozenset()


def lowered(rule: Rule, levels: Mapping[str, int]) -> Rule:
    """A tidy rule with lower levels; whoever met it before meets it still."""
    match rule:
        case Holds(skill, level) if skill in levels:
            lower = min(level, levels[skill])
            return Holds(skill, lower) if lower >= MIN_LEVEL else EVERYBODY
        case All(rules):
            return All(tuple(lowered(each, levels) for each in rules))
        case Some(rules):
            return Some(tuple(lowered(each, levels) for each in rules))
        case _:
            return rule


def is_impossible(rule: Rule) -> bool:
    """Whether no set of skills meets a tidy rule; where that would take too long to say, False."""
    match rule:
        case Some(rules):
            return all(is_impossible(each) for each in rules)
        case All(rules):
            return any(_cannot_all_hold(tangle) for tangle in _tangles(rules))
        case _:
            return False


def _tangles(rules: tuple[Rule, ...]) -> list[list[Rule]]:
    """The rules in sets that share no skill: they can all hold if each set can."""
    tangles: list[tuple[set[str], list[Rule]]] = []
    for rule in rules:
        skills, members = {atom.skill for atom in atoms(rule)}, [rule]
        apart = []
        for tangle in tangles:
            if skills & tangle[0]:
                skills |= tangle[0]
                members += tangle[1]
            else:
                apart.append(tangle)
        tangles = [*apart, (skills, members)]
    return [members for _, members in tangles]


def _cannot_all_hold(rules: list[Rule]) -> bool:
    if len(rules) == 1:
        return is_impossible(rules[0])
    marks: dict[str, set[int]] = {}
    for rule in rules:
        for atom in atoms(rule):
            marks.setdefault(atom.skill, {0}).add(atom.level)
    if prod(len(levels) for levels in marks.values()) > _MOST_CASES:
        return False
    cases = (dict(zip(marks, levels, strict=True)) for levels in product(*marks.values()))
    return not any(holds(All(tuple(rules)), skills) for skills in cases)


def tidy(rule: Rule) -> Rule:
    """The same rule with nothing said twice, its parts in one order, and only skills negated."""
    match rule:
        case Not(Not(inner)):
            return tidy(inner)
        case Not(All(rules)):
            return _tidy_set(tuple(Not(each) for each in rules), Some)
        case Not(Some(rules)):
            return _tidy_set(tuple(Not(each) for each in rules), All)
        case All(rules):
            return _tidy_set(rules, All)
        case Some(rules):
            return _tidy_set(rules, Some)
        case _:
            return rule


def _tidy_set(rules: tuple[Rule, ...], kind: type[All] | type[Some]) -> Rule:
    """Of two levels of one skill only the one that decides is left: the higher one of those that must both hold."""
    held: dict[str, int] = {}
    ruled_out: dict[str, int] = {}
    others: dict[str, Rule] = {}
    upper, lower = (max, min) if kind is All else (min, max)
    for part in _flat(rules, kind):
        match part:
            case All(()):
                return EVERYBODY
            case Holds(skill, level):
                held[skill] = upper(level, held.get(skill, level))
            case Not(Holds(skill, level)):
                ruled_out[skill] = lower(level, ruled_out.get(skill, level))
            case _:
                others[text(part)] = part
    parts: list[Rule] = [Holds(skill, held[skill]) for skill in sorted(held)]
    parts += [Not(Holds(skill, ruled_out[skill])) for skill in sorted(ruled_out)]
    parts += [others[text] for text in sorted(others)]
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _flat(rules: tuple[Rule, ...], kind: type[All] | type[Some]) -> Iterator[Rule]:
    for each in rules:
        part = tidy(each)
        if isinstance(part, (All, Some)) and isinstance(part, kind):
            yield from part.rules
        else:
            yield part


def text(rule: Rule) -> str:
    """A tidy rule as people read it, and as ``acd.expressions`` reads it again."""
    match rule:
        case Holds(skill, level):
            return skill if level == MIN_LEVEL else f"{skill} >= {level}"
        case Not(inner):
            return f"not {text(inner)}"
        case All(rules):
            return " and ".join(f"({text(each)})" if isinstance(each, Some) else text(each) for each in rules)
        case Some(rules):
            return " or ".join(text(each) for each in rules)
