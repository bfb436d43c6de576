"""What time ends is ended on time, by the leader alone, and nobody looks at a clock in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest

from acd.agent import Agent, AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.errors import StaleEpoch
from acd.events import AnyEvent, OfferEnded, WrapUpEnded
from acd.memory import MemoryStore
from acd.offer import Offer, OfferOutcome
from acd.ports import OfferRef, Refused, Reservation
from stasis_app.deadlines import Deadlines
from stasis_app.event_feed import EventFeed

S = TypeVar("S", bound="Watched")


def clock() -> int:
    return 1_700_000_000_000 + time.monotonic_ns() // 1_000_000


class Watched(MemoryStore):
    """Counts what it is asked to end."""

    asked = 0

    async def expire_offer(self, offer: str) -> Offer | Refused:
        self.asked += 1
        return await super().expire_offer(offer)

    async def end_wrap_up(self, agent: str, *, by: str) -> Agent | Refused:
        self.asked += by == "time"
        return await super().end_wrap_up(agent, by=by)


async def opened(store: S) -> S:
    await store.begin_epoch("p", lease_ms=1_000)
    await store.configure_agents(["amy", "ben"], version=1)
    await store.open_epoch()
    for agent in ("amy", "ben"):
        await store.set_reachable(agent, reachable=True, node="n")
        await store.set_status(agent, AgentStatus.READY)
    return store


@pytest.fixture
async def store() -> Watched:
    return await opened(Watched(clock=clock, wake=asyncio.Event))


@asynccontextmanager
async def running(store: MemoryStore, *, active: bool = True) -> AsyncIterator[asyncio.Event]:
    feed, leading = EventFeed(store), asyncio.Event()
    if active:
        leading.set()
    deadlines = Deadlines(store, feed, active=leading)
    async with asyncio.TaskGroup() as tasks:
        both = [tasks.create_task(feed.run()), tasks.create_task(deadlines.run())]
        await asyncio.sleep(0.02)
        yield leading
        for task in both:
            task.cancel()


async def until(store: MemoryStore, wanted: Callable[[AnyEvent], bool], *, after: str = "") -> AnyEvent:
    async with asyncio.timeout(3):
        async for events in store.events(after):
            for event in events:
                if wanted(event):
                    return event
    raise AssertionError("the stream never ends")


async def offered(store: MemoryStore, call: str, agent: str, *, lease_ms: int) -> Offer:
    await store.enqueue(Call(id=call, queue="q", owner="p"))
    offers = await store.reserve(Reservation(call=call, agents=[agent], lease_ms=lease_ms))
    assert not isinstance(offers, Refused)
    return offers[0]


async def connected(store: MemoryStore, call: str, agent: str) -> Offer:
    offer = await offered(store, call, agent, lease_ms=60_000)
    ref = OfferRef(id=offer.id, fence=offer.fence, owner="p")
    await store.ring(ref)
    await store.accept(ref, lease_ms=60_000)
    result = await store.connect(ref)
    assert isinstance(result, Offer)
    return result


async def wraps_up(store: MemoryStore, agent: str, *, wrap_up_ms: int) -> None:
    await connected(store, f"call-of-{agent}", agent)
    await store.end_call(f"call-of-{agent}", EndReason.COMPLETED, owner="p", by=EndedBy.CALLER, wrap_up_ms=wrap_up_ms)


async def test_wrap_up_ends_on_time(store: Watched) -> None:
    async with running(store):
        await wraps_up(store, "amy", wrap_up_ms=100)
        due = store.world.agents["amy"].wrap_up_until
        event = await until(store, lambda event: isinstance(event, WrapUpEnded))

    assert isinstance(event, WrapUpEnded)
    assert due is not None
    assert 0 <= event.at - due < 60
    assert (event.agent.id, event.by) == ("amy", "time")


async def test_a_reservation_that_nobody_ended_ends_with_its_lease(store: Watched) -> None:
    async with running(store):
        offer = await offered(store, "a", "amy", lease_ms=100)
        event = await until(store, lambda event: isinstance(event, OfferEnded))

    assert isinstance(event, OfferEnded)
    assert event.offer.outcome is OfferOutcome.EXPIRED
    assert 0 <= event.at - offer.lease_until < 60


async def test_a_winner_that_is_never_bridged_ends_with_its_lease_too(store: Watched) -> None:
    async with running(store):
        offer = await offered(store, "a", "amy", lease_ms=60_000)
        ref = OfferRef(id=offer.id, fence=offer.fence, owner="p")
        await store.ring(ref)
        await store.accept(ref, lease_ms=100)
        event = await until(store, lambda event: isinstance(event, OfferEnded))

    assert isinstance(event, OfferEnded)
    assert event.offer.outcome is OfferOutcome.EXPIRED


async def test_a_lease_that_was_moved_is_not_ended_at_its_old_time(store: Watched) -> None:
    async with running(store):
        offer = await offered(store, "a", "amy", lease_ms=50)
        ref = OfferRef(id=offer.id, fence=offer.fence, owner="p")
        await store.ring(ref)
        await store.accept(ref, lease_ms=60_000)
        await asyncio.sleep(0.15)

    assert offer.id in store.world.offers
    assert store.asked == 0


async def test_an_earlier_deadline_is_not_slept_through(store: Watched) -> None:
    async with running(store):
        await offered(store, "a", "ben", lease_ms=60_000)
        await asyncio.sleep(0.02)
        await wraps_up(store, "amy", wrap_up_ms=50)
        await until(store, lambda event: isinstance(event, WrapUpEnded))

    assert store.asked == 1


async def test_deadlines_from_before_the_start_are_kept(store: Watched) -> None:
    await wraps_up(store, "amy", wrap_up_ms=30)
    await offered(store, "a", "ben", lease_ms=30)
    await asyncio.sleep(0.05)
    async with running(store):
        await until(store, lambda event: isinstance(event, WrapUpEnded))
        await until(store, lambda event: isinstance(event, OfferEnded))


async def test_only_the_leader_acts_and_a_new_one_catches_up_at_once(store: Watched) -> None:
    async with running(store, active=False) as leading:
        await wraps_up(store, "amy", wrap_up_ms=30)
        await asyncio.sleep(0.1)
        assert store.asked == 0

        leading.set()
        began = time.monotonic()
        await until(store, lambda event: isinstance(event, WrapUpEnded))
        assert time.monotonic() - began < 0.05


async def test_what_was_ended_by_others_is_left_alone(store: Watched) -> None:
    async with running(store):
        await wraps_up(store, "amy", wrap_up_ms=80)
        await store.end_wrap_up("amy", by="agent")
        offer = await offered(store, "a", "ben", lease_ms=80)
        await store.end_offer(OfferRef(id=offer.id, fence=offer.fence, owner="p"), OfferOutcome.NO_ANSWER)
        await connected(store, "b", "ben")
        await asyncio.sleep(0.2)

    assert store.asked == 0


async def test_a_clock_that_is_ahead_of_the_store_only_makes_it_ask_again() -> None:
    class Ahead(Watched):
        async def now(self) -> int:
            return await super().now() + 100

    store = await opened(Ahead(clock=clock, wake=asyncio.Event))
    async with running(store):
        await wraps_up(store, "amy", wrap_up_ms=150)
        await until(store, lambda event: isinstance(event, WrapUpEnded))

    assert 2 <= store.asked <= 8


async def test_many_deadlines_at_once_are_all_kept(store: Watched) -> None:
    names = [f"agent-{number}" for number in range(300)]
    await store.configure_agents(names, version=2)
    for name in names:
        await store.set_reachable(name, reachable=True, node="n")
        await store.set_status(name, AgentStatus.READY)
    async with running(store):
        for name in names:
            await offered(store, f"call-of-{name}", name, lease_ms=100)
        await until(store, lambda _: not store.world.offers)

    assert store.asked == len(names)


async def test_the_agenda_does_not_grow_with_deadlines_that_are_moot(store: Watched) -> None:
    feed, leading = EventFeed(store), asyncio.Event()
    deadlines = Deadlines(store, feed, active=leading)
    async with asyncio.TaskGroup() as tasks:
        both = [tasks.create_task(feed.run()), tasks.create_task(deadlines.run())]
        await asyncio.sleep(0)
        for number in range(3_000):
            offer = await offered(store, f"c{number}", "amy", lease_ms=60_000)
            await store.end_offer(OfferRef(id=offer.id, fence=offer.fence, owner="p"), OfferOutcome.UNREACHABLE)
        await asyncio.sleep(0.1)
        assert feed.position == store.world.position
        assert deadlines.agenda_size <= 1_100
        for task in both:
            task.cancel()


async def test_the_loss_of_the_store_comes_out_bare(store: Watched) -> None:
    async def lose() -> None:
        async with running(store):
            await wraps_up(store, "amy", wrap_up_ms=50)
            store.world.restart()
            await asyncio.sleep(1)

    with pytest.raises(ExceptionGroup) as lost:
        await lose()
    assert {type(error) for error in lost.value.exceptions} == {StaleEpoch}
