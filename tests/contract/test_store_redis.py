"""What only a store behind a network can get wrong: cancelled callers, silence, wrong addresses, full streams."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import structlog
from redis.asyncio import Redis as Client

from acd.agent import AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.errors import StaleEpoch, StoreUnavailable
from acd.events import AlertKind, AlertRaised, CallEnded
from acd.ports import Refused, Reservation
from acd.testing.stage import ref
from scenarios.lab.redis import Redis
from stasis_app.redis_store import Limits, RedisStore
from tests.contract.store_setups import together

pytestmark = pytest.mark.redis


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Redis]:
    async with Redis.running(tmp_path) as server:
        yield server


async def open_epoch(store: RedisStore) -> None:
    assert await store.begin_epoch("acd-1", lease_ms=10_000) is not None
    await store.open_epoch()


@pytest.fixture
async def store(redis: Redis) -> AsyncIterator[RedisStore]:
    async with RedisStore(redis.url) as store:
        await open_epoch(store)
        yield store


async def let_it_be_sent() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def a_call(number: int) -> Call:
    return Call(id=f"c{number}", queue="support", owner="acd-1")


async def test_cancelled_callers_never_get_each_others_answers(redis: Redis, store: RedisStore) -> None:
    await store.now()
    redis.child.signal(signal.SIGSTOP)
    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(store.enqueue(a_call(number))) for number in range(100)]
        sent = store.commands_sent
        await let_it_be_sent()
        assert store.commands_sent > sent, "they are under way, and Redis is silent"
        for task in random.sample(asked, 50):
            task.cancel()
        await let_it_be_sent()
        redis.child.signal(signal.SIGCONT)

    answered = {number: task.result() for number, task in enumerate(asked) if not task.cancelled()}
    assert len(answered) == 50
    assert all(call.id == f"c{number}" for number, call in answered.items())
    assert set((await store.snapshot()).calls) == {f"c{number}" for number in range(100)}, "what was sent is done"


async def test_random_cancellation_under_load_leaves_every_answer_with_its_asker(store: RedisStore) -> None:
    for number in range(50):
        await store.enqueue(a_call(number))

    async def ask(number: int) -> None:
        await asyncio.sleep(random.random() / 100)
        found = await store.call(f"c{number % 50}")
        assert found is not None
        assert found.id == f"c{number % 50}"

    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(ask(number)) for number in range(500)]
        await asyncio.sleep(0.005)
        for task in random.sample(asked, 250):
            task.cancel()

    await ask(7)


async def test_silence_is_an_error_within_the_time_limit_and_ends_with_the_silence(redis: Redis) -> None:
    async with RedisStore(redis.url, command_timeout_s=0.2) as store:
        await open_epoch(store)
        redis.child.signal(signal.SIGSTOP)
        started = asyncio.get_running_loop().time()
        answers = await together([_failure(store, number) for number in range(20)])
        waited = asyncio.get_running_loop().time() - started
        redis.child.signal(signal.SIGCONT)

        assert all("did not answer within 0.2 s" in answer for answer in answers)
        assert waited < 0.5
        assert (await store.enqueue(a_call(99))).id == "c99"


async def _failure(store: RedisStore, number: int) -> str:
    with pytest.raises(StoreUnavailable) as caught:
        await store.enqueue(a_call(number))
    return str(caught.value)


async def test_a_dead_redis_is_an_error_for_commands_and_readers_and_a_restarted_one_is_a_new_run(
    redis: Redis, store: RedisStore
) -> None:
    await store.enqueue(a_call(1))
    stream = store.events((await store.snapshot()).position)

    async def follow() -> None:
        with pytest.raises(StoreUnavailable, match="cannot be used"):
            await anext(stream)

    async def kill() -> None:
        await asyncio.sleep(0.1)
        await redis.kill()

    await together([follow(), kill()])
    with pytest.raises(StoreUnavailable, match="see that it runs"):
        await store.enqueue(a_call(2))
    await redis.start()
    with pytest.raises(StaleEpoch, match="restarted"):
        await store.enqueue(a_call(2))
    assert await store.join() is None
    await open_epoch(store)
    await store.enqueue(a_call(2))


async def test_scripts_that_redis_forgot_are_sent_again(redis: Redis, store: RedisStore) -> None:
    await store.enqueue(a_call(1))
    await redis.command("SCRIPT", "FLUSH")

    answers = await together([store.enqueue(a_call(number)) for number in range(10)])

    assert [call.id for call in answers] == [f"c{number}" for number in range(10)]


async def test_two_processes_race_for_one_agent(redis: Redis, store: RedisStore) -> None:
    async with RedisStore(redis.url) as other:
        await other.join()
        await store.configure_agents(["anna"], version=1)
        await store.set_status("anna", AgentStatus.READY)
        await store.set_reachable("anna", reachable=True, node="pbx")
        for number in range(100):
            await store.enqueue(a_call(number))
        answers = await together(
            [
                (store, other)[number % 2].reserve(Reservation(call=f"c{number}", agents=["anna"], lease_ms=9_000))
                for number in range(100)
            ]
        )

    assert len([answer for answer in answers if not isinstance(answer, Refused)]) == 1


async def test_what_is_heard_from_answers_and_what_is_read_make_one_stream(redis: Redis, store: RedisStore) -> None:
    heard: list[str] = []

    async def listen() -> None:
        async for events in store.events(""):
            heard.extend(event.id for event in events)
            if isinstance(events[-1], CallEnded):
                return

    async def write(by: RedisStore, numbers: Sequence[int]) -> None:
        for number in numbers:
            await by.enqueue(a_call(number))
            await asyncio.sleep(random.random() / 500)

    async with RedisStore(redis.url) as other, asyncio.TaskGroup() as tasks:
        await other.join()
        tasks.create_task(listen())
        await together([write(store, range(100)), write(other, range(100, 200))])
        await write(store, range(200, 300))
        await store.end_call("c0", EndReason.ABANDONED, owner="acd-1", by=EndedBy.CALLER)

    assert heard == [event.id for event in await store.read_events("", 1_000)]


async def test_a_listener_who_is_left_behind_reads_what_it_missed(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stasis_app.redis_store.tail.MOST_KEPT", 10)
    stream, inbox = store.events(""), store.inbox("acd-1")
    heard = [event.id for event in await anext(stream)]
    await anext(inbox)
    for number in range(50):
        await store.enqueue(a_call(number))
    for number in range(11):
        await store.end_call(f"c{number}", EndReason.ABANDONED, owner="acd-1", by=EndedBy.CALLER)

    written = [event.id for event in await store.read_events("", 1_000)]
    while len(heard) < len(written):
        heard += [event.id for event in await anext(stream)]
    assert heard == written
    with pytest.raises(StaleEpoch, match="take a snapshot"):
        await anext(inbox)


async def test_a_call_costs_six_commands_and_leaves_no_key_behind_for_long(redis: Redis, store: RedisStore) -> None:
    await store.configure_agents(["anna"], version=1)
    await store.set_status("anna", AgentStatus.READY)
    await store.set_reachable("anna", reachable=True, node="pbx")
    before = store.commands_sent
    await store.enqueue(a_call(1))
    reserved = await store.reserve(Reservation(call="c1", agents=["anna"], lease_ms=9_000))
    assert not isinstance(reserved, Refused)
    await store.ring(ref(reserved[0]))
    await store.accept(ref(reserved[0]), lease_ms=9_000)
    await store.connect(ref(reserved[0]))
    await store.end_call("c1", EndReason.COMPLETED, owner="acd-1", by=EndedBy.CALLER)

    assert store.commands_sent - before == 6
    async with Client.from_url(redis.url, decode_responses=True) as client:
        expires_in = {str(key).removeprefix("acd:{default}:"): await client.pttl(key) for key in await client.keys("*")}
    [remembered] = [key for key in expires_in if key.startswith("ended:")]
    assert 0 < expires_in.pop(remembered) <= 600_000, "how it ended is forgotten by itself"
    assert expires_in.keys() == {"agents", "epoch", "events", "fence"}


async def test_nothing_stays_connected(redis: Redis) -> None:
    async with RedisStore(redis.url) as store:
        await open_epoch(store)
        stream = store.events("")
        await anext(stream)
        await store.snapshot()
    async with Client.from_url(redis.url) as client:
        assert len(await client.client_list()) == 1
    with pytest.raises(StoreUnavailable, match="was closed"):
        await store.now()


async def test_an_error_in_the_body_comes_out_as_it_is(redis: Redis) -> None:
    with pytest.raises(KeyError, match="mine"):
        async with RedisStore(redis.url):
            raise KeyError("mine")


async def test_pools_do_not_see_each_other(redis: Redis, store: RedisStore) -> None:
    await store.enqueue(a_call(1))
    async with RedisStore(redis.url, pool="other") as other:
        assert await other.join() is None
        await open_epoch(other)
        assert await other.call("c1") is None
    assert await store.call("c1") is not None


async def test_what_every_consumer_has_kept_goes_once_it_is_old(redis: Redis) -> None:
    async with RedisStore(redis.url, limits=Limits(keep_ms=0)) as store:
        await open_epoch(store)
        await store.enqueue(a_call(1))
        kept = (await store.snapshot()).position
        await store.consumed("webhooks", "0-0")
        await store.consumed("history", kept)
        await store.enqueue(a_call(2))

        assert len(await store.read_events("", 10)) == 3, "webhooks has kept nothing yet"
        await store.consumed("webhooks", kept)
        await store.consumed("webhooks", "0-0")
        assert (await store.read_events("", 10))[0].id == kept
        with pytest.raises(StaleEpoch, match="no longer kept"):
            await anext(store.events(""))
        assert await anext(store.events(kept))


async def test_a_consumer_that_stays_behind_the_limit_is_told_of_the_gap(redis: Redis) -> None:
    async with RedisStore(redis.url, limits=Limits(events=100)) as store:
        await open_epoch(store)
        kept = (await store.snapshot()).position
        await store.consumed("history", kept)
        for number in range(100):
            await store.enqueue(a_call(number))

        events = await store.read_events("", 1000)
        [alert] = [event for event in events if isinstance(event, AlertRaised)]
        assert alert.alert is AlertKind.EVENTS_LOST
        assert alert.text.startswith(f"history had kept the events up to {kept}; those before ")
        assert len(events) == 100
        with pytest.raises(StaleEpoch, match="no longer kept"):
            await anext(store.events(kept))


async def test_a_password_is_asked_for_in_words_that_do_not_show_it(redis: Redis) -> None:
    await redis.command("CONFIG", "SET", "requirepass", "hunter2")
    address = f"{redis.host}:{redis.port}"
    for url in (redis.url, f"redis://:wrong@{address}/0", f"redis://user:wrong@{address}/0"):
        with pytest.raises(StoreUnavailable, match="correct user and password in the URL") as caught:
            async with RedisStore(url):
                pass
        assert address in str(caught.value)
        assert "wrong@" not in str(caught.value)
    async with RedisStore(f"redis://:hunter2@{address}/0") as store:
        await open_epoch(store)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis://127.0.0.1:1/0", "Redis at redis://127.0.0.1:1/0 cannot be used: .*see that it runs"),
        ("unix:///nonexistent/redis.sock", "Redis at unix:///nonexistent/redis.sock cannot be used"),
        ("http://127.0.0.1", "the store's URL http://127.0.0.1 cannot be used: .*write redis://host:port/0"),
        ("redis://:secret@127.0.0.1:port/0", r"the store's URL redis://:\*\*\*@127.0.0.1:port/0 cannot be used"),
        ("", "the store's URL  cannot be used"),
    ],
)
async def test_a_wrong_address_is_named_with_a_remedy(url: str, words: str) -> None:
    with pytest.raises(StoreUnavailable, match=words):
        async with RedisStore(url, command_timeout_s=0.5):
            pass


async def test_an_old_redis_is_refused() -> None:
    gone = asyncio.Event()

    async def old(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while command := await reader.read(4096):
            info = b"redis_version:5.0.14\r\nrun_id:abc\r\n"
            answers = {True: b"$%d\r\n%b\r\n" % (len(info), info), False: b"+OK\r\n"}
            writer.write(b"".join(answers[b"INFO" in part] for part in command.split(b"*")[1:]))
        writer.close()
        await writer.wait_closed()
        gone.set()

    server = await asyncio.start_server(old, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(StoreUnavailable, match=r"is 5.0.14; install 6.2 or later, or Valkey"):
            async with RedisStore(f"redis://127.0.0.1:{port}/0"):
                pass
        await gone.wait()


async def test_a_redis_that_may_evict_is_warned_about(redis: Redis) -> None:
    await redis.command("CONFIG", "SET", "maxmemory", "100mb")
    await redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    with structlog.testing.capture_logs() as logs:
        async with RedisStore(redis.url) as store:
            await open_epoch(store)

    assert [(entry["event"], entry["policy"]) for entry in logs] == [("redis_may_evict", "allkeys-lru")]
