"""What the matcher knows of one agent and of one call besides their records: whether they may be proposed now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from acd.agent import Agent, AgentActivity, AgentProfile, AgentStatus
from acd.call import Call
from acd.matcher.sorted_row import SortedRow
from acd.matcher.terms import Terms
from acd.strategy import Candidate

if TYPE_CHECKING:
    from acd.matcher.free_agents import FreeAgents

LineKey: TypeAlias = "tuple[int, float, int, str]"
"""A caller's place in the pool's one line: 1 if a phone rings already, the line's order, ``queued_at``, call id.
Smallest is first."""

LAST: LineKey = (2, 0.0, 0, "")
"""After everybody: the head of a row in which nobody waits."""


class Condition(StrEnum):
    """What one agent is doing as far as calls are concerned."""

    FREE = "free"
    COOL_OFF = "cool_off"
    RESERVED = "reserved"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    ON_BREAK = "on_break"
    UNREACHABLE = "unreachable"
    LOGGED_OUT = "logged_out"
    NO_RECORD = "no_record"
    """Configured, but the store holds no live record (yet)."""


CONDITIONS = tuple(Condition)
_PLACE: Mapping[Condition, int] = {condition: place for place, condition in enumerate(CONDITIONS)}
FREE_PLACE = _PLACE[Condition.FREE]
NO_RECORD_PLACE = _PLACE[Condition.NO_RECORD]
_OF_ACTIVITY: Mapping[AgentActivity, int] = {
    AgentActivity.RESERVED: _PLACE[Condition.RESERVED],
    AgentActivity.TALKING: _PLACE[Condition.TALKING],
    AgentActivity.WRAP_UP: _PLACE[Condition.WRAP_UP],
}
_OF_STATUS: Mapping[AgentStatus, int] = {
    AgentStatus.LOGGED_OUT: _PLACE[Condition.LOGGED_OUT],
    AgentStatus.ON_BREAK: _PLACE[Condition.ON_BREAK],
}


def condition_place(live: Agent | None) -> int:
    """What the agent does, as a place in ``CONDITIONS``; cool-offs aside (they end by time alone), and calls go before
    the person's wish."""
    if live is None:
        return NO_RECORD_PLACE
    activity = live.activity
    if activity is not AgentActivity.IDLE:
        return _OF_ACTIVITY[activity]
    if live.status is not AgentStatus.READY:
        return _OF_STATUS[live.status]
    return FREE_PLACE if live.reachable else _PLACE[Condition.UNREACHABLE]


@dataclass(slots=True, kw_only=True)
class Block:
    """Why nothing is proposed for a while: the store refused, and knows something that has not reached us yet."""

    position: tuple[int, int] | None
    """Over when the event at this position was applied; None: over with any event of the record."""
    until: int
    """Over at this time in any case, store's milliseconds."""


@dataclass(slots=True, eq=False)
class AgentSlot:
    """One agent: what is configured, the live record, and what is on the way."""

    id: str
    profile: AgentProfile | None = None
    live: Agent | None = None
    candidate: Candidate | None = None
    """Profile and record as strategies see them; as they were when the agent last became free."""
    held: bool = False
    """Chosen in a proposal that is not settled."""
    held_for: str | None = None
    """The queue for whose call the agent was chosen, until the agent's record says it."""
    awaited: str | None = None
    """The offer that the store made, as long as its event has not been applied."""
    block: Block | None = None
    strikes: int = 0
    """Refusals since the record last changed."""
    free: bool = False
    """Whether the agent is among the free ones: available, and nothing of the above."""
    place: int = NO_RECORD_PLACE
    """The agent's condition, as a place in ``CONDITIONS``."""
    counts: list[list[int]] = field(default_factory=list)
    """For each of the agent's queues, how many of its agents are in each condition."""
    free_of: list[FreeAgents] = field(default_factory=list)
    """The free agents of each queue whose calls this agent takes."""
    classes: dict[RequirementClass, None] = field(default_factory=dict)
    """The requirement classes that the agent can serve."""
    capped: bool = False
    """Whether some cap counts this agent."""

    @property
    def is_proposable(self) -> bool:
        """Whether nothing but the record decides if the agent is free."""
        return not self.held and self.awaited is None and self.block is None

    @property
    def condition(self) -> Condition:
        """What the agent does, cool-offs aside."""
        return CONDITIONS[self.place]


@dataclass(slots=True, eq=False)
class RequirementClass:
    """The callers of one queue who ask for the same: any agent can take all of them or none."""

    queue: str
    terms: Terms
    takers: dict[str, AgentSlot]
    """The agents who can take these callers, free or not."""
    tiers: list[dict[str, AgentSlot]]
    """The same agents, those first who are to be asked first; nobody is in two."""
    key: tuple[object, ...] = ()
    row: SortedRow[LineKey] = field(default_factory=SortedRow)
    head: LineKey = LAST
    """The first caller's place; LAST if nobody waits."""


@dataclass(slots=True, eq=False)
class CallSlot:
    """One call: its record, its place in line, and what is on the way."""

    record: Call
    key: LineKey = LAST
    kind: RequirementClass | None = None
    """The requirement class in whose row the call stands; None while it needs no offer."""
    held: bool = False
    awaited: set[str] = field(default_factory=set)
    block: Block | None = None
    strikes: int = 0
    due: int | None = None
    """When time changes what the call asks for, or how many phones it may ring."""

    @property
    def offers_out(self) -> int:
        """Live offers, those included whose event has not been applied."""
        return len(self.record.offers) + len(self.awaited)


@dataclass(slots=True, kw_only=True)
class Proposal:
    """A decision: these agents for this call, best first. Outstanding until it is settled."""

    id: int
    call: str
    queue: str
    agents: tuple[str, ...]
    """Best first. As many as the call may have more are held for it; the rest are spares, for when one of them is
    found busy, and a spare may be named by several proposals."""
    width: int
    """How many offers the call may have out at once, those included that are out already."""
    strategy: str
    """The strategy that decided."""
    reason: str
    """Its own words; may be empty."""
    available: int
    """Agents of the queue who could be asked at the decision, the chosen ones included."""
    counts: tuple[int, ...]
    """The queue's agents by condition, in the order of ``CONDITIONS``."""
    asked: str = ""
    """What the call asked for at that time, where that is more than its queue."""

    @property
    def why(self) -> str:
        """The decision in a sentence: to show, and to keep with the offer."""
        words = [f"{self.available} free of {sum(self.counts)}"]
        pausing = self.counts[FREE_PLACE] - self.available
        if pausing > 0:
            words.append(f"{pausing} cooling off or just being offered")
        for condition, count in zip(CONDITIONS, self.counts, strict=True):
            if count and condition is not Condition.FREE:
                words.append(f"{count} {condition.replace('_', ' ')}")
        reason = f": {self.reason}" if self.reason else ""
        asked = f" for {self.asked}" if self.asked else ""
        best = ", ".join(self.agents[:3])
        return f"{self.strategy}{reason}{asked}; best {best}; {', '.join(words)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyTrouble:
    """A strategy failed in a decision; longest idle decided in its place."""

    queue: str
    strategy: str
    what: str
    switched_off: bool
    """It failed too often: longest idle serves the queue until the queue is configured anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChange:
    """A queue's live figure crossed a mark: to be committed before it counts."""

    queue: str
    step: int
    on: bool
