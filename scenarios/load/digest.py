"""A plan as one canonical text, and its fingerprint: by it a report says that two runs sent the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path

from scenarios.load.plan import Plan

__all__ = ["canonical_text", "digest_of"]

ELSEWHERE = frozenset({"configuration"})


def digest_of(plan: Plan) -> str:
    """SHA-256 of the canonical text, in hexadecimal."""
    hashed = hashlib.sha256()
    for line in _lines(plan):
        hashed.update(line.encode())
    return hashed.hexdigest()


def canonical_text(plan: Plan) -> str:
    """Everything that the plan says, a line for each part; of a path only the file's name."""
    return "".join(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    for each in fields(Plan):
        value = getattr(plan, each.name)
        if each.name in ELSEWHERE:
            continue
        if isinstance(value, (list, tuple)):
            yield from (f"{each.name} {_text(item)}\n" for item in value)
        else:
            yield f"{each.name} {_text(value)}\n"
    yield plan.configuration_text


def _text(value: object) -> str:
    match value:
        case StrEnum():
            return value.value
        case Path():
            return value.name
        case int() | float():
            return repr(float(value)) if isinstance(value, float) else repr(value)
        case Mapping():
            return "{" + ",".join(f"{_text(key)}={_text(said)}" for key, said in value.items()) + "}"
        case tuple():
            return "(" + ",".join(map(_text, value)) + ")"
        case _ if is_dataclass(value):
            return " ".join(f"{each.name}={_text(getattr(value, each.name))}" for each in fields(value))
        case _:
            return repr(value)
