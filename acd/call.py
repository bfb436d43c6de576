"""The caller's call as the ACD sees it, and the one table of every step it can take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from acd.errors import IllegalTransition
from acd.skills import ANYBODY, Requirement


class CallState(StrEnum):
    """Where a call stands. A call that is not in the store yet has no state."""

    QUEUED = "queued"
    OFFERED = "offered"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    ENDED = "ended"


class CallTrigger(StrEnum):
    """What moves a call."""

    OFFER = "offer"
    LAST_OFFER_ENDED = "last_offer_ended"
    ACCEPT = "accept"
    WINNER_LOST_OTHERS_RING = "winner_lost_others_ring"
    WINNER_LOST = "winner_lost"
    CONNECT = "connect"
    REQUEUE = "requeue"
    END = "end"


CALL_TRANSITIONS: Mapping[tuple[CallState, CallTrigger], CallState] = MappingProxyType(
    {
        (CallState.QUEUED, CallTrigger.OFFER): CallState.OFFERED,
        (CallState.QUEUED, CallTrigger.END): CallState.ENDED,
        (CallState.OFFERED, CallTrigger.OFFER): CallState.OFFERED,
        (CallState.OFFERED, CallTrigger.LAST_OFFER_ENDED): CallState.QUEUED,
        (CallState.OFFERED, CallTrigger.ACCEPT): CallState.CONNECTING,
        (CallState.OFFERED, CallTrigger.END): CallState.ENDED,
        (CallState.CONNECTING, CallTrigger.WINNER_LOST_OTHERS_RING): CallState.OFFERED,
        (CallState.CONNECTING, CallTrigger.WINNER_LOST): CallState.QUEUED,
        (CallState.CONNECTING, CallTrigger.CONNECT): CallState.CONNECTED,
        (CallState.CONNECTING, CallTrigger.END): CallState.ENDED,
        (CallState.CONNECTED, CallTrigger.REQUEUE): CallState.QUEUED,
        (CallState.CONNECTED, CallTrigger.END): CallState.ENDED,
    }
)
"""The whole machine. Stores in other languages are given this very table."""


def next_state(state: CallState, trigger: CallTrigger) -> CallState:
    """The state after this trigger; raises IllegalTransition where the table has none."""
    try:
        return CALL_TRANSITIONS[state, trigger]
    except KeyError:
        raise IllegalTransition("call", state, trigger) from None


class EndReason(StrEnum):
    """Every way in which a call can leave."""

    COMPLETED = "completed"
    """Caller and agent talked, and one of them hung up."""
    ABANDONED = "abandoned"
    """The caller hung up before being connected."""
    TIMED_OUT = "timed_out"
    """The queue's longest wait was reached."""
    OVERFLOWED = "overflowed"
    NO_AGENTS = "no_agents"
    LEFT_BY_KEY = "left_by_key"
    CALLBACK = "callback"
    ENDED_BY_SUPERVISOR = "ended_by_supervisor"
    """A supervisor ended it while the caller waited."""
    WITHDRAWN = "withdrawn"
    """Taken out of the line by command: the caller went on in the dialplan, as after a time-out."""
    FAILED = "failed"
    """We could not serve the call; the alert that goes with it says why."""


class EndedBy(StrEnum):
    """Who ended it."""

    CALLER = "caller"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call, live or just ended. All times are the store's milliseconds."""

    id: str
    """The caller's channel id on the Asterisk that it entered by; unique across the pool."""
    queue: str
    state: CallState = CallState.QUEUED
    state_since: int = 0
    node: str = ""
    """The Asterisk that holds the caller's channel."""
    owner: str = ""
    """The ACD process that drives this call."""
    caller_number: str = ""
    caller_name: str = ""
    called_number: str = ""
    priority: float = 0.0
    """Head start in the pool's one line, in minutes, besides the queue's own."""
    requires: Requirement = ANYBODY
    """What the call itself asks for, besides its queue's requirement."""
    prefers: Requirement = ANYBODY
    """Free agents who meet this are asked first, before those whom the queue prefers."""
    preferred_agent: str | None = None
    """Nobody else is asked for the first ``preferred_for_s``, unless that agent is logged out."""
    preferred_for_s: float | None = None
    """Seconds of waiting for that agent; None: the call is for that agent alone, for as long as it waits."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """The integrator's own words about this call: customer, tier, subject."""
    arrived_at: int = 0
    """When the caller reached us."""
    queued_at: int = 0
    """Since when the caller waits; kept when an offer comes to nothing."""
    rounds: int = 0
    """Offer rounds begun so far."""
    round_at: int = 0
    """When the latest round began."""
    tried: Mapping[str, int] = field(default_factory=dict)
    """Agents who had an offer of this call that came to nothing, with how many."""
    offers: Mapping[str, str] = field(default_factory=dict)
    """Offers that are out now: offer id to agent id."""
    first_offered_at: int | None = None
    offer: str | None = None
    """The offer that won, once one was accepted."""
    agent: str | None = None
    """The agent whose offer won."""
    connected_at: int | None = None
    ended_at: int | None = None
    end_reason: EndReason | None = None
    ended_by: EndedBy | None = None

    @property
    def bridge(self) -> str:
        """Id of the bridge in which caller and agent meet: chosen by us, so that any process can find it."""
        return f"acd-bridge-{self.id}"

    @property
    def is_waiting(self) -> bool:
        """Whether the caller still waits for an agent."""
        return self.state in {CallState.QUEUED, CallState.OFFERED}

    def waited_ms(self, now: int) -> int:
        """How long the caller waited: until connected or ended, else until now."""
        return max(0, (self.connected_at or self.ended_at or now) - self.queued_at)
