"""From a real stream into a real file: everything is kept, counted once, and what was lost is said."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

import pytest
import redis
from sqlalchemy import event

from acd.agent import AgentActivity, AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.errors import StaleEpoch
from acd.events import AlertKind, Leg, LegRole, stream_position
from acd.memory import MemoryStore
from acd.offer import Offer, OfferOutcome
from acd.ports import CallChange, OfferRef, Reservation, Store
from acd.reports import agent_times, summarise, summarise_events
from scenarios.lab.redis import Redis
from stasis_app.database import Database, HistoryFold
from stasis_app.database.history_fold import Cursor, CursorMoved, cursor_of
from stasis_app.redis_store import RedisStore
from stasis_app.redis_store.lua import Limits

pytestmark = pytest.mark.redis

PROCESS = "acd-1"
NOTHING_KEPT = Limits(keep_ms=0)


class Watched:
    """A way to wait until history has told a store how far it got."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self._changed = asyncio.Condition()

    async def was_told(self, position: str) -> None:
        async with self._changed:
            self.told.append(position)
            self._changed.notify_all()

    async def until_kept(self, latest: str) -> None:
        def is_kept() -> bool:
            return bool(self.told) and stream_position(self.told[-1]) >= stream_position(latest)

        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(is_kept)


class WatchedRedis(RedisStore):
    """The real store, watched."""

    def __init__(self, url: str, *, pool: str, limits: Limits) -> None:
        super().__init__(url, pool=pool, limits=limits)
        self.history = Watched()

    async def consumed(self, consumer: str, position: str) -> None:
        await super().consumed(consumer, position)
        await self.history.was_told(position)


class WatchedMemory(MemoryStore):
    """The store in memory, watched."""

    def __init__(self) -> None:
        super().__init__(lambda: time.time_ns() // 1_000_000, asyncio.Event, keep_ms=0)
        self.history = Watched()

    async def consumed(self, consumer: str, position: str) -> None:
        await super().consumed(consumer, position)
        await self.history.was_told(position)


WatchedStore: TypeAlias = WatchedRedis | WatchedMemory


@pytest.fixture
def pool() -> str:
    return f"history-{uuid4().hex}"


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest, redis_server: Redis, pool: str) -> AsyncIterator[WatchedStore]:
    if request.param == "memory":
        memory = WatchedMemory()
        await begin(memory)
        yield memory
    else:
        async with live(redis_server, pool) as store:
            yield store


@asynccontextmanager
async def live(redis_server: Redis, pool: str, limits: Limits = NOTHING_KEPT) -> AsyncIterator[WatchedRedis]:
    store = WatchedRedis(redis_server.url, pool=pool, limits=limits)
    async with store:
        await begin(store)
        yield store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "acd.sqlite3"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    async with Database.open(f"sqlite:///{path}") as database:
        yield database


async def begin(store: WatchedStore) -> None:
    assert await store.begin_epoch(PROCESS, lease_ms=5_000)
    await store.open_epoch()
    await store.configure_agents(["alice", "bob"], version=1)


async def caught_up(store: WatchedStore) -> None:
    """History has kept everything that has happened until now."""
    await store.history.until_kept((await store.snapshot()).position)


@asynccontextmanager
async def following(store: WatchedStore, database: Database) -> AsyncIterator[None]:
    """History follows the stream while the context lasts, and then has to stop at once."""
    async with asyncio.TaskGroup() as tasks:
        fold = tasks.create_task(HistoryFold(store, database).run())
        yield
        fold.cancel()


async def keep_everything(store: WatchedStore, database: Database) -> None:
    async with following(store, database):
        await caught_up(store)


def ref(offer: Offer) -> OfferRef:
    return OfferRef(id=offer.id, fence=offer.fence, owner=offer.owner)


async def offered(store: Store, call: str, agent: str) -> Offer:
    await store.set_reachable(agent, reachable=True, node="pbx")
    await store.set_status(agent, AgentStatus.READY)
    await store.enqueue(Call(id=call, queue="support", node="pbx", owner=PROCESS, caller_number="0301234"))
    made = await store.reserve(Reservation(call=call, agents=[agent], lease_ms=30_000, why="longest idle"))
    assert isinstance(made, Sequence)
    rung = await store.ring(ref(made[0]))
    assert isinstance(rung, Offer)
    return rung


