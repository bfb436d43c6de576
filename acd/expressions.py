"""Reading what a person wrote about skills: names with least levels under and, or, not, and brackets."""

from __future__ import annotations

import re

from acd.errors import InvalidRequirement
from acd.rules import EVERYBODY, MAX_LEVEL, MIN_LEVEL, All, Holds, Not, Rule, Some

SKILL = re.compile(r"[a-z0-9][a-z0-9_-]*")
RESERVED_WORDS = frozenset({"and", "or", "not"})
LONGEST_REQUIREMENT = 2_000
_DEEPEST = 30
_TOKEN = re.compile(r"\s*(?:(?P<word>[a-z0-9][a-z0-9_-]*)|(?P<sign>>=|[()]))")


def read(text: str) -> Rule:
    """What a person wrote, within the limits of what one of us can overlook."""
    if len(text) > LONGEST_REQUIREMENT:
        raise InvalidRequirement(f"longer than {LONGEST_REQUIREMENT} characters")
    tokens = _tokens(text)
    return _Reader(tokens, _DEEPEST).whole() if tokens else EVERYBODY


def read_again(canonical: str) -> Rule:
    """What was canonical text before: of any length, since two requirements combined are longer than each."""
    return _Reader(_tokens(canonical)).whole()


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise InvalidRequirement(
                f"{text[at:].strip()[:20]!r} is not understood; write names of skills, >= level, and, or, not, ( )"
            )
        tokens.append(found["word"] or found["sign"])
        at = found.end()
    return tokens


class _Reader:
    """Takes the tokens apart: ``or`` binds least, then ``and``, then ``not``."""

    def __init__(self, tokens: list[str], deepest: int = 10 * _DEEPEST) -> None:
        self._tokens = tokens
        self._deepest = deepest
        self._at = 0

    def whole(self) -> Rule:
        rule = self._either(0)
        if self._next:
            raise InvalidRequirement(f"nothing is expected at {self._next!r}; join with and, or")
        return rule

    @property
    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _either(self, depth: int) -> Rule:
        rules = [self._both(depth)]
        while self._take("or"):
            rules.append(self._both(depth))
        return Some(tuple(rules)) if len(rules) > 1 else rules[0]

    def _both(self, depth: int) -> Rule:
        rules = [self._one(depth)]
        while self._take("and"):
            rules.append(self._one(depth))
        return All(tuple(rules)) if len(rules) > 1 else rules[0]

    def _one(self, depth: int) -> Rule:
        if depth > self._deepest:
            raise InvalidRequirement(f"nested more than {_DEEPEST} deep")
        if self._take("not"):
            return Not(self._one(depth + 1))
        if self._take("("):
            inner = self._either(depth + 1)
            if not self._take(")"):
                raise InvalidRequirement(
                    f"a ) is missing at {self._next!r}" if self._next else "a ) is missing at the end"
                )
            return inner
        if not self._next or self._next in RESERVED_WORDS or not SKILL.fullmatch(self._next):
            raise InvalidRequirement(f"a skill is expected at {repr(self._next) if self._next else 'the end'}")
        skill = self._next
        self._at += 1
        return Holds(skill, self._level(skill) if self._take(">=") else MIN_LEVEL)

    def _level(self, skill: str) -> int:
        word = self._next
        if not word.isdecimal() or not MIN_LEVEL <= int(word) <= MAX_LEVEL:
            raise InvalidRequirement(f"{skill} >= {word or 'nothing'}: a level is {MIN_LEVEL} to {MAX_LEVEL}")
        self._at += 1
        return int(word)

    def _take(self, token: str) -> bool:
        if self._next == token:
            self._at += 1
            return True
        return False
