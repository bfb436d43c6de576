"""What an integrator writes to decide who gets whom: two forms, and the built-in strategies use nothing else.

A strategy is a class whose constructor takes the queue's options as keyword arguments. It is pure and keeps no state:
no I/O, no clock, no randomness but what it is given. It has *one* of two methods:

``key(agent, queue)``
    A sort key; the free agent with the smallest key is asked first. It may change only with that agent's own events,
    so the matcher keeps agents sorted and a decision costs next to nothing.
``rank(situation)``
    The candidates best first, with a reason. It sees the call, and is asked at each decision; its cost is linear in
    the candidates. Candidates that it leaves out are appended: a strategy orders, eligibility is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from acd.agent import Agent, AgentProfile
from acd.call import Call
from acd.queue import Queue
from acd.skills import Skills

SortKey: TypeAlias = "int | float | str | tuple[int | float | str, ...]"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent as strategies see one: the configured person and the live record."""

    profile: AgentProfile
    live: Agent

    @property
    def id(self) -> str:
        """The agent's id."""
        return self.profile.id

    @property
    def skills(self) -> Skills:
        """The agent's skills with levels."""
        return self.profile.skills

    @property
    def idle_since(self) -> int:
        """Start of the idle clock, store's milliseconds."""
        return self.live.idle_since

    def rank_in(self, queue: str) -> int:
        """The agent's rank in this queue; lower ranks are asked first."""
        return self.profile.queues.get(queue, 0)


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything one decision may look at."""

    call: Call
    queue: Queue
    candidates: Sequence[Candidate]
    """Eligible and free, in no promised order."""
    now: int
    """Store's milliseconds."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """A strategy's answer."""

    agents: Sequence[str]
    """Agent ids, best first."""
    reason: str = ""
    """One short sentence for ``explain``: why the first is first."""


@runtime_checkable
class KeyStrategy(Protocol):
    """Orders agents by a key that only their own events change."""

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        """Smallest first. Ties are broken by the agent's id."""
        ...


@runtime_checkable
class RankStrategy(Protocol):
    """Orders the candidates of one call."""

    def rank(self, situation: Situation) -> Ranking:
        """Best first, with a reason."""
        ...


Strategy: TypeAlias = KeyStrategy | RankStrategy

Strategies: TypeAlias = Mapping[str, Strategy]
"""Queue name to the strategy that serves it, options applied."""
