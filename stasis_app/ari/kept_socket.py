"""One WebSocket to Asterisk under one application name, opened again for as long as we live."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

import aiohttp
import structlog
from yarl import URL

from stasis_app.ari.backoff import Backoff
from stasis_app.ari.errors import AriError, AriUnavailable, refusal
from stasis_app.ari.http_pool import HttpPool

__all__ = ["PING_S", "KeptSocket", "Socket", "SocketUser"]

Socket = aiohttp.ClientWebSocketResponse[bool]

PING_S: Final = 10.0  # Asterisk sends none, and TCP's own notice of a dead peer takes hours
_CONNECT_LIMIT_S: Final = 5.0
_CLOSE_LIMIT_S: Final = 1.0
_LARGEST_MESSAGE: Final = 16 * 1024 * 1024

_log = structlog.get_logger(__name__)


class SocketUser(Protocol):
    """Whoever lives on a kept socket."""

    def opened(self, socket: Socket) -> None:
        """The socket stands; reading begins."""

    async def greet(self) -> None:
        """What has to be done on each connection, while reading goes on.

        An AriError closes the socket, and it is opened again.
        """

    def heard(self, text: bytes) -> bool:
        """A message came. Must not raise, and must not take long.

        False gives the socket up for good: the application belongs to another connection now.
        """

    def closed(self, reason: str) -> None:
        """The socket that was opened is gone."""


class KeptSocket:
    """Keeps one socket open. Events that happen in between are lost: the user has to ask."""

    def __init__(
        self,
        http: HttpPool,
        app: str,
        user: SocketUser,
        backoff: Backoff,
        *,
        ping_s: float = PING_S,
        after: asyncio.Event | None = None,
    ) -> None:
        """A ping goes out every `ping_s` seconds; half as long without an answer ends the socket. It is opened only
        while `after` is set."""
        self.app: Final = app
        self._ping_s: Final = ping_s
        self._after: Final = after
        self._http: Final = http
        self._user: Final = user
        self._backoff: Final = backoff
        self._retired = False
        self.failure = ""  # why there is no connection; empty while there is one

    async def keep(self) -> None:
        """Open, serve and open again, until cancelled or replaced."""
        while not self._retired:
            if self._after is not None:
                await self._after.wait()
            try:
                socket = await self._open()
            except AriError as reason:
                self._report(str(reason))
            else:
                await self._serve(socket)
            if not self._retired:
                await asyncio.sleep(self._backoff.delay_s())

    async def _open(self) -> Socket:
        url = URL(self._http.root + "events").with_query(app=self.app, subscribeAll="false")
        try:
            async with asyncio.timeout(_CONNECT_LIMIT_S):
                return await self._http.session.ws_connect(
                    url,
                    heartbeat=self._ping_s,
                    max_msg_size=_LARGEST_MESSAGE,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_LIMIT_S),
                    decode_text=False,
                )
        except TimeoutError as late:
            raise AriUnavailable(f"no WebSocket within {_CONNECT_LIMIT_S:g} s") from late
        except aiohttp.WSServerHandshakeError as reply:
            name = "events.eventWebsocket"
            raise refusal(reply.status, reply.message, name, user=self._http.user) from reply
        except aiohttp.ClientError as reason:
            raise AriUnavailable(f"no WebSocket: {reason}") from reason

    async def _serve(self, socket: Socket) -> None:
        clock = asyncio.get_running_loop().time
        since = clock()
        self.failure = ""
        _log.info("connected", app=self.app)
        self._user.opened(socket)
        reason = "cancelled"
        try:
            async with asyncio.TaskGroup() as tasks:
                greeting = tasks.create_task(self._greet(socket))
                reason = await self._read(socket)
                greeting.cancel()
        finally:
            self._user.closed(reason)
            _log.info("disconnected", app=self.app, reason=reason)
            await socket.close()
        if clock() - since >= self._backoff.cap_s:
            self._backoff.reset()

    async def _greet(self, socket: Socket) -> None:
        try:
            await self._user.greet()
        except AriError as reason:
            self._report(str(reason))
            await socket.close()

    async def _read(self, socket: Socket) -> str:
        """Hand on every message until the socket closes; return why it did."""
        while True:
            message = await socket.receive()
            match message.type:
                case aiohttp.WSMsgType.TEXT | aiohttp.WSMsgType.BINARY:
                    if not self._user.heard(message.data):
                        self._retired = True
                        return "replaced by another connection"
                case aiohttp.WSMsgType.ERROR:
                    return f"broken: {message.data}"
                case aiohttp.WSMsgType.CLOSE:
                    return f"closed by Asterisk with {message.data} {message.extra or ''}".rstrip()
                case aiohttp.WSMsgType.CLOSED | aiohttp.WSMsgType.CLOSING:
                    return f"closed: {socket.exception() or socket.close_code}"
                case _:
                    pass

    def _report(self, reason: str) -> None:
        """Log a failure once, not at every try."""
        if reason != self.failure:
            _log.warning("no connection", app=self.app, reason=reason)
        self.failure = reason
