"""How things stand, for pages: the line with everybody's place in it, the agents, and counts per queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from acd.agent import Agent, AgentProfile
from acd.call import Call, CallState
from acd.matcher.machine import Matcher
from acd.matcher.slots import AgentSlot, Condition, condition_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCaller:
    """A caller in line, those included who are being offered to somebody."""

    call: Call
    place: int
    """In the pool's one line, from 1."""
    place_in_queue: int
    """Among the callers of the same queue, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStanding:
    """An agent as configured, as recorded live, and in one word."""

    profile: AgentProfile | None
    """None for one who is no longer configured, but still busy."""
    live: Agent | None
    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStanding:
    """One queue in figures."""

    queue: str
    waiting: int
    longest_waiting_since: int | None
    """``queued_at`` of the caller who waits longest; None if nobody does."""
    connecting: int
    connected: int
    agents: dict[Condition, int]
    """Conditions in which no agent is are left out."""


def waiting_callers(matcher: Matcher, queue: str | None = None) -> Sequence[WaitingCaller]:
    """Everybody in line, or those of one queue, in order."""
    in_queue: Counter[str] = Counter()
    result = []
    slots = sorted(
        (slot for slot in matcher.pool.calls.values() if slot.record.is_waiting), key=lambda slot: slot.key[1:]
    )
    for place, slot in enumerate(slots, 1):
        call = slot.record
        in_queue[call.queue] += 1
        if queue in {None, call.queue}:
            result.append(WaitingCaller(call=call, place=place, place_in_queue=in_queue[call.queue]))
    return result


def agents_standing(matcher: Matcher, now: int) -> Sequence[AgentStanding]:
    """Every agent, by id."""
    slots = sorted(matcher.pool.roster.slots.items())
    return [AgentStanding(profile=slot.profile, live=slot.live, condition=condition_at(slot, now)) for _, slot in slots]


def queues_standing(matcher: Matcher, now: int) -> Sequence[QueueStanding]:
    """Every configured queue, by name."""
    pool = matcher.pool
    states: Counter[tuple[str, CallState]] = Counter()
    longest: dict[str, int] = {}
    for slot in pool.calls.values():
        call = slot.record
        states[call.queue, call.state] += 1
        if call.is_waiting:
            longest[call.queue] = min(call.queued_at, longest.get(call.queue, call.queued_at))
    return [
        QueueStanding(
            queue=name,
            waiting=states[name, CallState.QUEUED] + states[name, CallState.OFFERED],
            longest_waiting_since=longest.get(name),
            connecting=states[name, CallState.CONNECTING],
            connected=states[name, CallState.CONNECTED],
            agents=dict(Counter(condition_at(slot, now) for slot in pool.roster.of_queue(name).values())),
        )
        for name in sorted(matcher.configuration.queues)
    ]


def condition_at(slot: AgentSlot, now: int) -> Condition:
    """What the agent is doing at this time, cool-offs included."""
    live = slot.live
    if live is not None and live.is_free and live.cool_until > now:
        return Condition.COOL_OFF
    return condition_of(live)
