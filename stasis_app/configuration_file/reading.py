"""From a file that a person wrote to a configuration, or to every fault in it at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import Cap, Configuration, LineOrder, faults_of
from acd.errors import Fault, InvalidConfiguration
from acd.queue import CoolOff, Crossing, Metric, Queue, Step
from stasis_app.configuration_file.section import Section

S = TypeVar("S", bound=Section)

_UNREAD_CROSSING = Crossing(metric=Metric.WAITING, at=1, back_at=0)
SYNTAX_PLACE = re.compile(r"^(?P<what>.*) \(at (?P<place>line \d+, column \d+|end of document)\)$")


def read(source: Path | str) -> Configuration:
    """The configuration in this file (a Path) or in this text (a str); its version is 0.

    Raises InvalidConfiguration with every fault found: wrong TOML, wrong types, unknown keys, and whatever
    ``acd.configuration.faults_of`` says of the whole.
    """
    faults: list[Fault] = []
    root = Section("", document_of(source), faults)
    configuration = configuration_of(root, _agents)
    root.refuse_the_rest()
    faults += faults_of(configuration)
    if faults:
        raise InvalidConfiguration(faults)
    return configuration


def document_of(source: Path | str) -> dict[str, Any]:
    """This file (a Path) or this text (a str) as TOML; raises InvalidConfiguration where it is none."""
    return _document(_text_of(source) if isinstance(source, Path) else source)


def configuration_of(root: S, agents_of: Callable[[S], Mapping[str, AgentProfile]]) -> Configuration:
    """What a document says of line, skills, queues, agents and caps, not yet checked as a whole.

    Another kind of file that has these reads them here, too: ``agents_of`` takes the agents as it says them.
    """
    line = _line_order(root.section("pool"))
    skills = {name: section.text() for name, section in root.section("skills").values()}
    queues = {name: _queue(name, section) for name, section in root.section("queues").values()}
    agents = agents_of(root)
    caps = {name: cap for name, section in root.section("caps").values() if (cap := _cap(name, section))}
    return Configuration(queues=queues, agents=agents, skills=skills, caps=caps, line=line)


def _agents(root: Section) -> Mapping[str, AgentProfile]:
    return {name: _agent(name, section) for name, section in root.section("agents").values()}


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as fault:
        remedy = f"byte {fault.start} is not UTF-8; save the file as UTF-8"
    except OSError as fault:
        remedy = f"{fault.strerror}; name a file that can be read"
    raise InvalidConfiguration([Fault(place="file", value=str(path), remedy=remedy)])


def _document(text: str) -> dict[str, Any]:
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


def _line_order(section: Section) -> LineOrder:
    line = section.word_at("line", LineOrder.WAIT_PLUS_PRIORITY)
    section.refuse_the_rest()
    return line


def _queue(name: str, section: Section) -> Queue:
    usual = Queue(name=name)
    queue = Queue(
        name=name,
        title=section.text_at("title", usual.title),
        numbers=section.texts_at("numbers"),
        strategy=section.text_at("strategy", usual.strategy),
        strategy_options=section.table_at("strategy_options"),
        idle_clock=section.word_at("idle_clock", usual.idle_clock),
        breaks_restart_idle_clock=section.flag_at("breaks_restart_idle_clock", usual=usual.breaks_restart_idle_clock),
        requires=section.requirement_at("requires"),
        prefers=section.requirement_at("prefers"),
        ranks=section.perhaps_whole_at("ranks"),
        steps=tuple(_step(each) for each in section.tables_at("steps")),
        wait_counts_from=section.word_at("wait_counts_from", usual.wait_counts_from),
        priority=section.number_at("priority", usual.priority),
        ring_timeout_s=section.number_at("ring_timeout_s", usual.ring_timeout_s),
        offer_width=section.whole_at("offer_width", usual.offer_width),
        wrap_up_s=section.number_at("wrap_up_s", usual.wrap_up_s),
        max_wait_s=section.number_at("max_wait_s", usual.max_wait_s),
        service_level_s=section.number_at("service_level_s", usual.service_level_s),
        music_class=section.text_at("music_class", usual.music_class),
        cool_off=_cool_off(section.section("cool_off"), usual.cool_off),
        misses_until_break=section.whole_at("misses_until_break", usual.misses_until_break),
    )
    section.refuse_the_rest()
    return queue


def _step(section: Section) -> Step:
    step = Step(
        after_s=section.number_at("after_s", 0.0 if section.has("after_s") else None),
        when=_crossing(section),
        lower=section.wholes_at("lower", "a level"),
        anyone=section.flag_at("anyone", usual=False),
        ranks=section.perhaps_whole_at("ranks"),
        queues=section.texts_at("queues"),
        groups=section.texts_at("groups"),
    )
    section.refuse_the_rest()
    # Of what is no step at all nothing more is to be said than that.
    return step if section.is_table else Step(after_s=0.0)


def _crossing(step: Section) -> Crossing | None:
    known = len(step.faults)
    section = step.section("when")
    if not step.has("when") or len(step.faults) > known:
        return _UNREAD_CROSSING if step.has("when") else None
    metric = section.word_at("metric", Metric.WAITING)
    at, back_at = section.number_at("at", 0.0), section.number_at("back_at", 0.0)
    for key in ("metric", "at", "back_at"):
        if not section.has(key):
            section.fault(key, None, "is missing; write when = { metric = …, at = …, back_at = … }")
    section.refuse_the_rest()
    # Of a crossing that could be read by half nothing more is to be said than what is missing.
    return Crossing(metric=metric, at=at, back_at=back_at) if len(section.faults) == known else _UNREAD_CROSSING


def _cap(name: str, section: Section) -> Cap | None:
    cap = Cap(
        name=name,
        group=section.text_at("group", ""),
        queue=section.text_at("queue", ""),
        at_most=section.perhaps_whole_at("at_most"),
        keep_free=section.perhaps_whole_at("keep_free"),
    )
    section.refuse_the_rest()
    return cap if section.is_table else None


def _cool_off(section: Section, usual: CoolOff) -> CoolOff:
    cool_off = CoolOff(
        **{each.name: section.number_at(each.name, getattr(usual, each.name)) for each in fields(CoolOff)}
    )
    section.refuse_the_rest()
    return cool_off


def _agent(name: str, section: Section) -> AgentProfile:
    agent = AgentProfile(
        id=name,
        name=section.text_at("name", ""),
        phone=_phone(section.section("phone")),
        skills=section.wholes_at("skills", "a level"),
        queues=section.ranks_at("queues"),
        groups=section.texts_at("groups"),
        wrap_up_s=section.number_at("wrap_up_s", None),
    )
    section.refuse_the_rest()
    return agent


def _phone(section: Section) -> Phone:
    known = len(section.faults)
    word = section.text_at("kind", PhoneKind.PUSHED.value)
    target = section.text_at("target", "")
    section.refuse_the_rest()
    if word not in set(PhoneKind):
        section.fault("kind", word, f"write one of {', '.join(PhoneKind)}")
    # A phone that could be read by half would be found at fault once more, for what was never read.
    return Phone() if len(section.faults) > known else Phone(kind=PhoneKind(word), target=target)
