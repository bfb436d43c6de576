"""Opens connections to Redis, and says in one sentence why one cannot be had."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import structlog
from redis._parsers import _AsyncRESP2Parser
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, BusyLoadingError, RedisError

from acd.errors import StoreUnavailable

OLDEST = (6, 2)
"""XTRIM MINID and exclusive ranges."""

log = structlog.get_logger()


class Link:
    """One connection, and the run of the server that it leads to. Whoever stops in the middle must close it."""

    def __init__(self, connection: AbstractConnection, info: dict[str, str]) -> None:
        self._connection = connection
        self.run: str = info["run_id"]

    async def send(self, packed: bytes) -> None:
        """Write commands."""
        await self._connection.send_packed_command(packed, check_health=False)

    async def read(self) -> Any:
        """The next answer; raises ResponseError if it is an error."""
        return await self._connection.read_response(disable_decoding=True)

    async def is_usable(self) -> bool:
        """Whether the other end has neither closed it nor sent what nobody asked for."""
        try:
            return self._connection.is_connected and not await self._connection.can_read()
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
            self._packer = self._new_connection()
        except (ValueError, TypeError) as error:
            raise StoreUnavailable(
                f"the store's URL {self.address} cannot be used: {error}; write redis://host:port/0"
            ) from None
        self._open: set[Link] = set()
        self._warned = False

    def packed(self, *words: str | bytes | int) -> bytes:
        """One command as it goes over the wire."""
        return b"".join(self._packer.pack_command(*words))

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
        except (RedisError, OSError) as error:
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
