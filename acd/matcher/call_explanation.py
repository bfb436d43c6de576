"""Answers *why does this caller still wait*, in counts and in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from acd.matcher.machine import Matcher
from acd.matcher.ordering import Ordering
from acd.matcher.slots import AgentSlot, CallSlot, Condition
from acd.matcher.standing import condition_at
from acd.matcher.terms import Terms
from acd.matcher.words import agents, are, callers, counts, doing, listed, time, word
from acd.skills import ANYBODY, missing

MOST_CANDIDATES = 5

NOT_IN_QUEUE = "not_in_queue"
RANK_LATER = "rank_not_asked_yet"
WAITED_FOR = "another_agent_is_waited_for"
LACKS = "lacks "
CAP = "cap "


@dataclass(frozen=True, slots=True, kw_only=True)
class CallExplanation:
    """Why a call waits."""

    sentences: Sequence[str]
    reasons: Mapping[str, int]
    """How many agents each reason holds back, and ``callers_before``: how many callers are before this one."""
    candidates: Sequence[str]
    """Free agents who can take it, best first by the queue's strategy; a few."""


def explain_call(matcher: Matcher, call: str, now: int) -> CallExplanation | None:
    """Why this caller waits; None if no such call is live. Looks at every agent: for people, not for decisions."""
    slot = matcher.pool.calls.get(call)
    if slot is None:
        return None
    record = slot.record
    if not record.is_waiting:
        with_whom = f" with {record.agent}" if record.agent else ""
        return CallExplanation(sentences=[f"The call is {record.state}{with_whom}."], reasons={}, candidates=[])
    terms = matcher.pool.callers.terms_at(slot, now)
    if terms is None:
        gone = f"Queue {record.queue} is not configured any more: nobody can be offered the call."
        return CallExplanation(sentences=[gone], reasons={}, candidates=[])
    reasons: Counter[str] = Counter()
    able: list[AgentSlot] = []
    for agent in matcher.pool.roster.slots.values():
        held_back = held_back_by(matcher, terms, agent)
        if held_back is None:
            able.append(agent)
        reasons[held_back or word(agent, now)] += 1
    candidates = _ordered(matcher, slot, terms, [agent for agent in able if agent.free], now)
    before = sum(1 for other in matcher.pool.calls.values() if other.record.is_waiting and other.key[1:] < slot.key[1:])
    sentences = [
        f"The caller has waited {time(record.waited_ms(now))} in queue {record.queue}, {callers(before)} before.",
        *_on_the_way(slot, now),
        *_about_agents(matcher, terms, able, reasons, candidates, now),
        *_what_comes(matcher, slot, terms, now),
    ]
    if before:
        reasons["callers_before"] = before
    return CallExplanation(sentences=sentences, reasons=dict(reasons), candidates=candidates)


def held_back_by(matcher: Matcher, terms: Terms, agent: AgentSlot) -> str | None:
    """Why this agent could not be asked on these terms even if free; None if nothing is in the way."""
    profile = agent.profile
    if profile is None:
        return NOT_IN_QUEUE
    if terms.agent is not None:
        return None if agent.id == terms.agent else WAITED_FOR
    if not terms.admits_by_membership(profile):
        return RANK_LATER if terms.queue in profile.queues else NOT_IN_QUEUE
    lacks = missing(profile.skills, terms.requires)
    if lacks:
        return f"{LACKS}{lacks}"
    cap = matcher.pool.caps.bars(terms.queue, agent)
    return None if cap is None else f"{CAP}{cap.cap.name}"


def _on_the_way(slot: CallSlot, now: int) -> Iterator[str]:
    offered_to = sorted(slot.record.offers.values())
    if offered_to:
        yield f"It is being offered to {listed(offered_to)}."
    elif slot.held or slot.awaited:
        yield "An agent is just being reserved for it."
    if slot.record.tried:
        yield f"Offered in vain before: {listed(sorted(slot.record.tried))}."
    if slot.block is not None:
        yield (
            "The store refused a reservation for it; it is tried again when the news arrives,"
            f" in {time(slot.block.until - now)} at the latest."
        )


