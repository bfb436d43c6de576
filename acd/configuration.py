"""One version of everything an operator configures, checked as a whole: every process holds exactly this."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from acd.agent import AgentProfile, PhoneKind
from acd.errors import Fault, InvalidConfiguration
from acd.queue import Queue
from acd.skills import MAX_LEVEL, MIN_LEVEL

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
TARGET = re.compile(r"(?:PJSIP|Local|IAX2|SIP)/[A-Za-z0-9_.+@:/*#-]{1,100}")
"""A phone's target: nothing that a dial string could read as more than one target."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""What breaks lines, headers or encodings when it gets into a text."""
LONGEST_TEXT = 200
NUMBER = re.compile(r"[+*#]?[0-9*#]{1,32}")


class LineOrder(StrEnum):
    """Who is before whom in the pool's one line."""

    WAIT_PLUS_PRIORITY = "wait_plus_priority"
    """Who waited longest, each with the priority of queue and call as minutes of head start."""
    STRICT_PRIORITY = "strict_priority"
    """The highest priority first, and only within one priority who waited longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A limit on what one queue may take of a group of agents. Exactly one of the two numbers is given."""

    name: str
    group: str
    queue: str
    at_most: int | None = None
    """At most so many agents of the group are busy for calls of this queue."""
    keep_free: int | None = None
    """Calls of every *other* queue leave so many agents of the group free for this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A numbered version: queues, agents, caps, and the names of the skills in use."""

    version: int = 0
    queues: Mapping[str, Queue] = field(default_factory=dict)
    agents: Mapping[str, AgentProfile] = field(default_factory=dict)
    skills: Mapping[str, str] = field(default_factory=dict)
    """Skill name to what people read."""
    caps: Mapping[str, Cap] = field(default_factory=dict)
    line: LineOrder = LineOrder.WAIT_PLUS_PRIORITY

    @property
    def queue_of_number(self) -> Mapping[str, str]:
        """Dialled number or queue name to queue name."""
        numbers = {number: queue.name for queue in self.queues.values() for number in queue.numbers}
        return MappingProxyType(numbers | {name: name for name in self.queues})

    def wrap_up_ms(self, queue: str, agent: str | None) -> int:
        """The wrap-up after a call of this queue, in milliseconds: the agent's own, else the queue's."""
        profile = self.agents.get(agent or "")
        if profile is not None and profile.wrap_up_s is not None:
            return round(profile.wrap_up_s * 1000)
        return round((self.queues.get(queue) or Queue(name=queue)).wrap_up_s * 1000)

    def agents_of(self, queue: str) -> Iterator[AgentProfile]:
        """The agents who take this queue's calls."""
        return (agent for agent in self.agents.values() if queue in agent.queues)


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
    for name, title in configuration.skills.items():
        yield from _faults_of_texts("skills", {name: title})
    for queue in configuration.queues.values():
        yield from _faults_of_queue(queue, configuration)
    yield from _faults_of_numbers(configuration)
    for agent in configuration.agents.values():
        yield from _faults_of_agent(agent, configuration)


def _faults_of_names(kind: str, names: Iterable[str]) -> Iterator[Fault]:
    for name in names:
        if not NAME.fullmatch(name):
            yield Fault(
                place=kind,
                value=name,
                remedy="a name is 1 to 63 of a-z, 0-9, - and _, and begins with a letter or digit",
            )


