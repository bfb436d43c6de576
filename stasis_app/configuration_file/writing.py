"""From a configuration to a file that reads back as the same: what is at its default is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from acd.agent import AgentProfile, Phone
from acd.configuration import Cap, Configuration, LineOrder
from acd.queue import Queue, Step

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
Thing: TypeAlias = "Queue | AgentProfile | Cap"


def write(configuration: Configuration) -> str:
    """A file that reads back as this configuration (but for its version); what is at its default is left out."""
    return "\n".join(_parts(configuration))


def _parts(configuration: Configuration) -> Iterator[str]:
    if configuration.line is not LineOrder.WAIT_PLUS_PRIORITY:
        yield f"[pool]\n{line_of('line', configuration.line)}\n"
    if configuration.skills:
        yield "[skills]\n" + "".join(f"{line_of(*item)}\n" for item in configuration.skills.items())
    for name, queue in configuration.queues.items():
        heading, said = f"queues.{_key(name)}", said_of(queue)
        steps = said.pop("steps", [])
        yield f"[{heading}]\n" + _lines(said) + "".join(f"\n[[{heading}.steps]]\n{_lines(step)}" for step in steps)
    for name, agent in configuration.agents.items():
        yield f"[agents.{_key(name)}]\n" + _lines(said_of(agent))
    for name, cap in configuration.caps.items():
        yield f"[caps.{_key(name)}]\n" + _lines(said_of(cap))


def said_of(thing: Thing) -> dict[str, Any]:
    """What a person would have to write to get this: everything that is not at its default."""
    usual = whole(_plain(thing))
    said = {key: value for key, value in whole(thing).items() if value != usual[key]}
    if "cool_off" in said:
        said["cool_off"] = {key: value for key, value in said["cool_off"].items() if value != usual["cool_off"][key]}
    return said


def _plain(thing: Thing) -> Thing:
    match thing:
        case Queue():
            return Queue(name=thing.name)
        case AgentProfile():
            return AgentProfile(id=thing.id)
        case Cap():
            return Cap(name=thing.name, group="", queue="")


def whole(thing: Thing) -> dict[str, Any]:
    """Every key of it as the file would have it."""
    named = "id" if isinstance(thing, AgentProfile) else "name"
    keys = {
        "name" if isinstance(thing, AgentProfile) and each.name == "name" else each.name: _written(
            getattr(thing, each.name)
        )
        for each in fields(thing)
        if each.name != named
    }
    if isinstance(thing, AgentProfile) and not any(thing.queues.values()):
        keys["queues"] = list(thing.queues)
    return keys


def _written(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case float() if value.is_integer():
            return int(value)
        case tuple():
            return [_written(item) for item in value]
        case Phone():
            return {"kind": value.kind.value} | ({"target": value.target} if value.target else {})
        case Step():
            usual = Step()
            keys = ((each.name, getattr(value, each.name)) for each in fields(value))
            return {key: _written(said) for key, said in keys if said != getattr(usual, key)}
        case _ if is_dataclass(value):
            return {each.name: _written(getattr(value, each.name)) for each in fields(value)}
        case _:
            return value


def _lines(said: Mapping[str, Any]) -> str:
    return "".join(f"{line_of(*item)}\n" for item in said.items())


def line_of(key: str, value: Any) -> str:
    """A key with its value, as TOML."""
    return f"{_key(key)} = {toml_of(value)}"


def _key(key: str) -> str:
    return key if BARE_KEY.fullmatch(key) else toml_of(key)


def toml_of(value: Any) -> str:
    """A value as TOML."""
    match value:
        case str():
            # JSON's escapes are TOML's, but for DEL, which TOML wants escaped too.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return f"[{', '.join(toml_of(item) for item in value)}]"
        case Mapping():
            return f"{{ {', '.join(line_of(*item) for item in value.items())} }}" if value else "{}"
        case _:
            return repr(value)
