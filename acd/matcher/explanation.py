"""Answers *why*: why this caller waits, and why this agent gets no call, in counts and in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from acd.matcher.machine import Matcher
from acd.matcher.ordering import Ordering
from acd.matcher.slots import AgentSlot, CallSlot, Condition
from acd.matcher.standing import condition_at
from acd.skills import Requirement, Skills, missing

MOST_CANDIDATES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CallExplanation:
    """Why a call waits."""

    sentences: Sequence[str]
    reasons: Mapping[str, int]
    """How many agents each reason holds back, and ``callers_before``: how many callers are before this one."""
    candidates: Sequence[str]
    """Free agents who can take it, best first by the queue's strategy; a few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentExplanation:
    """Why an agent gets no call."""

    sentences: Sequence[str]
    reasons: Mapping[str, int]
    """How many callers in line each reason holds back (``can_take``: none does), and the agent's own condition."""
    candidates: Sequence[str]
    """The callers in line whom the agent can take, first in line first; a few."""


def explain_call(matcher: Matcher, call: str, now: int) -> CallExplanation | None:
    """Why this caller waits; None if no such call is live. Looks at every agent: for people, not for decisions."""
    slot = matcher.pool.calls.get(call)
    if slot is None:
        return None
    record = slot.record
    if not record.is_waiting:
        with_whom = f" with {record.agent}" if record.agent else ""
        return CallExplanation(sentences=[f"The call is {record.state}{with_whom}."], reasons={}, candidates=[])
    reasons, able = _agents_for(matcher, slot, now)
    before = sum(1 for other in matcher.pool.calls.values() if other.record.is_waiting and other.key < slot.key)
    free = [agent for agent in able if agent.free]
    candidates = _ordered(matcher, slot, free, now)
    sentences = [
        f"The caller has waited {_time(record.waited_ms(now))} in queue {record.queue}, {_callers(before)} before.",
        *_on_the_way(slot, now),
        *_about_agents(matcher, slot, able, reasons, candidates, now),
    ]
    if before:
        reasons["callers_before"] = before
    return CallExplanation(sentences=sentences, reasons=dict(reasons), candidates=candidates)


def _agents_for(matcher: Matcher, call: CallSlot, now: int) -> tuple[Counter[str], list[AgentSlot]]:
    """Why each agent is not called for this one, and who could be if free."""
    reasons: Counter[str] = Counter()
    able: list[AgentSlot] = []
    record = call.record
    for slot in matcher.pool.roster.slots.values():
        if slot.profile is None or record.queue not in slot.profile.queues:
            reasons["not_in_queue"] += 1
            continue
        lacks = missing(slot.profile.skills, record.requires)
        if lacks:
            reasons[f"lacks {_levels(lacks)}"] += 1
            continue
        able.append(slot)
        reasons[_word(slot, now)] += 1
    return reasons, able


def _on_the_way(slot: CallSlot, now: int) -> Iterator[str]:
    agents = sorted(slot.record.offers.values())
    if agents:
        yield f"It is being offered to {_listed(agents)}."
    elif slot.held or slot.awaited:
        yield "An agent is just being reserved for it."
    if slot.block is not None:
        yield (
            "The store refused a reservation for it; it is tried again when the news arrives,"
            f" in {_time(slot.block.until - now)} at the latest."
        )


def _about_agents(
    matcher: Matcher,
    slot: CallSlot,
    able: Sequence[AgentSlot],
    reasons: Mapping[str, int],
    candidates: Sequence[str],
    now: int,
) -> Iterator[str]:
    record = slot.record
    if record.queue not in matcher.configuration.queues:
        yield f"Queue {record.queue} is not configured any more: nobody can be offered the call."
        return
    needs = f" and have {_levels(record.requires)}" if record.requires else ""
    if not able:
        in_queue = len(matcher.pool.roster.of_queue(record.queue))
        yield f"Nobody can take it: of {_agents(in_queue)} in the queue none meets {_levels(record.requires) or 'it'}."
        return
    busy = {word: count for word, count in reasons.items() if word != Condition.FREE and not word.startswith(_STANDING)}
    told = f": {_counts(busy)}" if busy else ""
    free = reasons.get(Condition.FREE, 0)
    yield f"{_agents(len(able))} take the queue{needs}, of whom {free or 'none'} {_are(free)} free{told}."
    if candidates:
        yield f"{candidates[0]} comes first."
    elif free:
        yield "Who is free is being offered to another caller just now."
    cooling = [agent.live.cool_until for agent in able if agent.live and condition_at(agent, now) is Condition.COOL_OFF]
    if cooling and not candidates:
        yield f"The next cool-off ends in {_time(min(cooling) - now)}."


