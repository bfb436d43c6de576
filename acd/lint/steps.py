"""Steps that can never count, that always count, or that change nothing when they do."""

from __future__ import annotations

from collections.abc import Iterator

from acd.lint.reach import Reach, Stage, before, can_count, stage_of
from acd.lint.remark import Remark
from acd.queue import Crossing, Metric, Queue, Step
from acd.skills import asked_for


def remarks_of_steps(queue: Queue, reach: Reach) -> Iterator[Remark]:
    """Everything about the steps of one queue."""
    for number, step in enumerate(queue.steps):
        place = f"queues.{queue.name}.steps[{number}]"
        never = _never(place, queue, step, reach)
        if never is not None:
            yield never
            continue
        yield from _always(place, queue, step, reach)
        earlier = before(queue, number)
        idle = list(_idle_parts(place, queue, step, earlier))
        yield from idle
        if not idle:
            yield from _adds_nobody(place, queue, step, earlier, reach)


def _never(place: str, queue: Queue, step: Step, reach: Reach) -> Remark | None:
    if not can_count(queue, step):
        return Remark(
            place=f"{place}.after_s",
            sentence=f"it never counts: callers leave after {queue.max_wait_s:g} s (max_wait_s)",
            remedy="let it count earlier, or let them wait longer",
        )
    when = step.when
    if when is not None and when.metric is Metric.WAITING and not _is_high(when) and when.back_at <= 1:
        return Remark(
            place=f"{place}.when.back_at",
            sentence="it counts only while nobody waits, and is over when somebody comes",
            remedy="write a higher mark",
        )
    if when is None or not _is_high(when):
        return None
    highest = _highest(queue, when.metric, reach)
    if highest is None or when.at <= highest:
        return None
    return Remark(
        place=f"{place}.when.at",
        sentence=f"it never counts: {_why(queue, when.metric, highest)}",
        remedy="write a lower mark",
    )


def _always(place: str, queue: Queue, step: Step, reach: Reach) -> Iterator[Remark]:
    if step.after_s == 0:
        yield Remark(
            place=f"{place}.after_s",
            sentence="it counts from the first moment",
            remedy="say it in the queue itself, and leave the step out",
        )
    when = step.when
    if when is None:
        return
    highest = _highest(queue, when.metric, reach)
    if not _is_high(when) and highest is not None and when.at >= highest:
        yield Remark(
            place=f"{place}.when.at",
            sentence=f"it always counts: {_why(queue, when.metric, highest)}",
            remedy="write a lower mark, or say it in the queue itself",
        )
    elif not _is_high(when) and highest is not None and when.back_at > highest:
        yield Remark(
            place=f"{place}.when.back_at",
            sentence=f"once it counts it never stops: {_why(queue, when.metric, highest)}",
            remedy="write a lower mark",
        )


def _is_high(when: Crossing) -> bool:
    return when.back_at < when.at


def _highest(queue: Queue, metric: Metric, reach: Reach) -> float | None:
    """The highest value that the figure can have; None if there is no end to it."""
    match metric:
        case Metric.WAITING:
            return None
        case Metric.LONGEST_WAIT_S:
            return queue.max_wait_s or None
        case Metric.AVAILABLE:
            return float(len(reach.of_queue[queue.name]))


def _why(queue: Queue, metric: Metric, highest: float) -> str:
    if metric is Metric.AVAILABLE:
        return f"the queue has {highest:g} agents"
    return f"callers leave after {queue.max_wait_s:g} s (max_wait_s)"


def _idle_parts(place: str, queue: Queue, step: Step, earlier: list[Step]) -> Iterator[Remark]:
    """What the step says without any effect, given those that surely count already."""
    if not (step.lower or step.anyone or step.ranks is not None or step.queues or step.groups):
        yield Remark(
            place=place,
            sentence="it changes nothing, since it says nothing",
            remedy="add lower, anyone, ranks, queues or groups, or leave it out",
        )
        return
    anyone = any(one.anyone for one in earlier)
    if step.anyone and anyone:
        yield _nothing_more(f"{place}.anyone", "an earlier step asks for no skill any more")
    if step.lower and (anyone or step.anyone):
        which = "an earlier step asks for no skill any more" if anyone else "with anyone no skill is asked for"
        yield _nothing_more(f"{place}.lower", which)
    elif step.lower:
        yield from _idle_levels(place, queue, step, earlier)
    yield from _idle_width(place, step, stage_of(queue, earlier))


def _idle_width(place: str, step: Step, stage: Stage) -> Iterator[Remark]:
    """Ranks, queues and groups that may be asked already."""
    if step.ranks is not None and stage.window is None:
        yield _nothing_more(f"{place}.ranks", "the queue asks agents of all ranks from the start")
    elif step.ranks is not None and stage.window is not None and step.ranks <= stage.window:
        yield _nothing_more(f"{place}.ranks", f"agents up to rank {stage.window} are asked already")
    for key, names, borrowed in (("queues", step.queues, stage.queues), ("groups", step.groups, stage.groups)):
        for name in names:
            if name in borrowed:
                yield _nothing_more(f"{place}.{key}", f"an earlier step borrows from {name} already")


def _idle_levels(place: str, queue: Queue, step: Step, earlier: list[Step]) -> Iterator[Remark]:
    """Levels that are as low already; a skill that the queue does not ask for may still be asked for by calls."""
    asked = asked_for(queue.requires)
    for skill, level in step.lower.items():
        lowest = [one.lower[skill] for one in earlier if skill in one.lower]
        if lowest and min(lowest) <= level:
            yield _nothing_more(f"{place}.lower.{skill}", f"an earlier step lowers it to {min(lowest)} already")
        elif asked.get(skill, level + 1) <= level:
            yield _nothing_more(f"{place}.lower.{skill}", f"the queue asks for {asked[skill]} only")


def _nothing_more(place: str, why: str) -> Remark:
    return Remark(place=place, sentence=f"it changes nothing: {why}", remedy="leave it out, or go further")


def _adds_nobody(place: str, queue: Queue, step: Step, earlier: list[Step], reach: Reach) -> Iterator[Remark]:
    if any(skill not in asked_for(queue.requires) for skill in step.lower):
        return  # meant for what calls bring
    if step.anyone and not queue.requires:
        return
    if reach.admitted(queue, [*earlier, step]) == reach.admitted(queue, earlier):
        yield Remark(
            place=place,
            sentence="no further agent can be asked when it counts",
            remedy="go further, or leave it out",
        )
