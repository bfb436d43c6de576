"""Queues that nobody serves, or nobody at first; skills that nobody holds; wishes that change nothing."""

from __future__ import annotations

from collections.abc import Iterator

from acd.lint.reach import Reach, can_count, in_time, stage_of
from acd.lint.remark import Remark, counted, listed
from acd.queue import IdleClock, Queue
from acd.skills import asked_for, meets


def remarks_of_skills(reach: Reach) -> Iterator[Remark]:
    """Skills that no agent holds."""
    for skill in reach.configuration.skills:
        if skill in reach.best_levels:
            continue
        asking = [q.name for q in reach.configuration.queues.values() if skill in asked_for(q.requires)]
        asked = f" (asked for by {listed(asking)})" if asking else ""
        yield Remark(
            place=f"skills.{skill}",
            sentence=f"no agent holds this skill{asked}",
            remedy="give it to somebody, or take it out",
        )


def remarks_of_queue(queue: Queue, reach: Reach) -> Iterator[Remark]:
    """Everything about one queue but its steps."""
    at_first, ever = reach.admitted(queue, []), reach.ever(queue.name)
    if not ever:
        yield _nobody_ever(queue, reach)
    elif not at_first:
        yield _nobody_at_first(queue, reach)
    else:
        yield from _remarks_of_window(queue, reach)
        yield from _remarks_of_preference(queue, reach)
    if ever:
        yield from _remarks_of_idle_members(queue, reach)
    if not queue.breaks_restart_idle_clock and queue.idle_clock is IdleClock.READY:
        yield Remark(
            place=f"queues.{queue.name}.breaks_restart_idle_clock",
            sentence="it is of no effect while idle_clock is ready, which begins with the end of a break",
            remedy="choose another idle_clock, or leave it out",
        )


def _nobody_ever(queue: Queue, reach: Reach) -> Remark:
    place = f"queues.{queue.name}"
    widest = stage_of(queue, [step for step in queue.steps if can_count(queue, step)])
    members = reach.members(queue, widest)
    if not members:
        if reach.of_queue[queue.name]:
            return Remark(
                place=f"{place}.ranks",
                sentence=f"nobody ever gets its calls: no agent has a rank up to {widest.window}",
                remedy="raise ranks, add a step that does, or lower an agent's rank",
            )
        return Remark(
            place=place,
            sentence="nobody serves it: no agent takes its calls, and no step borrows any",
            remedy="name it among the queues of some agents",
        )
    lacking = [
        f"{skill} >= {level} (best: {reach.best_levels.get(skill, 'nobody holds it')})"
        for skill, level in asked_for(widest.requires).items()
        if reach.best_levels.get(skill, 0) < level
    ]
    because = f": {', '.join(lacking)}" if lacking else ""
    return Remark(
        place=f"{place}.requires",
        sentence=(
            f"nobody ever gets its calls: none of {counted(len(members), 'agent')} meets {widest.requires!r}{because}"
        ),
        remedy="ask for less, add a step that does, or give somebody the skills",
    )


def _nobody_at_first(queue: Queue, reach: Reach) -> Remark:
    counting = []
    until = "until a step by a live figure counts"
    for after_s, number in in_time(queue):
        counting.append(queue.steps[number])
        if can_count(queue, queue.steps[number]) and reach.admitted(queue, counting):
            until = f"for the first {after_s:g} s, until steps[{number}] counts"
            break
    stage = stage_of(queue, [])
    members = reach.members(queue, stage)
    if members:
        because = f"none of {counted(len(members), 'agent')} meets {stage.requires!r}"
    elif reach.of_queue[queue.name]:
        because = f"no agent has a rank up to {stage.window}"
    else:
        because = "no agent takes its calls"
    return Remark(
        place=f"queues.{queue.name}",
        sentence=f"its callers have nobody {until}: {because}",
        remedy="let the step count from the start, or give it agents",
    )


def _remarks_of_window(queue: Queue, reach: Reach) -> Iterator[Remark]:
    beyond = [agent.id for agent in reach.of_queue[queue.name] if agent.queues[queue.name] > (queue.ranks or 0)]
    if queue.ranks is not None and not beyond:
        yield Remark(
            place=f"queues.{queue.name}.ranks",
            sentence=f"it holds nobody back: every agent of the queue has a rank up to {queue.ranks}",
            remedy="leave it out, or give some agents a higher rank",
        )
    widest = stage_of(queue, [step for step in queue.steps if can_count(queue, step)]).window
    lost = [
        agent.id for agent in reach.of_queue[queue.name] if widest is not None and agent.queues[queue.name] > widest
    ]
    if lost:
        yield Remark(
            place=f"queues.{queue.name}.ranks",
            sentence=f"agents of higher ranks than {widest} never get its calls: {listed(lost)}",
            remedy="add a step that widens to their rank, or lower it",
        )


def _remarks_of_preference(queue: Queue, reach: Reach) -> Iterator[Remark]:
    if not queue.prefers:
        return
    agents = [reach.configuration.agents[name] for name in reach.ever(queue.name)]
    number = sum(meets(agent.skills, queue.prefers) for agent in agents)
    if number in {0, len(agents)} and len(agents) > 1:
        who = "none" if number == 0 else "every one"
        yield Remark(
            place=f"queues.{queue.name}.prefers",
            sentence=f"it changes nothing: {who} of those who may take its calls meets it",
            remedy="prefer what tells them apart, or leave it out",
        )


def _remarks_of_idle_members(queue: Queue, reach: Reach) -> Iterator[Remark]:
    """Agents of the queue who meet its requirement at no stage."""
    widest = stage_of(queue, [step for step in queue.steps if can_count(queue, step)])
    never = [agent.id for agent in reach.of_queue[queue.name] if not meets(agent.skills, widest.requires)]
    if never:
        yield Remark(
            place=f"queues.{queue.name}.requires",
            sentence=f"{counted(len(never), 'agent')} of the queue never meet {widest.requires!r}: {listed(never)}",
            remedy="give them the skills, ask for less, or take the queue from them",
        )
