"""The configuration as a file that a person writes: TOML in, every fault at once with its place; TOML out again."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import Configuration, faults_of
from acd.errors import Fault, InvalidConfiguration
from acd.queue import CoolOff, Queue

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
SYNTAX_PLACE = re.compile(r"^(?P<what>.*) \(at (?P<place>line \d+, column \d+|end of document)\)$")


def read(source: Path | str) -> Configuration:
    """The configuration in this file (a Path) or in this text (a str); its version is 0.

    Raises InvalidConfiguration with every fault found: wrong TOML, wrong types, unknown keys, and whatever
    ``acd.configuration.faults_of`` says of the whole.
    """
    document = _parsed(_text_of(source) if isinstance(source, Path) else source)
    faults: list[Fault] = []
    root = _Section("", document, faults)
    skills = {name: section.text() for name, section in root.section("skills").values()}
    queues = {name: _queue(name, section) for name, section in root.section("queues").values()}
    agents = {name: _agent(name, section) for name, section in root.section("agents").values()}
    root.refuse_the_rest()
    configuration = Configuration(queues=queues, agents=agents, skills=skills)
    faults += faults_of(configuration)
    if faults:
        raise InvalidConfiguration(faults)
    return configuration


def write(configuration: Configuration) -> str:
    """A file that reads back as this configuration (but for its version); what is at its default is left out."""
    parts = []
    if configuration.skills:
        parts.append("[skills]\n" + "".join(f"{_line(*item)}\n" for item in configuration.skills.items()))
    for kind, things in (("queues", configuration.queues), ("agents", configuration.agents)):
        for name, thing in things.items():
            body = "".join(f"{_line(*item)}\n" for item in _said(thing).items())
            parts.append(f"[{kind}.{_key(name)}]\n{body}")
    return "\n".join(parts)


def difference(old: Configuration, new: Configuration) -> Sequence[str]:
    """What changes from old to new, a line each: ``+`` comes, ``-`` goes, ``~ place: before → after``."""
    return [
        *_changes("skills", old.skills, new.skills),
        *_changes("queues", old.queues, new.queues),
        *_changes("agents", old.agents, new.agents),
    ]


# --- reading ---------------------------------------------------------------------------------------------------------


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as fault:
        remedy = f"byte {fault.start} is not UTF-8; save the file as UTF-8"
    except OSError as fault:
        remedy = f"{fault.strerror}; name a file that can be read"
    raise InvalidConfiguration([Fault(place="file", value=str(path), remedy=remedy)])


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        found = SYNTAX_PLACE.match(str(fault))
        what, place = (found["what"], found["place"]) if found else (str(fault), "file")
    except RecursionError:
        what, place = "Nested too deeply", "file"
    lines = text.splitlines()
    number = int(place.split()[1].rstrip(",")) if place.startswith("line") else len(lines)
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    raise InvalidConfiguration([Fault(place=place, value=line, remedy=f"not TOML: {what}")])


def _queue(name: str, section: _Section) -> Queue:
    usual = Queue(name=name)
    queue = Queue(
        name=name,
        title=section.text_at("title", usual.title),
        numbers=section.texts_at("numbers"),
        strategy=section.text_at("strategy", usual.strategy),
        strategy_options=section.table_at("strategy_options"),
        requires=section.wholes_at("requires", "a level"),
        priority=section.number_at("priority", usual.priority),
        ring_timeout_s=section.number_at("ring_timeout_s", usual.ring_timeout_s),
        offer_width=section.whole_at("offer_width", usual.offer_width),
        wrap_up_s=section.number_at("wrap_up_s", usual.wrap_up_s),
        max_wait_s=section.number_at("max_wait_s", usual.max_wait_s),
        service_level_s=section.number_at("service_level_s", usual.service_level_s),
        music_class=section.text_at("music_class", usual.music_class),
        cool_off=_cool_off(section.section("cool_off"), usual.cool_off),
    )
    section.refuse_the_rest()
    return queue


def _cool_off(section: _Section, usual: CoolOff) -> CoolOff:
    cool_off = CoolOff(
        **{each.name: section.number_at(each.name, getattr(usual, each.name)) for each in fields(CoolOff)}
    )
    section.refuse_the_rest()
    return cool_off


def _agent(name: str, section: _Section) -> AgentProfile:
    agent = AgentProfile(
        id=name,
        name=section.text_at("name", ""),
        phone=_phone(section.section("phone")),
        skills=section.wholes_at("skills", "a level"),
        queues=section.ranks_at("queues"),
        wrap_up_s=section.number_at("wrap_up_s", None),
    )
    section.refuse_the_rest()
    return agent


def _phone(section: _Section) -> Phone:
    known = len(section.faults)
    word = section.text_at("kind", PhoneKind.PUSHED.value)
    target = section.text_at("target", "")
    section.refuse_the_rest()
    if word not in set(PhoneKind):
        section.fault("kind", word, f"write one of {', '.join(PhoneKind)}")
    # A phone that could be read by half would be found at fault once more, for what was never read.
    return Phone() if len(section.faults) > known else Phone(kind=PhoneKind(word), target=target)


_ABSENT = object()


@dataclass(slots=True)
class _Section:
    """A value of the document with its place: taken apart by key, and what nobody asked for is a fault."""

    place: str
    value: Any
    faults: list[Fault]
    asked: list[str] = field(default_factory=list)

    def fault(self, key: str, value: object, remedy: str) -> None:
        place = ".".join(part for part in (self.place, key) if part)
        self.faults.append(Fault(place=place, value=value, remedy=remedy))

    def section(self, key: str) -> _Section:
        """The table under this key; an empty one where there is none, a fault where it is something else."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            self.fault(key, value, "write a table: name = value pairs in braces, or in a section of their own")
            value = {}
        return _Section(f"{self.place}.{key}" if self.place else key, value, self.faults)

    def values(self) -> Iterator[tuple[str, _Section]]:
        """Every entry of this table, by its name."""
        for name, value in self.value.items():
            yield name, _Section(f"{self.place}.{name}", value, self.faults)

    def text(self) -> str:
        """This value itself, as text."""
        if isinstance(self.value, str):
            return self.value
        self.fault("", self.value, "write a text in quotes")
        return ""

    def text_at(self, key: str, usual: str) -> str:
        value = self._take(key, usual)
        if isinstance(value, str):
            return value
        self.fault(key, value, "write a text in quotes")
        return usual

    def number_at(self, key: str, usual: Any) -> Any:
        value = self._take(key, usual)
        if value is usual or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            return value
        self.fault(key, value, "write a number")
        return usual

    def whole_at(self, key: str, usual: int) -> int:
        value = self._take(key, usual)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self.fault(key, value, "write a whole number")
        return usual

    def table_at(self, key: str) -> Mapping[str, Any]:
        table: Mapping[str, Any] = self.section(key).value
        return table

    def texts_at(self, key: str) -> tuple[str, ...]:
        value = self._take(key, [])
        if not isinstance(value, list):
            self.fault(key, value, 'write a list of texts: ["100", "101"]')
            return ()
        texts = tuple(item for item in value if isinstance(item, str))
        for item in value:
            if not isinstance(item, str):
                self.fault(key, item, "write a text in quotes")
        for item, count in Counter(texts).items():
            if count > 1:
                self.fault(key, item, "it stands here twice: write it once")
        return tuple(dict.fromkeys(texts))

    def wholes_at(self, key: str, what: str) -> Mapping[str, int]:
        wholes: dict[str, int] = {}
        table = self.section(key)
        for name, value in table.value.items():
            if isinstance(value, int) and not isinstance(value, bool):
                wholes[name] = value
            else:
                table.fault(name, value, f"{what} is a whole number")
        return wholes

    def ranks_at(self, key: str) -> Mapping[str, int]:
        """Queues with ranks, or a list of queues which all have rank 0."""
        value = self._present(key)
        if isinstance(value, dict):
            return self.wholes_at(key, "a rank")
        if value is _ABSENT or isinstance(value, list):
            return dict.fromkeys(self.texts_at(key), 0)
        self._take(key, None)
        self.fault(key, value, 'write a list of queues, ["support"], or queues with ranks, { support = 0 }')
        return {}

    def refuse_the_rest(self) -> None:
        """Every key that nobody asked for is a fault, with the nearest one that is known."""
        if not isinstance(self.value, dict):
            self.fault("", self.value, "write a table: name = value pairs under this heading")
            return
        for key, value in self.value.items():
            if key not in self.asked:
                near = get_close_matches(key, self.asked, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(self.asked)}"
                self.fault(key, value, f"no such key; {hint}")

    def _present(self, key: str) -> Any:
        return self.value.get(key, _ABSENT) if isinstance(self.value, dict) else _ABSENT

    def _take(self, key: str, usual: Any) -> Any:
        self.asked.append(key)
        value = self._present(key)
        return usual if value is _ABSENT else value


