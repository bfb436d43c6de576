"""An offer: one agent reserved and rung for one call, with a lease, a fence, and an outcome that names its cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from acd.errors import IllegalTransition


class OfferState(StrEnum):
    """Where an offer stands."""

    RESERVED = "reserved"
    RINGING = "ringing"
    ACCEPTED = "accepted"
    CONNECTED = "connected"
    ENDED = "ended"


class OfferTrigger(StrEnum):
    """What moves an offer."""

    RING = "ring"
    ACCEPT = "accept"
    CONNECT = "connect"
    END = "end"


OFFER_TRANSITIONS: Mapping[tuple[OfferState, OfferTrigger], OfferState] = MappingProxyType(
    {
        (OfferState.RESERVED, OfferTrigger.RING): OfferState.RINGING,
        (OfferState.RESERVED, OfferTrigger.END): OfferState.ENDED,
        (OfferState.RINGING, OfferTrigger.ACCEPT): OfferState.ACCEPTED,
        (OfferState.RINGING, OfferTrigger.END): OfferState.ENDED,
        (OfferState.ACCEPTED, OfferTrigger.CONNECT): OfferState.CONNECTED,
        (OfferState.ACCEPTED, OfferTrigger.END): OfferState.ENDED,
    }
)
"""The whole machine. Stores in other languages are given this very table."""


def next_offer_state(state: OfferState, trigger: OfferTrigger) -> OfferState:
    """The state after this trigger; raises IllegalTransition where the table has none."""
    try:
        return OFFER_TRANSITIONS[state, trigger]
    except KeyError:
        raise IllegalTransition("offer", state, trigger) from None


class OfferOutcome(StrEnum):
    """How an offer ended."""

    ANSWERED = "answered"
    """It won, and caller and agent were connected."""
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    DROPPED = "dropped"
    """The agent answered and was gone before the bridge."""
    CALLER_LEFT = "caller_left"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    RESCINDED = "rescinded"
    """The agent went on break, logged out or became unreachable before answering."""
    INTERRUPTED = "interrupted"
    """A process of ours died or was taken over, and the leg was gone."""
    EXPIRED = "expired"
    """The lease ran out, and nobody had ended the offer."""


MISSED = frozenset({OfferOutcome.NO_ANSWER, OfferOutcome.REJECTED, OfferOutcome.BUSY})
"""Outcomes that the agent has to answer for: they count as missed and set the idle clock back."""
NOT_TRIED = frozenset({OfferOutcome.ANSWERED, OfferOutcome.ANSWERED_ELSEWHERE, OfferOutcome.CALLER_LEFT})
"""Outcomes after which nobody can say that this agent was tried for the call in vain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One offer, live or just ended. All times are the store's milliseconds."""

    id: str
    call: str
    agent: str
    queue: str
    fence: int
    """Rises with every reservation of the pool: a later holder's number is always higher."""
    state: OfferState = OfferState.RESERVED
    owner: str = ""
    """The ACD process that rings the phone: the call's owner."""
    round: int = 1
    made_at: int = 0
    lease_until: int = 0
    """The reservation ends by itself at this time; always later than the dial time-out."""
    free_since: int = 0
    """Since when both the caller waited and the agent was free: the start of the offer latency."""
    dialled_at: int | None = None
    """When the phone was dialled: the end of the offer latency."""
    accepted_at: int | None = None
    connected_at: int | None = None
    ended_at: int | None = None
    outcome: OfferOutcome | None = None
    sip_code: int | None = None
    why: str = ""
    """The decision's reason in a form to show and to keep: counts by reason, and the strategy's words."""

    @property
    def leg(self) -> str:
        """Channel id of the agent's leg: one per agent, so that a second leg for a busy agent cannot be made."""
        return leg_of(self.agent)

    @property
    def latency_ms(self) -> int | None:
        """From caller and agent both free to the phone dialled; None if it never was."""
        return None if self.dialled_at is None else max(0, self.dialled_at - self.free_since)


def leg_of(agent: str) -> str:
    """Channel id of this agent's leg, on whichever Asterisk it lives."""
    return f"acd-agent-{agent}"
