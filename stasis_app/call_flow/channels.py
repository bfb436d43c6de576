"""The channels of one call as its flow remembers them: enough to judge signals, and to write history at their end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from acd.events import Leg, LegRole
from acd.offer import Offer, OfferOutcome
from acd.ports import ChannelEnded, LegOutcome

OUTCOME_OF_LEG = {
    LegOutcome.NO_ANSWER: OfferOutcome.NO_ANSWER,
    LegOutcome.REJECTED: OfferOutcome.REJECTED,
    LegOutcome.BUSY: OfferOutcome.BUSY,
    LegOutcome.UNREACHABLE: OfferOutcome.UNREACHABLE,
    LegOutcome.CANCELLED: OfferOutcome.INTERRUPTED,
    LegOutcome.HUNG_UP: OfferOutcome.DROPPED,
}
"""What an agent's leg that ended by itself means for its offer."""


@dataclass(slots=True, kw_only=True)
class WatchedChannel:
    """One channel of a call. Times are the store's milliseconds."""

    channel: str
    stop_listening: Callable[[], None]
    started_at: int
    offer: Offer | None = None
    """The offer that the leg was made for; None for the caller's channel."""
    created: bool = False
    """Until then, what is heard of this channel id belongs to an earlier leg of the same agent."""
    ringing: bool = False
    """A task is about to make and to dial it."""
    answered_at: int | None = None
    in_bridge: bool = False
    gone: bool = False
    """It ended, or left our hands."""
    given_up: bool = False
    """We asked for its end."""

    def history(self, *, call: str, node: str, end: ChannelEnded, now: int) -> Leg:
        """The finished leg as history keeps it."""
        return Leg(
            channel=self.channel,
            call=call,
            role=LegRole.CALLER if self.offer is None else LegRole.AGENT,
            node=node,
            agent=self.offer.agent if self.offer else None,
            offer=self.offer.id if self.offer else None,
            started_at=self.started_at,
            answered_at=self.answered_at,
            ended_at=now,
            cause=end.cause,
            sip_code=end.sip_code,
        )
