"""Two stores that are asked the same: their processes' handles, what ids mean in each, what they show and tell."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, fields, is_dataclass, replace
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

from acd.memory import MemoryStore
from acd.offer import Offer
from acd.ports import Deadline, OfferRef, Snapshot, Store
from stasis_app.redis_store import RedisStore

Answer = TypeVar("Answer")

EPOCH_BEGAN = 1_000_000_000
"""Numbers above this are times or fences: the two stores have clocks of their own."""
DURATIONS = frozenset({"talk_ms", "shift_talk_ms", "shift_busy_ms"})


@dataclass
class Side:
    """One store, and what its ids mean there."""

    stores: Sequence[Store]
    """One handle for each process."""
    offers: list[Offer] = field(default_factory=list)
    meaning: dict[str, str] = field(default_factory=dict)
    position: str = ""
    events: count[int] = field(default_factory=count)

    @property
    def store(self) -> Store:
        """The first process's handle."""
        return self.stores[0]

    def learn(self, answer: object) -> None:
        """Give the offers of an answer names that both sides share."""
        if isinstance(answer, list):
            for offer in answer:
                self.meaning[offer.id] = f"offer {len(self.offers)}"
                self.offers.append(offer)

    def ref(self, index: int, owner: str, fence_off: int) -> OfferRef | None:
        """One of the offers made so far, the latest being 0."""
        if not self.offers:
            return None
        offer = self.offers[-1 - index % len(self.offers)]
        return OfferRef(id=offer.id, fence=offer.fence + fence_off, owner=owner)

    async def news(self) -> list[tuple[str, Any]]:
        """What the stream tells since the last time, in shared words."""
        events = await self.store.read_events(self.position, 1000)
        for event in events:
            self.meaning[event.id] = f"event {next(self.events)}"
            self.position = event.id
        return [(type(event).__name__, self.plain(event)) for event in events]

    async def shown(self) -> tuple[Snapshot, Sequence[Deadline], Any]:
        """Everything that the store shows, as it is and in shared words."""
        snapshot, deadlines = await self.store.snapshot(), await self.store.deadlines()
        return (
            snapshot,
            deadlines,
            (
                self.plain(replace(snapshot, epoch="", at=0)),
                sorted(self.plain([(deadline.kind, deadline.subject) for deadline in deadlines])),
                sorted(await self.store.processes()),
            ),
        )

    def plain(self, value: object) -> Any:
        """The same in words that both sides share."""
        if is_dataclass(value):
            return {
                entry.name: self.plain(getattr(value, entry.name))
                for entry in fields(value)
                if entry.name not in DURATIONS
            }
        if isinstance(value, dict):
            return {self.plain(key): self.plain(entry) for key, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self.plain(entry) for entry in value]
        if isinstance(value, str):
            return self.meaning.get(value, value)
        if isinstance(value, int) and value > EPOCH_BEGAN:
            return "since the epoch"
        return value


Act = Callable[[Side], Awaitable[object]]


def act(name: str, by: int, **arguments: Any) -> Act:
    """A step that asks a side's store, by one of its processes."""

    async def run(side: Side) -> object:
        return await getattr(side.stores[by], name)(**arguments)

    return run


def on_offer(name: str, by: int, index: int, owner: str, fence_off: int, **arguments: Any) -> Act:
    """A step about one of the offers made so far."""

    async def run(side: Side) -> object:
        ref = side.ref(index, owner, fence_off)
        if ref is None:
            return None
        if name == "expire_offer":
            return await side.stores[by].expire_offer(ref.id)
        answer: object = await getattr(side.stores[by], name)(ref, **arguments)
        return answer

    return run


class BothSides:
    """Both stores for as long as one sequence of steps lasts, on an event loop of their own."""

    def __init__(self, redis_url: str, *, handles: int) -> None:
        self._url = redis_url
        self._handles = handles
        self._loop = asyncio.new_event_loop()
        self._acts: asyncio.Queue[tuple[Awaitable[Any], asyncio.Future[Any]] | None] = asyncio.Queue()
        opened = self._loop.create_future()
        self._serving = self._loop.create_task(self._serve(opened))
        self.memory, self.redis = self._loop.run_until_complete(opened)

    def run(self, asked: Awaitable[Answer]) -> Answer:
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self._acts.put_nowait((asked, answer))
        return self._loop.run_until_complete(answer)

    def close(self) -> None:
        self._acts.put_nowait(None)
        self._loop.run_until_complete(self._serving)
        self._loop.close()

    async def _serve(self, opened: asyncio.Future[tuple[Side, Side]]) -> None:
        ticks = count(1_700_000_000_000)
        memory = MemoryStore(lambda: next(ticks), asyncio.Event)
        pool = f"agreement-{uuid4().hex}"
        async with AsyncExitStack() as stack:
            redis = [await stack.enter_async_context(RedisStore(self._url, pool=pool)) for _ in range(self._handles)]
            opened.set_result((Side([memory, *(memory.sibling() for _ in range(self._handles - 1))]), Side(redis)))
            while (asked := await self._acts.get()) is not None:
                try:
                    asked[1].set_result(await asked[0])
                except BaseException as error:  # noqa: BLE001
                    asked[1].set_exception(error)
