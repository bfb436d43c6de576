"""What the contract tests find on the far side: ends that answer or refuse, and a wire to cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

from stasis_app.ari import Ari, NotFound

# What `Local/NAME@far-end/n` does when it is called.
FAR_ENDS = {
    "answers": ("Answer", "Wait,3600"),
    "rings": ("Ringing", "Wait,3600"),
    "is-busy": ("Hangup,17",),
    "enters": ("Stasis,${FAR_APP}", "Set,GLOBAL(FAR_STATUS)=${STASISSTATUS}", "Hangup"),
    "is-offered": ("StasisBroadcast,500,^offer-,a:b", "Hangup"),
}

Connect = Callable[..., AbstractAsyncContextManager[Ari]]
Leg = Callable[..., Coroutine[Any, Any, str]]


async def clear(ari: Ari) -> None:
    """Hang up all channels and destroy all bridges."""
    for channel in await ari.channels.list():
        with suppress(NotFound):  # one half of a Local channel takes the other along
            await ari.channels.hangup(channelId=channel.id)
    for bridge in await ari.bridges.list():
        await ari.bridges.destroy(bridgeId=bridge.id)


class Wire:
    """A TCP connection to Asterisk's HTTP server that a test can cut and mend."""

    def __init__(self, host: str, port: int) -> None:
        self._far = (host, port)
        self._host = host
        self._port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._port}"

    async def mend(self) -> None:
        """Let connections through, under the same address as before."""
        self._server = await asyncio.start_server(self._carry, self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """End all connections and refuse new ones."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._far)
        self._writers |= {writer, far_writer}
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._copy(reader, far_writer))
            tasks.create_task(self._copy(far_reader, writer))
        self._writers -= {writer, far_writer}

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
        except ConnectionError:
            pass
        finally:
            writer.close()


class Phone(asyncio.DatagramProtocol):
    """A SIP phone that answers every call, or with `busy` refuses it; `heard` counts RTP packets."""

    def __init__(self, *, busy: bool) -> None:
        self._busy = busy
        self._sip: asyncio.DatagramTransport | None = None
        self._rtp = Ear()
        self.heard = self._rtp.packets

    @classmethod
    @asynccontextmanager
    async def listening(cls, host: str, *, busy: bool = False) -> AsyncIterator[Phone]:
        """On free ports of `host`."""
        loop = asyncio.get_running_loop()
        phone = cls(busy=busy)
        sip, _ = await loop.create_datagram_endpoint(lambda: phone, local_addr=(host, 0))
        rtp, _ = await loop.create_datagram_endpoint(lambda: phone._rtp, local_addr=(host, 0))
        yield phone
        sip.close()
        rtp.close()

    @property
    def uri(self) -> str:
        assert self._sip is not None
        host, port = self._sip.get_extra_info("sockname")
        return f"sip:phone@{host}:{port}"

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._sip = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        lines = data.decode().split("\r\n")
        method = lines[0].split()[0]
        if method not in ("INVITE", "BYE"):
            return
        kept = [line for line in lines if line.split(":")[0] in ("Via", "From", "Call-ID", "CSeq")]
        called = next(line for line in lines if line.startswith("To:"))
        body = self._offer() if method == "INVITE" and not self._busy else ""
        reply = [
            "SIP/2.0 486 Busy Here" if method == "INVITE" and self._busy else "SIP/2.0 200 OK",
            *kept,
            called if ";tag=" in called else f"{called};tag=phone",
            f"Contact: <{self.uri}>",
            "Content-Type: application/sdp",
            f"Content-Length: {len(body)}",
        ]
        assert self._sip is not None
        self._sip.sendto("\r\n".join([*reply, "", body]).encode(), addr)

    def _offer(self) -> str:
        host, port = self._rtp.address
        lines = ["v=0", f"o=- 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0", f"m=audio {port} RTP/AVP 0", ""]
        return "\r\n".join(lines)


class Ear(asyncio.DatagramProtocol):
    """Takes RTP packets in."""

    def __init__(self) -> None:
        self.packets: asyncio.Queue[bytes] = asyncio.Queue()
        self.address = ("", 0)

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.address = transport.get_extra_info("sockname")

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.packets.put_nowait(data)
