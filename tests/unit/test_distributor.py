"""The distributor carries decisions to the store: at once, by one process at a time, and again after a loss."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TypeVar

import pytest

from acd.agent import AgentProfile, AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.configuration import Configuration
from acd.errors import StaleEpoch
from acd.events import AlertKind, AlertRaised, AnyEvent, OfferMade
from acd.matcher import Matcher, Proposal
from acd.memory import MemoryStore
from acd.offer import Offer, OfferOutcome
from acd.ports import OfferRef, Refused, Reservation
from acd.queue import Queue
from acd.strategy import Ranking, Situation, Strategies
from stasis_app.distributor import Distributor
from stasis_app.event_feed import EventFeed

S = TypeVar("S", bound=MemoryStore)

NAMES = ("amy", "ben", "cat")
CONFIGURATION = Configuration(
    version=1,
    queues={"q": Queue(name="q", ring_timeout_s=15)},
    agents={name: AgentProfile(id=name, queues={"q": 0}) for name in NAMES},
)


def clock() -> int:
    return 1_700_000_000_000 + time.monotonic_ns() // 1_000_000


async def opened(store: S) -> S:
    """The store with an open epoch and three agents who are logged out."""
    await store.begin_epoch("p", lease_ms=1_000)
    await store.configure_agents(NAMES, version=1)
    await store.open_epoch()
    return store


@pytest.fixture
async def store() -> MemoryStore:
    return await opened(MemoryStore(clock=clock, wake=asyncio.Event))


class CountingMatcher(Matcher):
    asked = 0

    def propose(self, now: int) -> Sequence[Proposal]:
        self.asked += 1
        return super().propose(now)


class Process:
    """What one ACD process runs of these parts."""

    def __init__(
        self, store: MemoryStore, name: str = "p", strategies: Strategies | None = None, most_at_once: int = 64
    ) -> None:
        self.store = store
        self.matcher = CountingMatcher(CONFIGURATION, strategies or {})
        self.feed = EventFeed(store)
        self.distributor = Distributor(store, self.feed, self.matcher, process=name, most_at_once=most_at_once)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            both = [tasks.create_task(self.feed.run()), tasks.create_task(self.distributor.run())]
            yield
            for task in both:
                task.cancel()


async def until(
    store: MemoryStore, wanted: Callable[[AnyEvent], bool], *, after: str = "", limit_s: float = 5
) -> AnyEvent:
    async with asyncio.timeout(limit_s):
        async for events in store.events(after):
            for event in events:
                if wanted(event):
                    return event
    raise AssertionError("the stream never ends")


async def offer_of(store: MemoryStore, call: str, **options: object) -> Offer:
    event = await until(store, lambda event: isinstance(event, OfferMade) and event.offer.call == call, **options)  # type: ignore[arg-type]
    assert isinstance(event, OfferMade)
    return event.offer


async def ready(store: MemoryStore, *agents: str) -> None:
    for agent in agents:
        await store.set_reachable(agent, reachable=True, node="n")
        await store.set_status(agent, AgentStatus.READY)


async def queued(store: MemoryStore, *calls: str, owner: str = "p") -> None:
    for call in calls:
        await store.enqueue(Call(id=call, queue="q", owner=owner))


async def test_a_caller_who_comes_is_offered_to_a_free_agent_with_lease_and_reason(store: MemoryStore) -> None:
    await ready(store, "amy")
    async with Process(store).running():
        await queued(store, "a")
        offer = await offer_of(store, "a")

    assert offer.agent == "amy"
    assert offer.lease_until - offer.made_at == 15_000 + 5_000, "ring time-out and margin"
    assert offer.why == "longest_idle; best amy; 1 free of 3, 2 logged out"


async def test_an_agent_who_becomes_free_gets_the_first_who_waits(store: MemoryStore) -> None:
    await queued(store, "a", "b")
    async with Process(store).running():
        await ready(store, "amy")
        offer = await offer_of(store, "a")

    assert offer.agent == "amy"


async def test_what_was_there_before_the_start_is_served(store: MemoryStore) -> None:
    await queued(store, "a")
    await ready(store, "amy")
    async with Process(store).running():
        assert (await offer_of(store, "a")).agent == "amy"


async def test_a_cool_off_ends_on_time_without_any_event(store: MemoryStore) -> None:
    await ready(store, "amy")
    async with Process(store).running():
        await queued(store, "a")
        first = await offer_of(store, "a")
        ended = await store.end_offer(
            OfferRef(id=first.id, fence=first.fence, owner="p"), OfferOutcome.NO_ANSWER, cool_off_ms=200
        )
        assert isinstance(ended, Offer)
        assert ended.ended_at is not None
        agent = await store.agent("amy")
        assert agent is not None
        again = await offer_of(store, "a", after=store.world.position)

    assert 0 <= again.made_at - agent.cool_until < 100


async def test_while_nothing_happens_nothing_is_asked(store: MemoryStore) -> None:
    process = Process(store)
    async with process.running():
        await process.distributor.leading.wait()
        await queued(store, "a")
        await asyncio.sleep(0.1)
        asked = process.matcher.asked
        assert asked
        await asyncio.sleep(0.5)

        assert process.matcher.asked == asked


async def test_only_the_leader_reserves_but_every_process_knows_who_would_be_next(store: MemoryStore) -> None:
    leader, follower = Process(store, "first"), Process(await joined(store), "second")
    async with leader.running():
        await leader.distributor.leading.wait()
        async with follower.running():
            await ready(store, "amy")
            await queued(store, "a", "b")
            await offer_of(store, "a")
            await asyncio.sleep(0.05)

            assert not follower.distributor.leading.is_set()
            assert follower.matcher.asked == 0
            assert follower.matcher.position == leader.matcher.position


async def joined(store: MemoryStore) -> MemoryStore:
    other = store.sibling()
    assert await other.join()
    return other


async def test_when_the_leader_falls_silent_another_goes_on_within_two_seconds(store: MemoryStore) -> None:
    leader, follower = Process(store, "first"), Process(await joined(store), "second")
    async with AsyncExitStack() as life_of_leader:
        await life_of_leader.enter_async_context(leader.running())
        await leader.distributor.leading.wait()
        async with follower.running():
            await ready(store, "amy")
            await life_of_leader.aclose()
            died_at = time.monotonic()
            await queued(store, "a")
            assert not follower.distributor.leading.is_set()

            assert (await offer_of(store, "a")).agent == "amy"
            assert time.monotonic() - died_at < 2


async def test_a_leader_that_cannot_renew_its_lead_stops_acting_when_its_lease_ends() -> None:
    class Renewing(MemoryStore):
        renewals = 0

        async def lead(self, process: str, *, lease_ms: int) -> bool:
            self.renewals += 1
            if self.renewals > 1:
                await asyncio.Event().wait()
            return await super().lead(process, lease_ms=lease_ms)

    store = await opened(Renewing(clock=clock, wake=asyncio.Event))
    process = Process(store)
    async with process.running():
        await asyncio.sleep(1.3)
        await ready(store, "amy")
        await queued(store, "a")
        await asyncio.sleep(0.1)

        assert process.distributor.leading.is_set()
        assert process.matcher.asked
        assert not store.world.offers


async def test_reservations_go_out_together_but_not_without_bound() -> None:
    class Slow(MemoryStore):
        under_way = most = 0

        async def reserve(self, reservation: Reservation) -> Sequence[Offer] | Refused:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            await asyncio.sleep(0.01)
            self.under_way -= 1
            return await super().reserve(reservation)

    store = await opened(Slow(clock=clock, wake=asyncio.Event))
    await ready(store, *NAMES)
    await queued(store, "a", "b", "c")
    async with Process(store, most_at_once=2).running():
        assert {(await offer_of(store, call)).agent for call in "abc"} == set(NAMES)

    assert store.most == 2


async def test_an_agent_who_is_gone_at_the_last_moment_is_replaced_by_a_spare() -> None:
    class Late(MemoryStore):
        async def reserve(self, reservation: Reservation) -> Sequence[Offer] | Refused:
            await self.set_status("amy", AgentStatus.ON_BREAK)
            return await super().reserve(reservation)

    store = await opened(Late(clock=clock, wake=asyncio.Event))
    await ready(store, "amy", "ben")
    async with Process(store).running():
        await queued(store, "a")

        assert (await offer_of(store, "a")).agent == "ben"


async def test_a_refused_reservation_is_made_good_once_the_news_is_there() -> None:
    class Late(MemoryStore):
        asked = 0

        async def reserve(self, reservation: Reservation) -> Sequence[Offer] | Refused:
            self.asked += 1
            if self.asked == 1:
                await self.set_status("amy", AgentStatus.ON_BREAK)
            return await super().reserve(reservation)

    store = await opened(Late(clock=clock, wake=asyncio.Event))
    await ready(store, "amy")
    async with Process(store).running():
        await queued(store, "a")
        await asyncio.sleep(0.1)
        assert store.asked == 1, "refused once, and not asked again before something changes"
        await ready(store, "amy")

        assert (await offer_of(store, "a")).agent == "amy"


async def test_a_call_that_ends_while_its_reservation_is_under_way_harms_nobody() -> None:
    class Late(MemoryStore):
        async def reserve(self, reservation: Reservation) -> Sequence[Offer] | Refused:
            if reservation.call == "a":
                await self.end_call("a", EndReason.ABANDONED, owner="p", by=EndedBy.CALLER)
            return await super().reserve(reservation)

    store = await opened(Late(clock=clock, wake=asyncio.Event))
    await queued(store, "a", "b")
    async with Process(store).running():
        await ready(store, "amy")

        assert (await offer_of(store, "b")).agent == "amy"


async def test_another_configuration_takes_effect_at_once(store: MemoryStore) -> None:
    process = Process(store)
    async with process.running():
        await process.distributor.leading.wait()
        await store.enqueue(Call(id="a", queue="new"))
        await ready(store, "amy")
        agents = {"amy": AgentProfile(id="amy", queues={"new": 0})}
        process.distributor.configure(replace(CONFIGURATION, queues={"new": Queue(name="new")}, agents=agents), {})

        assert (await offer_of(store, "a")).agent == "amy"


async def test_a_strategy_that_fails_is_reported_and_the_caller_served() -> None:
    class Fails:
        def rank(self, situation: Situation) -> Ranking:
            raise ValueError("no idea")

    store = await opened(MemoryStore(clock=clock, wake=asyncio.Event))
    await ready(store, *NAMES)
    await queued(store, "a", "b", "c")
    async with Process(store, strategies={"q": Fails()}).running():
        for call in "abc":
            await offer_of(store, call)
        last = await until(
            store, lambda event: isinstance(event, AlertRaised) and event.alert is AlertKind.STRATEGY_SWITCHED_OFF
        )

    alerts = [event for event in await store.read_events("", 1_000) if isinstance(event, AlertRaised)]
    assert [alert.alert for alert in alerts[:2]] == [AlertKind.STRATEGY_FAILED] * 2
    assert alerts[0].text == (
        "Queue 'q': strategy 'longest_idle' failed, rank() raised ValueError: no idea; longest idle took this decision."
    )
    assert isinstance(last, AlertRaised)
    assert last.text.endswith("longest idle serves the queue until it is configured anew.")


async def test_the_loss_of_the_store_comes_out_bare_and_work_goes_on_in_the_next_epoch(store: MemoryStore) -> None:
    process = Process(store)
    await ready(store, "amy")

    async def run_until_lost() -> None:
        async with process.running():
            await process.distributor.leading.wait()
            store.world.restart()
            await asyncio.sleep(2)

    with pytest.raises(ExceptionGroup) as lost:
        await run_until_lost()
    assert {type(error) for error in lost.value.exceptions} == {StaleEpoch}
    assert not process.distributor.leading.is_set()

    await opened(store)
    await ready(store, "ben")
    async with process.running():
        await queued(store, "a")
        assert (await offer_of(store, "a", after="")).agent in {"amy", "ben"}


async def test_callers_are_served_in_order_at_full_speed(store: MemoryStore) -> None:
    calls = [f"c{number:03}" for number in range(200)]
    for number, call in enumerate(calls):
        await store.enqueue(Call(id=call, queue="q", owner="p", queued_at=clock() - 1_000 + number))
    await ready(store, *NAMES)
    served: list[str] = []
    async with Process(store).running():
        async with asyncio.timeout(10):
            async for events in store.events(""):
                for event in events:
                    if isinstance(event, OfferMade):
                        served.append(event.call.id)
                        await store.end_call(event.call.id, EndReason.FAILED, owner="p", by=EndedBy.SYSTEM)
                if len(served) == len(calls):
                    break

    assert sorted(served) == calls
    assert all(abs(place - calls.index(call)) < len(NAMES) for place, call in enumerate(served))
