"""Caps that starve a queue, and caps that limit nothing."""

from __future__ import annotations

from collections.abc import Iterator

from acd.configuration import Cap
from acd.lint.reach import Reach
from acd.lint.remark import Remark, counted, listed


def remarks_of_caps(reach: Reach) -> Iterator[Remark]:
    """Everything about the caps."""
    for cap in reach.configuration.caps.values():
        group = frozenset(agent.id for agent in reach.of_group.get(cap.group, []))
        if not group & reach.ever(cap.queue):
            yield Remark(
                place=f"caps.{cap.name}",
                sentence=_useless(cap),
                remedy="name another group or queue, or leave it out",
            )
        elif cap.at_most is not None:
            yield from _remarks_of_at_most(cap, cap.at_most, group, reach)
        elif cap.keep_free is not None:
            yield from _remarks_of_keep_free(cap, cap.keep_free, group, reach)


def _useless(cap: Cap) -> str:
    if cap.at_most is not None:
        return f"it limits nothing: nobody of group {cap.group} can take calls of {cap.queue}"
    return f"it keeps agents free for nothing: nobody of group {cap.group} can take calls of {cap.queue}"


def _remarks_of_at_most(cap: Cap, most: int, group: frozenset[str], reach: Reach) -> Iterator[Remark]:
    place = f"caps.{cap.name}.at_most"
    if most >= len(group):
        yield Remark(
            place=place,
            sentence=f"it limits nothing: group {cap.group} has {counted(len(group), 'agent')}",
            remedy="write less, or leave it out",
        )
    elif most == 0 and reach.ever(cap.queue) <= group:
        yield Remark(
            place=place,
            sentence=f"{cap.queue} never gets anybody: all who can take its calls are in group {cap.group}",
            remedy="allow some, or give the queue agents outside the group",
        )
    elif most == 0:
        yield Remark(
            place=place,
            sentence=f"{cap.queue} never gets anybody of group {cap.group}, though some of them can take its calls",
            remedy="allow some, or take the queue from them",
        )


def _remarks_of_keep_free(cap: Cap, kept: int, group: frozenset[str], reach: Reach) -> Iterator[Remark]:
    place = f"caps.{cap.name}.keep_free"
    if kept == 0:
        yield Remark(place=place, sentence="it keeps nobody free", remedy="write more, or leave it out")
        return
    if kept < len(group):
        return
    others = [name for name in reach.configuration.queues if name != cap.queue and reach.ever(name) & group]
    starved = [name for name in others if reach.ever(name) <= group]
    size = f"group {cap.group} has only {counted(len(group), 'agent')}"
    if starved:
        yield Remark(
            place=place,
            sentence=f"other queues never get anybody: {listed(starved)} (all their agents are of it, and {size})",
            remedy="keep fewer free, or give those queues agents outside the group",
        )
    elif others:
        yield Remark(
            place=place,
            sentence=f"other queues never get anybody of the group: {listed(others)} ({size})",
            remedy="keep fewer free, or take those queues from the group's agents",
        )
