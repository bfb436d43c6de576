"""Agents in a line, and what a strategy makes of them: shared by the tests of the strategies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acd.agent import Agent, AgentProfile
from acd.call import Call
from acd.queue import Queue
from acd.skills import requirement
from acd.strategy import Candidate, KeyStrategy, Ranking, RankStrategy, Situation, Strategy

NOW = 10_000_000
QUEUE = Queue(name="q")


def agent(name: str, *, rank: int = 0, skills: Mapping[str, int] | None = None, **live: Any) -> Candidate:
    """An agent of queue ``q``, with this live record."""
    return Candidate(AgentProfile(id=name, queues={"q": rank}, skills=skills or {}), Agent(id=name, **live))


def ranked(
    strategy: Strategy, *agents: Candidate, queue: Queue = QUEUE, requires: str = "", now: int = NOW, **call: Any
) -> Ranking:
    """The answer of a strategy that ranks."""
    assert isinstance(strategy, RankStrategy)
    about = Call(id=call.pop("id", "c"), queue=queue.name, **call)
    return strategy.rank(Situation(call=about, queue=queue, requires=requirement(requires), candidates=agents, now=now))


def order(
    strategy: Strategy, *agents: Candidate, queue: Queue = QUEUE, requires: str = "", now: int = NOW, **call: Any
) -> str:
    """Who is asked in which order, whatever the form: ids with a space between; equal keys go by id, as live."""
    if isinstance(strategy, KeyStrategy):
        return " ".join([one.id for one in sorted(agents, key=lambda one: (strategy.key(one, queue), one.id))])
    return " ".join(ranked(strategy, *agents, queue=queue, requires=requires, now=now, **call).agents)
