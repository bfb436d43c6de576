"""Chooses the way a request takes: a command socket in the order of its key, or HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import structlog

from stasis_app.ari.command_socket import CommandSocket
from stasis_app.ari.errors import AriUnavailable
from stasis_app.ari.generated_operations import Operations
from stasis_app.ari.http_pool import HttpPool, Reply
from stasis_app.ari.operation import Operation, Request

__all__ = ["BoundSender", "Commands"]

Answer = TypeVar("Answer")

_log = structlog.get_logger(__name__)


class Commands:
    """Sends operations to one Asterisk.

    Requests of one key reach Asterisk in the order in which they were sent: while one of them is
    under way, the next goes by the same socket. Otherwise a request takes the socket that owes the
    fewest answers, so that a socket which is stuck behind a slow channel delays no other call.
    """

    def __init__(self, http: HttpPool, socket_apps: Sequence[str], *, limit_s: float) -> None:
        """Without names for command sockets, everything goes by HTTP."""
        self._http: Final = http
        self.sockets: Final = tuple(CommandSocket(app, on_turn=self._turn) for app in socket_apps)
        self.connected: Final = asyncio.Event()
        """Set while requests can be sent: as long as one of the sockets is connected."""
        self._limit_s: Final = limit_s
        self._under_way: dict[str, _UnderWay] = {}
        self._turn()

    def bound(self, key: str | None = None, *, limit_s: float | None = None) -> Operations:
        """All operations, sent under this key and with this time limit in seconds."""
        return Operations(BoundSender(self, key, self._limit_s if limit_s is None else limit_s))

    async def carry_out(
        self,
        operation: Operation[Answer],
        path: tuple[str, ...],
        parameters: Mapping[str, Any],
        *,
        key: str | None,
        limit_s: float,
    ) -> Answer:
        """Send, wait, and read the answer. Raises AriError.

        Without a key, the first name in the path stands for it. What can be repeated without harm
        (GET and DELETE) is asked once more over HTTP when its connection broke.
        """
        request = operation.request(path, parameters)
        if operation.http_only or not self.sockets:
            reply = await self._over_http(operation, request, limit_s)
        else:
            reply = await self._over_socket(operation, request, key or (path[0] if path else ""), limit_s)
        return reply.accept(operation, user=self._http.user)

    async def _over_http(self, operation: Operation[Any], request: Request, limit_s: float) -> Reply:
        try:
            return await self._http.ask(operation, request, limit_s=limit_s)
        except AriUnavailable as broken:
            if not (operation.repeatable and broken.sent):
                raise
            _log.info("asking once more", operation=operation.name, reason=str(broken))
        return await self._http.ask(operation, request, limit_s=limit_s)

    async def _over_socket(self, operation: Operation[Any], request: Request, key: str, limit_s: float) -> Reply:
        under_way = self._under_way.get(key)
        if under_way is None or not under_way.socket.is_connected:
            under_way = self._under_way[key] = _UnderWay(self._least_busy(operation))
        under_way.requests += 1
        try:
            return await under_way.socket.ask(operation, request, limit_s=limit_s)
        except AriUnavailable as broken:
            if not operation.repeatable:
                raise
            _log.info("asking once more, over HTTP", operation=operation.name, reason=str(broken))
        finally:
            under_way.requests -= 1
            if not under_way.requests and self._under_way.get(key) is under_way:
                del self._under_way[key]
        return await self._http.ask(operation, request, limit_s=limit_s)

    def _least_busy(self, operation: Operation[Any]) -> CommandSocket:
        best: CommandSocket | None = None
        for one in self.sockets:
            if one.is_connected and (best is None or one.unanswered < best.unanswered):
                if not one.unanswered:
                    return one
                best = one
        if best is None:
            raise AriUnavailable(f"{operation.name}: no command socket is connected to Asterisk")
        return best

    def _turn(self) -> None:
        if not self.sockets or any(one.connected.is_set() for one in self.sockets):
            self.connected.set()
        else:
            self.connected.clear()


class BoundSender:
    """Sends under one key, with one time limit."""

    def __init__(self, commands: Commands, key: str | None, limit_s: float) -> None:
        self._commands: Final = commands
        self._key: Final = key
        self._limit_s: Final = limit_s

    async def send(
        self, operation: Operation[Answer], path: tuple[str, ...], parameters: Mapping[str, Any], /
    ) -> Answer:
        """Carry the operation out. Raises AriError."""
        return await self._commands.carry_out(operation, path, parameters, key=self._key, limit_s=self._limit_s)


class _UnderWay:
    """Where the requests of one key are, as long as there are any."""

    def __init__(self, socket: CommandSocket) -> None:
        self.socket: Final = socket
        self.requests = 0
