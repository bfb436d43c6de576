"""Turns Asterisk's events into the signals that calls' flows understand, and hands each to whoever listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from acd.ports import (
    ChannelEnded,
    EnteredBridge,
    LeftBridge,
    LegAnswered,
    LegCreated,
    LegOutcome,
    LegRinging,
    Signal,
)
from stasis_app.ari.generated_events import (
    BridgeDestroyed,
    ChannelDestroyed,
    ChannelEnteredBridge,
    ChannelHangupRequest,
    ChannelLeftBridge,
    ChannelStateChange,
    ChannelUserevent,
    StasisEnd,
    StasisStart,
)
from stasis_app.ari.listeners import Listeners
from stasis_app.asterisk.causes import outcome
from stasis_app.asterisk.words import LEG_PREFIX, OFFER

log = structlog.get_logger(__name__)

Hear = Callable[[Signal], None]

IN_TURN = (
    BridgeDestroyed,
    ChannelDestroyed,
    ChannelEnteredBridge,
    ChannelHangupRequest,
    ChannelLeftBridge,
    ChannelStateChange,
    ChannelUserevent,
    StasisEnd,
    StasisStart,
)
"""Events of which Asterisk handles one after the other, so that each says that the one before is done with. A broadcast
is not among them: it overtakes."""


class SignalBoard:
    """Who listens to which channel of one Asterisk.

    Keyed on StasisStart, ChannelStateChange, ChannelEnteredBridge, StasisEnd and ChannelDestroyed, which come in
    order; Dial events may overtake them and are not asked for. A caller's channel ends for us with StasisEnd: it is not
    subscribed beyond that, whether it was hung up, given back to the dialplan, or moved to another process. A leg that
    we made is subscribed for its whole life, and its ChannelDestroyed carries the cause that judges the offer.
    """

    def __init__(self, events: Listeners) -> None:
        self._listening: dict[str, list[Hear]] = {}
        self.legs: set[str] = set()
        """Legs that came in, or were found, and whose end has not been heard of."""
        self._answered: set[str] = set()
        self._cause: dict[str, int] = {}
        self._closing: set[str] = set()
        """Legs whose end was the last that was heard: Asterisk may not have closed its books of them."""
        self._closed = asyncio.Event()
        for kind in IN_TURN:
            events.on(kind, self._handled)
        events.on(StasisStart, self._started)
        events.on(StasisEnd, self._left)
        events.on(ChannelHangupRequest, self._hangup_requested)
        events.on(ChannelStateChange, self._state_changed)
        events.on(ChannelEnteredBridge, self._entered_bridge)
        events.on(ChannelLeftBridge, self._left_bridge)
        events.on(ChannelDestroyed, self._destroyed)

    def listen(self, channel: str, hear: Hear) -> Callable[[], None]:
        """Hear of this channel until the returned function is called; calling that twice is harmless."""
        self._listening.setdefault(channel, []).append(hear)

        def stop() -> None:
            left = self._listening.get(channel, [])
            if hear in left:
                left.remove(hear)
            if not left:
                self._listening.pop(channel, None)

        return stop

    def is_closing(self, leg: str) -> bool:
        """Whether a leg of this id, made now, would be lost.

        Asterisk sends ChannelDestroyed first and then ends the subscription to the channel, by its id: made in between,
        the next leg of that id loses its subscription, and nobody hears of its answer or of its end. (``unsubscribe``
        in res/stasis/app.c. Sockets are faster than a thread that just lost its processor.)
        """
        return leg in self._closing

    async def closed(self, leg: str) -> None:
        """Return when Asterisk has gone on to another event, and so has closed its books of this leg."""
        while self.is_closing(leg):
            self._closed.clear()
            await self._closed.wait()

    def _handled(self, _event: object) -> None:
        """What was heard before this event is done with."""
        if self._closing:
            self._closing.clear()
            self._closed.set()

    def _tell(self, channel: str, signal: Signal) -> None:
        for hear in tuple(self._listening.get(channel, ())):
            hear(signal)

    def _started(self, event: object) -> None:
        assert isinstance(event, StasisStart)
        channel = event.channel
        if event.args[:1] == (OFFER,):
            self.legs.add(channel.id)
            self._answered.discard(channel.id)  # an earlier leg's, whose end was missed
            self._tell(channel.id, LegCreated(channel=channel.id, offer=event.args[1]))
        elif channel.id.startswith(LEG_PREFIX):  # taken over from another process, which saw how it came so far
            self.legs.add(channel.id)
            if channel.state == "Up":
                self._answered.add(channel.id)

    def _hangup_requested(self, event: object) -> None:
        assert isinstance(event, ChannelHangupRequest)
        if not event.soft and event.cause is not None:  # a soft one carries a bit mask in the cause's place
            self._cause[event.channel.id] = event.cause

    def _left(self, event: object) -> None:
        assert isinstance(event, StasisEnd)
        channel, cause = event.channel.id, self._cause.pop(event.channel.id, None)
        if not channel.startswith(LEG_PREFIX):
            self._tell(channel, ChannelEnded(channel=channel, outcome=LegOutcome.HUNG_UP, cause=cause))

    def _state_changed(self, event: object) -> None:
        assert isinstance(event, ChannelStateChange)
        channel = event.channel
        if not channel.id.startswith(LEG_PREFIX):
            return
        if channel.state == "Up":
            self._answered.add(channel.id)
            self._tell(channel.id, LegAnswered(channel=channel.id))
        elif channel.state == "Ringing":
            self._tell(channel.id, LegRinging(channel=channel.id))

    def _entered_bridge(self, event: object) -> None:
        assert isinstance(event, ChannelEnteredBridge)
        if event.channel is not None:
            self._tell(event.channel.id, EnteredBridge(channel=event.channel.id, bridge=event.bridge.id))

    def _left_bridge(self, event: object) -> None:
        assert isinstance(event, ChannelLeftBridge)
        self._tell(event.channel.id, LeftBridge(channel=event.channel.id, bridge=event.bridge.id))

    def _destroyed(self, event: object) -> None:
        assert isinstance(event, ChannelDestroyed)
        channel = event.channel.id
        self._cause.pop(channel, None)
        if not channel.startswith(LEG_PREFIX):
            return
        ended = ChannelEnded(
            channel=channel,
            outcome=outcome(event.cause, answered=channel in self._answered),
            cause=event.cause,
            sip_code=event.tech_cause,
        )
        self._answered.discard(channel)
        self.legs.discard(channel)
        self._closing.add(channel)
        self._tell(channel, ended)