# --- writing ---------------------------------------------------------------------------------------------------------


def _said(thing: Queue | AgentProfile) -> dict[str, Any]:
    """What a person would have to write to get this: everything that is not at its default."""
    usual = _whole(Queue(name=thing.name) if isinstance(thing, Queue) else AgentProfile(id=thing.id))
    said = {key: value for key, value in _whole(thing).items() if value != usual[key]}
    if "cool_off" in said:
        said["cool_off"] = {key: value for key, value in said["cool_off"].items() if value != usual["cool_off"][key]}
    return said


def _whole(thing: Queue | AgentProfile) -> dict[str, Any]:
    """Every key of a queue or an agent as the file would have it."""
    keys = {each.name: getattr(thing, each.name) for each in fields(thing) if each.name != "id"}
    if isinstance(thing, Queue):
        del keys["name"]
        cool_off = {each.name: _short(getattr(thing.cool_off, each.name)) for each in fields(CoolOff)}
        return {key: _short(value) for key, value in keys.items()} | {
            "numbers": list(thing.numbers),
            "cool_off": cool_off,
        }
    phone = {"kind": thing.phone.kind.value} | ({"target": thing.phone.target} if thing.phone.target else {})
    queues = dict(thing.queues) if any(thing.queues.values()) else list(thing.queues)
    return keys | {"phone": phone, "queues": queues, "wrap_up_s": _short(thing.wrap_up_s)}


