"""Sends and counts audio for SIPp's calls, so that a story can tell who is heard by whom."""

from __future__ import annotations

import asyncio
import struct
from collections import Counter
from collections.abc import Callable
from typing import cast

from scenarios.lab.namespace import PartFailed

__all__ = ["RtpPort"]

PACKET_S = 0.02
SAMPLES = 160
PCMU = 0
TELEPHONE_EVENT = 101
KEYS = "0123456789*#ABCD"


class RtpPort(asyncio.DatagramProtocol):
    """One UDP port that speaks RTP (RFC 3550) in G.711 mu-law.

    Every packet that it sends carries one repeated byte, its `mark`. Two parties who use the same
    codec hear each other's bytes unchanged, so `heard` tells whose audio arrived: it counts the
    packets by their mark, and those of music and speech under None.
    """

    def __init__(self, mark: int) -> None:
        self.mark = mark
        self.received = 0
        self.heard: Counter[int | None] = Counter()
        self.address: tuple[str, int] = ("", 0)
        self._remote: tuple[str, int] | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._sequence = 0
        self._due = 0.0
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    @classmethod
    async def open(cls, host: str, mark: int) -> RtpPort:
        loop = asyncio.get_running_loop()
        _, port = await loop.create_datagram_endpoint(lambda: cls(mark), local_addr=(host, 0))
        return port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.address = transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        if len(data) <= 12 or data[1] & 0x7F != PCMU:
            return
        payload = data[12:]
        alike = payload.count(payload[0]) == len(payload)
        self.received += 1
        self.heard[payload[0] if alike else None] += 1
        for condition, future in self._waiting:
            if not future.done() and condition():
                future.set_result(None)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns when the condition, a question about what was heard, holds."""
        if condition():
            return
        entry = (condition, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        try:
            await entry[1]
        finally:
            self._waiting.remove(entry)

    def send_to(self, remote: tuple[str, int]) -> None:
        """Sends 50 packets a second from now on, until `mute`."""
        self._remote = remote
        if self._timer is None:
            self._due = asyncio.get_running_loop().time()
            self._send()

    def mute(self) -> None:
        """Stops sending, and goes on listening."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _send(self) -> None:
        self._packet(PCMU, bytes([self.mark]) * SAMPLES)
        self._due += PACKET_S
        self._timer = asyncio.get_running_loop().call_at(self._due, self._send)

    def _packet(self, kind: int, payload: bytes, *, start: int | None = None) -> None:
        stamp = self._sequence * SAMPLES if start is None else start
        head = struct.pack("!BBHII", 0x80, kind, self._sequence & 0xFFFF, stamp & 0xFFFFFFFF, 0x1ACD0000 + self.mark)
        self._sequence += 1
        if self._transport and not self._transport.is_closing():
            self._transport.sendto(head + payload, self._remote)

    def press(self, keys: str) -> None:
        """Presses keys by telephone events (RFC 4733), each of 100 ms."""
        if self._remote is None:
            raise PartFailed("Keys can be pressed only while audio is being sent.")
        for key in keys:
            event = KEYS.index(key)
            start = self._sequence * SAMPLES
            for part in (1, 2, 3, 4, 5, 5, 5):
                end = 0x80 if part == 5 else 0
                payload = struct.pack("!BBH", event, end | 10, part * SAMPLES)
                self._packet(TELEPHONE_EVENT, payload, start=start)

    def close(self) -> None:
        self.mute()
        if self._transport:
            self._transport.close()
