"""A server that speaks just enough of ARI to misbehave where the real Asterisk cannot be made to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

from stasis_app.ari import Ari

Connect = Callable[..., AbstractAsyncContextManager[Ari]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class OddAsterisk:
    """By default it behaves; tests change its attributes."""

    def __init__(self) -> None:
        self.url = ""
        self.version = "22.10.1"
        self.upgrade_status = 101
        self.http_requests: list[tuple[str, str, Any]] = []
        self.commands: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self.sockets: dict[str, web.WebSocketResponse] = {}
        self.opened: asyncio.Queue[str] = asyncio.Queue()
        self.refused: asyncio.Queue[str] = asyncio.Queue()
        self.peers: list[object] = []
        self.answers_commands = True
        self.answers_pings = True
        self.held: set[str] = set()
        self.tried = asyncio.Event()
        self._released = asyncio.Event()
        self.overrides: dict[tuple[str, str], Handler] = {}

    @classmethod
    @asynccontextmanager
    async def running(cls, **server: Any) -> AsyncIterator[OddAsterisk]:
        odd = cls()
        app = web.Application()
        app.router.add_get("/ari/events", odd._events)
        app.router.add_route("*", "/ari/{rest:.*}", odd._http)
        runner = web.AppRunner(app, shutdown_timeout=0.1, **server)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        odd.url = "http://{}:{}".format(*runner.addresses[0][:2])
        yield odd
        for socket in odd.sockets.values():
            await socket.close()
        await runner.cleanup()

    async def release(self, held: str) -> None:
        """Let the application `held` connect a tenth of a second after it has tried: time for others to be hasty."""
        await self.tried.wait()
        await asyncio.sleep(0.1)
        self.held.discard(held)
        self._released.set()

    async def say(self, app: str, text: str | bytes) -> None:
        """Send a text frame to whoever listens under this name."""
        await self.sockets[app].send_frame(text.encode() if isinstance(text, str) else text, WSMsgType.TEXT)

    async def event(self, app: str, kind: str, **fields: Any) -> None:
        await self.say(app, json.dumps({"type": kind, "application": app, **fields}))

    async def answer(self, app: str, request: dict[str, Any], status: int = 204, body: str = "") -> None:
        await self.event(
            app,
            "RESTResponse",
            request_id=request["request_id"],
            status_code=status,
            reason_phrase="",
            message_body=body,
        )

    async def _http(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["rest"]
        self.peers.append(request.transport and request.transport.get_extra_info("peername"))
        self.http_requests.append((request.method, request.raw_path, await request.text()))
        override = self.overrides.get((request.method, path))
        if override is not None:
            return await override(request)
        if path == "asterisk/info":
            return web.json_response({"system": {"version": self.version, "entity_id": "x"}})
        if request.method == "DELETE":
            return web.json_response({"message": "Playback not found"}, status=404)
        return web.json_response({})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if self.upgrade_status != 101:
            self.refused.put_nowait(request.query["app"])
            return web.json_response({"message": "no"}, status=self.upgrade_status)
        if request.query["app"] in self.held:
            self.tried.set()
            await self._released.wait()
        socket = web.WebSocketResponse(autoping=self.answers_pings)
        await socket.prepare(request)
        app = request.query["app"]
        self.sockets[app] = socket
        self.opened.put_nowait(app)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            command = json.loads(message.data)
            if self.answers_commands:
                await self.answer(app, command)
            self.commands.put_nowait((app, command))
        return socket
