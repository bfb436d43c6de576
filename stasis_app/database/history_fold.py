"""From the event stream into SQL: told at least once, counted exactly once, and never in the way of a call.

A batch's rows and the cursor that counts them commit together, and only then is the stream told that they are kept.
So a crash between any two steps repeats a batch, and the repetition finds its cursor moved. The stream is trimmed to
the slowest consumer and keeps the event at that consumer's position: if it is no longer there, events were lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError, TimeoutError as PoolTimeout

from acd.events import AnyEvent, EpochBegun, stream_position
from acd.ports import Store
from stasis_app.database.connection import insert_or_ignore
from stasis_app.database.history_rows import Kept, kept_of
from stasis_app.database.tables import AgentLastStatusRow, CursorRow, HistoryGapRow, table_of

if TYPE_CHECKING:
    from stasis_app.database.door import Database

log = structlog.get_logger(__name__)

CONSUMER = "history"
CURSORS = table_of(CursorRow)
GAPS = table_of(HistoryGapRow)
LAST_STATUSES = table_of(AgentLastStatusRow)

LONGEST_BATCH = 500
SHORTEST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 30.0

SQL_AWAY = (OperationalError, InterfaceError, PoolTimeout)
"""The database does not answer or cannot write now: nothing is wrong with what it was given."""

REFUSED = (SQLAlchemyError, ValueError, OverflowError, TypeError)
"""The database, or its driver, will not take these values however often it is asked."""

LARGEST_SEQUENCE = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the stream is kept."""

    epoch: str
    position: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Events between the cursor and what the stream still had are lost."""

    after: Cursor
    why: str


class CursorMoved(Exception):
    """Another process has kept these events in the meantime."""


class HistoryFold:
    """Reads one pool's stream and writes history."""

    def __init__(self, store: Store, database: Database, *, gather_s: float = 0.0) -> None:
        """``gather_s``: how long events are gathered between two commits, in seconds. A commit costs a few
        milliseconds whatever it holds, so a busy pool wants few and large ones."""
        self._store = store
        self._gather_s = gather_s
        self._desk = database.history_desk
        self._gap: Gap | None = None

    async def run(self) -> None:
        """Keep everything that happens, for ever. A database that is away is tried again, with growing pauses.

        Raises StaleEpoch at the end of the store's epoch and StoreUnavailable if the store does not answer; call it
        again after joining: it goes on from its cursor, in whatever the stream still has.
        """
        pause = 0.0
        while True:
            try:
                cursor = await self._desk.read(cursor_of)
                start = await self._resume(cursor)
                log.info("history_follows", after=start.position or "the beginning")
                async with _left(self._batches(start.position)) as batches:
                    async for batch in batches:
                        cursor = start = await self._keep(cursor, start, batch)
                        pause = 0.0
                        await self._store.consumed(CONSUMER, cursor.position)
                        if len(batch) < LONGEST_BATCH:
                            await asyncio.sleep(self._gather_s)
            except CursorMoved:
                log.info("history_kept_by_another_process")
            except SQL_AWAY as fault:
                pause = min(LONGEST_PAUSE_S, max(SHORTEST_PAUSE_S, 2 * pause))
                log.warning(
                    "history_waits_for_sql",
                    why=str(fault.orig if isinstance(fault, DBAPIError) else fault),
                    next_try_s=pause,
                )
                await asyncio.sleep(pause)

    async def _batches(self, position: str) -> AsyncIterator[Sequence[AnyEvent]]:
        """What the stream still has after this position, however old, and then what comes."""
        there = LONGEST_BATCH
        while there == LONGEST_BATCH:  # a busy pool always has some more: what comes now is heard, not asked for
            batch = await self._store.read_events(position, LONGEST_BATCH)
            there = len(batch)
            if batch:
                yield batch
                position = batch[-1].id
        async with _left(self._store.events(position)) as batches:
            async for batch in batches:
                yield batch

    async def _resume(self, cursor: Cursor | None) -> Cursor:
        """Where to read on: after the cursor, or from the beginning of what there is if the stream has moved past."""
        self._gap = None
        if cursor is not None:
            at = await self._store.read_events(_just_before(cursor.position), 1)
            if at and at[0].id == cursor.position:
                await self._store.consumed(CONSUMER, cursor.position)
                return cursor
        epoch = (await self._store.snapshot()).epoch
        if cursor is not None:
            why = "the stream was cut before history had read it" if epoch == cursor.epoch else "the store was emptied"
            self._gap = Gap(cursor, why)
            log.error("history_has_a_gap", after=cursor.position, why=why)
        return Cursor(epoch, "")

    async def _keep(self, cursor: Cursor | None, start: Cursor, batch: Sequence[AnyEvent]) -> Cursor:
        """Commit a batch; ``cursor`` is what SQL must still hold, ``start`` says which epoch the batch begins in."""
        try:
            return await self._commit(cursor, batch, kept_of(batch, start.epoch), self._gap)
        except SQL_AWAY:
            raise
        except REFUSED as fault:
            if len(batch) == 1:
                return await self._skip(cursor, start, batch[0], fault)
        # One event that SQL refuses must not take its neighbours with it.
        for event in batch:
            cursor = start = await self._keep(cursor, start, [event])
        return start

    async def _skip(self, cursor: Cursor | None, start: Cursor, event: AnyEvent, fault: Exception) -> Cursor:
        log.error("history_skips_an_event", event_id=event.id, kind=type(event).__name__, why=type(fault).__name__)
        epoch = event.epoch if isinstance(event, EpochBegun) else start.epoch
        gap = self._gap or Gap(start, f"{type(event).__name__} could not be written")
        return await self._commit(cursor, [event], Kept(epoch), gap)

    async def _commit(self, cursor: Cursor | None, batch: Sequence[AnyEvent], kept: Kept, gap: Gap | None) -> Cursor:
        moved = Cursor(kept.epoch, batch[-1].id)

        def write(connection: Connection) -> None:
            _move(connection, cursor, moved)
            if gap is not None:
                _write_gap(connection, gap, batch[0], kept.epoch)
            _write(connection, kept)

        await self._desk.write(write)
        self._gap = None
        return moved


