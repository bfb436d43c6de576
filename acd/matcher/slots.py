"""What the matcher knows of one agent and of one call besides their records: whether they may be proposed now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from acd.agent import Agent, AgentActivity, AgentProfile, AgentStatus
from acd.call import Call
from acd.matcher.sorted_row import SortedRow
from acd.skills import Requirement, meets
from acd.strategy import Candidate

LineKey: TypeAlias = "tuple[float, int, str]"
"""A caller's place in the pool's one line: effective arrival, ``queued_at``, call id. Smallest is first."""

LAST: LineKey = (float("inf"), 0, "")
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


@dataclass(slots=True, kw_only=True)
class Block:
    """Why nothing is proposed for a while: the store refused, and knows something that has not reached us yet."""

    position: tuple[int, int] | None
    """Over when the event at this position was applied; None: over with any event of the record."""
    until: int
    """Over at this time in any case, store's milliseconds."""


@dataclass(slots=True, eq=False)
class AgentSlot:
    """One agent: the configured person, the live record, and what is on the way."""

    id: str
    profile: AgentProfile | None = None
    live: Agent | None = None
    candidate: Candidate | None = None
    """Profile and record as strategies see them; as they were when the agent last became free."""
    held: bool = False
    """Chosen in a proposal that is not settled."""
    awaited: str | None = None
    """The offer that the store made, as long as its event has not been applied."""
    block: Block | None = None
    strikes: int = 0
    """Refusals since the record last changed."""
    free: bool = False
    """Whether the agent is among the free ones: available, and nothing of the above."""
    condition: Condition = Condition.NO_RECORD
    classes: list[RequirementClass] = field(default_factory=list)
    """The requirement classes that the agent can serve, as far as ``seen`` of ``generation``."""
    seen: int = 0
    generation: int = -1

    @property
    def is_proposable(self) -> bool:
        """Whether nothing but the record decides if the agent is free."""
        return not self.held and self.awaited is None and self.block is None


@dataclass(slots=True, eq=False)
class RequirementClass:
    """The callers of one queue who need the same: any agent can take all of them or none."""

    queue: str
    requires: Requirement
    needs: tuple[tuple[str, int], ...]
    """The requirement once more, in the form that is quickest to walk."""
    row: SortedRow[LineKey] = field(default_factory=SortedRow)
    head: LineKey = LAST
    """The first caller's place; LAST if nobody waits."""
    takers: dict[str, AgentSlot] | None = None
    """The agents who can take these callers, free or not; None until somebody asked the roster."""

    def can_be_taken_by(self, slot: AgentSlot) -> bool:
        """Whether this agent takes the queue's calls and has the skills."""
        profile = slot.profile
        return profile is not None and self.queue in profile.queues and meets(profile.skills, self.requires)


@dataclass(slots=True, eq=False)
class CallSlot:
    """One call: its record, its place in line, and what is on the way."""

    record: Call
    key: LineKey = LAST
    needs: tuple[tuple[str, int], ...] = ()
    """The call's requirement in its one form."""
    kind: RequirementClass | None = None
    """The requirement class in whose row the call stands; None while it needs no offer."""
    held: bool = False
    awaited: set[str] = field(default_factory=set)
    block: Block | None = None
    strikes: int = 0

    @property
    def offers_out(self) -> int:
        """Live offers, those included whose event has not been applied."""
        return len(self.record.offers) + len(self.awaited)


@dataclass(frozen=True, slots=True, kw_only=True)
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
    why: str
    """The strategy and its reason, then how the queue's agents stood: to show, and to keep with the offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyTrouble:
    """A strategy failed in a decision; longest idle decided in its place."""

    queue: str
    strategy: str
    what: str
    switched_off: bool
    """It failed too often: longest idle serves the queue until the queue is configured anew."""
