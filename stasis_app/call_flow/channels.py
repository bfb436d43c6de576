"""The channels of one call as its flow remembers them: enough to judge signals, and to write history at their end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from acd.call import Call
from acd.events import Leg, LegRole
from acd.offer import Offer, OfferOutcome
from acd.ports import Calls, ChannelEnded, Clock, LegCreated, LegOutcome, Signal

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
    dialled: bool = False
    """We had the phone called. The switch shows that only once the phone has said that it rings."""
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


class CallChannels:
    """The caller's channel and the agents' legs of one call; what is heard of them goes to ``hear``."""

    def __init__(self, call: Call, switch: Calls, clock: Clock, hear: Callable[[Signal], None]) -> None:
        self._switch = switch
        self._clock = clock
        self._hear = hear
        self._bridge = call.bridge
        self.legs: dict[str, WatchedChannel] = {}
        # from this very moment, so that nothing falls between the caller's entry and the coroutine's first step
        self.caller = self.watch(call.id, offer=None)
        self.caller.created = True

    @property
    def all(self) -> list[WatchedChannel]:
        """The caller's, then the legs."""
        return [self.caller, *self.legs.values()]

    @property
    def all_gone(self) -> bool:
        """Whether nothing is left to be heard of."""
        return self.caller.gone and not self.legs

    def leg_of(self, offer: str) -> WatchedChannel | None:
        """The leg that was made for this offer."""
        for leg in self.legs.values():
            if leg.offer is not None and leg.offer.id == offer:
                return leg
        return None

    def watch(self, channel: str, *, offer: Offer | None) -> WatchedChannel:
        """Listen to a channel, instead of to an earlier one of the same id."""
        if (earlier := self.legs.get(channel)) is not None:
            earlier.stop_listening()
        watched = WatchedChannel(
            channel=channel,
            stop_listening=self._switch.listen(channel, self._hear),
            started_at=self._clock.now(),
            offer=offer,
        )
        if offer is not None:
            self.legs[channel] = watched
        return watched

    def forget(self, leg: WatchedChannel) -> None:
        """Listen to this leg no longer."""
        leg.stop_listening()
        self.legs.pop(leg.channel, None)

    async def give_up(self, channel: WatchedChannel, *, answered_elsewhere: bool = False) -> None:
        """Ask for a channel's end; its signal takes it off the books. One that was never made has none."""
        if channel.given_up and channel.offer is not None:
            return  # a leg is asked once: soon after, its id may be that of the agent's next leg, of another call
        channel.given_up = True
        if channel.gone:
            return
        if channel.created:
            # the store's word may reach us after the leg's end, and its id be that of the agent's next leg by then
            offer = channel.offer.id if channel.offer is not None else None
            await self._switch.hang_up(channel.channel, offer=offer, answered_elsewhere=answered_elsewhere)
        else:
            self.forget(channel)

    def leg_created(self, signal: LegCreated) -> None:
        """The switch made a leg; from now on its id means this one."""
        leg = self.legs.get(signal.channel)
        if leg is not None and leg.offer is not None and leg.offer.id == signal.offer:
            leg.created = True

    def seen_in_bridge(self, channel: str, bridge: str, *, inside: bool) -> None:
        """A channel came into, or left, a bridge; only the call's own counts."""
        for watched in self.all:
            if watched.channel == channel and bridge == self._bridge:
                watched.in_bridge = inside

    def ended(self, channel: str) -> WatchedChannel | None:
        """Take an ended channel off the books; None if it is not, or not yet, ours."""
        if channel == self.caller.channel:
            if self.caller.gone:
                return None
            self.caller.gone = True
            return self.caller
        leg = self.legs.get(channel)
        if leg is None or not leg.created:
            return None
        self.forget(leg)
        return leg

    def stop_listening(self) -> None:
        """Listen to none of them any longer."""
        for channel in self.all:
            channel.stop_listening()
