"""The two stores as the conformance suite wants them: one in memory, one on a private Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from acd.memory import MemoryStore
from acd.ports import Store
from scenarios.lab.redis import Redis
from stasis_app.redis_store import RedisStore

Answer = TypeVar("Answer")


async def together(acts: Sequence[Coroutine[Any, Any, Answer]]) -> list[Answer]:
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(act) for act in acts]
    return [task.result() for task in running]


class MemorySetup:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.ms = 1_700_000_000_000
        self.store = MemoryStore(clock=lambda: self.ms, wake=asyncio.Event)

    async def another(self) -> Store:
        return self.store.sibling()

    async def empty(self) -> None:
        self.store.world.flush()

    async def restart(self) -> None:
        self.store.world.restart()

    async def pass_time(self, ms: int) -> None:
        self.ms += ms

    async def together(self, acts: Sequence[Coroutine[Any, Any, Answer]]) -> list[Answer]:
        return await together(acts)


class RedisSetup:
    """A Redis of its own, so that it can be emptied and restarted."""

    def __init__(self, redis: Redis, stack: AsyncExitStack) -> None:
        self.redis = redis
        self._stack = stack

    @classmethod
    async def started(cls, folder: Path, stack: AsyncExitStack) -> RedisSetup:
        return cls(await stack.enter_async_context(Redis.running(folder)), stack)

    async def another(self) -> Store:
        return await self._stack.enter_async_context(RedisStore(self.redis.url))

    async def empty(self) -> None:
        await self.redis.flush()

    async def restart(self) -> None:
        await self.redis.restart()

    async def pass_time(self, ms: int) -> None:
        await asyncio.sleep(ms / 1000)

    async def together(self, acts: Sequence[Coroutine[Any, Any, Answer]]) -> list[Answer]:
        return await together(acts)
