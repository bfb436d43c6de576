"""Everything that can be wrong with a configuration, all at once: each fault with its place, its value and a remedy."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from acd.agent import AgentProfile, PhoneKind
from acd.configuration.model import Cap, Configuration
from acd.configuration.queue_faults import faults_of_queue
from acd.configuration.wording import CONTROL, LONGEST_TEXT, faults_of_known, faults_of_texts, unknown
from acd.errors import Fault, InvalidConfiguration
from acd.skills import MAX_LEVEL, MIN_LEVEL, RESERVED_WORDS

__all__ = ["CONTROL", "LONGEST_TEXT", "NAME", "NUMBER", "TARGET", "checked", "faults_of"]

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
TARGET = re.compile(r"(?:PJSIP|Local|IAX2|SIP)/[A-Za-z0-9_.+@:/*#-]{1,100}")
"""A phone's target: nothing that a dial string could read as more than one target."""
NUMBER = re.compile(r"[+*#]?[0-9*#]{1,32}")
MOST_AGENTS = 100_000


def checked(configuration: Configuration) -> Configuration:
    """The same configuration, if it can be used; raises InvalidConfiguration with every fault otherwise."""
    faults = list(faults_of(configuration))
    if faults:
        raise InvalidConfiguration(faults)
    return configuration


def faults_of(configuration: Configuration) -> Iterator[Fault]:
    """Everything wrong with it, in the order in which a person would read the file."""
    yield from _faults_of_names("skills", configuration.skills)
    yield from _faults_of_names("queues", configuration.queues)
    yield from _faults_of_names("agents", configuration.agents)
    yield from _faults_of_names("caps", configuration.caps)
    for name, title in configuration.skills.items():
        if name in RESERVED_WORDS:
            yield Fault(place="skills", value=name, remedy="and, or, not join skills in requirements: choose another")
        yield from faults_of_texts("skills", {name: title})
    groups = configuration.groups
    for queue in configuration.queues.values():
        yield from faults_of_queue(queue, configuration, groups)
        yield from _faults_of_numbers_of(queue.name, queue.numbers)
    yield from _faults_of_numbers(configuration)
    for agent in configuration.agents.values():
        yield from _faults_of_agent(agent, configuration)
    for cap in configuration.caps.values():
        yield from _faults_of_cap(cap, configuration)
        yield from faults_of_known(f"caps.{cap.name}.group", [cap.group], "group", groups)


def _faults_of_names(place: str, names: Iterable[str]) -> Iterator[Fault]:
    for name in names:
        if not NAME.fullmatch(name):
            yield Fault(
                place=place,
                value=name,
                remedy="a name is 1 to 63 of a-z, 0-9, - and _, and begins with a letter or digit",
            )


def _faults_of_numbers_of(queue: str, numbers: Iterable[str]) -> Iterator[Fault]:
    for number in numbers:
        if not NUMBER.fullmatch(number):
            yield Fault(
                place=f"queues.{queue}.numbers",
                value=number,
                remedy="a number is 1 to 32 digits, * or #, + in front",
            )


def _faults_of_numbers(configuration: Configuration) -> Iterator[Fault]:
    uses = Counter(number for queue in configuration.queues.values() for number in set(queue.numbers))
    for number, count in uses.items():
        if count > 1:
            owners = sorted(q.name for q in configuration.queues.values() if number in q.numbers)
            yield Fault(
                place=f"queues.{owners[-1]}.numbers",
                value=number,
                remedy=f"one number leads to one queue: keep it in one of {', '.join(owners)}",
            )


def _faults_of_agent(agent: AgentProfile, configuration: Configuration) -> Iterator[Fault]:
    place = f"agents.{agent.id}"
    yield from faults_of_texts(place, {"name": agent.name})
    yield from _faults_of_levels(f"{place}.skills", agent.skills, configuration)
    for queue, rank in agent.queues.items():
        if queue not in configuration.queues:
            yield unknown(f"{place}.queues", queue, "queue", configuration.queues)
        if not 0 <= rank <= 99:
            yield Fault(place=f"{place}.queues.{queue}", value=rank, remedy="a rank is 0 (first) to 99")
    yield from _faults_of_names(f"{place}.groups", agent.groups)
    for group, count in Counter(agent.groups).items():
        if count > 1:
            yield Fault(place=f"{place}.groups", value=group, remedy="it stands here twice: write it once")
    if agent.wrap_up_s is not None and not 0 <= agent.wrap_up_s <= 86_400:
        yield Fault(place=f"{place}.wrap_up_s", value=agent.wrap_up_s, remedy="write 0 to 86400")
    yield from _faults_of_phone(f"{place}.phone.target", agent)


def _faults_of_phone(place: str, agent: AgentProfile) -> Iterator[Fault]:
    phone = agent.phone
    if phone.kind is PhoneKind.PUSHED and phone.target:
        yield Fault(place=place, value=phone.target, remedy="a pushed phone is named by us: leave it out")
    if phone.kind is not PhoneKind.PUSHED and not TARGET.fullmatch(phone.target):
        yield Fault(
            place=place,
            value=phone.target,
            remedy="write TECHNOLOGY/resource, such as PJSIP/alice or PJSIP/100@carrier",
        )


def _faults_of_levels(place: str, levels: Mapping[str, int], configuration: Configuration) -> Iterator[Fault]:
    yield from faults_of_known(place, levels, "skill", configuration.skills)
    for skill, level in levels.items():
        if not MIN_LEVEL <= level <= MAX_LEVEL:
            yield Fault(place=f"{place}.{skill}", value=level, remedy=f"a level is {MIN_LEVEL} to {MAX_LEVEL}")


def _faults_of_cap(cap: Cap, configuration: Configuration) -> Iterator[Fault]:
    place = f"caps.{cap.name}"
    yield from faults_of_known(f"{place}.queue", [cap.queue], "queue", configuration.queues)
    given = {"at_most": cap.at_most, "keep_free": cap.keep_free}
    said = {key: number for key, number in given.items() if number is not None}
    if len(said) != 1:
        yield Fault(place=place, value=said, remedy="write exactly one of at_most and keep_free")
    for key, number in said.items():
        if not 0 <= number <= MOST_AGENTS:
            yield Fault(place=f"{place}.{key}", value=number, remedy=f"write 0 to {MOST_AGENTS} agents")
