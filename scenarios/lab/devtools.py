"""Speaks Chromium's DevTools protocol over a pair of named pipes: requests, replies, events."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

__all__ = ["Devtools", "PageFailed"]

REPLY_LIMIT_S = 30.0


class PageFailed(Exception):
    """A script in the page threw, the browser refused a command, or it ended."""


class Devtools(asyncio.Protocol):
    """One connection to one browser, made before the browser starts.

    The browser reads `to_browser` as its descriptor 3 and writes `from_browser` as its 4; each
    message is JSON that ends with a zero byte.
    """

    def __init__(self, folder: Path) -> None:
        self.to_browser = folder / "devtools.in"
        self.from_browser = folder / "devtools.out"
        self.sessions: dict[str, Callable[[str, dict[str, Any]], None]] = {}
        self._numbers = itertools.count(1)
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._rest = b""
        self._writer: asyncio.WriteTransport | None = None
        self._reader: asyncio.BaseTransport | None = None
        self._held = -1

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        for path in (self.to_browser, self.from_browser):
            path.unlink(missing_ok=True)
            os.mkfifo(path)
        heard = os.open(self.from_browser, os.O_RDONLY | os.O_NONBLOCK)
        self._reader, _ = await loop.connect_read_pipe(lambda: self, os.fdopen(heard, "rb", 0))
        # A pipe cannot be opened for writing before someone reads it: until the browser does, we do.
        self._held = os.open(self.to_browser, os.O_RDONLY | os.O_NONBLOCK)
        said = os.open(self.to_browser, os.O_WRONLY | os.O_NONBLOCK)
        transport, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(said, "wb", 0))
        self._writer = transport

    def close(self) -> None:
        for transport in (self._writer, self._reader):
            if transport:
                transport.close()
        if self._held >= 0:
            os.close(self._held)
            self._held = -1

    def data_received(self, data: bytes) -> None:
        *messages, self._rest = (self._rest + data).split(b"\0")
        for message in messages:
            self._take(cast("dict[str, Any]", json.loads(message)))

    def _take(self, message: dict[str, Any]) -> None:
        if reply := self._replies.get(message.get("id", 0)):
            if not reply.done():
                reply.set_result(message)
        elif "method" not in message:
            return  # the reply to somebody who no longer waits for it
        elif hear := self.sessions.get(message.get("sessionId", "")):
            hear(message["method"], message.get("params", {}))

    def connection_lost(self, exc: Exception | None) -> None:
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(PageFailed("The browser ended."))

    async def ask(self, method: str, params: Mapping[str, Any] | None = None, session: str = "") -> dict[str, Any]:
        """The result of one command. Raises PageFailed with the browser's reason."""
        assert self._writer is not None, "the connection is not open"
        number = next(self._numbers)
        request: dict[str, Any] = {"id": number, "method": method, "params": params or {}}
        if session:
            request["sessionId"] = session
        reply = self._replies[number] = asyncio.get_running_loop().create_future()
        self._writer.write(json.dumps(request).encode() + b"\0")
        try:
            async with asyncio.timeout(REPLY_LIMIT_S):
                answer = await reply
        except TimeoutError:
            raise PageFailed(f"{method} had no answer within {REPLY_LIMIT_S:g} s.") from None
        finally:
            del self._replies[number]
        if "error" in answer:
            raise PageFailed(f"{method}: {answer['error'].get('message')}")
        return cast("dict[str, Any]", answer["result"])