def _short(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _line(key: str, value: Any) -> str:
    return f"{_key(key)} = {_toml(value)}"


def _key(key: str) -> str:
    return key if BARE_KEY.fullmatch(key) else _toml(key)


def _toml(value: Any) -> str:
    match value:
        case str():
            # JSON's escapes are TOML's, but for DEL, which TOML wants escaped too.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return f"[{', '.join(_toml(item) for item in value)}]"
        case Mapping():
            return f"{{ {', '.join(_line(*item) for item in value.items())} }}" if value else "{}"
        case _:
            return repr(value)


def _changes(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys([*old, *new]):
        place = f"{kind}.{name}"
        if name not in new:
            yield f"- {place}"
        elif name not in old:
            thing = new[name]
            said = _toml(thing) if isinstance(thing, str) else ", ".join(_line(*item) for item in _said(thing).items())
            yield f"+ {place}: {said}" if said else f"+ {place}"
        elif old[name] != new[name]:
            yield from _differing(place, old[name], new[name])


def _differing(place: str, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, str):
        yield f"~ {place}: {_toml(old)} → {_toml(new)}"
        return
    before, after = _whole(old), _whole(new)
    for key, value in _flat(before).items():
        changed = _flat(after)[key]
        if value != changed:
            yield f"~ {place}.{key}: {_shown(value)} → {_shown(changed)}"


def _flat(keys: dict[str, Any]) -> dict[str, Any]:
    """The cool-offs one by one, as they are set; everything else as it stands."""
    cool_off = keys.get("cool_off", {})
    return {key: value for key, value in keys.items() if key != "cool_off"} | {
        f"cool_off.{cause}": value for cause, value in cool_off.items()
    }


def _shown(value: Any) -> str:
    return "not set" if value is None else _toml(value)
