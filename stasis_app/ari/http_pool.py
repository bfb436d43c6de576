"""The HTTP way to Asterisk: for lists and files, for what has no connection yet, for retries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
from yarl import URL

from stasis_app.ari.decoding import Undecodable, decode_leniently
from stasis_app.ari.errors import AriTimeout, AriUnavailable, refusal
from stasis_app.ari.operation import Operation, Request

__all__ = ["KEEP_ALIVE_S", "HttpPool", "Reply"]

Answer = TypeVar("Answer")

# Asterisk closes an idle connection after 15 s by default, which is aiohttp's default too: a POST
# on a connection that is being closed is lost. Ours are given up well before.
KEEP_ALIVE_S: Final = 10.0
_CONNECTIONS: Final = 32


class Reply(msgspec.Struct, frozen=True):
    """What came back, over either transport."""

    status: int
    reason: str
    body: bytes | str

    def accept(self, operation: Operation[Answer], *, user: str) -> Answer:
        """The typed answer. Raises AriRefused or UnreadableReply."""
        if self.status >= 400:
            raise refusal(self.status, _words(self), operation.name, user=user)
        return operation.read(self.body)


class HttpPool:
    """Keep-alive connections to one Asterisk. Use as an async context manager."""

    def __init__(self, session: aiohttp.ClientSession, url: str, user: str) -> None:
        self.session: Final = session
        self.root: Final = f"{url.rstrip('/').removesuffix('/ari')}/ari/"
        self.user: Final = user
        self._free: Final = asyncio.Semaphore(_CONNECTIONS)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, user: str, password: str, *, keep_alive_s: float = KEEP_ALIVE_S
    ) -> AsyncIterator[Self]:
        """`url` is the root of Asterisk's HTTP server, with or without `/ari`.

        Raises AriUnavailable for what is no such URL.
        """
        if not url.startswith(("http://", "https://")):
            raise AriUnavailable(f"Asterisk's URL {url!r} must begin with http:// or https://")
        # The limit is ours, as WebSockets live in the same pool and are no requests.
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=keep_alive_s)
        login = {"Authorization": aiohttp.encode_basic_auth(user, password, encoding="utf-8")}
        async with aiohttp.ClientSession(connector=connector, headers=login) as session:
            yield cls(session, url, user)

    async def ask(self, operation: Operation[Any], request: Request, *, limit_s: float) -> Reply:
        """Carry a request out. Raises AriTimeout and AriUnavailable."""
        url = self.root + request.uri
        query = request.query_pairs()
        if query:
            url = f"{url}?{urlencode(query, quote_via=quote)}"
        data = None if request.body is None else msgspec.json.encode(request.body)
        headers = None if data is None else {"Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(limit_s),
                self._free,
                self.session.request(operation.method, URL(url, encoded=True), data=data, headers=headers) as reply,
            ):
                return Reply(reply.status, reply.reason or "", await reply.read())
        except TimeoutError as late:
            raise AriTimeout(operation.name, limit_s) from late
        except aiohttp.ClientConnectorError as reason:
            raise AriUnavailable(f"{operation.name}: Asterisk cannot be reached: {reason}") from reason
        except aiohttp.ClientError as reason:
            raise AriUnavailable(f"{operation.name}: the connection to Asterisk broke: {reason}", sent=True) from reason


class _Refusal(msgspec.Struct, frozen=True):
    message: str = ""
    error: str = ""


_REFUSAL: Final = msgspec.json.Decoder(_Refusal)


def _words(reply: Reply) -> str:
    """Asterisk's own words; it has two keys for them, and sometimes neither."""
    try:
        told = decode_leniently(reply.body, _REFUSAL)
    except Undecodable:
        return reply.reason
    return told.message or told.error or reply.reason
