"""What the conformance suite cannot ask of every store: the memory store's own limits, handles and wake-ups."""

from __future__ import annotations

import asyncio

import pytest

from acd.call import Call
from acd.errors import StaleEpoch
from acd.events import AlertKind, AlertRaised
from acd.memory import MemoryStore


class Hand:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.ms = 1_000_000

    def __call__(self) -> int:
        return self.ms


async def opened(clock: Hand, *, event_limit: int = 1_000_000, keep_ms: int = 600_000) -> MemoryStore:
    store = MemoryStore(clock, asyncio.Event, event_limit=event_limit, keep_ms=keep_ms)
    await store.begin_epoch("acd-1", lease_ms=1000)
    await store.open_epoch()
    return store


async def test_ids_rise_within_a_millisecond_and_with_the_clock() -> None:
    clock = Hand()
    store = await opened(clock)
    await store.enqueue(Call(id="c1", queue="q"))
    clock.ms += 1
    await store.enqueue(Call(id="c2", queue="q"))

    ids = [event.id for event in await store.read_events("", 10)]
    assert ids == ["1000000-0", "1000000-1", "1000001-0"]


async def test_what_every_consumer_has_kept_goes_once_it_is_old() -> None:
    clock = Hand()
    store = await opened(clock, keep_ms=100)
    await store.enqueue(Call(id="c1", queue="q"))
    kept = store.world.position
    await store.consumed("history", kept)
    await store.consumed("webhooks", "")
    clock.ms += 1000
    await store.enqueue(Call(id="c2", queue="q"))

    await store.consumed("history", kept)
    assert len(await store.read_events("", 10)) == 3, "webhooks has kept nothing yet"
    await store.consumed("webhooks", kept)
    assert next(event.id for event in await store.read_events("", 10)) == kept
    with pytest.raises(StaleEpoch, match="no longer kept"):
        await anext(store.events(""))
    assert await anext(store.events(kept))


async def test_a_consumer_that_stays_behind_the_limit_is_told_of_the_gap() -> None:
    clock = Hand()
    store = await opened(clock, event_limit=100)
    await store.consumed("history", store.world.position)
    for number in range(100):
        clock.ms += 1
        await store.enqueue(Call(id=f"c{number}", queue="q"))

    events = await store.read_events("", 1000)
    [alert] = [event for event in events if isinstance(event, AlertRaised)]
    assert alert.alert is AlertKind.EVENTS_LOST
    assert alert.text.startswith("history had kept the events up to 1000000-0;")
    assert len(events) == 100


async def test_readers_leave_nothing_behind() -> None:
    store = await opened(Hand())
    stream, inbox = store.events(""), store.inbox("acd-1")
    await anext(stream)
    await anext(inbox)
    assert len(store.world.listeners) == 2

    await stream.aclose()  # type: ignore[attr-defined]
    await inbox.aclose()  # type: ignore[attr-defined]
    assert not store.world.listeners


async def test_a_sibling_shares_the_data_but_has_to_join() -> None:
    store = await opened(Hand())
    await store.enqueue(Call(id="c1", queue="q"))
    other = store.sibling()

    with pytest.raises(StaleEpoch, match="joined yet"):
        await other.call("c1")
    await other.join()
    assert await other.call("c1") == await store.call("c1")
