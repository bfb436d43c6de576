"""Reads what SIPp sent and received while it happens, so that a story can wait for a message."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Fifo", "MessageNotSeen", "SipMessage", "SipTrace", "TraceEnded"]

PATIENCE_S = 20.0
"""How long a story waits for a message."""
LAST_SHOWN = 12

HEADING = re.compile(rb"-{20,} (\S+ [\d:]+)\.(\d+)\n\w+ message (sent|received) [(\[](\d+)\D*:\n\n")


class TraceEnded(Exception):
    """SIPp ended, and the message that someone waited for never came."""


class MessageNotSeen(AssertionError):
    """The message that someone waited for did not come in time."""


@dataclass(frozen=True, slots=True)
class SipMessage:
    """One SIP message. `at` is seconds of the machine's clock, the same for all SIPps."""

    at: float
    sent: bool
    text: str

    @property
    def first_line(self) -> str:
        return self.text.split("\r\n", 1)[0].split("\n", 1)[0]

    @property
    def status(self) -> int:
        """The code of a response; 0 for a request."""
        words = self.first_line.split(" ")
        return int(words[1]) if words[0].startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        """The method of a request, or of the request that a response answers."""
        if self.status:
            return (self.header("CSeq") or " ").split()[-1]
        return self.first_line.split(" ", 1)[0]

    @property
    def user(self) -> str:
        """Who a request is for: the user part of its address."""
        found = re.match(r"\S+ sips?:([^@;\s]+)@", self.first_line)
        return found[1] if found else ""

    def header(self, name: str) -> str | None:
        found = re.search(rf"^{re.escape(name)}\s*:\s*(.*?)\s*$", self.text, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else None

    @property
    def call_id(self) -> str:
        return self.header("Call-ID") or ""

    @property
    def media(self) -> tuple[str, int] | None:
        """Where the sender of this session description wants its audio."""
        host = re.search(r"^c=IN IP4 (\S+)", self.text, re.MULTILINE)
        port = re.search(r"^m=audio (\d+) ", self.text, re.MULTILINE)
        return (host[1], int(port[1])) if host and port else None


class SipTrace:
    """The messages of one SIPp so far, and a way to wait for the next ones."""

    def __init__(self, name: str) -> None:
        """`name` says in failures whose trace it is."""
        self.name = name
        self.messages: list[SipMessage] = []
        self.listeners: list[Callable[[SipMessage], None]] = []
        self._rest = b""
        self._waiting: list[tuple[Callable[[SipMessage], bool], str, asyncio.Future[SipMessage]]] = []
        self._ended = False

    def feed(self, data: bytes) -> None:
        self._rest += data
        while heading := HEADING.search(self._rest):
            end = heading.end() + int(heading[4])
            if len(self._rest) < end:
                return
            text = self._rest[heading.end() : end].decode(errors="replace")
            self._rest = self._rest[end:]
            whole = time.mktime(time.strptime(heading[1].decode(), "%Y-%m-%d %H:%M:%S"))
            at = whole + float(b"0." + heading[2])
            self._publish(SipMessage(at, heading[3] == b"sent", text))

    def _publish(self, message: SipMessage) -> None:
        self.messages.append(message)
        for listener in self.listeners:
            listener(message)
        for wanted, _, found in list(self._waiting):
            if not found.done() and wanted(message):
                found.set_result(message)

    def seen(self, wanted: Callable[[SipMessage], bool]) -> SipMessage | None:
        """The first message so far that is wanted."""
        return next((message for message in self.messages if wanted(message)), None)

    async def find(
        self, wanted: Callable[[SipMessage], bool], what: str, *, patience_s: float = PATIENCE_S
    ) -> SipMessage:
        """The first message that is wanted, past or to come. `what` names it in failures.

        Raises TraceEnded when SIPp ends without it, MessageNotSeen when it has not come after `patience_s` seconds.
        """
        if past := self.seen(wanted):
            return past
        if self._ended:
            raise TraceEnded(f"{self.name} ended without {what}; {self.told()}")
        future: asyncio.Future[SipMessage] = asyncio.get_running_loop().create_future()
        entry = (wanted, what, future)
        self._waiting.append(entry)
        try:
            async with asyncio.timeout(patience_s):
                return await future
        except TimeoutError:
            raise MessageNotSeen(f"{self.name}: {what} was not seen within {patience_s:g} s; {self.told()}") from None
        finally:
            self._waiting.remove(entry)

    def end(self) -> None:
        self._ended = True
        for _, what, found in self._waiting:
            if not found.done():
                found.set_exception(TraceEnded(f"{self.name} ended without {what}; {self.told()}"))

    def told(self) -> str:
        """The last messages, for whoever has to understand a failure."""
        if not self.messages:
            return "it saw no message at all"
        lines = [f"{'>' if m.sent else '<'} {m.first_line} ({m.header('CSeq')})" for m in self.messages[-LAST_SHOWN:]]
        return f"the last of {len(self.messages)} messages:\n" + "\n".join(lines)


class Fifo:
    """A named pipe through which a program's trace arrives as it is written."""

    def __init__(self, path: Path, on_data: Callable[[bytes], None]) -> None:
        self.path = path
        self._on_data = on_data
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        # Open for writing, too: there is never an end of file, and the program need not wait for us.
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._read)

    def _read(self) -> bool:
        try:
            data = os.read(self._fd, 1 << 20)
        except BlockingIOError:
            return False
        self._on_data(data)
        return True

    def close(self) -> None:
        """Reads what is left and removes the pipe."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            while self._read():
                pass
            os.close(self._fd)
            self._fd = -1
            self.path.unlink(missing_ok=True)
