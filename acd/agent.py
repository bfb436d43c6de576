"""The agent: what a person configured, what the person asked for, what the phone does, and whether it can be reached.

Three axes, kept apart, because they change for different reasons: *status* is the person's wish, *activity* follows
the calls, *reachable* follows the registration. An agent is available when all three agree and no cool-off runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from acd.errors import IllegalTransition
from acd.skills import Skills


class AgentStatus(StrEnum):
    """What the person asked for."""

    LOGGED_OUT = "logged_out"
    READY = "ready"
    ON_BREAK = "on_break"


_READY = AgentStatus.READY  # looking a member up in its class takes as long as all else that decisions ask of an agent


class ImposedBreak(StrEnum):
    """Reasons of breaks that nobody asked for."""

    MISSED_CALLS = "missed_calls"
    """Too many offers missed in a row."""


class AgentActivity(StrEnum):
    """What the calls make of it."""

    IDLE = "idle"
    RESERVED = "reserved"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


_IDLE = AgentActivity.IDLE


class AgentTrigger(StrEnum):
    """What moves an agent's activity."""

    RESERVE = "reserve"
    RELEASE = "release"
    CONNECT = "connect"
    HANG_UP = "hang_up"
    HANG_UP_WITHOUT_WRAP_UP = "hang_up_without_wrap_up"
    END_WRAP_UP = "end_wrap_up"


AGENT_TRANSITIONS: Mapping[tuple[AgentActivity, AgentTrigger], AgentActivity] = MappingProxyType(
    {
        (AgentActivity.IDLE, AgentTrigger.RESERVE): AgentActivity.RESERVED,
        (AgentActivity.RESERVED, AgentTrigger.RELEASE): AgentActivity.IDLE,
        (AgentActivity.RESERVED, AgentTrigger.CONNECT): AgentActivity.TALKING,
        (AgentActivity.TALKING, AgentTrigger.HANG_UP): AgentActivity.WRAP_UP,
        (AgentActivity.TALKING, AgentTrigger.HANG_UP_WITHOUT_WRAP_UP): AgentActivity.IDLE,
        (AgentActivity.WRAP_UP, AgentTrigger.END_WRAP_UP): AgentActivity.IDLE,
    }
)
"""The whole machine. Stores in other languages are given this very table."""


def next_activity(activity: AgentActivity, trigger: AgentTrigger) -> AgentActivity:
    """The activity after this trigger; raises IllegalTransition where the table has none."""
    try:
        return AGENT_TRANSITIONS[activity, trigger]
    except KeyError:
        raise IllegalTransition("agent", activity, trigger) from None


class PhoneKind(StrEnum):
    """How an agent's phone is reached."""

    PUSHED = "pushed"
    """A WebRTC identity that we push to every Asterisk, with a secret of its own."""
    ENDPOINT = "endpoint"
    """An endpoint that the PBX has already: ``PJSIP/alice``."""
    DIAL = "dial"
    """A target behind a trunk: ``PJSIP/+4930123@carrier``. Always taken for reachable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """Where an agent's calls go."""

    kind: PhoneKind = PhoneKind.PUSHED
    target: str = ""
    """``TECHNOLOGY/resource`` for endpoint and dial; empty for pushed, whose name follows the agent's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentProfile:
    """What an operator says about an agent."""

    id: str
    """Unique, lower case letters, digits, ``-`` and ``_``: log-in name and reports' key."""
    name: str = ""
    """What people read; the id if empty."""
    phone: Phone = field(default_factory=Phone)
    skills: Skills = field(default_factory=dict)
    queues: Mapping[str, int] = field(default_factory=dict)
    """Queues whose calls this agent takes, each with a rank; lower ranks are asked first."""
    groups: tuple[str, ...] = ()
    """Named sets of agents that this one belongs to: steps widen to them, caps count them."""
    wrap_up_s: float | None = None
    """Overrides the queues' wrap-up; None leaves it to them."""

    @property
    def shown_as(self) -> str:
        """The name, or the id where no name was given."""
        return self.name or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One agent, live. All times are the store's milliseconds; 0 or None where it never happened."""

    id: str
    status: AgentStatus = AgentStatus.LOGGED_OUT
    break_reason: str | None = None
    status_since: int = 0
    activity: AgentActivity = AgentActivity.IDLE
    activity_since: int = 0
    reachable: bool = False
    node: str | None = None
    """The Asterisk on which the phone is reachable."""
    idle_since: int = 0
    """Start of the idle clock: last of becoming ready, end of wrap-up, end of an offer that the agent missed."""
    ready_at: int = 0
    """When the person last became ready."""
    offered_at: int = 0
    """When an offer was last made."""
    call_started_at: int = 0
    """When the last conversation began."""
    call_ended_at: int = 0
    """When the last conversation ended."""
    missed_at: int = 0
    """When the agent last missed an offer."""
    offered_in: Mapping[str, int] = field(default_factory=dict)
    """When an offer of this queue was last made, by queue."""
    cool_until: int = 0
    """No offers before this time, after an offer that came to nothing."""
    offer: str | None = None
    """The reservation that holds the agent, while reserved."""
    call: str | None = None
    """The call that the agent is reserved for, talks in, or wraps up."""
    busy_for: str | None = None
    """The queue of that call."""
    wrap_up_until: int | None = None
    answered: int = 0
    """Calls taken since the agent's record was made."""
    missed: int = 0
    """Offers in a row that the agent let ring, rejected, or was busy for; an answer sets it back to 0,
    and so does the break that they lead to."""
    talk_ms: int = 0
    """Total talk time since the agent's record was made."""
    shift_since: int = 0
    """When the agent last logged in."""
    shift_answered: int = 0
    """Calls taken since then."""
    shift_talk_ms: int = 0
    """Talk time since then."""
    shift_busy_ms: int = 0
    """Time reserved, talking and in wrap-up since then; what is under way is added when it ends."""

    def is_available(self, now: int) -> bool:
        """Whether an offer may be made at this time: ready, idle, reachable, no cool-off."""
        return self.is_free and self.cool_until <= now

    @property
    def is_free(self) -> bool:
        """Available but for a cool-off, which only time ends."""
        return self.status is _READY and self.activity is _IDLE and self.reachable

    def busy_ms(self, now: int) -> int:
        """The shift's busy time with what is under way."""
        if self.activity is AgentActivity.IDLE:
            return self.shift_busy_ms
        return self.shift_busy_ms + max(0, now - max(self.activity_since, self.shift_since))

    @property
    def free_since(self) -> int:
        """The time from which the agent could have been offered a call."""
        return max(self.idle_since, self.cool_until)
