"""Whoever subscribes, and whenever, sees a snapshot and then every event after it, once and in order."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from acd.agent import Agent
from acd.call import Call, CallState, EndedBy, EndReason
from acd.errors import StaleEpoch, StoreUnavailable
from acd.events import AnyEvent, CallQueued, EpochBegun
from acd.memory import MemoryStore
from acd.ports import Snapshot
from stasis_app.event_feed import EventFeed


class Listener:
    """Folds what it hears, as every subscriber does."""

    def __init__(self) -> None:
        self.snapshots: list[Snapshot] = []
        self.events: list[AnyEvent] = []
        self.calls: dict[str, Call] = {}
        self.agents: dict[str, Agent] = {}
        self.heard = asyncio.Event()

    def on_snapshot(self, snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)
        self.calls, self.agents = dict(snapshot.calls), dict(snapshot.agents)
        self.heard.set()

    def on_events(self, events: Sequence[AnyEvent]) -> None:
        assert events
        self.events.extend(events)
        for event in events:
            call: Call | None = getattr(event, "call", None)
            if call is not None:
                self.calls[call.id] = call
                if call.state is CallState.ENDED:
                    del self.calls[call.id]
        self.heard.set()

    async def until_snapshot(self, count: int = 1) -> None:
        async with asyncio.timeout(5):
            while len(self.snapshots) < count:
                self.heard.clear()
                await self.heard.wait()

    async def until_event(self, event_id: str) -> None:
        async with asyncio.timeout(5):
            while not self.events or self.events[-1].id != event_id:
                self.heard.clear()
                await self.heard.wait()


class SlowSnapshots(MemoryStore):
    """Its snapshots are under way for a while, as those of a store behind a network are."""

    async def snapshot(self) -> Snapshot:
        await asyncio.sleep(0.002)
        snapshot = await super().snapshot()
        await asyncio.sleep(0.002)
        return snapshot


async def opened(store: MemoryStore) -> MemoryStore:
    await store.begin_epoch("p", lease_ms=1_000)
    await store.open_epoch()
    return store


@pytest.fixture
async def store() -> MemoryStore:
    return await opened(MemoryStore(clock=itertools.count(1_000).__next__, wake=asyncio.Event))


@asynccontextmanager
async def running(feed: EventFeed) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(feed.run())
        yield
        task.cancel()


async def test_a_subscriber_gets_a_snapshot_and_then_every_event(store: MemoryStore) -> None:
    await store.enqueue(Call(id="before", queue="q"))
    feed, listener = EventFeed(store), Listener()
    feed.subscribe(listener.on_snapshot, listener.on_events)
    async with running(feed):
        await listener.until_snapshot()
        await store.enqueue(Call(id="a", queue="q"))
        await store.enqueue(Call(id="b", queue="q"))
        await listener.until_event(store.world.position)

    assert list(listener.snapshots[0].calls) == ["before"]
    assert [event.call.id for event in listener.events if isinstance(event, CallQueued)] == ["a", "b"]
    assert feed.position == store.world.position


async def test_whoever_subscribes_late_misses_nothing_and_hears_nothing_twice() -> None:
    store = await opened(SlowSnapshots(clock=itertools.count(1_000).__next__, wake=asyncio.Event))
    feed, first = EventFeed(store), Listener()
    feed.subscribe(first.on_snapshot, first.on_events)
    listeners = []
    async with running(feed):
        await first.until_snapshot()
        for number in range(200):
            await store.enqueue(Call(id=f"c{number}", queue="q"))
            if number % 3:
                await store.end_call(f"c{number // 2}", EndReason.ABANDONED, owner="", by=EndedBy.CALLER)
            if number % 7 == 0:
                listeners.append(Listener())
                feed.subscribe(listeners[-1].on_snapshot, listeners[-1].on_events)
            await asyncio.sleep(0.0005)
        for listener in listeners:
            await listener.until_snapshot()
        await store.enqueue(Call(id="last", queue="q"))
        for listener in (first, *listeners):
            await listener.until_event(store.world.position)

    stream = [event.id for event in store.world.events]
    for listener in (first, *listeners):
        assert len(listener.snapshots) == 1
        assert listener.calls == store.world.calls
        heard = [event.id for event in listener.events]
        begin = listener.snapshots[0].position
        assert heard == stream[stream.index(begin) + 1 :]


async def test_nobody_hears_anything_after_unsubscribing(store: MemoryStore) -> None:
    feed, gone, stays = EventFeed(store), Listener(), Listener()
    unsubscribe = feed.subscribe(gone.on_snapshot, gone.on_events)
    feed.subscribe(stays.on_snapshot, stays.on_events)
    async with running(feed):
        await stays.until_snapshot()
        unsubscribe()
        unsubscribe()
        await store.enqueue(Call(id="a", queue="q"))
        await stays.until_event(store.world.position)

    assert gone.snapshots
    assert gone.events == []


async def test_a_subscriber_that_fails_harms_nobody_else(store: MemoryStore, capfd: pytest.CaptureFixture[str]) -> None:
    def fail(_: Any) -> None:
        raise ValueError("broken page")

    feed, listener = EventFeed(store), Listener()
    feed.subscribe(fail, fail)
    feed.subscribe(listener.on_snapshot, listener.on_events)
    async with running(feed):
        await listener.until_snapshot()
        await store.enqueue(Call(id="a", queue="q"))
        await listener.until_event(store.world.position)

    assert "broken page" in capfd.readouterr().err


async def test_the_loss_of_the_store_comes_out_bare_and_the_next_run_begins_with_a_snapshot(
    store: MemoryStore,
) -> None:
    feed, listener = EventFeed(store), Listener()
    feed.subscribe(listener.on_snapshot, listener.on_events)

    async def lose() -> None:
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(feed.run())
            await listener.until_snapshot()
            store.world.restart()
        task.result()

    with pytest.raises(ExceptionGroup) as lost:
        await lose()
    assert [type(error) for error in lost.value.exceptions] == [StaleEpoch]

    await opened(store)
    await store.enqueue(Call(id="a", queue="q"))
    async with running(feed):
        await listener.until_snapshot(2)
    assert list(listener.calls) == ["a"]


async def test_a_store_that_does_not_answer_at_the_start_is_told_to_the_caller() -> None:
    class Away(MemoryStore):
        async def snapshot(self) -> Snapshot:
            raise StoreUnavailable("nobody there")

    with pytest.raises(StoreUnavailable, match="nobody there"):
        await EventFeed(Away(clock=lambda: 1_000, wake=asyncio.Event)).run()


async def test_after_an_epoch_began_everybody_starts_from_a_fresh_snapshot() -> None:
    store = MemoryStore(clock=itertools.count(1_000).__next__, wake=asyncio.Event)
    await store.begin_epoch("p", lease_ms=1_000)
    feed, listener = EventFeed(store), Listener()
    feed.subscribe(listener.on_snapshot, listener.on_events)
    async with running(feed):
        await listener.until_snapshot()
        await store.restore_call(Call(id="a", queue="q"))
        await store.open_epoch()
        await listener.until_snapshot(2)

    assert isinstance(listener.events[-1], EpochBegun)
    assert list(listener.calls) == ["a"]
