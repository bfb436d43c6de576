"""What the contract tests find on the far side: ends that answer or refuse, and a wire to cut."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress

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
Leg = Callable[..., Awaitable[str]]


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
