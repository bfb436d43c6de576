"""The same on a real PostgreSQL, where one is installed: nothing that we say is SQLite's own."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from argon2 import PasswordHasher

from acd.agent import Agent, AgentStatus
from acd.call import Call, EndReason
from acd.configuration import Configuration
from acd.errors import InvalidConfiguration
from acd.events import (
    AgentStatusChanged,
    AlertKind,
    AlertRaised,
    AnyEvent,
    CallEnded,
    Leg,
    LegEnded,
    LegRole,
    OfferEnded,
)
from acd.memory import MemoryStore
from acd.offer import Offer, OfferOutcome
from acd.queue import Queue
from acd.reports import summarise_events
from scenarios.lab.namespace import Child, NotifySocket
from stasis_app.configuration_file import read
from stasis_app.database import Database, DatabaseRefused, HistoryFold, Role
from stasis_app.database.history_fold import Cursor, CursorMoved
from stasis_app.database.schema import downgrade
from stasis_app.database.tables import metadata

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
EXAMPLE = Path(__file__).parents[2] / "docs" / "example.toml"


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; Debian keeps it off the PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders else None


def as_somebody() -> list[str]:
    """PostgreSQL refuses to run as root: become its user first."""
    if os.geteuid():
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig", "KILL", "--"]


def is_possible() -> bool:
    try:
        return programs() is not None and (os.geteuid() != 0 or bool(pwd.getpwnam("postgres")))
    except KeyError:
        return False


pytestmark = pytest.mark.skipif(not is_possible(), reason="no PostgreSQL is installed")


def new_cluster(folder: Path) -> list[str]:
    """Make an empty cluster; returns the command that serves it by a socket in its folder, and nowhere else."""
    binaries = programs()
    assert binaries is not None
    if not os.geteuid():
        shutil.chown(folder, "postgres", "postgres")
    command = [*as_somebody(), str(binaries / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "acd"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    settings = [f"-cunix_socket_directories={folder}", "-clisten_addresses=", "-cfsync=off"]
    return [*as_somebody(), str(binaries / "postgres"), "-D", str(folder / "data"), *settings]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The URL of a private PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="acd-postgresql-") as name:
        command = new_cluster(Path(name))
        async with NotifySocket.listen() as notify:
            log = tmp_path_factory.mktemp("postgresql") / "log"
            child = await Child.start("PostgreSQL", command, log=log, env=notify.env)
            try:
                await child.until(notify.ready.wait(), 20)
                yield f"postgresql://acd@/postgres?host={name}"
            finally:
                await child.terminate()


@pytest.fixture
async def database(server: str) -> AsyncIterator[Database]:
    async with Database.open(server, hasher=CHEAP) as database:
        yield database
        await database._desk.write(lambda connection: downgrade(connection, "base"))


async def test_many_open_a_new_one_at_once_and_find_exactly_our_tables(server: str) -> None:
    async def open_and_close() -> None:
        async with Database.open(server):
            pass

    async with asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(open_and_close())
    async with Database.open(server) as database:
        differences = await database._desk.read(
            lambda connection: compare_metadata(
                MigrationContext.configure(connection, opts={"compare_type": True}), metadata
            )
        )
        await database._desk.write(lambda connection: downgrade(connection, "base"))

    assert differences == []


async def test_versions_are_whole_and_numbered_one_by_one(database: Database, server: str) -> None:
    configuration = read(EXAMPLE)
    assert await database.configuration.apply(configuration, "ann", at=1_764_000_000_000) == 1
    assert await database.configuration.apply(configuration, "ann", at=1_764_000_000_001) == 1
    assert await database.configuration.load() == replace(configuration, version=1)
    async with Database.open(server) as other, asyncio.TaskGroup() as tasks:
        applied = [
            tasks.create_task(each.configuration.apply(Configuration(skills={f"s{n}-{m}": ""}), "ann", at=n))
            for n in range(5)
            for m, each in enumerate((database, other))
        ]

    assert sorted(task.result() for task in applied) == list(range(2, 12))


async def test_requirements_go_to_the_older_schema_and_come_back(database: Database, server: str) -> None:
    asked = "billing and german >= 50"
    configuration = Configuration(
        skills={"german": "", "billing": ""},
        queues={"a": Queue(name="a", requires=asked), "b": Queue(name="b", requires="billing or german")},
    )
    await database.configuration.apply(configuration, "ann", at=1)
    calls = [
        CallEnded(at=1, id=f"1-{number}", call=Call(id=f"c{number}", queue="a", ended_at=1, requires=said))
        for number, said in enumerate((asked, "billing or german", ""))
    ]
    await HistoryFold(MemoryStore(clock=lambda: 0, wake=asyncio.Event), database)._keep(None, Cursor("e", ""), calls)
    await database._desk.write(lambda connection: downgrade(connection, "0002"))
    async with Database.open(server) as again:
        loaded = await again.configuration.load()
        kept = [each.record.requires for each in await again.history.calls()]

    assert [queue.requires for queue in loaded.queues.values()] == [asked, ""]
    assert kept == ["", "", asked]


async def test_people_and_secrets_are_kept(database: Database) -> None:
    ann = await database.accounts.create_user("ann", "0123456789", Role.ADMIN)

    assert await database.accounts.check_password("ann", "0123456789") == ann
    with pytest.raises(InvalidConfiguration, match="such a user already"):
        await database.accounts.create_user("ann", "0123456789", Role.ADMIN)
    assert await database.phones.phone_secrets(["a", "b"]) == await database.phones.phone_secrets(["b", "a"])


async def test_history_counts_once_and_skips_only_what_is_refused(database: Database) -> None:
    alice = Agent(id="alice", status=AgentStatus.READY)
    call = Call(
        id="c",
        queue="support",
        caller_name="x\x00y",
        attributes={"a": "\x01"},
        queued_at=1_764_000_000_000,
        ended_at=1_764_000_001_000,
        end_reason=EndReason.ABANDONED,
    )
    offer = Offer(id="o", call="c", agent="alice", queue="support", fence=1, outcome=OfferOutcome.CALLER_LEFT)
    events: Sequence[AnyEvent] = [
        AgentStatusChanged(at=1_764_000_000_000, id="1-0", agent=alice, previous="logged_out"),
        OfferEnded(at=1_764_000_001_000, id="1-1", call=call, agent=alice, offer=offer),
        CallEnded(at=1_764_000_001_000, id="1-2", call=call, agent=alice),
        LegEnded(at=1, id="1-3", leg=Leg(channel="x", call="c", role=LegRole.CALLER, node="pbx")),
        AlertRaised(at=1, id="1-4", alert=AlertKind.NODE_LOST, text="gone"),
    ]
    fold = HistoryFold(MemoryStore(clock=lambda: 0, wake=asyncio.Event), database)
    first = await fold._keep(None, Cursor("e", ""), events)
    with pytest.raises(CursorMoved):
        await fold._keep(None, Cursor("e", ""), events)
    refused = CallEnded(at=1, id="2-0", call=replace(call, id="refused", rounds=2**40))
    last = await fold._keep(first, first, [refused, CallEnded(at=1, id="2-1", call=replace(call, id="d"))])

    assert last == Cursor("e", "2-1")
    assert [each.record.id for each in await database.history.calls()] == ["d", "c"]
    assert [each.record.why for each in await database.history.gaps()] == ["CallEnded could not be written"]
    assert await database.history.journal_statuses() == {"alice": (AgentStatus.READY, None)}
    assert (await database.history.agent_times(0, 1_764_000_002_000))["alice"].staffed_ms == 2_000
    kept = await database.history.summary(0, 2**50)
    assert (kept.offered, kept.offers_by_outcome) == (2, summarise_events(events).offers_by_outcome)


async def test_who_is_not_let_in_is_told_in_one_sentence(server: str) -> None:
    with pytest.raises(DatabaseRefused, match=r'role "nobody" does not exist; see that it runs, and that') as caught:
        async with Database.open(server.replace("acd@", "nobody:hush@")):
            pass

    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)