@asynccontextmanager
async def _left(batches: AsyncIterator[Sequence[AnyEvent]]) -> AsyncIterator[AsyncIterator[Sequence[AnyEvent]]]:
    """Leave the stream when we stop reading it, and not when the garbage is collected."""
    try:
        yield batches
    finally:
        if isinstance(batches, AsyncGenerator):
            await batches.aclose()


def _just_before(position: str) -> str:
    """The highest position below this one: reading after it gives the event at this position, if it is there."""
    milliseconds, sequence = stream_position(position)
    return f"{milliseconds}-{sequence - 1}" if sequence else f"{milliseconds - 1}-{LARGEST_SEQUENCE}"


def cursor_of(connection: Connection) -> Cursor | None:
    """How far history has come; None if it never began."""
    row = connection.execute(select(CURSORS).where(CURSORS.c.consumer == CONSUMER)).first()
    return Cursor(row.epoch, row.position) if row else None


def _move(connection: Connection, cursor: Cursor | None, moved: Cursor) -> None:
    """Move the cursor first: of two processes with the same batch one waits here, and then finds that it was moved."""
    values = {"epoch": moved.epoch, "position": moved.position}
    if cursor is None:
        first = insert_or_ignore(connection, CURSORS).values(consumer=CONSUMER, **values)
        done = connection.execute(first).rowcount
    else:
        mine = (CURSORS.c.consumer == CONSUMER) & (CURSORS.c.epoch == cursor.epoch)
        here = mine & (CURSORS.c.position == cursor.position)
        done = connection.execute(update(CURSORS).where(here).values(values)).rowcount
    if done != 1:
        raise CursorMoved


def _write_gap(connection: Connection, gap: Gap, resumed: AnyEvent, epoch: str) -> None:
    values = {
        "consumer": CONSUMER,
        "after_epoch": gap.after.epoch,
        "after": gap.after.position,
        "resumed_epoch": epoch,
        "resumed": resumed.id,
        "resumed_at": resumed.at,
        "why": gap.why,
    }
    connection.execute(insert_or_ignore(connection, GAPS).values(values))


def _write(connection: Connection, kept: Kept) -> None:
    for row, values in kept.rows.items():
        connection.execute(insert_or_ignore(connection, table_of(row)), values)
    if kept.statuses:
        agents = [{"which": agent} for agent in kept.statuses]
        connection.execute(delete(LAST_STATUSES).where(LAST_STATUSES.c.agent == bindparam("which")), agents)
    statuses = [status for status in kept.statuses.values() if status is not None]
    if statuses:
        connection.execute(insert(LAST_STATUSES), statuses)
