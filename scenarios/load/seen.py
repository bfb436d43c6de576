"""What was seen of each call on the wire: the caller's dialog and every phone that rang for it, joined by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["CallerEnd", "OfferEnd", "SeenCall", "SeenOffer", "Traffic"]


class CallerEnd(StrEnum):
    """How a caller's dialog ended, as SIPp saw it."""

    HUNG_UP_ON = "hung_up_on"
    """BYE from the other side: an agent who hung up, or a system that ended the call."""
    GAVE_UP = "gave_up"
    """CANCEL or BYE by the caller before an agent answered."""
    HUNG_UP = "hung_up"
    """BYE by the caller after an agent had answered."""
    REFUSED = "refused"
    """A final SIP code of 300 or more."""
    VANISHED = "vanished"
    """As planned: no word."""
    UNFINISHED = "unfinished"
    """The dialog has no end of its own: nobody answered, or the run was broken off."""


class OfferEnd(StrEnum):
    """How a phone's dialog ended."""

    HUNG_UP = "hung_up"
    """BYE by the agent."""
    HUNG_UP_ON = "hung_up_on"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    """By the phone: 486 or 603."""
    UNFINISHED = "unfinished"


@dataclass(slots=True, kw_only=True)
class SeenOffer:
    """One INVITE that reached a phone. Times are seconds since the epoch, by SIPp's clock on this machine."""

    sip_id: str
    """Its Call-ID."""
    phone: str
    number: str
    """The caller's, from the From header; empty where it was withheld."""
    invited_at: float
    answered_at: float | None = None
    ended_at: float | None = None
    end: OfferEnd = OfferEnd.UNFINISHED


@dataclass(slots=True, kw_only=True)
class SeenCall:
    """One caller's dialog, and the offers made for it in order of time."""

    number: str
    invited_at: float
    progress_at: float | None = None
    """First provisional answer but 100."""
    picked_up_at: float | None = None
    """200: an agent, or only music."""
    ended_at: float | None = None
    end: CallerEnd = CallerEnd.UNFINISHED
    code: int = 0
    """The final code that refused it."""
    offers: list[SeenOffer] = field(default_factory=list)

    @property
    def answer(self) -> SeenOffer | None:
        """The offer by which an agent took the call; the first, should there be two. An agent who answered when the
        caller had gone already took nothing."""
        answers = ((offer.answered_at, offer) for offer in self.offers if offer.answered_at is not None)
        in_time = [(at, offer) for at, offer in answers if self.ended_at is None or at <= self.ended_at]
        return min(in_time, key=lambda answer: answer[0])[1] if in_time else None

    @property
    def agent_at(self) -> float | None:
        """When an agent's phone answered."""
        answer = self.answer
        return None if answer is None else answer.answered_at


@dataclass(slots=True, kw_only=True)
class Traffic:
    """All that SIPp saw in one run."""

    calls: Mapping[str, SeenCall]
    """By the caller's number."""
    phones: Mapping[str, Sequence[SeenOffer]]
    """By the phone's account, in order of time."""
    strays: Sequence[SeenOffer] = ()
    """Offers for numbers that nobody called from."""
