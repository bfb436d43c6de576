"""What happened, in the past tense: the one stream that matcher, pages, history and reports all fold.

Every event carries the records it changed, *as they are after it*. So applying an event is replacing records: doing it
twice changes nothing, and a fold never has to repeat a transition's arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from acd.agent import Agent
from acd.call import Call
from acd.offer import Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The root. Identity is (pool, epoch, id)."""

    at: int
    """The store's milliseconds at the commit."""
    id: str = ""
    """Position in the pool's stream, ``milliseconds-sequence``; set by the store when it hands the event out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued(Event):
    """A caller waits. Also after a re-queue: then with the agent whom that freed."""

    call: Call
    agent: Agent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade(Event):
    """An agent was reserved for a call; the phone is not dialled yet."""

    call: Call
    agent: Agent
    offer: Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDialled(Event):
    """The agent's phone is being called."""

    offer: Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAccepted(Event):
    """The agent answered, and this offer won its call."""

    call: Call
    offer: Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEnded(Event):
    """An offer ended without a conversation; its outcome says how. The call is as it is after it."""

    call: Call
    agent: Agent
    offer: Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class CallConnected(Event):
    """Caller and agent are together in the bridge."""

    call: Call
    agent: Agent
    offer: Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Event):
    """A call left us; its reason says how. The agent is there if one was talking."""

    call: Call
    agent: Agent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTakenOver(Event):
    """Another ACD process drives this call now."""

    call: Call
    previous_owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallChanged(Event):
    """A waiting call got another priority, queue or requirement by command."""

    call: Call


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSwitched(Event):
    """A queue's live figure crossed the mark of one of its steps: the step counts, or counts no more."""

    queue: str
    step: int
    """Its place among the queue's steps, from 0."""
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStatusChanged(Event):
    """The person logged in or out, went ready or on break."""

    agent: Agent
    previous: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentReachabilityChanged(Event):
    """The phone registered, vanished, or answers again."""

    agent: Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpEnded(Event):
    """The agent is done with the last call, by word or by time."""

    agent: Agent
    by: str = ""
    """``agent`` or ``time``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRemoved(Event):
    """The agent is no longer configured, and the live record is gone."""

    agent: Agent


class LegRole(StrEnum):
    """Whose leg it was."""

    CALLER = "caller"
    AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One channel's life, for history."""

    channel: str
    call: str
    role: LegRole
    node: str
    agent: str | None = None
    offer: str | None = None
    started_at: int = 0
    answered_at: int | None = None
    ended_at: int = 0
    cause: int | None = None
    """Q.850 cause of the hang-up."""
    sip_code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEnded(Event):
    """A channel of one of our calls ended."""

    leg: Leg


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationAnnounced(Event):
    """A version of the configuration is in force: every process loads exactly this one."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochBegun(Event):
    """The store was rebuilt: everything known before is void, a fresh snapshot is the truth."""

    epoch: str


class AlertKind(StrEnum):
    """What an operator is told about at once."""

    STRATEGY_FAILED = "strategy_failed"
    STRATEGY_SWITCHED_OFF = "strategy_switched_off"
    CALL_FAILED = "call_failed"
    UNKNOWN_QUEUE = "unknown_queue"
    BAD_WISHES = "bad_wishes"
    """What the dialplan asked for on behalf of a caller cannot be used; the call was queued without it."""
    NODE_LOST = "node_lost"
    PHONE_NOT_PUSHED = "phone_not_pushed"
    EVENTS_LOST = "events_lost"
    """A consumer of the stream stayed behind for so long that events were given up before it had kept them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised(Event):
    """Something needs a person; the sentence says what and what to do."""

    alert: AlertKind
    text: str


AnyEvent = (
    CallQueued
    | OfferMade
    | OfferDialled
    | OfferAccepted
    | OfferEnded
    | CallConnected
    | CallEnded
    | CallTakenOver
    | CallChanged
    | StepSwitched
    | AgentStatusChanged
    | AgentReachabilityChanged
    | WrapUpEnded
    | AgentRemoved
    | LegEnded
    | ConfigurationAnnounced
    | EpochBegun
    | AlertRaised
)

EVENT_TYPES: dict[str, type[AnyEvent]] = {
    kind.__name__: kind
    for kind in (
        CallQueued,
        OfferMade,
        OfferDialled,
        OfferAccepted,
        OfferEnded,
        CallConnected,
        CallEnded,
        CallTakenOver,
        CallChanged,
        StepSwitched,
        AgentStatusChanged,
        AgentReachabilityChanged,
        WrapUpEnded,
        AgentRemoved,
        LegEnded,
        ConfigurationAnnounced,
        EpochBegun,
        AlertRaised,
    )
}
"""Every event by its name: what a stream stores as the kind."""


def stream_position(event_id: str) -> tuple[int, int]:
    """An event id as something to compare; the empty id comes before all."""
    if not event_id:
        return (0, 0)
    milliseconds, _, sequence = event_id.partition("-")
    return (int(milliseconds), int(sequence or 0))
