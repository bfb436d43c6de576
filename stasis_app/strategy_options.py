"""Reads from a strategy's constructor which options it takes, and finds everything wrong with those that it is given.

The annotations are the declaration: ``bool``, ``int``, ``float``, ``str``, ``Literal`` words, ``Sequence`` and
``Mapping`` of them, ``X | None``, each also with a range, ``Annotated[float, Between(0.5, 300)]``. What is annotated
with anything else, or not at all, is left to the constructor.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from types import NoneType, SimpleNamespace, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from acd.strategy import Between

_WORDS: Mapping[object, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


@dataclass(frozen=True, slots=True)
class Option:
    """One keyword argument of a strategy's constructor."""

    name: str
    annotation: Any
    default: object
    is_needed: bool

    @property
    def takes(self) -> str:
        """What may be written, in words: ``a number, 0.5 to 300``; empty if anything may."""
        return _in_words(self.annotation)


@dataclass(frozen=True, slots=True)
class WrongOption:
    """What is wrong with one option, or with one that is missing."""

    option: str
    value: object
    remedy: str


@lru_cache(maxsize=1_000)
def options_of(made_by: type) -> tuple[Option, ...]:
    """The options in the order of the source."""
    hints = _hints(made_by)
    return tuple(
        Option(
            name=parameter.name,
            annotation=hints.get(parameter.name, Any),
            default=None if parameter.default is inspect.Parameter.empty else parameter.default,
            is_needed=parameter.default is inspect.Parameter.empty,
        )
        for parameter in _parameters(made_by)
        if parameter.kind in {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    )


def takes_any(made_by: type) -> bool:
    """Whether it says ``**options`` and so takes whatever it is given."""
    return any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in _parameters(made_by))


def wrong_options(made_by: type, given: Mapping[str, object]) -> Iterator[WrongOption]:
    """Everything wrong with these options: unknown, missing, of another type, out of range."""
    known = {option.name: option for option in options_of(made_by)}
    for name, value in given.items():
        if name in known:
            wrong = _wrong_with(value, known[name].annotation)
            if wrong:
                yield WrongOption(name, value, wrong)
        elif not takes_any(made_by):
            yield WrongOption(name, value, f"no such option; {_hint(name, list(known))}")
    for option in known.values():
        if option.is_needed and option.name not in given:
            words = f": {option.takes}" if option.takes else ""
            yield WrongOption(option.name, None, f"it is needed and has no default{words}")


def _hint(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f"did you mean {near[0]}?"
    return f"options that it takes: {', '.join(known) or 'none'}"


@lru_cache(maxsize=1_000)
def _parameters(made_by: type) -> Sequence[inspect.Parameter]:
    try:
        return tuple(inspect.signature(made_by).parameters.values())
    except (TypeError, ValueError):
        return ()


def _hints(made_by: type) -> Mapping[str, Any]:
    constructor = inspect.getattr_static(made_by, "__init__")
    if not inspect.isfunction(constructor):
        return {}
    hints: dict[str, Any] = {}
    for name, annotation in constructor.__annotations__.items():
        # One by one: a name that only a type checker knows leaves the others readable.
        alone = SimpleNamespace(__annotations__={name: annotation})
        with suppress(Exception):
            hints |= get_type_hints(alone, globalns=constructor.__globals__, include_extras=True)
    return hints


# --- annotations -----------------------------------------------------------------------------------------------------


def _in_words(annotation: Any) -> str:
    origin, inside = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and annotation in _WORDS:
        return _WORDS[annotation]
    if origin is Annotated:
        ranges = [f", {each.low:g} to {each.high:g}" for each in inside[1:] if isinstance(each, Between)]
        return _in_words(inside[0]) + "".join(ranges)
    if origin is Literal:
        return " or ".join([f'"{word}"' if isinstance(word, str) else str(word) for word in inside])
    if origin in {Union, UnionType}:
        known = [_in_words(each) for each in inside if each is not NoneType]
        return " or ".join(known) if all(known) else ""
    if _is_a(origin or annotation, Sequence):
        items = _in_words(inside[0]) if inside else ""
        return f"a list, each {items}" if items else "a list"
    if _is_a(origin or annotation, Mapping):
        values = _in_words(inside[1]) if len(inside) > 1 else ""
        return f"a table: name = {values}" if values else "a table"
    return ""


def _wrong_with(value: object, annotation: Any) -> str:
    """One sentence, or nothing if the value may be given for this annotation."""
    if _fits(value, annotation):
        return ""
    return f"write {_in_words(annotation)}"


def _fits(value: object, annotation: Any) -> bool:
    if isinstance(annotation, type) and annotation in _PLAIN:
        return _PLAIN[annotation](value)
    origin, inside = get_origin(annotation), get_args(annotation)
    if not _in_words(annotation):
        return True
    if origin is Annotated:
        return _fits(value, inside[0]) and all(_is_within(value, each) for each in inside[1:])
    if origin is Literal:
        return any(type(value) is type(word) and value == word for word in inside)
    if origin in {Union, UnionType}:
        return any(value is None if each is NoneType else _fits(value, each) for each in inside)
    if isinstance(value, Mapping):
        return _is_a(origin or annotation, Mapping) and (
            len(inside) < 2 or all(_fits(each, inside[1]) for each in value.values())
        )
    if isinstance(value, (list, tuple)):
        return _is_a(origin or annotation, Sequence) and (not inside or all(_fits(each, inside[0]) for each in value))
    return False


_PLAIN: Mapping[object, Callable[[object], bool]] = {
    bool: lambda value: isinstance(value, bool),
    int: lambda value: isinstance(value, int) and not isinstance(value, bool),
    float: lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and value - value == 0,
    str: lambda value: isinstance(value, str),
}


def _is_within(value: object, limit: object) -> bool:
    return not isinstance(limit, Between) or not isinstance(value, (int, float)) or limit.low <= value <= limit.high


def _is_a(origin: object, kind: type) -> bool:
    return isinstance(origin, type) and origin is not str and issubclass(origin, kind)
