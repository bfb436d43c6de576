"""A snapshot that is read in pages while the pool goes on is the state at one position of the stream all the same."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis as Client

from acd.agent import Agent, AgentActivity, AgentStatus
from acd.call import Call, CallState, EndedBy, EndReason
from acd.fold import folded
from acd.offer import OfferOutcome
from acd.ports import CallChange, Refused, Reservation, Snapshot
from acd.testing.stage import LONG_MS, done, ref
from scenarios.lab.redis import Redis
from stasis_app.redis_store import Limits, RedisStore, pages

pytestmark = pytest.mark.redis

AGENTS = [f"agent-{number}" for number in range(150)]
CALLS = [f"c{number}" for number in range(250)]


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Redis]:
    async with Redis.running(tmp_path) as server:
        yield server


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE", 20)


async def filled(store: RedisStore) -> None:
    await store.begin_epoch("acd-1", lease_ms=LONG_MS)
    await store.open_epoch()
    await store.configure_agents(AGENTS, version=1)
    async with asyncio.TaskGroup() as tasks:
        for agent in AGENTS:
            tasks.create_task(store.set_status(agent, AgentStatus.READY))
            tasks.create_task(store.set_reachable(agent, reachable=True, node="pbx"))
        for call in CALLS:
            tasks.create_task(store.enqueue(Call(id=call, queue="support", owner="acd-1")))


async def go_on(store: RedisStore, rng: random.Random) -> None:
    """Calls come, are offered, ring, talk, wait again, change, end; agents go and are configured anew."""
    call = rng.choice(CALLS)
    chosen = rng.randrange(10)
    if chosen == 0:
        await store.end_call(call, EndReason.COMPLETED, owner="acd-1", by=EndedBy.CALLER)
    elif chosen == 1:
        await store.requeue(call, owner="acd-1")
    elif chosen == 2:
        await store.change_call(call, CallChange(priority=rng.random()))
    elif chosen == 3:
        version = rng.randrange(2, 10_000)
        await store.configure_agents(rng.sample(AGENTS, len(AGENTS) - 10), version=version)
        await store.switch_step("support", rng.randrange(5), on=True, version=version)
    elif chosen == 4:
        await store.take_over(call, previous="acd-1", by="acd-1")
    else:
        await store.enqueue(Call(id=call, queue="support", owner="acd-1"))
        await ring_some(store, rng, call)


async def ring_some(store: RedisStore, rng: random.Random, call: str) -> None:
    offers = await store.reserve(Reservation(call=call, agents=rng.sample(AGENTS, 3), width=2, lease_ms=LONG_MS))
    if isinstance(offers, Refused):
        return
    for offer in offers:
        await store.ring(ref(offer))
    chosen = rng.randrange(5)
    if chosen == 0:
        await store.end_offer(ref(offers[0]), OfferOutcome.NO_ANSWER)
    elif chosen > 1:
        await store.accept(ref(offers[0]), lease_ms=LONG_MS)
        if chosen > 2:
            await store.connect(ref(offers[0]))


async def test_a_snapshot_in_pages_is_one_instant_whatever_goes_on(redis: Redis) -> None:
    async with RedisStore(redis.url) as store, RedisStore(redis.url) as reader:
        await filled(store)
        await reader.join()
        start = await reader.snapshot()
        assert (len(start.agents), len(start.calls)) == (len(AGENTS), len(CALLS))
        over = asyncio.Event()

        async def bustle(seed: int) -> None:
            rng = random.Random(seed)
            while not over.is_set():
                await go_on(store, rng)

        taken: list[Snapshot] = []
        async with asyncio.TaskGroup() as tasks:
            for seed in range(4):
                tasks.create_task(bustle(seed))
            taken += [await reader.snapshot() for _ in range(6)]
            over.set()

        assert len({snapshot.position for snapshot in taken}) == 6, "the pool went on meanwhile"
        events = await reader.read_events(start.position, 1_000_000)
        ids = [event.id for event in events]
        for snapshot in taken:
            so_far = events[: ids.index(snapshot.position) + 1]
            assert replace(folded(start, so_far), at=0) == replace(snapshot, at=0)


def while_reading(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Awaitable[object]]) -> None:
    """Have this done once between the records and the events of a snapshot."""
    caught_up, pending = pages._caught_up, [act]

    async def late(*words: object) -> object:
        if pending:
            await pending.pop()()
        return await caught_up(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(pages, "_caught_up", late)


async def test_what_changes_without_an_event_is_read_again(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    async with RedisStore(redis.url) as store, RedisStore(redis.url) as reader:
        await filled(store)

        async def rebuild() -> None:
            await store.begin_epoch("acd-1", lease_ms=LONG_MS)
            await store.restore_call(Call(id="restored", queue="support", owner="acd-1"))

        while_reading(monkeypatch, rebuild)
        assert set((await reader.snapshot()).calls) == {"restored"}

        while_reading(monkeypatch, lambda: store.restore_call(Call(id="another", queue="support", owner="acd-1")))
        assert set((await reader.snapshot()).calls) == {"restored", "another"}

        await store.open_epoch()
        while_reading(monkeypatch, redis.flush)
        assert (await reader.snapshot()).agents == {}


async def test_events_that_were_given_up_meanwhile_are_not_missed(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with RedisStore(redis.url, limits=Limits(events=100)) as store, RedisStore(redis.url) as reader:
        await filled(store)

        async def too_much() -> None:
            for number in range(200):
                await store.enqueue(Call(id=f"late-{number}", queue="support", owner="acd-1"))

        while_reading(monkeypatch, too_much)
        assert len((await reader.snapshot()).calls) == len(CALLS) + 200


async def test_records_and_events_of_the_version_before_are_read(redis: Redis) -> None:
    async with RedisStore(redis.url) as store:
        await store.begin_epoch("acd-1", lease_ms=LONG_MS)
        await store.open_epoch()
        now = await store.now()
        agent = (
            f'{{"id":"anna","status":"ready","status_since":{now},"activity":"idle","activity_since":{now},'
            f'"reachable":true,"node":"pbx","idle_since":{now},"cool_until":0,"answered":7,"missed":1,"talk_ms":9}}'
        )
        call = (
            f'{{"id":"c1","queue":"support","state":"queued","state_since":{now},"node":"pbx","owner":"acd-1",'
            f'"caller_number":"","caller_name":"","called_number":"","priority":0,"requires":{{"german":50}},'
            f'"attributes":{{}},"arrived_at":{now},"queued_at":{now},"rounds":0,"offers":{{}}}}'
        )
        async with Client.from_url(redis.url) as client:
            root = "acd:{default}:"
            await client.hset(root + "agents", "anna", "1-1|" + agent)
            await client.hset(root + "calls", "c1", "1-1|" + call)
            await client.hset(root + "calls", "c2", "1-1|" + call.replace("c1", "c2").replace('{"german":50}', "{}"))
            await client.xadd(root + "events", {"kind": "CallQueued", "body": f'{{"at":{now},"call":{call}}}'})

        [old] = [event for event in await store.read_events("", 10) if type(event).__name__ == "CallQueued"]
        snapshot = await store.snapshot()
        waiting = Call(
            id="c1", queue="support", state_since=now, node="pbx", owner="acd-1", requires="german >= 50",
            arrived_at=now, queued_at=now,
        )  # fmt: skip
        assert snapshot.calls == {"c1": waiting, "c2": replace(waiting, id="c2", requires="")}
        assert getattr(old, "call", None) == waiting
        assert snapshot.agents["anna"] == Agent(
            id="anna", status=AgentStatus.READY, status_since=now, activity_since=now, reachable=True, node="pbx",
            idle_since=now, answered=7, missed=1, talk_ms=9,
        )  # fmt: skip

        await lead_through_everything(store)


async def lead_through_everything(store: RedisStore) -> None:
    """Each transition takes records that lack what came later."""
    reservation = Reservation(call="c1", agents=["anna"], lease_ms=LONG_MS)
    [missed] = done(await store.reserve(reservation))
    await store.end_offer(ref(missed), OfferOutcome.NO_ANSWER, break_after=9)
    [offer] = done(await store.reserve(reservation))
    await store.ring(ref(offer))
    await store.accept(ref(offer), lease_ms=LONG_MS)
    await store.connect(ref(offer))
    await store.end_call("c1", EndReason.COMPLETED, owner="acd-1", by=EndedBy.CALLER)
    anna = await store.agent("anna")
    assert anna is not None
    assert (anna.activity, anna.answered, anna.shift_answered) == (AgentActivity.IDLE, 8, 1)
    assert set(anna.offered_in) == {"support"}
    changed = await store.change_call("c2", CallChange(requires="german", prefers="dutch", queue="sales"))
    assert isinstance(changed, Call)
    assert (changed.requires, changed.prefers, changed.queue) == ("german", "dutch", "sales")
    assert changed.state is CallState.QUEUED
