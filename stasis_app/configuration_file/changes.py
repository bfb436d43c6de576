"""What applying a file would change, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from acd.configuration import Configuration
from stasis_app.configuration_file.writing import Thing, line_of, said_of, toml_of, whole


def difference(old: Configuration, new: Configuration) -> Sequence[str]:
    """What changes from old to new, a line each: ``+`` comes, ``-`` goes, ``~ place: before → after``."""
    lines = [] if old.line is new.line else [f"~ pool.line: {toml_of(old.line.value)} → {toml_of(new.line.value)}"]
    return [
        *lines,
        *_changes("skills", old.skills, new.skills),
        *_changes("queues", old.queues, new.queues),
        *_changes("agents", old.agents, new.agents),
        *_changes("caps", old.caps, new.caps),
    ]


def _changes(
    kind: str, old: Mapping[str, str] | Mapping[str, Thing], new: Mapping[str, str] | Mapping[str, Thing]
) -> Iterator[str]:
    for name in dict.fromkeys([*old, *new]):
        place = f"{kind}.{name}"
        before, after = old.get(name), new.get(name)
        if after is None:
            yield f"- {place}"
        elif before is None:
            said = _in_one_line(after)
            yield f"+ {place}: {said}" if said else f"+ {place}"
        elif isinstance(before, str) or isinstance(after, str):
            if before != after:
                yield f"~ {place}: {toml_of(before)} → {toml_of(after)}"
        elif before != after:
            yield from _differing(place, before, after)


def _in_one_line(thing: str | Thing) -> str:
    if isinstance(thing, str):
        return toml_of(thing)
    return ", ".join(line_of(*item) for item in said_of(thing).items())


def _differing(place: str, old: Thing, new: Thing) -> Iterator[str]:
    before, after = whole(old), whole(new)
    for key, value in before.items():
        yield from _differing_parts(place, _parts(key, value), _parts(key, after[key]))


def _differing_parts(place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys([*before, *after]):
        if key not in after:
            yield f"- {place}.{key}"
        elif key not in before:
            yield f"+ {place}.{key}: {toml_of(after[key])}"
        elif before[key] != after[key]:
            yield f"~ {place}.{key}: {_shown(before[key])} → {_shown(after[key])}"


def _parts(key: str, value: Any) -> Mapping[str, Any]:
    """Cool-offs and steps one by one, as they are set; everything else as it stands."""
    if key == "cool_off":
        return {f"cool_off.{cause}": seconds for cause, seconds in value.items()}
    if key == "steps":
        return {f"steps[{number}]": step for number, step in enumerate(value)}
    return {key: value}


def _shown(value: Any) -> str:
    return "not set" if value is None else toml_of(value)