async def answered_call(store: Store, call: str, agent: str = "alice") -> None:
    """A caller comes, talks and goes."""
    offer = await offered(store, call, agent)
    await store.accept(ref(offer), lease_ms=5_000)
    await store.connect(ref(offer))
    await store.end_call(call, EndReason.COMPLETED, owner=PROCESS, by=EndedBy.CALLER, wrap_up_ms=60_000)
    await store.legs_ended(
        Leg(channel=offer.leg, call=call, role=LegRole.AGENT, node="pbx", agent=agent, offer=offer.id, cause=16)
    )
    await store.end_wrap_up(agent, by="agent")


async def abandoned_call(store: Store, call: str, agent: str = "bob") -> None:
    """A caller hangs up while a phone rings."""
    await offered(store, call, agent)
    await store.end_call(call, EndReason.ABANDONED, owner=PROCESS, by=EndedBy.CALLER)


def rows(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        count: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return count


async def test_a_call_is_kept_with_its_offers_legs_and_what_it_did_to_the_agent(
    store: WatchedStore, database: Database
) -> None:
    await answered_call(store, "c1")
    await abandoned_call(store, "c2")
    await store.raise_alert(AlertKind.NODE_LOST, "pbx does not answer")
    await keep_everything(store, database)

    newest, oldest = (each.record for each in await database.history.calls())
    assert (newest.id, newest.end_reason, newest.ended_by) == ("c2", EndReason.ABANDONED, EndedBy.CALLER)
    assert (oldest.id, oldest.end_reason, oldest.agent) == ("c1", EndReason.COMPLETED, "alice")
    assert oldest.caller_number == "0301234"
    assert oldest.connected_at
    assert oldest.ended_at
    assert oldest.queued_at <= oldest.connected_at <= oldest.ended_at
    assert await database.history.call("c1") == oldest
    assert await database.history.call("c9") is None
    (won,) = await database.history.offers_of("c1")
    assert (won.agent, won.outcome, won.why) == ("alice", OfferOutcome.ANSWERED, "longest idle")
    assert won.latency_ms is not None
    (lost,) = await database.history.offers_of("c2")
    assert (lost.agent, lost.outcome) == ("bob", OfferOutcome.CALLER_LEFT)
    (leg,) = await database.history.legs_of("c1")
    assert (leg.channel, leg.role, leg.cause) == ("acd-agent-alice", LegRole.AGENT, 16)
    (alert,) = await database.history.alerts()
    assert (alert.record.alert, alert.record.text) == (AlertKind.NODE_LOST, "pbx does not answer")
    journal = [each.record for each in await database.history.agent_journal("alice")]
    assert [(entry.activity, entry.status) for entry in reversed(journal)] == [
        (AgentActivity.IDLE, AgentStatus.LOGGED_OUT),  # made
        (AgentActivity.IDLE, AgentStatus.LOGGED_OUT),  # reachable
        (AgentActivity.IDLE, AgentStatus.READY),
        (AgentActivity.TALKING, AgentStatus.READY),
        (AgentActivity.WRAP_UP, AgentStatus.READY),
        (AgentActivity.IDLE, AgentStatus.READY),
    ]
    assert await database.history.gaps() == []


async def test_pages_and_filters_find_what_they_should(store: WatchedStore, database: Database) -> None:
    for number in range(4):
        await answered_call(store, f"c{number}")
    await abandoned_call(store, "lost")
    await keep_everything(store, database)
    history = database.history

    first = await history.calls(limit=2)
    second = await history.calls(limit=2, before=first[-1].number)
    third = await history.calls(limit=2, before=second[-1].number)
    assert [each.record.id for each in (*first, *second, *third)] == ["lost", "c3", "c2", "c1", "c0"]
    assert [each.record.id for each in await history.calls(reason=EndReason.ABANDONED)] == ["lost"]
    assert len(await history.calls(agent="alice", queue="support")) == 4
    assert await history.calls(agent="bob") == []
    assert await history.calls(queue="sales") == []
    ended_at = first[0].record.ended_at
    assert ended_at
    assert [each.record.id for each in await history.calls(limit=1, since=ended_at)] == ["lost"]
    assert "lost" not in {each.record.id for each in await history.calls(until=ended_at)}
    assert len(await history.calls(limit=0)) == 1
    journal = await history.agent_journal("alice", limit=3)
    assert len(await history.agent_journal("alice", before=journal[-1].number)) == 2 + 1 + 4 * 3 - 3


async def test_figures_from_history_are_those_of_the_stream(store: WatchedStore, database: Database) -> None:
    start = await store.now()
    await answered_call(store, "c1")
    await abandoned_call(store, "c2")
    await store.set_status("alice", AgentStatus.ON_BREAK, reason="lunch")
    events = await store.read_events("", 10_000)
    await keep_everything(store, database)
    end = await store.now() + 1_000

    kept = await database.history.summary(0, end, service_levels_s={"support": 5})
    assert kept == summarise_events(events, service_levels_s={"support": 5})
    assert (kept.offered, kept.answered, kept.abandoned) == (2, 1, 1)
    assert await database.history.summary(0, end, queue="sales") == summarise([])
    times = await database.history.agent_times(start, end)
    assert times == agent_times(events, start=start, end=end)
    assert times["alice"].calls == 1
    # a span that begins later knows from the journal how everybody stood
    later = await database.history.agent_times(end - 500, end)
    assert later["alice"].on_break_ms == 500
    assert later["bob"].staffed_ms == 500


async def test_the_last_status_is_known_after_the_store_is_gone(store: WatchedStore, database: Database) -> None:
    await answered_call(store, "c1")
    await store.set_status("alice", AgentStatus.ON_BREAK, reason="lunch")
    await store.set_status("bob", AgentStatus.READY)
    await store.configure_agents(["alice", "bob", "new"], version=2)
    await keep_everything(store, database)

    assert await database.history.journal_statuses() == {
        "alice": (AgentStatus.ON_BREAK, "lunch"),
        "bob": (AgentStatus.READY, None),
    }
    await store.configure_agents(["bob"], version=3)
    await keep_everything(store, database)
    assert set(await database.history.journal_statuses()) == {"bob"}


async def test_records_made_anew_do_not_cover_what_people_wanted_last(
    redis_server: Redis, pool: str, database: Database
) -> None:
    async with live(redis_server, pool) as store:
        await store.set_status("alice", AgentStatus.ON_BREAK, reason="lunch")
        await keep_everything(store, database)
        with redis.Redis.from_url(redis_server.url) as direct:
            direct.flushdb()
        store.history.told.clear()
        await begin(store)  # and the process dies before it restores anybody
        await store.set_reachable("alice", reachable=True, node="pbx")
        await keep_everything(store, database)

    assert await database.history.journal_statuses() == {"alice": (AgentStatus.ON_BREAK, "lunch")}


# --- exactly once ----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def crash(database: Database, when: str, times: int = 1) -> AsyncIterator[Callable[[], int]]:
    """The process dies as a statement that contains ``when`` is about to run (``COMMIT``: before the commit)."""
    left = [times]

    def strike(statement: str) -> None:
        if when in statement and left[0]:
            left[0] -= 1
            raise ConnectionAbortedError(when)

    def on_statement(*execution: object) -> None:
        strike(str(execution[2]))

    def on_commit(_: object) -> None:
        strike("COMMIT")

    event.listen(database._engine, "before_cursor_execute", on_statement)
    event.listen(database._engine, "commit", on_commit)
    try:
        yield lambda: left[0]
    finally:
        event.remove(database._engine, "before_cursor_execute", on_statement)
        event.remove(database._engine, "commit", on_commit)


@pytest.mark.parametrize("when", ["INTO cursor", "INTO call_history", "INTO agent_last_status", "COMMIT"])
async def test_a_crash_before_the_commit_counts_nothing_and_the_next_start_all_of_it(
    store: WatchedStore, database: Database, path: Path, when: str
) -> None:
    await answered_call(store, "c1")
    with pytest.raises(ConnectionAbortedError):
        async with crash(database, when) as left:
            await HistoryFold(store, database).run()

    assert left() == 0
    assert [rows(path, table) for table in ("cursor", "call_history", "offer_history", "agent_journal")] == [0] * 4
    assert store.history.told == []
    await keep_everything(store, database)
    assert rows(path, "call_history") == 1
    assert await database.history.gaps() == []


async def test_a_crash_after_the_commit_counts_nothing_twice(
    store: WatchedStore, database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answered_call(store, "c1")
    with monkeypatch.context() as patch:

        async def die(*_: object) -> None:
            raise ConnectionAbortedError

        patch.setattr(store, "consumed", die)
        with pytest.raises(ConnectionAbortedError):
            await HistoryFold(store, database).run()
    before = rows(path, "agent_journal")
    await keep_everything(store, database)  # nothing new: but the stream has to be told what is kept
    await answered_call(store, "c2")
    await keep_everything(store, database)

    assert before == 7
    assert [rows(path, table) for table in ("call_history", "offer_history", "leg_history")] == [2, 2, 2]
    assert rows(path, "agent_journal") == before + 3


async def test_a_stream_that_is_read_anew_from_its_beginning_counts_nothing_twice(
    store: WatchedStore, database: Database, path: Path
) -> None:
    await answered_call(store, "c1")
    epoch = (await store.snapshot()).epoch
    fold = HistoryFold(store, database)
    batch = await store.read_events("", 1_000)
    cursor = await fold._keep(None, Cursor(epoch, ""), batch)
    before = [rows(path, table) for table in ("call_history", "offer_history", "agent_journal")]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM cursor")
        connection.commit()

    assert await fold._keep(None, Cursor(epoch, ""), batch) == cursor
    assert [rows(path, table) for table in ("call_history", "offer_history", "agent_journal")] == before


async def test_a_process_that_is_behind_moves_nothing_back(store: WatchedStore, database: Database, path: Path) -> None:
    epoch = (await store.snapshot()).epoch
    await answered_call(store, "c1")
    batch = await store.read_events("", 1_000)
    ahead = await HistoryFold(store, database)._keep(None, Cursor(epoch, ""), batch)
    for behind in (None, Cursor(epoch, batch[0].id)):
        with pytest.raises(CursorMoved):
            await HistoryFold(store, database)._keep(behind, Cursor(epoch, ""), batch[:2])

    assert await database.history_desk.read(cursor_of) == ahead
    assert (await database.history.journal_statuses())["alice"] == (AgentStatus.READY, None)


async def test_two_processes_that_keep_the_same_stream_count_it_once(
    store: WatchedStore, database: Database, path: Path
) -> None:
    async with Database.open(f"sqlite:///{path}") as other, following(store, other), following(store, database):
        for number in range(10):
            await answered_call(store, f"c{number}")
        await caught_up(store)

    assert rows(path, "call_history") == 10
    assert rows(path, "agent_journal") == 2 + 2 + 10 * 3
    assert await database.history.gaps() == []


# --- when things are away --------------------------------------------------------------------------------------------


async def test_history_waits_for_a_database_that_is_away_and_catches_up(
    store: WatchedStore, database: Database, path: Path
) -> None:
    away = True
    tried = asyncio.Event()
    loop = asyncio.get_running_loop()

    def refuse(*_: object) -> None:
        if away:
            loop.call_soon_threadsafe(tried.set)
            raise sqlite3.OperationalError("disk I/O error")

    event.listen(database._engine, "do_execute", refuse)
    async with following(store, database):
        await answered_call(store, "c1")
        async with asyncio.timeout(10):
            await tried.wait()
        assert rows(path, "call_history") == 0
        away = False
        await caught_up(store)
    event.remove(database._engine, "do_execute", refuse)

    assert rows(path, "call_history") == 1


async def test_one_event_that_sql_refuses_takes_no_other_with_it(
    store: WatchedStore, database: Database, path: Path
) -> None:
    def refuse(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "INTO call_history" in statement and "poison" in str(parameters):
            raise sqlite3.DataError("cannot be stored")

    await answered_call(store, "c1")
    await answered_call(store, "poison")
    await answered_call(store, "c3")
    event.listen(database._engine, "before_cursor_execute", refuse)
    await keep_everything(store, database)
    event.remove(database._engine, "before_cursor_execute", refuse)

    assert {each.record.id for each in await database.history.calls()} == {"c1", "c3"}
    (gap,) = await database.history.gaps()
    assert gap.record.why == "CallEnded could not be written"


async def test_callers_may_be_called_anything(store: WatchedStore, database: Database) -> None:
    name = "Zoë \N{PILE OF POO}\x07 '; DROP TABLE call_history; --"
    await store.enqueue(Call(id="c1", queue="support", owner=PROCESS, caller_name=name, attributes={"a": "\x01"}))
    await store.end_call("c1", EndReason.ABANDONED, owner=PROCESS, by=EndedBy.CALLER)
    await keep_everything(store, database)

    (kept,) = await database.history.calls()
    assert kept.record.caller_name == name
    assert kept.record.attributes == {"a": "\x01"}


async def test_what_a_call_asked_for_is_kept_and_changes_on_the_way_make_no_rows(
    store: WatchedStore, database: Database, path: Path
) -> None:
    call = Call(
        id="c1",
        queue="support",
        owner=PROCESS,
        requires="french or german >= 50",
        prefers="billing",
        preferred_agent="alice",
        preferred_for_s=30.0,
    )
    await store.enqueue(call)
    await store.change_call("c1", CallChange(priority=5.0, requires="french or german", preferred_agent="bob"))
    assert await store.switch_step("support", 0, on=True, version=1)
    await store.end_call("c1", EndReason.WITHDRAWN, owner=PROCESS, by=EndedBy.SYSTEM)
    await keep_everything(store, database)
    (kept,) = [each.record for each in await database.history.calls(reason=EndReason.WITHDRAWN)]

    assert (kept.requires, kept.prefers, kept.preferred_agent) == ("french or german", "billing", "bob")
    assert kept.priority == 5.0
    assert rows(path, "call_history") == 1


async def test_history_lets_the_stream_go_only_as_far_as_it_has_kept_it(
    store: WatchedStore, database: Database
) -> None:
    await answered_call(store, "c1")
    before = len(await store.read_events("", 1_000))
    await keep_everything(store, database)
    after = await store.read_events("", 1_000)

    assert before > 10
    assert [each.id for each in after] == [store.history.told[-1]]


# --- epochs and gaps -------------------------------------------------------------------------------------------------


async def test_a_new_epoch_on_the_same_stream_goes_on_without_a_gap(
    store: WatchedStore, database: Database, path: Path
) -> None:
    await answered_call(store, "c1")

    async def follow_all_epochs() -> None:
        fold = HistoryFold(store, database)
        while True:
            with contextlib.suppress(StaleEpoch):  # whoever reads on before it is noticed reads across it
                await fold.run()

    async with asyncio.TaskGroup() as tasks:
        follower = tasks.create_task(follow_all_epochs())
        await caught_up(store)
        await begin(store)
        await answered_call(store, "c2")
        await caught_up(store)
        follower.cancel()

    assert {each.record.id for each in await database.history.calls()} == {"c1", "c2"}
    assert await database.history.gaps() == []
    with closing(sqlite3.connect(path)) as connection:
        epochs = connection.execute("SELECT DISTINCT epoch FROM call_history").fetchall()
    assert len(epochs) == 2


async def test_a_store_that_was_emptied_leaves_a_gap_that_is_told(
    redis_server: Redis, pool: str, database: Database
) -> None:
    async with live(redis_server, pool) as store:
        await empty_and_go_on(store, redis_server, database)


async def empty_and_go_on(store: WatchedRedis, redis_server: Redis, database: Database) -> None:
    await answered_call(store, "c1")
    await keep_everything(store, database)
    kept = store.history.told[-1]
    await answered_call(store, "never kept")
    with redis.Redis.from_url(redis_server.url) as direct:
        direct.flushdb()
    store.history.told.clear()
    await begin(store)
    await answered_call(store, "c2")
    await keep_everything(store, database)

    assert {each.record.id for each in await database.history.calls()} == {"c1", "c2"}
    (gap,) = await database.history.gaps()
    assert (gap.record.after, gap.record.why) == (kept, "the store was emptied")
    assert stream_position(gap.record.resumed) > stream_position(kept)
    await answered_call(store, "c3")
    await keep_everything(store, database)
    assert len(await database.history.gaps()) == 1


async def test_a_stream_that_was_cut_ahead_of_history_leaves_a_gap_that_is_told(
    redis_server: Redis, pool: str, database: Database
) -> None:
    async with live(redis_server, pool, Limits(events=100, keep_ms=0)) as store:
        await answered_call(store, "c1")
        await keep_everything(store, database)
        for number in range(20):
            await answered_call(store, f"d{number}")
        await keep_everything(store, database)

    kept = {each.record.id for each in await database.history.calls()}
    assert {"c1", "d19"} <= kept
    assert "d0" not in kept
    (gap,) = await database.history.gaps()
    assert gap.record.why == "the stream was cut before history had read it"
    assert AlertKind.EVENTS_LOST in {each.record.alert for each in await database.history.alerts()}
