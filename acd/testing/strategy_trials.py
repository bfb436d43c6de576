"""The situations that a strategy is tried in: usual ones, and those that a call centre has on its strangest day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from acd.agent import Agent, AgentProfile, AgentStatus
from acd.call import Call
from acd.queue import Queue
from acd.skills import ANYBODY, asked_for, requirement
from acd.strategy import Candidate, Situation

NOW = 1_700_000_000_000
_MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Trial:
    """One situation, and what is special about it."""

    label: str
    """Goes on a sentence that begins with *for*."""
    situation: Situation


def trials(queue: Queue, attributes: Mapping[str, str]) -> Sequence[Trial]:
    """Every situation to try, for this queue and a call with these attributes."""
    wanted = asked_for(queue.requires) or {"billing": 30}
    requires = queue.requires or requirement(wanted)
    plain = Call(id="1700000000.1", queue=queue.name, arrived_at=NOW - 9_000, queued_at=NOW - 8_000)
    known = replace(
        plain,
        id="1700000000.2",
        caller_number="+493012345",
        attributes=attributes,
        priority=2.0,
        requires=requirement(wanted),
    )
    tried = replace(known, id="1700000000.3", rounds=2, round_at=NOW - 5_000, tried={"agent-1": 2, "somebody-gone": 1})
    urgent = replace(known, id="1700000000.4", priority=120.0)
    odd = requirement(f"({' or '.join(wanted)} or spanish >= 50) and not trainee")
    staff = people(12, queue, wanted)

    def trial(label: str, call: Call, asked: str, candidates: Sequence[Candidate]) -> Trial:
        return Trial(label, Situation(call=call, queue=queue, requires=asked, candidates=candidates, now=NOW))

    return (
        trial("no candidates at all", plain, requires, ()),
        trial("a single candidate", plain, requires, staff[:1]),
        trial("a dozen candidates", known, requires, staff),
        trial("a call without attributes", plain, requires, staff),
        trial("a call that asks for no skill", plain, ANYBODY, staff),
        trial("a requirement with or and not", known, odd, staff),
        trial("a call that was offered before", tried, requires, staff),
        trial("a call of high priority", urgent, requires, staff),
        trial("a call of a priority below nought", replace(known, priority=-120.0), requires, staff),
        trial("a call for a preferred agent", replace(known, preferred_agent="agent-2"), requires, staff),
        trial("a preferred agent who is not free", replace(known, preferred_agent="somebody-gone"), requires, staff),
        trial("candidates alike but for their ids", known, requires, _alike(queue, wanted)),
        trial("agents who never had a call, without skills, from another queue", known, requires, _blank()),
        trial("agents whose records are a moment younger than the decision", known, requires, _young(queue, wanted)),
    )


def people(count: int, queue: Queue, wanted: Mapping[str, int]) -> Sequence[Candidate]:
    """As many different agents, the same each time: ranks, levels and histories vary, and some agree in each."""
    return [_somebody(number, queue, wanted) for number in range(count)]


def _somebody(number: int, queue: Queue, wanted: Mapping[str, int]) -> Candidate:
    # Steps of primes: any two agents differ in something, and no field follows another.
    levels = {skill: min(100, least + number * 37 % 71) for skill, least in wanted.items()}
    profile = AgentProfile(
        id=f"agent-{number}",
        name=f"Agent {number}",
        skills=levels | ({"spanish": 1 + number * 13 % 100} if number % 3 == 0 else {}),
        queues={queue.name: number % 2, "another": 5},
        groups=("early",) if number % 4 else (),
    )
    ended = NOW - (1 + number * 17 % 23) * _MINUTE
    return Candidate(
        profile,
        Agent(
            id=profile.id,
            status=AgentStatus.READY,
            reachable=True,
            idle_since=ended + 10_000,
            ready_at=NOW - (30 + number * 7 % 200) * _MINUTE,
            offered_at=ended - 3 * _MINUTE,
            offered_in={queue.name: ended - 3 * _MINUTE} if number % 5 else {},
            call_started_at=ended - 2 * _MINUTE,
            call_ended_at=ended,
            missed_at=ended - 40 * _MINUTE if number % 6 == 0 else 0,
            answered=number * 11 % 29,
            talk_ms=number * 19 % 31 * _MINUTE,
            shift_since=NOW - (240 + number * 3 % 50) * _MINUTE,
            shift_answered=number * 5 % 13,
            shift_talk_ms=number * 23 % 37 * _MINUTE,
            shift_busy_ms=number * 29 % 43 * _MINUTE,
        ),
    )


def _alike(queue: Queue, wanted: Mapping[str, int]) -> Sequence[Candidate]:
    one = _somebody(3, queue, wanted)
    names = ("twin-d", "twin-a", "twin-c", "twin-b")
    return [Candidate(replace(one.profile, id=name, name=""), replace(one.live, id=name)) for name in names]


def _blank() -> Sequence[Candidate]:
    return [Candidate(AgentProfile(id=name), Agent(id=name)) for name in ("newcomer-1", "newcomer-2")]


def _young(queue: Queue, wanted: Mapping[str, int]) -> Sequence[Candidate]:
    soon = NOW + 5
    return [
        Candidate(
            one.profile,
            replace(one.live, idle_since=soon, ready_at=soon, offered_at=soon, call_ended_at=soon, shift_since=soon),
        )
        for one in people(3, queue, wanted)
    ]
