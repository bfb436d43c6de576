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
from acd.queue import IdleClock, Queue
from acd.skills import Requirement, Skills

SortKey: TypeAlias = "int | float | str | tuple[int | float | str, ...]"

DECISION_LIMIT_S = 0.1
"""How long one answer of a strategy may take: far more than a sane one needs, and little enough for callers."""

MOST_PHONES = 100
"""The widest offer round that a strategy may ask for."""


@dataclass(frozen=True, slots=True)
class Between:
    """The range of a strategy's option, both ends included: ``every_s: Annotated[float, Between(0.5, 300)] = 10``.

    Options are checked by the constructor's annotations before it is called: types, ``Literal`` words, and this.
    """

    low: float
    high: float


_READY = IdleClock.READY  # the usual clock; looking it up in its class would take as long as all else here

BORROWED_RANK = 100
"""Behind every rank that can be configured: a queue's own agents go before those whom it borrows."""


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

    def idle_start(self, queue: Queue) -> int:
        """Start of the idle clock as this queue reads it, store's milliseconds: smallest has been idle longest."""
        live, clock = self.live, queue.idle_clock
        if clock is _READY:
            return live.idle_since
        if clock is IdleClock.CALL_END:
            start = live.call_ended_at
        elif clock is IdleClock.CALL_START:
            start = live.call_started_at
        else:
            start = live.offered_at
        start = max(start, live.missed_at)
        return max(start, live.ready_at) if queue.breaks_restart_idle_clock else start

    def rank_in(self, queue: str) -> int:
        """The agent's rank in this queue; lower ranks are asked first. ``BORROWED_RANK`` for one who does not take its
        calls, and is asked because of a step."""
        return self.profile.queues.get(queue, BORROWED_RANK)


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything one decision may look at."""

    call: Call
    """Its own requirement and the queue's are met by every candidate; ``tried`` says who missed it already."""
    queue: Queue
    requires: Requirement
    """What is asked for now: the queue's and the call's requirement, as far as steps have not relaxed it."""
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


@dataclass(frozen=True, slots=True)
class Width:
    """How many phones a call may ring at once from some time of its offer round on."""

    after_s: float
    phones: int


@runtime_checkable
class WideStrategy(Protocol):
    """May be added to either form: the strategy says itself how many phones a call rings at once."""

    def widths(self, queue: Queue) -> Sequence[Width]:
        """Ascending by time, the first at 0. Without this method the queue's ``offer_width`` holds."""
        ...


Strategy: TypeAlias = KeyStrategy | RankStrategy

Strategies: TypeAlias = Mapping[str, Strategy]
"""Queue name to the strategy that serves it, options applied."""
