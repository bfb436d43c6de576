"""A call that is ours and that nobody drives is driven, and no call is that merely was driven a moment ago."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from acd.call import Call, EndedBy, EndReason
from acd.memory import MemoryStore
from stasis_app.event_feed import EventFeed
from stasis_app.undriven import UndrivenCalls

OURS, THEIRS = "acd-1", "acd-2"


class Pool:
    """A store, this process's view of it, and what is driven."""

    def __init__(self) -> None:
        self.store = MemoryStore(lambda: 1_700_000_000_000 + time.monotonic_ns() // 1_000_000, asyncio.Event)
        self.feed = EventFeed(self.store)
        self.driven: set[str] = set()
        self.started: list[str] = []
        self.undriven = UndrivenCalls(self.feed, process=OURS, drives=self.driven.__contains__, start=self.start)

    def start(self, call: Call) -> None:
        self.started.append(call.id)
        self.driven.add(call.id)

    async def calls(self, *owners: str) -> None:
        for number, owner in enumerate(owners, 1):
            await self.store.enqueue(Call(id=f"c{number}", queue="support", owner=owner))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self.feed.run())
            await self.caught_up()
            yield
            task.cancel()

    async def caught_up(self) -> None:
        async with asyncio.timeout(40):
            while self.feed.position != (await self.store.snapshot()).position:  # noqa: ASYNC110
                await asyncio.sleep(0.001)


@pytest.fixture
async def pool() -> Pool:
    pool = Pool()
    await pool.store.begin_epoch(OURS, lease_ms=5_000)
    await pool.store.open_epoch()
    return pool


@pytest.mark.parametrize("at_start", [True, False])
async def test_ours_is_driven_after_two_looks_and_that_of_others_never(pool: Pool, at_start: bool) -> None:
    if at_start:
        await pool.calls(OURS, THEIRS, OURS)
    async with pool.reading():
        if not at_start:
            await pool.calls(OURS, THEIRS, OURS)
            await pool.caught_up()
        pool.driven.add("c3")
        pool.undriven.look()
        first = list(pool.started)
        pool.undriven.look()
        second = list(pool.started)
        pool.undriven.look()

    assert (first, second, pool.started) == ([], ["c1"], ["c1"])


async def test_one_that_ends_or_changes_hands_in_between_is_nothing_to_us(pool: Pool) -> None:
    await pool.calls(OURS, OURS)
    async with pool.reading():
        pool.undriven.look()
        await pool.store.end_call("c1", EndReason.ABANDONED, owner=OURS, by=EndedBy.CALLER)
        await pool.store.leave(OURS)
        await pool.store.take_over("c2", previous=OURS, by=THEIRS)
        await pool.caught_up()
        pool.undriven.look()
        pool.undriven.look()

    assert pool.started == []
