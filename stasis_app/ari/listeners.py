"""Hands every event, in the order of arrival, to whoever asked for its channel, bridge or type."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Final, TypeVar

import structlog

from stasis_app.ari.reception import Received
from stasis_app.ari.routing import bridge_ids, channel_ids

__all__ = ["Callback", "Inbox", "Listeners", "Subscription"]

Callback = Callable[[Received], None]
Wanted = TypeVar("Wanted", bound=Received)

_log = structlog.get_logger(__name__)


class Subscription:
    """One registered callback. Closing it, or leaving its `with`, ends it; twice is harmless."""

    def __init__(self, register: dict[str, list[Subscription]], key: str, callback: Callback) -> None:
        self._register = register
        self._key = key
        self.callback: Final = callback
        self.closed = False
        # A new list, never a changed one: a dispatch that is under way keeps its own.
        register[key] = [*register.get(key, ()), self]

    def close(self) -> None:
        """Hear no more, not even of the event that is being handed out."""
        self.closed = True
        left = [one for one in self._register.get(self._key, ()) if one is not self]
        if left:
            self._register[self._key] = left
        else:
            self._register.pop(self._key, None)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Inbox:
    """The events of one channel, bridge or type, in order, kept until they are read.

    It listens from the moment it is made until it is closed, so that what is done after making it
    cannot happen unheard.
    """

    def __init__(self) -> None:
        self._events: asyncio.Queue[Received] = asyncio.Queue()
        self._subscriptions: list[Subscription] = []

    def listen(self, subscription: Subscription) -> None:
        """Close this subscription with the inbox."""
        self._subscriptions.append(subscription)

    def put(self, event: Received) -> None:
        """Append an event."""
        self._events.put_nowait(event)

    async def get(self) -> Received:
        """Wait for the next event."""
        return await self._events.get()

    async def first(self, *types: type[Wanted]) -> Wanted:
        """Wait for the next event of one of these types, dropping those before it."""
        while True:
            event = await self._events.get()
            if isinstance(event, types):
                return event

    def drain(self) -> list[Received]:
        """Take everything that is there, without waiting."""
        return [self._events.get_nowait() for _ in range(self._events.qsize())]

    def close(self) -> None:
        """Listen no longer; what is inside stays readable."""
        for subscription in self._subscriptions:
            subscription.close()

    async def __aiter__(self) -> AsyncIterator[Received]:
        while True:
            yield await self._events.get()

    def __enter__(self) -> Inbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Listeners:
    """The registers of who hears what.

    Callbacks run within the reading of the socket: they file the event and return. One that raises
    is logged and counted, and neither the others nor the reading suffer.
    """

    def __init__(self) -> None:
        self._by_type: dict[str, list[Subscription]] = {}
        self._by_channel: dict[str, list[Subscription]] = {}
        self._by_bridge: dict[str, list[Subscription]] = {}
        self._everything: dict[str, list[Subscription]] = {}
        self.failures: defaultdict[str, int] = defaultdict(int)

    def on(self, kind: type[Received] | str, callback: Callback) -> Subscription:
        """Hear one type of event, given as its class or by Asterisk's name."""
        return Subscription(self._by_type, kind if isinstance(kind, str) else kind.__name__, callback)

    def on_channel(self, channel_id: str, callback: Callback) -> Subscription:
        """Hear every event that speaks of this channel."""
        return Subscription(self._by_channel, channel_id, callback)

    def on_bridge(self, bridge_id: str, callback: Callback) -> Subscription:
        """Hear every event that speaks of this bridge."""
        return Subscription(self._by_bridge, bridge_id, callback)

    def on_everything(self, callback: Callback) -> Subscription:
        """Hear every event."""
        return Subscription(self._everything, "", callback)

    def dispatch(self, event: Received) -> None:
        """Hand the event to all who asked for it, each once per registration."""
        self._hand(self._everything, "", event)
        self._hand(self._by_type, event.type, event)
        if self._by_channel:
            for channel_id in channel_ids(event):
                self._hand(self._by_channel, channel_id, event)
        if self._by_bridge:
            for bridge_id in bridge_ids(event):
                self._hand(self._by_bridge, bridge_id, event)

    def _hand(self, register: dict[str, list[Subscription]], key: str, event: Received) -> None:
        listening = register.get(key)
        if listening is None:
            return
        for one in listening:
            if one.closed:
                continue
            try:
                one.callback(event)
            except Exception:  # noqa: BLE001 - a listener's mistake must not end the reading
                self.failures[event.type] += 1
                _log.exception("an event's listener failed", event_type=event.type)
