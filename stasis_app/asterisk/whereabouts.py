"""Where channels are: in whose application and in which bridge, kept from events and read anew after a gap.

Asterisk's channel records tell neither; asking for both lists at each look would cost more than the look.
"""

from __future__ import annotations

from collections.abc import Mapping

from stasis_app.ari import Ari
from stasis_app.ari.generated_events import (
    ChannelDestroyed,
    ChannelEnteredBridge,
    ChannelLeftBridge,
    StasisEnd,
    StasisStart,
)
from stasis_app.ari.reception import Received

APPLICATION_PREFIX = "acd-"


class Whereabouts:
    """Application and bridge of each channel that this process has heard of."""

    def __init__(self) -> None:
        self.application: dict[str, str] = {}
        self.bridge: dict[str, str] = {}

    def follow(self, ari: Ari) -> None:
        """Keep up with this session's events."""

        def note(event: Received) -> None:
            match event:
                case StasisStart():
                    self.application[event.channel.id] = ari.app
                case StasisEnd():
                    self.application.pop(event.channel.id, None)
                case ChannelEnteredBridge() if event.channel is not None:
                    self.bridge[event.channel.id] = event.bridge.id
                case ChannelLeftBridge():
                    self.bridge.pop(event.channel.id, None)
                case ChannelDestroyed():
                    self.application.pop(event.channel.id, None)
                    self.bridge.pop(event.channel.id, None)
                case _:
                    pass

        for kind in (StasisStart, StasisEnd, ChannelEnteredBridge, ChannelLeftBridge, ChannelDestroyed):
            ari.events.on(kind, note)

    async def read(self, ari: Ari) -> Mapping[str, str]:
        """Ask Asterisk for everything; returns channel to application, of all ACD processes."""
        applications = await ari.applications.list()
        bridges = await ari.bridges.list()
        self.application = {
            channel: application.name
            for application in applications
            if application.name.startswith(APPLICATION_PREFIX)
            for channel in application.channel_ids
        }
        self.bridge = {channel: bridge.id for bridge in bridges for channel in bridge.channels}
        return self.application
