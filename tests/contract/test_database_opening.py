"""Opening the database: migrations up and down with data, many at once, and one clear sentence when it cannot be."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from acd.configuration import Configuration, LineOrder, faults_of
from acd.queue import Queue
from acd.skills import requirement
from stasis_app.database import Database, DatabaseRefused
from stasis_app.database.schema import HEAD, MIGRATIONS, downgrade
from stasis_app.database.tables import metadata

SOME = Configuration(skills={"german": "German"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "acd.sqlite3"


def at(path: Path) -> str:
    return f"sqlite:///{path}"


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def contents(path: Path) -> bytes:
    return path.read_bytes()


def entries(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def write_contents(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def revision(path: Path) -> str | None:
    with closing(sqlite3.connect(path)) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


async def test_the_migrations_lead_to_exactly_the_tables_that_the_code_names(path: Path) -> None:
    async with Database.open(at(path)):
        pass
    engine = create_engine(at(path))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    engine.dispose()

    assert differences == []


async def test_data_survives_going_down_and_up_again(path: Path) -> None:
    async with Database.open(at(path)) as database:
        await database.configuration.apply(SOME, "ann", at=1)
        secret = await database.phones.phone_secret("zoe")
        await database._desk.write(lambda connection: downgrade(connection, "0001"))

        assert revision(path) == "0001"
        assert "call_history" not in tables(path)
        assert "queue" in tables(path)
    async with Database.open(at(path)) as database:
        loaded = await database.configuration.load()

        assert (loaded.version, loaded.skills) == (1, SOME.skills)
        assert await database.phones.phone_secret("zoe") == secret
        assert await database.history.calls() == []
        await database._desk.write(lambda connection: downgrade(connection, "base"))

    assert tables(path) == {"alembic_version"}


async def test_what_an_older_release_kept_is_carried_over(path: Path) -> None:
    async with Database.open(at(path)) as database:
        await database._desk.write(lambda connection: downgrade(connection, "0002"))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(KEPT_BY_0002)
        connection.commit()
    async with Database.open(at(path)) as database:
        loaded = await database.configuration.load()
        calls = [each.record for each in await database.history.calls()]

    assert list(faults_of(loaded)) == []
    assert loaded.queues["support"] == Queue(name="support", requires="billing and german >= 50")
    assert loaded.queues["sales"] == Queue(name="sales")
    assert (loaded.line, loaded.caps) == (LineOrder.WAIT_PLUS_PRIORITY, {})
    assert [(call.id, call.requires, call.prefers, call.preferred_agent) for call in calls] == [
        ("c3", "billing and german >= 50", "", None),
        ("c2", "", "", None),
        ("c1", "billing and german >= 50", "", None),
    ]


def _queue_of_0002(name: str, position: int) -> str:
    values = f"1, '{name}', {position}, '', 'longest_idle', '{{}}', 0, 20, 1, 10, 0, 20, 'default', 5, 5, 5, 5"
    return f"INSERT INTO queue VALUES ({values});"


def _call_of_0002(number: int, requires: str) -> str:
    return (
        "INSERT INTO call_history (epoch, event, call, queue, node, caller_number, caller_name, called_number,"
        " priority, requires, attributes, rounds, arrived_at, queued_at, ended_at, end_reason)"
        f" VALUES ('e', '{number}-0', 'c{number}', 'support', 'pbx', '', '', '', 0, '{requires}', '{{}}', 0, 1, 1, 2,"
        " 'abandoned');"
    )


KEPT_BY_0002 = (
    "INSERT INTO configuration_version VALUES (1, 1000, 'ann', '');"
    "INSERT INTO skill VALUES (1, 'german', 0, ''), (1, 'billing', 1, '');"
    + _queue_of_0002("support", 0)
    + _queue_of_0002("sales", 1)
    + "INSERT INTO queue_requirement VALUES (1, 'support', 'german', 50), (1, 'support', 'billing', 1);"
    + _call_of_0002(1, '{"german": 50, "billing": 1}')
    + _call_of_0002(2, "{}")
    + _call_of_0002(3, '{"billing": 1, "german": 50}')
)


async def test_going_back_keeps_what_the_older_release_can_ask_for(path: Path) -> None:
    asked = {
        "all": "billing and german >= 50",
        "some": "billing or german",
        "mixed": "billing and german >= 2 and not trainee and (german >= 50 or billing >= 7 and trainee)",
        "nothing": "",
    }
    configuration = Configuration(
        skills={"german": "", "billing": "", "trainee": ""},
        queues={name: Queue(name=name, requires=requirement(said)) for name, said in asked.items()},
    )
    async with Database.open(at(path)) as database:
        await database.configuration.apply(configuration, "ann", at=1)
        await database._desk.write(lambda connection: downgrade(connection, "0002"))
    with closing(sqlite3.connect(path)) as connection:
        kept = connection.execute("SELECT queue, skill, level FROM queue_requirement ORDER BY 1, 2").fetchall()
    async with Database.open(at(path)) as database:
        again = await database.configuration.load()

    assert kept == [("all", "billing", 1), ("all", "german", 50), ("mixed", "billing", 1), ("mixed", "german", 2)]
    assert again.queues["all"].requires == "billing and german >= 50"


async def test_calls_keep_what_they_asked_for_when_going_back(path: Path) -> None:
    async with Database.open(at(path)) as database:
        await database._desk.write(lambda connection: downgrade(connection, "0002"))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(KEPT_BY_0002)
        connection.commit()
    async with Database.open(at(path)) as database:
        await database._desk.write(lambda connection: downgrade(connection, "0002"))
    with closing(sqlite3.connect(path)) as connection:
        kept = connection.execute("SELECT call, requires FROM call_history ORDER BY 1").fetchall()

    assert [(call, json.loads(said)) for call, said in kept] == [
        ("c1", {"german": 50, "billing": 1}),
        ("c2", {}),
        ("c3", {"german": 50, "billing": 1}),
    ]


async def test_a_migration_that_fails_leaves_the_older_schema_whole(
    path: Path,
) -> None:
    async with Database.open(at(path)) as database:
        await database.configuration.apply(SOME, "ann", at=1)
        await database._desk.write(lambda connection: downgrade(connection, "0001"))
    # Something with the name of the second table that 0002 makes is in the way.
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE leg_history (x)")
        connection.commit()
    before = tables(path)
    with pytest.raises(DatabaseRefused, match="table leg_history already exists"):
        async with Database.open(at(path)):
            pass

    assert revision(path) == "0001"
    assert tables(path) == before


async def test_a_database_of_a_newer_release_is_left_alone(path: Path) -> None:
    async with Database.open(at(path)):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = contents(path)
    with pytest.raises(DatabaseRefused, match=r"schema is '9999', newer than this release's '0003'; run the release"):
        async with Database.open(at(path)):
            pass

    assert contents(path) == before


APPLY_ONE = """
import asyncio, sys
from acd.configuration import Configuration, LineOrder, faults_of
from acd.queue import Queue
from acd.skills import requirement
from stasis_app.database import Database

