"""Turns Asterisk's events into the signals that calls' flows understand, and hands each to whoever listens."""

from __future__ import annotations

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
    ChannelDestroyed,
    ChannelEnteredBridge,
    ChannelLeftBridge,
    ChannelStateChange,
    StasisEnd,
    StasisStart,
)
from stasis_app.ari.listeners import Listeners
from stasis_app.asterisk.causes import outcome
from stasis_app.asterisk.words import LEG_PREFIX, OFFER

log = structlog.get_logger(__name__)

Hear = Callable[[Signal], None]


class SignalBoard:
    """Who listens to which channel of one Asterisk.

    Keyed on StasisStart, ChannelStateChange, ChannelEnteredBridge and ChannelDestroyed, which come in order; Dial
    events may overtake them and are not used.
    """

    def __init__(self, events: Listeners) -> None:
        self._listening: dict[str, list[Hear]] = {}
        self._answered: set[str] = set()
        self._leaving: set[str] = set()
        events.on(StasisStart, self._started)
        events.on(StasisEnd, self._left)
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

    def expect_to_leave(self, channel: str) -> None:
        """We are about to give this channel back to the dialplan: its leaving us is its end."""
        self._leaving.add(channel)

    def _tell(self, channel: str, signal: Signal) -> None:
        for hear in tuple(self._listening.get(channel, ())):
            hear(signal)

    def _started(self, event: object) -> None:
        assert isinstance(event, StasisStart)
        if event.args[:1] == (OFFER,):
            self._tell(event.channel.id, LegCreated(channel=event.channel.id, offer=event.args[1]))

    def _left(self, event: object) -> None:
        assert isinstance(event, StasisEnd)
        if event.channel.id in self._leaving:
            self._leaving.discard(event.channel.id)
            self._tell(event.channel.id, ChannelEnded(channel=event.channel.id, outcome=LegOutcome.HUNG_UP))

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
        answered = channel in self._answered or not channel.startswith(LEG_PREFIX)
        self._answered.discard(channel)
        self._leaving.discard(channel)
        ended = ChannelEnded(
            channel=channel,
            outcome=outcome(event.cause, answered=answered),
            cause=event.cause,
            sip_code=event.tech_cause,
        )
        self._tell(channel, ended)