def _faults_of_queue(queue: Queue, configuration: Configuration) -> Iterator[Fault]:
    place = f"queues.{queue.name}"
    ranges: tuple[tuple[str, float, float, float], ...] = (
        ("ring_timeout_s", queue.ring_timeout_s, 1, 300),
        ("offer_width", queue.offer_width, 1, 20),
        ("wrap_up_s", queue.wrap_up_s, 0, 86_400),
        ("max_wait_s", queue.max_wait_s, 0, 86_400),
        ("service_level_s", queue.service_level_s, 0, 86_400),
        ("priority", queue.priority, -1440, 1440),
        ("cool_off.no_answer_s", queue.cool_off.no_answer_s, 0, 86_400),
        ("cool_off.rejected_s", queue.cool_off.rejected_s, 0, 86_400),
        ("cool_off.busy_s", queue.cool_off.busy_s, 0, 86_400),
        ("cool_off.unreachable_s", queue.cool_off.unreachable_s, 0, 86_400),
    )
    for name, value, low, high in ranges:
        if not low <= value <= high:
            yield Fault(place=f"{place}.{name}", value=value, remedy=f"write {low} to {high}")
    texts = {"title": queue.title, "strategy": queue.strategy, "music_class": queue.music_class}
    yield from _faults_of_texts(place, texts)
    if not _is_plain(queue.strategy_options):
        yield Fault(
            place=f"{place}.strategy_options",
            value=queue.strategy_options,
            remedy="write texts, finite numbers, true, false, lists and tables of them",
        )
    yield from _faults_of_skills(f"{place}.requires", queue.requires, configuration)
    for number in queue.numbers:
        if not NUMBER.fullmatch(number):
            yield Fault(
                place=f"{place}.numbers",
                value=number,
                remedy="a number is 1 to 32 digits, * or #, + in front",
            )


def _faults_of_texts(place: str, texts: Mapping[str, str]) -> Iterator[Fault]:
    for key, text in texts.items():
        if len(text) > LONGEST_TEXT or CONTROL.search(text):
            yield Fault(
                place=f"{place}.{key}",
                value=text,
                remedy=f"write one line of at most {LONGEST_TEXT} characters, none of them a control character",
            )


def _is_plain(value: object) -> bool:
    """Whether it survives a file, SQL and JSON unchanged."""
    match value:
        case bool() | str() | int():
            return True
        case float():
            return value - value == 0  # neither infinite nor not a number
        case list():
            return all(_is_plain(item) for item in value)
        case Mapping():
            return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
        case _:
            return False


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
    yield from _faults_of_texts(place, {"name": agent.name})
    yield from _faults_of_skills(f"{place}.skills", agent.skills, configuration)
    for queue, rank in agent.queues.items():
        if queue not in configuration.queues:
            known = ", ".join(sorted(configuration.queues)) or "none is configured"
            yield Fault(place=f"{place}.queues", value=queue, remedy=f"no such queue; known: {known}")
        if not 0 <= rank <= 99:
            yield Fault(place=f"{place}.queues.{queue}", value=rank, remedy="a rank is 0 (first) to 99")
    if agent.wrap_up_s is not None and not 0 <= agent.wrap_up_s <= 86_400:
        yield Fault(place=f"{place}.wrap_up_s", value=agent.wrap_up_s, remedy="write 0 to 86400")
    phone = agent.phone
    if phone.kind is PhoneKind.PUSHED and phone.target:
        yield Fault(
            place=f"{place}.phone.target",
            value=phone.target,
            remedy="a pushed phone is named by us: leave it out",
        )
    if phone.kind is not PhoneKind.PUSHED and not TARGET.fullmatch(phone.target):
        yield Fault(
            place=f"{place}.phone.target",
            value=phone.target,
            remedy="write TECHNOLOGY/resource, such as PJSIP/alice or PJSIP/100@carrier",
        )


def _faults_of_skills(place: str, levels: Mapping[str, int], configuration: Configuration) -> Iterator[Fault]:
    for skill, level in levels.items():
        if skill not in configuration.skills:
            known = ", ".join(sorted(configuration.skills)) or "none is configured"
            yield Fault(place=place, value=skill, remedy=f"no such skill; known: {known}")
        if not MIN_LEVEL <= level <= MAX_LEVEL:
            yield Fault(
                place=f"{place}.{skill}",
                value=level,
                remedy=f"a level is {MIN_LEVEL} to {MAX_LEVEL}",
            )