async def main():
    async with Database.open(sys.argv[1]) as database:
        await database.configuration.apply(Configuration(skills={sys.argv[2]: ""}), "x", at=1)

sys.stdin.readline()  # everybody has everything imported before anybody starts
asyncio.run(main())
"""


def test_processes_that_open_a_new_file_at_once_all_succeed(path: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", APPLY_ONE, at(path), f"s{number}"],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(4)
    ]
    for process in started:
        assert process.stdin
        process.stdin.write(b"go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=50)[1].decode() for process in started]

    assert said == [""] * 4
    assert [process.returncode for process in started] == [0] * 4
    with closing(sqlite3.connect(path)) as connection:
        applied = connection.execute("SELECT number FROM configuration_version ORDER BY number").fetchall()
    assert applied == [(1,), (2,), (3,), (4,)]


async def test_one_process_may_open_it_more_than_once_at_the_same_moment(path: Path) -> None:
    async def open_and_close() -> None:
        async with Database.open(at(path)) as database:
            await database.configuration.load()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(5):
            tasks.create_task(open_and_close())


async def test_only_its_owner_may_read_the_file(path: Path) -> None:
    before = os.umask(0)
    try:
        async with Database.open(at(path)) as database:
            await database.phones.phone_secret("zoe")
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    finally:
        os.umask(before)

    assert modes[path.name] == 0o600
    assert set(modes.values()) == {0o600}


async def test_readers_do_not_wait_for_a_writer(path: Path) -> None:
    async with Database.open(at(path)) as database:
        await database.configuration.apply(SOME, "ann", at=1)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            async with asyncio.timeout(5):
                assert (await database.configuration.load()).version == 1


REFUSED = [
    ("nonsense", "'nonsense' is not a database URL; write sqlite:///FILE or postgresql://…"),
    ("mysql://root:hush@db/acd", r"mysql://root:\*\*\*@db/acd: write sqlite:///FILE or postgresql://USER@HOST/NAME"),
    ("sqlite://", "sqlite://: history needs a file; write sqlite:///FILE"),
    ("sqlite:////nowhere/acd.sqlite3", "/nowhere/acd.sqlite3: there is no folder /nowhere; make it, or name another"),
    ("sqlite:////proc", "/proc: Is a directory; give the user that runs stasis-acd the right to write"),
    ("sqlite:////proc/acd.sqlite3", "/proc/acd.sqlite3: No such file or directory; give the user"),
    ("sqlite+nothing:///x", "sqlite\\+nothing:///x: .*; write sqlite:///FILE or postgresql://…"),
]


@pytest.mark.parametrize(("url", "said"), REFUSED)
async def test_a_database_that_cannot_be_opened_is_named_with_a_remedy(
    url: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatabaseRefused, match=said) as caught:
        async with Database.open(url):
            pass

    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)
    assert entries(tmp_path) == []


async def test_a_file_that_is_something_else_is_left_as_it_is(path: Path) -> None:
    write_contents(path, b"Dear diary, " * 1000)
    with pytest.raises(DatabaseRefused, match=r"acd.sqlite3: file is not a database; the file is something else"):
        async with Database.open(at(path)):
            pass

    assert contents(path) == b"Dear diary, " * 1000


@pytest.fixture
def folder_of_somebody_else(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o500)
    yield folder
    folder.chmod(0o700)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_without_the_right_to_write_is_named(folder_of_somebody_else: Path) -> None:
    with pytest.raises(DatabaseRefused, match="Permission denied; give the user that runs stasis-acd the right"):
        async with Database.open(at(folder_of_somebody_else / "acd.sqlite3")):
            pass


def test_every_table_and_index_can_be_said_in_postgresqls_words() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        said = str(CreateTable(table).compile(dialect=dialect))
        said += "".join(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)

        assert "DATETIME" not in said
        assert all(len(str(constraint.name)) <= 63 for constraint in table.constraints)


async def test_no_statement_runs_in_the_event_loops_thread(path: Path) -> None:
    async with Database.open(at(path)) as database:

        def thread_of(_: Connection) -> str:
            return threading.current_thread().name

        names = {await database._desk.read(thread_of), await database.history_desk.write(thread_of)}

    assert names == {"acd-sql_0", "acd-history_0"}


def test_the_schema_that_is_written_down_is_the_newest() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


async def test_a_database_that_is_up_to_date_needs_no_alembic(path: Path) -> None:
    url = at(path)
    async with Database.open(url):
        pass
    program = (
        "import asyncio, sys\n"
        "from stasis_app.database import Database\n"
        "async def open_it():\n"
        f"    async with Database.open({url!r}): pass\n"
        "asyncio.run(open_it())\n"
        "print('alembic' in sys.modules)\n"
    )
    python = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    said, _ = await python.communicate()

    assert (python.returncode, said) == (0, b"False\n")
