"""Opens connections to Redis, and says in one sentence why one cannot be had."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import structlog
from hiredis import HiredisError, Reader, pack_command
from redis._parsers import _AsyncRESP2Parser
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, BusyLoadingError, ConnectionError as ConnectionLost, RedisError

from acd.errors import StoreUnavailable

OLDEST = (6, 2)
"""XTRIM MINID and exclusive ranges."""

log = structlog.get_logger()


CHUNK = 1 << 18
"""Octets read at once."""


class Link:
    """One connection, and the run of the server that it leads to. Whoever stops in the middle must close it."""

    def __init__(self, connection: AbstractConnection, info: dict[str, str]) -> None:
        self._connection = connection
        # The client's part ends with the log-in: its own reading takes three steps of the event loop's for each answer.
        reader, writer = connection._reader, connection._writer  # noqa: SLF001
        assert reader is not None
        assert writer is not None
        self._input, self._output = reader, writer
        self._reader = Reader(replyError=_AsyncRESP2Parser.parse_error)
        self.run: str = info["run_id"]

    def write(self, packed: bytes) -> None:
        """Send commands; how many are under way at most is the writer's care."""
        self._output.write(packed)

    async def answers(self) -> list[Any]:
        """The next answers, as many as are there, at least one; an error is an answer."""
        answers: list[Any] = []
        while not answers:
            received = await self._input.read(CHUNK)
            if not received:
                raise ConnectionLost("the connection was closed by the server")
            self._reader.feed(received)
            while (answer := self._reader.gets()) is not False:
                if isinstance(answer, ConnectionLost):
                    raise answer
                answers.append(answer)
        return answers

    async def ask(self, packed: bytes, count: int) -> list[Any]:
        """Send so many commands and wait for their answers; raises ResponseError if one is an error."""
        self.write(packed)
        answers: list[Any] = []
        while len(answers) < count:
            answers += await self.answers()
        for answer in answers:
            if isinstance(answer, RedisError):
                raise answer
        return answers

    async def is_usable(self) -> bool:
        """Whether the other end has neither closed it nor sent what nobody asked for."""
        try:
            return (
                self._connection.is_connected and not self._reader.has_data() and not await self._connection.can_read()
            )
        except (RedisError, OSError):
            return False

    async def close(self) -> None:
        """Give it up."""
        await self._connection.disconnect(nowait=True)


class Server:
    """One Redis, by its URL."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        self.address = masked(url)
        self.timeout_s = timeout_s
        try:
            self._connections = ConnectionPool.from_url(
                url,
                protocol=2,
                parser_class=_AsyncRESP2Parser,  # one behaviour at a lost connection, whether hiredis is there or not
                retry=Retry(NoBackoff(), 0),
                socket_timeout=None,
                socket_connect_timeout=timeout_s,
            )
            self._new_connection()  # tells at once of a URL that cannot be used
        except (ValueError, TypeError) as error:
            raise StoreUnavailable(
                f"the store's URL {self.address} cannot be used: {error}; write redis://host:port/0"
            ) from None
        self._open: set[Link] = set()
        self._warned = False

    def packed(self, *words: str | bytes | int) -> bytes:
        """One command as it goes over the wire."""
        return packed(*words)

    async def connect(self) -> Link:
        """A connection that has proven itself; raises StoreUnavailable."""
        connection = self._new_connection()
        try:
            with self.explained():
                async with asyncio.timeout(self.timeout_s):
                    await connection.connect()  # type: ignore[no-untyped-call]
                    await connection.send_command("INFO", check_health=False)
                    info = _parsed(await connection.read_response(disable_decoding=True))
            self._check(info)
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        link = Link(connection, info)
        self._open.add(link)
        return link

    async def close(self, link: Link) -> None:
        """Give up one connection."""
        self._open.discard(link)
        await link.close()

    async def close_all(self) -> None:
        """Give up whatever is still open."""
        for link in tuple(self._open):
            await self.close(link)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turns whatever goes wrong with Redis into StoreUnavailable, with the address and a remedy."""
        try:
            yield
        except AuthenticationError as error:
            raise StoreUnavailable(
                f"Redis at {self.address} refused the password ({error}); correct user and password in the URL"
            ) from None
        except BusyLoadingError:
            raise StoreUnavailable(
                f"Redis at {self.address} still reads its data from disk; it answers when that is done"
            ) from None
        except TimeoutError:
            raise StoreUnavailable(
                f"Redis at {self.address} did not answer within {self.timeout_s:g} s; see whether it is overloaded"
            ) from None
        except (RedisError, HiredisError, OSError) as error:
            raise StoreUnavailable(
                f"Redis at {self.address} cannot be used: {error}; see that it runs and that the URL is right"
            ) from None

    def _new_connection(self) -> AbstractConnection:
        connection: AbstractConnection = self._connections.make_connection()  # type: ignore[no-untyped-call]
        return connection

    def _check(self, info: dict[str, str]) -> None:
        version = info.get("redis_version", "0")
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
            raise StoreUnavailable(f"Redis at {self.address} is {version}; install 6.2 or later, or Valkey")
        policy = info.get("maxmemory_policy", "noeviction")
        if policy != "noeviction" and info.get("maxmemory", "0") != "0" and not self._warned:
            self._warned = True
            log.warning(
                "redis_may_evict",
                address=self.address,
                policy=policy,
                remedy="set maxmemory-policy to noeviction: live state must not vanish when memory is short",
            )


def packed(*words: str | bytes | int) -> bytes:
    """One command as it goes over the wire."""
    command: bytes = pack_command(words)  # type: ignore[arg-type]  # it takes as many words as there are
    return command


def masked(url: str) -> str:
    """The URL without its password."""
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return "(not a URL)"
    return url.replace(f":{password}@", ":***@", 1) if password else url


def _parsed(info: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in info.decode().splitlines() if ":" in line)
    return {name: value for name, _, value in lines}