_STANDING = ("not_in_queue", "lacks ")


def _ordered(matcher: Matcher, call: CallSlot, free: Sequence[AgentSlot], now: int) -> list[str]:
    if not free or call.record.queue not in matcher.pool.free:
        return []
    deciding = matcher.pool.free[call.record.queue].ordering
    # An ordering of its own, as a question must not count as a failed decision.
    ordered, _ = Ordering(deciding.queue, deciding.strategy, lambda _: None).order(free, call.record, now)
    return [slot.id for slot in ordered[:MOST_CANDIDATES]]


def explain_agent(matcher: Matcher, agent: str, now: int) -> AgentExplanation | None:
    """Why this agent gets no call; None if no such agent is known."""
    slot = matcher.pool.roster.slots.get(agent)
    if slot is None:
        return None
    reasons: Counter[str] = Counter({_word(slot, now): 1})
    line = matcher.pool.line
    profile = slot.profile
    can_take = list(line.waiting_for(slot))
    for kind in line.classes_waiting:
        if profile is None or kind.queue not in profile.queues:
            reasons["not_in_queue"] += len(kind.row)
        elif lacks := missing(profile.skills, kind.requires):
            reasons[f"lacks {_levels(lacks)}"] += len(kind.row)
        else:
            reasons["can_take"] += len(kind.row)
    heads = sorted(key for kind in can_take for key in list(kind.row)[:MOST_CANDIDATES])
    candidates = [key[2] for key in heads[:MOST_CANDIDATES]]
    sentences = [*_about_agent(slot, now), *_about_line(slot, len(line), reasons, candidates)]
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
            yield f"{slot.id} is free for {_time(now - live.free_since)}."
        case Condition.COOL_OFF:
            yield f"{slot.id} is left in peace for {_time(live.cool_until - now)} after an offer that came to nothing."
        case Condition.UNREACHABLE:
            yield f"{slot.id} is ready, but the phone is not registered."
        case Condition.RESERVED | Condition.TALKING | Condition.WRAP_UP:
            since = _time(now - live.activity_since)
            yield f"{slot.id} is in {_plain(condition)} for {since}, call {live.call}."
        case _:
            yield f"{slot.id} is {_plain(_word(slot, now))} for {_time(now - live.status_since)}."


def _about_line(slot: AgentSlot, in_line: int, reasons: Mapping[str, int], candidates: Sequence[str]) -> Iterator[str]:
    if slot.profile is None:
        yield f"{slot.id} is not configured any more."
    elif not slot.profile.queues:
        yield f"{slot.id} takes no queue's calls."
    elif not in_line:
        yield "Nobody in line needs an offer."
    else:
        held_back = {word: count for word, count in reasons.items() if word.startswith(_STANDING)}
        told = f": {_counts(held_back)}" if held_back else ""
        can_take = reasons.get("can_take", 0)
        yield f"{_callers(in_line)} in line, of whom {slot.id} can take {can_take or 'none'}{told}."
        if candidates:
            yield f"The first would be {candidates[0]}."


# --- words -----------------------------------------------------------------------------------------------------------


def _word(slot: AgentSlot, now: int) -> str:
    condition = condition_at(slot, now)
    if condition is Condition.FREE and not slot.free:
        return "being_reserved"
    if condition is Condition.ON_BREAK and slot.live is not None and slot.live.break_reason:
        return f"{condition} ({slot.live.break_reason})"
    return condition.value


def _plain(word: str) -> str:
    return {"wrap_up": "wrap-up", "reserved": "reservation", "talking": "conversation"}.get(
        word, word.replace("_", " ")
    )


def _counts(reasons: Mapping[str, int]) -> str:
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in ordered)


def _levels(skills: Skills | Requirement) -> str:
    return ", ".join(f"{skill} {level}" for skill, level in sorted(skills.items()))


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _agents(count: int) -> str:
    return f"{count} agent" if count == 1 else f"{count} agents"


def _callers(count: int) -> str:
    return {0: "nobody", 1: "1 caller"}.get(count, f"{count} callers")


def _are(count: int) -> str:
    return "is" if count <= 1 else "are"


def _time(milliseconds: int) -> str:
    seconds = max(0, milliseconds) / 1000
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
