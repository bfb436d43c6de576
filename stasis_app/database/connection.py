"""How we reach SQL: one synchronous engine, one thread for each kind of work, and faults that say what to do.

Why threads over a synchronous engine, and not an asyncio driver: SQLite has one writer and its asyncio drivers are a
thread each anyway; with one thread per kind of work statements run in the order in which they were asked for, no
transaction of ours waits for a lock that another one of ours holds across an ``await``, and migrations, queries and
bulk inserts are the same plain code for SQLite and PostgreSQL. The event loop, where calls live, never blocks on it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Insert, Table, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from acd.errors import AcdError

Result = TypeVar("Result")

BUSY_TIMEOUT_S = 30
"""How long a statement waits for another process's write before it fails."""

WRITES = {"acd_writes": True}
"""Execution option of a transaction that will write."""

ADVISORY_LOCK = 0x41434400
"""PostgreSQL's number for "one writer of configuration or schema at a time"."""


class DatabaseRefused(AcdError):
    """The database cannot be used as it is; the sentence names it and says what would mend it."""


class Desk:
    """One thread that does SQL, one transaction after the other."""

    def __init__(self, name: str, engine: Engine) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._engine = engine

    async def read(self, query: Callable[[Connection], Result]) -> Result:
        """Run the query in a transaction of its own, in this desk's thread."""
        return await self.call(lambda: self._within(self._engine, query))

    async def write(self, change: Callable[[Connection], Result]) -> Result:
        """The same, with the right to write from the start. An exception leaves nothing of it behind."""
        return await self.call(lambda: self._within(self._engine.execution_options(**WRITES), change))

    async def call(self, work: Callable[[], Result]) -> Result:
        """Run something in this desk's thread. Cancelling the wait does not stop the work: it ends in its own time."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Finish what was asked for and end the thread."""
        await asyncio.get_running_loop().run_in_executor(None, self._thread.shutdown)

    @staticmethod
    def _within(engine: Engine, work: Callable[[Connection], Result]) -> Result:
        with engine.begin() as connection:
            return work(connection)


def engine_for(url: str) -> Engine:
    """An engine that nothing was asked of yet; raises DatabaseRefused for a URL that cannot be right.

    Its faults never show a statement's values: those are callers, hashes and secrets.
    """
    address = _address(url)
    try:
        if address.get_backend_name() == "sqlite":
            return _sqlite_engine(address)
        return create_engine(address, pool_pre_ping=True, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError) as fault:
        raise DatabaseRefused(f"{shown(address)}: {fault}; write sqlite:///FILE or postgresql://…") from fault
    except ImportError as missing:
        raise DatabaseRefused(
            f"{shown(address)}: {missing.name!r} is not installed; install stasis-acd[postgresql], or use sqlite:///FILE"
        ) from missing


def settle(engine: Engine) -> None:
    """Give a SQLite file its mode of working, which it keeps: write-ahead, so that readers never wait for the writer.

    SQLite does not wait for its turn to do this: who starts in the same moment is held off by a lock on the folder.
    """
    if engine.dialect.name != "sqlite":
        return
    folder = os.open(Path(engine.url.database or "").parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA journal_mode = WAL").close()
    finally:
        os.close(folder)


def shown(url: URL) -> str:
    """The URL in a form that may be printed: without its password."""
    return url.render_as_string(hide_password=True)


def lock_for_writing(connection: Connection) -> None:
    """Be the only one who changes configuration or schema until this transaction ends.

    SQLite's writing transactions are alone from their first statement; PostgreSQL has to be asked.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ADVISORY_LOCK})


def insert_or_ignore(connection: Connection, table: Table) -> Insert:
    """An INSERT that leaves rows alone which are there already: what makes a replayed batch harmless.

    Its result's ``rowcount`` says how many were new.
    """
    # Only the one in use is loaded: both take a tenth of the time of a start.
    dialect = import_module(f"sqlalchemy.dialects.{connection.dialect.name}")
    statement: Insert = dialect.insert(table).on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)  # with PostgreSQL it would be lost otherwise


def refusal_of(fault: DBAPIError | sqlite3.Error, url: URL) -> DatabaseRefused:
    """What the database said when it was opened, as one sentence that names it and a remedy."""
    said = str(fault.orig if isinstance(fault, DBAPIError) else fault).strip().splitlines()[0]
    if "not a database" in said:
        remedy = "the file is something else; name another file, or move it away"
    elif "readonly" in said or "unable to open" in said:
        remedy = "give the user that runs stasis-acd the right to write the file and its folder"
    elif "locked" in said:
        remedy = f"another process has been writing for more than {BUSY_TIMEOUT_S} s; end it and start again"
    else:
        remedy = "see that it runs, and that the URL's host, name, user and password are right"
    return DatabaseRefused(f"{shown(url)}: {said}; {remedy}")


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        raise DatabaseRefused(f"{url!r} is not a database URL; write sqlite:///FILE or postgresql://…") from None
    if address.get_backend_name() not in {"sqlite", "postgresql"}:
        raise DatabaseRefused(f"{shown(address)}: write sqlite:///FILE or postgresql://USER@HOST/NAME")
    if address.drivername == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    return address


def _sqlite_engine(address: URL) -> Engine:
    if not address.database or address.database == ":memory:":
        raise DatabaseRefused(f"{shown(address)}: history needs a file; write sqlite:///FILE")
    patience = {"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}
    engine = create_engine(address, connect_args=patience, hide_parameters=True)
    _make_private(Path(address.database))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(path: Path) -> None:
    """Make the file, readable by its owner alone: it holds phone secrets. SQLite's side files follow its mode."""
    if not path.parent.is_dir():
        raise DatabaseRefused(f"{path}: there is no folder {path.parent}; make it, or name another file")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as fault:
        raise DatabaseRefused(
            f"{path}: {fault.strerror}; give the user that runs stasis-acd the right to write the file and its folder"
        ) from fault


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver would begin transactions by its own rules, and never one for DDL: migrations could stop half-way.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON").close()
    # The stream is trimmed once history says "kept": that must survive a power cut.
    connection.execute("PRAGMA synchronous = FULL").close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail at once if another process wrote in between.
    writes = connection.get_execution_options().get("acd_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
