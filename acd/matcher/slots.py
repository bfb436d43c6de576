"""What the matcher knows of one agent and of one call besides their records: whether they may be proposed now."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from acd.agent import Agent, AgentActivity, AgentProfile, AgentStatus
from acd.call import Call
from acd.matcher.free_row import FreeRow
from acd.matcher.sorted_row import SortedRow
from acd.matcher.terms import Terms
from acd.skills import Skills
from acd.strategy import Candidate

LineKey: TypeAlias = "tuple[int, float, int, str]"
"""A caller's place in the pool's one line: 1 if a phone rings already, the line's order, ``queued_at``, call id.
Smallest is first."""

LAST: LineKey = (2, 0.0, 0, "")
"""After everybody: the head of a row in which nobody waits."""

UNNUMBERED = -1
"""The number of a requirement class in which nobody had to wait yet."""


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


_OF_ACTIVITY: Mapping[AgentActivity, Condition] = {
    AgentActivity.RESERVED: Condition.RESERVED,
    AgentActivity.TALKING: Condition.TALKING,
    AgentActivity.WRAP_UP: Condition.WRAP_UP,
}
_OF_STATUS: Mapping[AgentStatus, Condition] = {
    AgentStatus.LOGGED_OUT: Condition.LOGGED_OUT,
    AgentStatus.ON_BREAK: Condition.ON_BREAK,
}


def condition_of(live: Agent | None) -> Condition:
    """What the agent does, cool-offs aside (they end by time alone); calls go before the person's wish."""
    if live is None:
        return Condition.NO_RECORD
    busy = _OF_ACTIVITY.get(live.activity) or _OF_STATUS.get(live.status)
    if busy is not None:
        return busy
    return Condition.FREE if live.reachable else Condition.UNREACHABLE


COUNTED = ("available", "pausing", "with calls", "on break", "unreachable", "logged out", "without record")
"""What is counted per queue at all times, for every decision to keep: coarser than conditions, since each change of an
agent is counted in each of the agent's queues. *Pausing*: in a cool-off, or just being offered."""
AVAILABLE, PAUSING, WITH_CALLS, ON_BREAK, UNREACHABLE, LOGGED_OUT, WITHOUT_RECORD = range(len(COUNTED))


_IDLE, _READY = AgentActivity.IDLE, AgentStatus.READY


def counted_as(live: Agent | None, *, free: bool) -> int:
    """The place in ``COUNTED`` of an agent with this record, who may be asked now or not."""
    if free:
        return AVAILABLE
    if live is None:
        return WITHOUT_RECORD
    if live.activity is not _IDLE:
        return WITH_CALLS
    if live.status is not _READY:
        return ON_BREAK if live.status is AgentStatus.ON_BREAK else LOGGED_OUT
    return PAUSING if live.reachable else UNREACHABLE


@dataclass(slots=True, kw_only=True)
class Block:
    """Why nothing is proposed for a while: the store refused, and knows something that has not reached us yet."""

    position: tuple[int, int] | None
    """Over when the event at this position was applied; None: over with any event of the record."""
    until: int
    """Over at this time in any case, store's milliseconds."""


class EntersTheFree(Protocol):
    """One queue's book of free agents, as an agent knows it."""

    counts: list[int]
    """How many of the queue's agents are what, in the order of ``COUNTED``."""

    def add(self, slot: AgentSlot) -> None:
        """The agent is free from now on, until the spell ends."""
        ...


@dataclass(slots=True, eq=False)
class AgentSlot:
    """One agent: what is configured, the live record, and what is on the way."""

    id: str
    profile: AgentProfile | None = None
    skills: Skills = field(default_factory=dict)
    """The profile's."""
    live: Agent | None = None
    shown: Candidate | None = None
    """What strategies saw of the agent in this spell of being free, once one has asked."""
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
    """Whether the agent may be asked: available, and nothing of the above."""
    spell: int = 0
    """Counts the times that the agent was free: what was noted of an earlier spell holds no more."""
    counted: int = WITHOUT_RECORD
    """How the agent is counted in the queues, as a place in ``COUNTED``."""
    free_of: list[EntersTheFree] = field(default_factory=list)
    """The free agents of each queue whose calls this agent takes."""
    classes: array[int] = field(default_factory=lambda: array("I"))
    """The numbers of the requirement classes that the agent can serve; side by side, as they are often read through."""
    capped: bool = False
    """Whether some cap counts this agent."""

    @property
    def candidate(self) -> Candidate:
        """Profile and record as strategies see them; to be asked for while the agent is free."""
        shown = self.shown
        if shown is None:
            assert self.profile is not None, "only agents with profile and record are free"
            assert self.live is not None, "only agents with profile and record are free"
            shown = self.shown = Candidate(self.profile, self.live)
        return shown


@dataclass(slots=True, eq=False)
class RequirementClass:
    """The callers of one queue who ask for the same: any agent can take all of them or none."""

    queue: str
    terms: Terms
    takers: dict[str, AgentSlot]
    """The agents who can take these callers, free or not."""
    tiers: list[dict[str, AgentSlot]]
    """The same agents, those first who are to be asked first; nobody is in two."""
    number: int = UNNUMBERED
    """By which agents know the class; before it has one they do not."""
    is_forgotten: bool = False
    """Whether it may not be used any more."""
    rows: dict[int, FreeRow[AgentSlot]] = field(default_factory=dict)
    """The takers who are free, a row for each tier, where the queue's free agents keep one for the tier."""
    row: SortedRow[LineKey] = field(default_factory=SortedRow)
    head: LineKey = LAST
    """The first caller's place; LAST if nobody waits."""
    opened_at: int = 0
    """When a cap that these callers keep to last opened."""


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
    possible_since: int = 0
    """When the call's terms or width last changed by something else than its own course."""
    due: int | None = None
    """When time changes what the call asks for, or how many phones it may ring."""

    @property
    def offers_out(self) -> int:
        """Live offers, those included whose event has not been applied."""
        return len(self.record.offers) + len(self.awaited)


def changed(slot: AgentSlot | CallSlot) -> None:
    """A record's own event came: what was refused before may be otherwise now."""
    slot.strikes = 0
    if slot.block is not None and slot.block.position is None:
        slot.block = None


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
    possible_since: int
    """When the pair became possible, where that was after both were free; else 0."""
    strategy: str
    """The strategy that decided."""
    reason: str
    """Its own words; may be empty."""
    counts: tuple[int, ...]
    """How many of the queue's agents were what at the decision, in the order of ``COUNTED``."""
    asked: str = ""
    """What the call asked for at that time, where that is more than its queue."""

    @property
    def why(self) -> str:
        """The decision in a sentence: to show, and to keep with the offer."""
        words = [f"{self.counts[AVAILABLE]} free of {sum(self.counts)}"]
        words += [f"{count} {what}" for what, count in zip(COUNTED[1:], self.counts[1:], strict=True) if count]
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
