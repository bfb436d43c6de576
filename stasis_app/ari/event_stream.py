"""The events of one application on one Asterisk: received, stamped, handed out in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from stasis_app.ari.errors import Unprocessable
from stasis_app.ari.event_decoding import EventDecoder
from stasis_app.ari.generated_operations import Events, Operations
from stasis_app.ari.kept_socket import Socket
from stasis_app.ari.listeners import Callback, Inbox, Listeners, Subscription
from stasis_app.ari.operation import Sender
from stasis_app.ari.reception import Received, stamp

__all__ = ["QUIET", "EventStream"]

# What a call produces most of, and what an application that leads calls has no use for.
QUIET: Final = ("ChannelVarset", "ChannelDialplan", "ChannelCallerId", "ChannelConnectedLine")

_SOURCES_AT_ONCE: Final = 200

_log = structlog.get_logger(__name__)


class EventStream(Events):
    """What one application hears, and the operations of the resource `events`.

    Listeners are called while the socket is read, so they file the event and return; an `Inbox`
    does that. After a lost connection nothing is repeated: `on_connected` runs after every
    connection, as a task of its own while events already arrive, and is the place to ask Asterisk
    how things stand and to `publish` what was missed.
    """

    def __init__(
        self,
        sender: Sender,
        *,
        app: str,
        quiet: Sequence[str] = QUIET,
        on_connected: Callable[[], Awaitable[None]] | None = None,
        on_disconnected: Callable[[str], None] | None = None,
        on_replaced: Callable[[], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(sender)
        self.app: Final = app
        self.connected: Final = asyncio.Event()
        self.replaced = False
        self.received = 0
        self.connections = 0
        self.decoder: Final = EventDecoder()
        self.listeners: Final = Listeners()
        self._operations: Final = Operations(sender)
        self._quiet: Final = quiet
        self._on_connected: Final = on_connected
        self._on_disconnected: Final = on_disconnected
        self._on_replaced: Final = on_replaced
        self._monotonic: Final = monotonic
        self._sources: dict[str, None] = {}

    def on(self, kind: type[Received] | str, callback: Callback) -> Subscription:
        """Call back for every event of one type (its class, or Asterisk's name)."""
        return self.listeners.on(kind, callback)

    def on_channel(self, channel_id: str, callback: Callback) -> Subscription:
        """Call back for every event that speaks of this channel."""
        return self.listeners.on_channel(channel_id, callback)

    def on_bridge(self, bridge_id: str, callback: Callback) -> Subscription:
        """Call back for every event that speaks of this bridge."""
        return self.listeners.on_bridge(bridge_id, callback)

    def on_everything(self, callback: Callback) -> Subscription:
        """Call back for every event."""
        return self.listeners.on_everything(callback)

    def of_channel(self, channel_id: str) -> Inbox:
        """An inbox of all that speaks of this channel, from now on."""
        inbox = Inbox()
        inbox.listen(self.on_channel(channel_id, inbox.put))
        return inbox

    def of_bridge(self, bridge_id: str) -> Inbox:
        """An inbox of all that speaks of this bridge, from now on."""
        inbox = Inbox()
        inbox.listen(self.on_bridge(bridge_id, inbox.put))
        return inbox

    def of_type(self, *kinds: type[Received] | str) -> Inbox:
        """An inbox of all events of these types, from now on."""
        inbox = Inbox()
        for kind in kinds:
            inbox.listen(self.on(kind, inbox.put))
        return inbox

    def everything(self) -> Inbox:
        """An inbox of all events, from now on."""
        inbox = Inbox()
        inbox.listen(self.on_everything(inbox.put))
        return inbox

    def publish(self, event: Received) -> None:
        """Stamp an event and hand it out, be it Asterisk's or one that stands for a missed one."""
        self.received += 1
        stamp(event, sequence=self.received, received_at=self._monotonic())
        self.listeners.dispatch(event)

    async def watch(self, *sources: str) -> None:
        """Hear of these event sources as well, now and after every new connection.

        Each is `channel:ID`, `bridge:ID`, `endpoint:TECH/NAME` or `deviceState:NAME`. Raises
        AriError; NotFound or Unprocessable when one does not exist, and then none is kept.
        """
        await self._subscribe(sources)
        self._sources.update(dict.fromkeys(sources))

    async def unwatch(self, *sources: str) -> None:
        """Hear of these no more. Raises AriError."""
        for source in sources:
            self._sources.pop(source, None)
        await self._operations.applications.unsubscribe(applicationName=self.app, eventSource=sources)

    def opened(self, socket: Socket) -> None:
        """Events come from now on."""
        self.connections += 1

    async def greet(self) -> None:
        """Quieten the application, subscribe again, and let the owner catch up.

        Asterisk forgets filter and subscriptions whenever the application ended with its socket.
        """
        disallowed = [{"type": kind} for kind in self._quiet]
        await self._operations.applications.filter(applicationName=self.app, filter={"disallowed": disallowed})
        await self._subscribe_again()
        self.connected.set()
        if self._on_connected is not None:
            await self._on_connected()

    def heard(self, text: bytes) -> bool:
        """Decode one message and hand it out; False once the application is another's."""
        event = self.decoder.decode(text)
        if event is None:
            return True
        self.publish(event)
        if event.type != "ApplicationReplaced":
            return True
        self.replaced = True
        _log.error("another connection has taken the application: events go there", app=self.app)
        if self._on_replaced is not None:
            self._on_replaced()
        return False

    def closed(self, reason: str) -> None:
        """No events until the next connection; those in between are lost."""
        self.connected.clear()
        if self._on_disconnected is not None:
            self._on_disconnected(reason)

    async def _subscribe(self, sources: Sequence[str]) -> None:
        for start in range(0, len(sources), _SOURCES_AT_ONCE):
            some = sources[start : start + _SOURCES_AT_ONCE]
            await self._operations.applications.subscribe(applicationName=self.app, eventSource=some)

    async def _subscribe_again(self) -> None:
        try:
            await self._subscribe(tuple(self._sources))
        except Unprocessable:
            for source in tuple(self._sources):
                await self._subscribe_if_there(source)

    async def _subscribe_if_there(self, source: str) -> None:
        try:
            await self._subscribe((source,))
        except Unprocessable as reason:
            _log.warning("a watched event source is gone", source=source, reason=str(reason))
