"""What can be wrong with one queue: its numbers, what it asks of agents, and how that relaxes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from acd.configuration.model import Configuration
from acd.configuration.wording import faults_of_known, faults_of_range, faults_of_texts
from acd.errors import Fault, InvalidRequirement
from acd.queue import Crossing, Metric, Queue, Step
from acd.skills import MAX_LEVEL, Requirement, contradicts_itself, named_in, requirement

MOST_STEPS = 20
LONGEST_S = 86_400
HIGHEST_RANK = 99
MOST_PEOPLE = 100_000
RANGES: tuple[tuple[str, float, float], ...] = (
    ("ring_timeout_s", 1, 300),
    ("offer_width", 1, 20),
    ("wrap_up_s", 0, LONGEST_S),
    ("max_wait_s", 0, LONGEST_S),
    ("service_level_s", 0, LONGEST_S),
    ("priority", -1440, 1440),
    ("misses_until_break", 0, 100),
)
COOL_OFFS = ("no_answer_s", "rejected_s", "busy_s", "unreachable_s")


def faults_of_queue(queue: Queue, configuration: Configuration, groups: Collection[str]) -> Iterator[Fault]:
    """Everything wrong with this queue, but for its dialled numbers; these groups are known."""
    place = f"queues.{queue.name}"
    for name, low, high in RANGES:
        yield from faults_of_range(f"{place}.{name}", getattr(queue, name), low, high)
    for cause in COOL_OFFS:
        yield from faults_of_range(f"{place}.cool_off.{cause}", getattr(queue.cool_off, cause), 0, LONGEST_S)
    yield from _faults_of_rank(f"{place}.ranks", queue.ranks)
    texts = {"title": queue.title, "strategy": queue.strategy, "music_class": queue.music_class}
    yield from faults_of_texts(place, texts)
    if not _is_plain(queue.strategy_options):
        yield Fault(
            place=f"{place}.strategy_options",
            value=queue.strategy_options,
            remedy="write texts, finite numbers, true, false, lists and tables of them",
        )
    yield from _faults_of_requirement(f"{place}.requires", queue.requires, configuration)
    yield from _faults_of_requirement(f"{place}.prefers", queue.prefers, configuration)
    if len(queue.steps) > MOST_STEPS:
        yield Fault(place=f"{place}.steps", value=len(queue.steps), remedy=f"write at most {MOST_STEPS} steps")
    for number, step in enumerate(queue.steps):
        yield from _faults_of_step(f"{place}.steps[{number}]", step, queue, configuration)
        yield from faults_of_known(f"{place}.steps[{number}].groups", step.groups, "group", groups)


def _faults_of_requirement(place: str, said: Requirement, configuration: Configuration) -> Iterator[Fault]:
    try:
        kept = requirement(said)
    except InvalidRequirement as fault:
        yield Fault(place=place, value=said, remedy=str(fault))
        return
    yield from faults_of_known(place, sorted(named_in(kept)), "skill", configuration.skills)
    if contradicts_itself(kept):
        yield Fault(place=place, value=said, remedy="no agent whatever can meet this: it contradicts itself")
    elif said != kept:
        yield Fault(
            place=place, value=said, remedy=f"keep it in its one form, which acd.skills.requirement gives: {kept}"
        )


def _faults_of_step(place: str, step: Step, queue: Queue, configuration: Configuration) -> Iterator[Fault]:
    if (step.after_s is None) == (step.when is None):
        given = {"after_s": step.after_s, "when": step.when and step.when.metric.value}
        said = {key: value for key, value in given.items() if value is not None}
        yield Fault(place=place, value=said, remedy="write exactly one of after_s and when")
    if step.after_s is not None:
        yield from faults_of_range(f"{place}.after_s", step.after_s, 0, LONGEST_S)
    if step.when is not None:
        yield from _faults_of_crossing(f"{place}.when", step.when)
    yield from faults_of_known(f"{place}.lower", step.lower, "skill", configuration.skills)
    for skill, level in step.lower.items():
        if not 0 <= level <= MAX_LEVEL:
            remedy = f"write 0 (ask no longer for it) to {MAX_LEVEL}"
            yield Fault(place=f"{place}.lower.{skill}", value=level, remedy=remedy)
    yield from _faults_of_rank(f"{place}.ranks", step.ranks)
    yield from faults_of_known(f"{place}.queues", step.queues, "queue", configuration.queues)
    if queue.name in step.queues:
        remedy = "a queue's own agents are asked anyway: leave it out, or widen by ranks"
        yield Fault(place=f"{place}.queues", value=queue.name, remedy=remedy)
    for key, names in (("queues", step.queues), ("groups", step.groups)):
        for name, count in Counter(names).items():
            if count > 1:
                yield Fault(place=f"{place}.{key}", value=name, remedy="it stands here twice: write it once")


def _faults_of_crossing(place: str, when: Crossing) -> Iterator[Fault]:
    high = LONGEST_S if when.metric is Metric.LONGEST_WAIT_S else MOST_PEOPLE
    yield from faults_of_range(f"{place}.at", when.at, 0, high)
    yield from faults_of_range(f"{place}.back_at", when.back_at, 0, high)
    if when.at == when.back_at:
        remedy = "write less than at, if a high figure is meant, or more, if a low one is: at one mark it would flap"
        yield Fault(place=f"{place}.back_at", value=when.back_at, remedy=remedy)


def _faults_of_rank(place: str, rank: int | None) -> Iterator[Fault]:
    if rank is not None and not 0 <= rank <= HIGHEST_RANK:
        yield Fault(place=place, value=rank, remedy=f"a rank is 0 (first) to {HIGHEST_RANK}")


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
