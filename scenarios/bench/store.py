"""A private Redis, filled with records quicker than call by call, and a bare loop that sends it commands in batches."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
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

    def seconds(self, commands: Sequence[bytes], batch: int) -> float:
        """How long these take in batches of this size."""
        began = perf_counter()
        for start in range(0, len(commands), batch):
            self.pipeline(commands[start : start + batch])
        return perf_counter() - began

    @property
    def used_memory(self) -> int:
        """Bytes that Redis has allocated."""
        return self.info("memory", "used_memory")

    def info(self, section: str, figure: str) -> int:
        """One figure of what Redis says about itself."""
        said = self.ask("INFO", section)
        assert isinstance(said, bytes), "INFO answers a text"
        return int(said.partition(b"\n%b:" % figure.encode())[2].split()[0])


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


async def sent_by(reach: Reach, act: Callable[[RedisStore], Awaitable[None]]) -> tuple[str, list[list[bytes]]]:
    """The epoch, and the commands that the store sends while it does this, word by word."""
    recorded: list[bytes] = []
    recording = False

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool) -> None:
        while chunk := await reader.read(1 << 18):
            if up and recording:
                recorded.append(chunk)
            writer.write(chunk)
            await writer.drain()
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        redis_reader, redis_writer = await asyncio.open_connection(reach.host, reach.port)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(carry(reader, redis_writer, up=True))
            tasks.create_task(carry(redis_reader, writer, up=False))

    async with await asyncio.start_server(connected, reach.host, 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with RedisStore(Reach(reach.host, port).url, pool=POOL, command_timeout_s=30) as store:
            epoch = await store.join()
            assert epoch is not None, "the epoch was begun before"
            recording = True
            await act(store)
            recording = False
    words = hiredis.Reader()
    words.feed(b"".join(recorded))
    commands = []
    while (command := words.gets()) is not False:
        commands.append(command)
    return epoch.id, commands


async def epoch_of(reach: Reach) -> str:
    """The epoch that is there now."""
    async with RedisStore(reach.url, pool=POOL) as store:
        epoch = await store.join()
    assert epoch is not None, "the epoch was begun before"
    return epoch.id


WHY = "longest_idle; 3 free of 210, 150 talking, 40 wrap up, 17 on break"


def agents_for(number: int) -> tuple[str, ...]:
    """Best first: the first is free, the others are spares."""
    return tuple(f"a{number + more}" for more in range(SPARES + 1))
