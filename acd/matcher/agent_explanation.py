"""Answers *why does this agent get no call*, in counts and in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from acd.matcher.call_explanation import MOST_CANDIDATES, held_back_by, is_standing
from acd.matcher.machine import Matcher
from acd.matcher.slots import AgentSlot, Condition, LineKey
from acd.matcher.standing import condition_at
from acd.matcher.words import callers, counts, plain, time, word


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentExplanation:
    """Why an agent gets no call."""

    sentences: Sequence[str]
    reasons: Mapping[str, int]
    """How many callers in line each reason holds back (``can_take``: none does), and the agent's own condition."""
    candidates: Sequence[str]
    """The callers in line whom the agent can take, first in line first; a few."""


def explain_agent(matcher: Matcher, agent: str, now: int) -> AgentExplanation | None:
    """Why this agent gets no call; None if no such agent is known."""
    slot = matcher.pool.roster.slots.get(agent)
    if slot is None:
        return None
    reasons: Counter[str] = Counter({word(slot, now): 1})
    heads: list[LineKey] = []
    for kind in matcher.pool.line.classes_waiting:
        held_back = held_back_by(matcher, kind.terms, slot)
        reasons[held_back or "can_take"] += len(kind.row)
        if held_back is None:
            heads += islice(kind.row, MOST_CANDIDATES)
    candidates = [key[3] for key in sorted(heads)[:MOST_CANDIDATES]]
    in_line = len(matcher.pool.line)
    sentences = [*_about_agent(slot, now), *_about_line(slot, in_line, reasons, candidates)]
    return AgentExplanation(sentences=sentences, reasons=dict(reasons), candidates=candidates)


def _about_agent(slot: AgentSlot, now: int) -> Iterator[str]:
    live = slot.live
    if live is None:
        yield f"{slot.id} has no live record yet: it is made when the configuration is announced."
        return
    condition = condition_at(slot, now)
    match condition:
        case Condition.FREE if slot.held or slot.awaited:
            yield f"{slot.id} is free and just being reserved for a caller."
        case Condition.FREE if slot.block is not None:
            yield f"{slot.id} seems free, but the store says otherwise; the news is on its way."
        case Condition.FREE:
            yield f"{slot.id} is free for {time(now - live.free_since)}."
        case Condition.COOL_OFF:
            yield f"{slot.id} is left in peace for {time(live.cool_until - now)} after an offer that came to nothing."
        case Condition.UNREACHABLE:
            yield f"{slot.id} is ready, but the phone is not registered."
        case Condition.RESERVED | Condition.TALKING | Condition.WRAP_UP:
            since = time(now - live.activity_since)
            yield f"{slot.id} is in {plain(condition)} for {since}, call {live.call}."
        case _:
            yield f"{slot.id} is {plain(word(slot, now))} for {time(now - live.status_since)}."


def _about_line(slot: AgentSlot, in_line: int, reasons: Mapping[str, int], candidates: Sequence[str]) -> Iterator[str]:
    if slot.profile is None:
        yield f"{slot.id} is not configured any more."
    elif not slot.profile.queues:
        yield f"{slot.id} takes no queue's calls."
    elif not in_line:
        yield "Nobody in line needs an offer."
    else:
        held_back = {name: count for name, count in reasons.items() if is_standing(name)}
        told = f": {counts(held_back)}" if held_back else ""
        can_take = reasons.get("can_take", 0)
        yield f"{callers(in_line)} in line, of whom {slot.id} can take {can_take or 'none'}{told}."
        if candidates:
            yield f"The first would be {candidates[0]}."