def _about_agents(
    matcher: Matcher,
    terms: Terms,
    able: Sequence[AgentSlot],
    reasons: Mapping[str, int],
    candidates: Sequence[str],
    now: int,
) -> Iterator[str]:
    if terms.agent is not None and (only := matcher.pool.roster.slots.get(terms.agent)) is not None:
        yield f"It waits for {terms.agent}, who is {doing(word(only, now))}."
        return
    if not able:
        in_queue = agents(len(matcher.pool.roster.of_queue(terms.queue)))
        held_back = {name: count for name, count in reasons.items() if name != NOT_IN_QUEUE}
        if all(name.startswith(LACKS) for name in held_back):
            yield f"Nobody can take it: of {in_queue} in the queue none meets {terms.requires or 'it'}."
        else:
            yield f"Nobody can take it now: of {in_queue} in the queue {counts(held_back)}."
        return
    takes, meets = ("takes", "meets") if len(able) == 1 else ("take", "meet")
    needs = f" and {meets} {terms.requires}" if terms.requires else ""
    busy = {name: count for name, count in reasons.items() if name != Condition.FREE and not is_standing(name)}
    told = f": {counts(busy)}" if busy else ""
    free = reasons.get(Condition.FREE, 0)
    yield f"{agents(len(able))} {takes} it{needs}, of whom {free or 'none'} {are(free)} free{told}."
    capped = {name: count for name, count in reasons.items() if name.startswith(CAP)}
    if capped:
        yield f"Held back by caps: {counts(capped)}."
    if candidates:
        yield f"{candidates[0]} comes first."
    cooling = [agent.live.cool_until for agent in able if agent.live and condition_at(agent, now) is Condition.COOL_OFF]
    if cooling and not candidates:
        yield f"The next cool-off ends in {time(min(cooling) - now)}."


def _what_comes(matcher: Matcher, slot: CallSlot, terms: Terms, now: int) -> Iterator[str]:
    """How the terms change next by time alone."""
    pool = matcher.pool
    queue = pool.terms[slot.record.queue]
    waited = slot.record.waited_ms(now)
    if terms.agent is not None:
        if slot.record.preferred_for_s is not None:
            left = round(slot.record.preferred_for_s * 1000) - waited
            yield f"Others are asked in {time(left)}."
        return
    next_step = queue.next_step_ms(waited)
    later: Terms | None = terms
    while next_step is not None:
        later = pool.callers.terms_at(slot, now + next_step - waited)
        if later != terms:
            break
        next_step = queue.next_step_ms(next_step)
    if next_step is None or later is None:
        return
    changes = []
    if later.requires != terms.requires:
        changes.append(f"asks for {'no skill' if later.requires == ANYBODY else later.requires}")
    if later.window != terms.window:
        changes.append(f"asks agents up to rank {later.window}")
    for kind, then, at_first in (("queues", later.queues, terms.queues), ("groups", later.groups, terms.groups)):
        if then != at_first:
            changes.append(f"asks agents of {kind} {listed(sorted(set(then) - set(at_first)))}, too")
    yield f"In {time(next_step - waited)} it {listed(changes)}."


def is_standing(reason: str) -> bool:
    """Whether it is a reason of configuration rather than of the moment."""
    return reason in {NOT_IN_QUEUE, RANK_LATER, WAITED_FOR} or reason.startswith((LACKS, CAP))


def _ordered(matcher: Matcher, call: CallSlot, terms: Terms, free: Sequence[AgentSlot], now: int) -> list[str]:
    if not free or terms.queue not in matcher.pool.free:
        return []
    deciding = matcher.pool.free[terms.queue].ordering
    # An ordering of its own, as a question must not count as a failed decision.
    ordering = Ordering(deciding.queue, deciding.strategy, lambda _: None)
    ordered, _ = ordering.order(free, call.record, terms.requires, now)
    ordered.sort(key=lambda slot: 0 if slot.profile is None else terms.tier(slot.profile))
    return [slot.id for slot in ordered[:MOST_CANDIDATES]]
