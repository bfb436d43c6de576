"""One Asterisk, from connecting to leaving: what the rest of the application holds."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Self

from stasis_app.ari.backoff import Backoff
from stasis_app.ari.commands import BoundSender, Commands
from stasis_app.ari.errors import AriUnavailable, AsteriskTooOld, NotFound
from stasis_app.ari.event_stream import QUIET, EventStream
from stasis_app.ari.generated_operations import Operations
from stasis_app.ari.http_pool import HttpPool
from stasis_app.ari.kept_socket import PING_S, KeptSocket, SocketUser
from stasis_app.ari.listeners import Subscription
from stasis_app.ari.reception import Received

__all__ = ["FLOOR", "Ari"]

FLOOR: Final = (22, 10, 1)  # claims of broadcast calls, several variables at once, two ARI security fixes

_VERSION: Final = re.compile(r"^(?:certified-)?(\d+)\.(\d+)\.(\d+)")


class Ari(Operations):
    """A session with one Asterisk under one application name.

    The operations hang on it by resource, under Asterisk's own names:
    `await ari.channels.answer(channelId=…)`. `events` is the stream of events besides.
    """

    def __init__(self, commands: Commands, events: EventStream, *, limit_s: float, version: str) -> None:
        super().__init__(BoundSender(commands, None, limit_s))
        self._events: Final = events
        self.app: Final = events.app
        self.version: Final = version
        self._commands: Final = commands

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        url: str,
        user: str,
        password: str,
        *,
        app: str,
        command_sockets: int = 4,
        limit_s: float = 10.0,
        ping_s: float = PING_S,
        quiet: Sequence[str] = QUIET,
        on_connected: Callable[[Ari], Awaitable[None]] | None = None,
        on_disconnected: Callable[[str], None] | None = None,
        on_replaced: Callable[[], None] | None = None,
        source: random.Random | None = None,
    ) -> AsyncIterator[Self]:
        """Connect, and stay connected until the `async with` is left.

        `url` is the root of Asterisk's HTTP server, with or without `/ari`. `app` must be this
        process's alone. `command_sockets` of 0 sends everything over HTTP. `limit_s` bounds every
        request, and the wait for the first connection, in seconds; a server that does not answer
        the ping of every `ping_s` seconds counts as gone. `quiet` names the event types that
        Asterisk shall not send. `on_connected` runs after every connection, the first included;
        what it raises, save an AriError, ends the session. `source` makes the delays vary.

        Raises AriUnavailable, AriUnauthorised, AsteriskTooOld or another AriError when the first
        connection fails; later ones are tried for ever. ValueError for an impossible `app`.
        """
        if not app or "," in app:
            raise ValueError(f"{app!r} cannot name one application: it must not be empty or hold a comma")
        async with HttpPool.open(url, user, password) as http:
            version = await _checked(http, limit_s)
            # These names begin with another word than the application's, so that a broadcast call
            # which is offered to `^NAME` is not offered to them.
            socket_apps = [f"cmd{number}-{app}" for number in range(command_sockets)]
            commands = Commands(http, socket_apps, limit_s=limit_s)

            async def resync() -> None:
                await commands.connected.wait()
                if on_connected is not None:
                    await on_connected(ari)

            events = EventStream(
                BoundSender(commands, None, limit_s),
                app=app,
                quiet=quiet,
                on_connected=resync,
                on_disconnected=on_disconnected,
                on_replaced=on_replaced,
            )
            ari = cls(commands, events, limit_s=limit_s, version=version)
            users: list[tuple[str, SocketUser]] = [(one.app, one) for one in commands.sockets]
            jitter = source or random.Random()  # noqa: S311
            kept = [KeptSocket(http, name, one, Backoff(jitter), ping_s=ping_s) for name, one in users]
            # Whoever hears of a caller and can send nothing cannot claim the call, and Asterisk waits for it in vain.
            kept.append(KeptSocket(http, app, events, Backoff(jitter), ping_s=ping_s, after=commands.connected))
            async with _running(kept):
                await _all_connected([*(one.connected for one in commands.sockets), events.connected], kept, limit_s)
                yield ari

    @property
    def events(self) -> EventStream:
        """The stream of events, and the operations about it."""
        return self._events

    def bound(self, key: str | None = None, *, limit_s: float | None = None) -> Operations:
        """All operations, in the order of one key (a call's id), within one time limit."""
        return self._commands.bound(key, limit_s=limit_s)

    @property
    def connected(self) -> bool:
        """Whether events come and commands can be sent."""
        return self.events.connected.is_set() and self._commands.connected.is_set()

    async def reachable(self) -> None:
        """Wait until events come and commands can be sent."""
        await self.events.connected.wait()
        await self._commands.connected.wait()

    def on_event(self, event_type: str, callback: Callable[..., object], *arguments: Any) -> Subscription:
        """Call `callback(event, *arguments)` for every event of this type, until closed."""
        return self.events.on(event_type, lambda event: _void(callback(event, *arguments)))

    def on_channel_event(self, event_type: str, callback: Callable[..., object], *arguments: Any) -> Subscription:
        """Call `callback(channel, event, *arguments)` for every event of this type, until closed.

        `channel` is what the event says of its channel, or None.
        """

        def call(event: Received) -> None:
            callback(getattr(event, "channel", None), event, *arguments)

        return self.events.on(event_type, call)


def _void(result: object) -> None:
    """Drop what a listener returns."""


async def _checked(http: HttpPool, limit_s: float) -> str:
    """The version of an Asterisk that is new enough and lets us write.

    Raises AsteriskTooOld also for what says nothing that is a version, and AriUnauthorised for a
    user who may only read: the one way to know is to write, and to stop nothing harms nobody.
    """
    asking = Commands(http, (), limit_s=limit_s).bound()
    try:
        info = await asking.asterisk.getInfo(only=("system",))
    except NotFound as reason:
        remedy = "check the URL, and enabled=yes in ari.conf"
        raise AriUnavailable(f"there is no ARI at {http.root}: {remedy}") from reason
    found = info.system.version if info.system else ""
    match = _VERSION.match(found)
    if match is None or tuple(map(int, match.groups())) < FLOOR:
        raise AsteriskTooOld(found, ".".join(map(str, FLOOR)))
    with suppress(NotFound):
        await asking.playbacks.stop(playbackId="none")
    return found


@asynccontextmanager
async def _running(kept: Sequence[KeptSocket]) -> AsyncIterator[None]:
    """Keep the sockets while the body runs; the body's own exception comes out as it is."""
    failure: BaseException | None = None
    async with asyncio.TaskGroup() as tasks:
        keepers = [tasks.create_task(one.keep(), name=f"ari {one.app}") for one in kept]
        try:
            yield
        except Exception as error:  # noqa: BLE001 - raised again below, outside the group
            failure = error
        for keeper in keepers:
            keeper.cancel()
    if failure is not None:
        raise failure


async def _all_connected(signs: Sequence[asyncio.Event], kept: Sequence[KeptSocket], limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            for sign in signs:
                await sign.wait()
    except TimeoutError as late:
        reasons = "; ".join(dict.fromkeys(one.failure for one in kept if one.failure))
        raise AriUnavailable(f"Asterisk answers, but gave no WebSocket within {limit_s:g} s: {reasons}") from late
