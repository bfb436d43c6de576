"""Carries requests over a WebSocket: pipelined, answered in order, matched by request id."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import aiohttp
import msgspec
import structlog

from stasis_app.ari.decoding import Undecodable, decode_leniently
from stasis_app.ari.errors import AriRefused, AriTimeout, AriUnavailable, RefusedOnWebSocket
from stasis_app.ari.http_pool import Reply
from stasis_app.ari.kept_socket import Socket
from stasis_app.ari.operation import Operation, Request

__all__ = ["CommandSocket"]

_LARGEST_FRAME: Final = 65_535  # a longer one makes Asterisk close the socket

_log = structlog.get_logger(__name__)


class _Query(msgspec.Struct, frozen=True):
    name: str
    value: str


class _Question(msgspec.Struct, frozen=True, tag_field="type", tag="RESTRequest", omit_defaults=True):
    request_id: str
    method: str
    uri: str
    query_strings: tuple[_Query, ...] = ()
    content_type: str = ""
    message_body: str = ""


class _Message(msgspec.Struct, frozen=True):
    type: str
    request_id: str = ""
    status_code: int = 0
    reason_phrase: str = ""
    message_body: str = ""


@dataclass(slots=True)
class _Asked:
    """A request that Asterisk has not answered."""

    answer: asyncio.Future[Reply]
    operation: str
    limit_s: float
    due_at: float
    """When nobody waits for the answer any longer, seconds of the event loop."""


class CommandSocket:
    """One command socket. Asterisk serves its requests strictly one after the other.

    `unanswered` counts the requests that Asterisk still owes an answer, those that nobody waits
    for any more included: it tells how long the queue in front of a new one is.
    """

    def __init__(self, app: str, *, on_turn: Callable[[], None] | None = None) -> None:
        """`on_turn` is called whenever the socket has connected or gone."""
        self.app: Final = app
        self._on_turn: Final = on_turn
        self.connected: Final = asyncio.Event()
        self._socket: Socket | None = None
        self._ids = count(1)
        self._waiting: dict[str, _Asked] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._decoder = msgspec.json.Decoder(_Message)
        self._encoder = msgspec.json.Encoder()

    @property
    def is_connected(self) -> bool:
        """Whether requests can be sent."""
        return self._socket is not None

    @property
    def unanswered(self) -> int:
        """How many answers Asterisk owes."""
        return len(self._waiting)

    async def ask(self, operation: Operation[Any], request: Request, *, limit_s: float) -> Reply:
        """Carry a request out.

        Raises RefusedOnWebSocket, AriUnavailable, AriTimeout, and AriRefused for a request that no
        frame can hold.
        """
        if operation.http_only:
            raise RefusedOnWebSocket(operation.name)
        socket = self._socket
        if socket is None:
            raise AriUnavailable(f"{operation.name}: the command socket {self.app} is not connected")
        request_id = str(next(self._ids))
        frame = self._encoder.encode(_question(request_id, operation, request, self._encoder))
        if len(frame) > _LARGEST_FRAME:
            raise AriRefused(413, f"a request of {len(frame)} bytes; {_LARGEST_FRAME} fit", operation.name)
        loop = asyncio.get_running_loop()
        asked = _Asked(loop.create_future(), operation.name, limit_s, loop.time() + limit_s)
        self._waiting[request_id] = asked
        self._watch(asked.due_at, loop)
        try:
            # Returns at once, unless Asterisk has stopped reading: the socket's pings end that.
            await socket.send_frame(frame, aiohttp.WSMsgType.TEXT)
            return await asked.answer
        except aiohttp.ClientError as reason:
            raise AriUnavailable(f"{operation.name}: the command socket broke: {reason}", sent=True) from reason

    def _watch(self, due_at: float, loop: asyncio.AbstractEventLoop) -> None:
        """Look by this time for what is late. One timer serves all: nearly every answer comes within milliseconds, and
        a time-out of its own would cost a request a quarter of its time."""
        if self._timer is None or due_at < self._timer.when():
            if self._timer is not None:
                self._timer.cancel()
            self._timer = loop.call_at(due_at, self._give_up_late)

    def _give_up_late(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        under_way = [asked for asked in self._waiting.values() if not asked.answer.done()]
        for asked in under_way:
            if asked.due_at <= now:
                asked.answer.set_exception(AriTimeout(asked.operation, asked.limit_s))
        due = [asked.due_at for asked in under_way if asked.due_at > now]
        if due:
            self._watch(min(due), loop)

    def opened(self, socket: Socket) -> None:
        """Requests can be sent from now on."""
        self._socket = socket
        self.connected.set()
        self._turn()

    async def greet(self) -> None:
        """Nothing has to be done first."""

    def heard(self, text: bytes) -> bool:
        """Wake whoever waits for this answer; ignore what is none."""
        try:
            message = decode_leniently(text, self._decoder)
        except Undecodable as reason:
            _log.error("a command socket said what cannot be read", app=self.app, reason=str(reason))
            return True
        if message.type == "ApplicationReplaced":
            _log.error("another connection has taken a command socket's application", app=self.app)
            return False
        if message.type == "RESTResponse":
            asked = self._waiting.pop(message.request_id, None)
            if asked is not None and not asked.answer.done():
                asked.answer.set_result(Reply(message.status_code, message.reason_phrase, message.message_body))
        return True

    def closed(self, reason: str) -> None:
        """Fail what is under way: whether it took effect is not known."""
        self._socket = None
        self.connected.clear()
        self._turn()
        waiting, self._waiting = self._waiting, {}
        for asked in waiting.values():
            if not asked.answer.done():
                asked.answer.set_exception(
                    AriUnavailable(f"the command socket {self.app} is gone: {reason}", sent=True)
                )

    def _turn(self) -> None:
        if self._on_turn is not None:
            self._on_turn()


def _question(request_id: str, operation: Operation[Any], request: Request, encoder: msgspec.json.Encoder) -> _Question:
    body = "" if request.body is None else encoder.encode(request.body).decode()
    return _Question(
        request_id=request_id,
        method=operation.method,
        uri=request.uri,
        query_strings=tuple(_Query(name, value) for name, value in request.query_pairs()),
        content_type="application/json" if body else "",
        message_body=body,
    )
