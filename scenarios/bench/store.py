"""A private Redis, filled with records quicker than call by call, and a bare loop that sends it commands in batches."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter

import hiredis

from acd.agent import Agent
from acd.call import Call
from scenarios.lab.redis import Redis
from stasis_app.redis_store import RedisStore
from stasis_app.redis_store.codec import written
from stasis_app.redis_store.keys import Keys
from stasis_app.redis_store.lua import Limits, scripts

POOL = "bench"
LEASE_MS = 600_000
SPARES = 4
_FILL_BATCH = 500


@dataclass(frozen=True)
class Reach:
    """Where the private Redis listens: small enough to be handed to another process."""

    host: str
    port: int

    @property
    def url(self) -> str:
        return f"redis://{self.host}:{self.port}/0"


@asynccontextmanager
async def private_redis() -> AsyncIterator[Reach]:
    """A redis-server of the bench's own, that writes to its file as a real one does."""
    with tempfile.TemporaryDirectory(prefix="acd-bench-") as folder:
        async with Redis.running(Path(folder)) as redis:
            yield Reach(redis.host, redis.port)


class Bare:
    """One connection without any of our code around it."""

    def __init__(self, reach: Reach) -> None:
        self._socket = socket.create_connection((reach.host, reach.port))
        self._reader = hiredis.Reader()

    def close(self) -> None:
        self._socket.close()

    def ask(self, *words: str | bytes | int) -> object:
        """One command and its answer."""
        return self.pipeline([packed(*words)])[0]

    def pipeline(self, commands: Sequence[bytes]) -> list[object]:
        """Send these as one batch and read their answers."""
        self._socket.sendall(b"".join(commands))
        answers: list[object] = []
        while len(answers) < len(commands):
            answer = self._reader.gets()
            if answer is False:
                self._reader.feed(self._socket.recv(1 << 18))
            elif isinstance(answer, hiredis.ReplyError):
                raise answer
            else:
                answers.append(answer)
        return answers

    def rate(self, commands: Sequence[bytes], batch: int) -> tuple[float, list[object]]:
        """Commands per second in batches of this size, and every answer."""
        began = perf_counter()
        answers: list[object] = []
        for start in range(0, len(commands), batch):
            answers += self.pipeline(commands[start : start + batch])
        return len(commands) / (perf_counter() - began), answers

    @property
    def used_memory(self) -> int:
        """Bytes that Redis has allocated."""
        info = self.ask("INFO", "memory")
        assert isinstance(info, bytes), "INFO answers a text"
        return int(info.partition(b"used_memory:")[2].split()[0])


def packed(*words: str | bytes | int) -> bytes:
    """One command as it goes over the wire."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        text = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(text), text))
    return b"".join(parts)


async def fill(reach: Reach, agents: Iterable[Agent], calls: Iterable[Call]) -> None:
    """Begin an epoch with these records, without events."""
    keys = Keys(POOL)
    bare = Bare(reach)
    async with RedisStore(reach.url, pool=POOL, command_timeout_s=30) as store:
        bare.ask("FLUSHALL")
        await store.join()
        await store.begin_epoch("bench", lease_ms=LEASE_MS)
        for key, records in ((keys.agents, agents), (keys.calls, calls)):
            for words in _batches(records):
                bare.ask("HSET", key, *words)
        await store.open_epoch()
    bare.close()


def _batches(records: Iterable[Agent | Call]) -> Iterator[list[str | bytes]]:
    left = iter(records)
    while batch := list(islice(left, _FILL_BATCH)):
        yield [word for record in batch for word in (record.id, b"0-0|" + written(record))]


async def reservations(reach: Reach, numbers: range) -> list[bytes]:
    """The store's own reserve script as bare commands: call c<n>, agent a<n> and some spares."""
    async with RedisStore(reach.url, pool=POOL) as store:
        epoch = await store.join()
    assert epoch is not None, "the epoch was begun before"
    sha, key = scripts(Limits())["reserve"].sha, Keys(POOL).epoch
    return [
        packed("EVALSHA", sha, 1, key, epoch.id, f"c{number}", 1, LEASE_MS, WHY, *agents_for(number))
        for number in numbers
    ]


WHY = "longest_idle; 3 free of 210, 150 talking, 40 wrap up, 17 on break"


def agents_for(number: int) -> tuple[str, ...]:
    """Best first: the first is free, the others are spares."""
    return tuple(f"a{number + more}" for more in range(SPARES + 1))
