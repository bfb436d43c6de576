"""Reads all live state in pages, so that neither Redis nor this process stands still for a large pool.

Each hash is scanned, which gives every record as it was at some moment of the reading. Every change since the position
noted before the first page is in the stream, with whole records: applied over the pages, they make them the state after
the last event. What changes records without an event (a rebuild, a restart) changes the mark: then all is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from acd.events import stream_position
from acd.fold import Fold
from acd.ports import Snapshot
from stasis_app.redis_store.codec import agents_by_id, calls_by_id, events_of, offers_by_id, steps_by_queue
from stasis_app.redis_store.session import Session

Record = TypeVar("Record")

PAGE = 500
"""Records, or events, in one answer: about half a megabyte."""


@dataclass(frozen=True, slots=True)
class _View:
    """What one instant shows."""

    at: int
    epoch: str
    version: int
    position: str
    steps: Sequence[bytes]
    mark: bytes
    first: str
    events: Sequence[Any]


async def read_snapshot(session: Session) -> Snapshot:
    """All live state at one instant."""
    while True:
        before = await _view(session, "")
        fold = Fold(
            Snapshot(
                agents=await _records(session, session.keys.agents, agents_by_id),
                calls=await _records(session, session.keys.calls, calls_by_id),
                offers=await _records(session, session.keys.offers, offers_by_id),
                position=before.position,
                at=before.at,
                epoch=before.epoch,
                configuration_version=before.version,
                steps_on=steps_by_queue(before.steps),
            )
        )
        now = await _caught_up(session, fold)
        lost = stream_position(before.position) < stream_position(now.first)
        if now.mark == before.mark and not lost:
            return fold.snapshot(at=now.at)


async def _view(session: Session, wanted: str) -> _View:
    at, epoch, version, position, steps, mark, first, events = await session.script(
        "snapshot", wanted, PAGE, pipe=session.readings
    )
    return _View(
        at=int(at),
        epoch=(epoch or b"").decode(),
        version=int(version or 0),
        position=position.decode(),
        steps=steps,
        mark=mark,
        first=first.decode(),
        events=events,
    )


async def _records(
    session: Session, key: str, decoded: Callable[[Iterable[bytes]], dict[str, Record]]
) -> dict[str, Record]:
    """A hash, page by page; each is asked for before the one before it is decoded."""
    records: dict[str, Record] = {}
    cursor, flat = await session.reading("HSCAN", key, 0, "COUNT", PAGE)
    while cursor != b"0":
        following = session.reading("HSCAN", key, cursor, "COUNT", PAGE)
        records.update(decoded(flat))
        cursor, flat = await following
    records.update(decoded(flat))
    return records


async def _caught_up(session: Session, fold: Fold) -> _View:
    """Apply what was written meanwhile, and answer the instant at which nothing more was there."""
    while True:
        view = await _view(session, f"({fold.position}" if fold.position else "-")
        fold.apply(events_of(view.events))
        if len(view.events) < PAGE:
            return view
