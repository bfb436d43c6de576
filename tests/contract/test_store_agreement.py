"""Whatever is asked in whatever order, memory and Redis answer the same, hold the same, and tell the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from acd.agent import AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.memory import MemoryStore
from acd.offer import Offer, OfferOutcome
from acd.ports import OfferRef, Refused, Reservation, Store
from acd.fold import folded
from acd.testing.stage import LONG_MS
from scenarios.lab.redis import Redis
from stasis_app.redis_store import RedisStore

EPOCH_BEGAN = 1_000_000_000
"""Numbers above this are times or fences: the two stores have clocks of their own."""
LEASES = st.sampled_from([LONG_MS, LONG_MS, LONG_MS, -1])
CALLS = st.sampled_from(["c1", "c2", "c3"])
AGENTS = st.sampled_from(["anna", "bert", "cleo", "dora"])
PROCESSES = st.sampled_from(["acd-1", "acd-1", "acd-1", "acd-2"])


@dataclass
class Side:
    """One store, and what its ids mean there."""

    store: Store
    offers: list[Offer] = field(default_factory=list)
    meaning: dict[str, str] = field(default_factory=dict)
    position: str = ""
    events: count[int] = field(default_factory=count)

    def learn(self, answer: object) -> None:
        if isinstance(answer, list):
            for offer in answer:
                self.meaning[offer.id] = f"offer {len(self.offers)}"
                self.offers.append(offer)

    def ref(self, index: int, owner: str, fence_off: int) -> OfferRef | None:
        if not self.offers:
            return None
        offer = self.offers[-1 - index % len(self.offers)]
        return OfferRef(id=offer.id, fence=offer.fence + fence_off, owner=owner)

    async def news(self) -> list[tuple[str, Any]]:
        events = await self.store.read_events(self.position, 1000)
        for event in events:
            self.meaning[event.id] = f"event {next(self.events)}"
            self.position = event.id
        return [(type(event).__name__, self.plain(event)) for event in events]

    def plain(self, value: object) -> Any:
        """The same in words that both sides share."""
        if is_dataclass(value):
            return {entry.name: self.plain(getattr(value, entry.name)) for entry in fields(value)}
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


def act(name: str, **arguments: Any) -> Act:
    """A step that asks a side's store."""

    async def run(side: Side) -> object:
        return await getattr(side.store, name)(**arguments)

    run.__qualname__ = f"{name}({arguments})"
    return run


def on_offer(name: str, index: int, owner: str, fence_off: int, **arguments: Any) -> Act:
    """A step about one of the offers made so far, the latest being 0."""

    async def run(side: Side) -> object:
        ref = side.ref(index, owner, fence_off)
        if ref is None:
            return None
        if name == "expire_offer":
            return await side.store.expire_offer(ref.id)
        answer: object = await getattr(side.store, name)(ref, **arguments)
        return answer

    run.__qualname__ = f"{name}(offer -{index}, {owner}, fence {fence_off:+}, {arguments})"
    return run


async def begin_anew(side: Side) -> object:
    begun = await side.store.begin_epoch("acd-1", lease_ms=LONG_MS)
    opened = await side.store.open_epoch()
    side.meaning[opened.id] = "this epoch"
    return (begun is None, opened.ready)


FEW_OFFERS = st.sampled_from([0, 0, 0, 1, 1, 2, 5])
MOSTLY_RIGHT = st.sampled_from([0, 0, 0, 0, 0, 0, 0, -1])
STEPS = st.one_of(
    st.builds(
        lambda call, owner: act("enqueue", call=Call(id=call, queue="q", owner=owner, priority=0.5)), CALLS, PROCESSES
    ),
    st.builds(
        lambda call, agents, width, lease: act(
            "reserve", reservation=Reservation(call=call, agents=agents, width=width, lease_ms=lease, why="w")
        ),
        CALLS,
        st.lists(AGENTS, min_size=1, max_size=4),
        st.integers(1, 3),
        LEASES,
    ),
    st.builds(lambda *to: on_offer("ring", *to), FEW_OFFERS, PROCESSES, MOSTLY_RIGHT),
    st.builds(
        lambda index, owner, fence, lease: on_offer("accept", index, owner, fence, lease_ms=lease),
        FEW_OFFERS,
        PROCESSES,
        MOSTLY_RIGHT,
        LEASES,
    ),
    st.builds(lambda *to: on_offer("connect", *to), FEW_OFFERS, PROCESSES, MOSTLY_RIGHT),
    st.builds(
        lambda index, owner, fence, outcome, cool_off: on_offer(
            "end_offer", index, owner, fence, outcome=outcome, cool_off_ms=cool_off
        ),
        FEW_OFFERS,
        PROCESSES,
        MOSTLY_RIGHT,
        st.sampled_from(OfferOutcome),
        st.sampled_from([0, 0, LONG_MS]),
    ),
    st.builds(lambda index: on_offer("expire_offer", index, "", 0), FEW_OFFERS),
    st.builds(
        lambda call, owner, wrap_up: act(
            "end_call", call=call, reason=EndReason.COMPLETED, owner=owner, by=EndedBy.AGENT, wrap_up_ms=wrap_up
        ),
        CALLS,
        PROCESSES,
        st.sampled_from([0, LONG_MS]),
    ),
    st.builds(lambda call, owner: act("requeue", call=call, owner=owner), CALLS, PROCESSES),
    st.builds(
        lambda agent, status, reason: act("set_status", agent=agent, status=status, reason=reason),
        AGENTS,
        st.sampled_from([*AgentStatus, AgentStatus.READY, AgentStatus.READY]),
        st.sampled_from([None, "lunch", ""]),
    ),
    st.builds(
        lambda agent, reachable, node: act("set_reachable", agent=agent, reachable=reachable, node=node),
        AGENTS,
        st.sampled_from([True, True, False]),
        st.sampled_from(["pbx", "pbx", "pbx-2"]),
    ),
    st.builds(lambda agent, by: act("end_wrap_up", agent=agent, by=by), AGENTS, st.sampled_from(["agent", "time"])),
    st.builds(
        lambda agents, version: act("configure_agents", agents=sorted(agents), version=version),
        st.sets(AGENTS, min_size=2),
        st.integers(1, 5),
    ),
    st.builds(
        lambda call, previous, by: act("take_over", call=call, previous=previous, by=by), CALLS, PROCESSES, PROCESSES
    ),
    st.builds(lambda process, lease: act("beat", process=process, lease_ms=lease), PROCESSES, LEASES),
    st.builds(lambda process: act("leave", process=process), PROCESSES),
    st.builds(lambda process: act("lead", process=process, lease_ms=LONG_MS), PROCESSES),
)
SEQUENCES = st.lists(STEPS, min_size=5, max_size=60)


async def get_ready(side: Side) -> None:
    await begin_anew(side)
    await side.store.configure_agents(["anna", "bert", "cleo"], version=1)
    for agent in ("anna", "bert", "cleo"):
        await side.store.set_status(agent, AgentStatus.READY)
        await side.store.set_reachable(agent, reachable=True, node="pbx")
    for call in ("c1", "c2"):
        await side.store.enqueue(Call(id=call, queue="q", owner="acd-1", priority=0.5))
    await side.news()


async def live(side: Side) -> Any:
    """Everything that a store shows, in shared words."""
    snapshot = replace(await side.store.snapshot(), epoch="", at=0)
    deadlines = [(deadline.kind, deadline.subject) for deadline in await side.store.deadlines()]
    return (
        side.plain(snapshot),
        sorted(side.plain(deadlines)),
        sorted(await side.store.processes()),
    )


@pytest.mark.redis
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=SEQUENCES, anew=st.sampled_from([None, None, None, 10, 20]))
async def test_memory_and_redis_agree_step_by_step(redis_server: Redis, steps: list[Act], anew: int | None) -> None:
    ticks = count(1_700_000_000_000)
    if anew is not None:
        steps = [*steps[:anew], begin_anew, *steps[anew:]]
    async with RedisStore(redis_server.url, pool=f"agreement-{uuid4().hex}") as redis:
        memory = Side(MemoryStore(lambda: next(ticks), asyncio.Event))
        sides = (memory, Side(redis))
        for side in sides:
            await get_ready(side)
        starts = [await side.store.snapshot() for side in sides]
        for step in steps:
            answers = [await step(side) for side in sides]
            for side, answer in zip(sides, answers, strict=True):
                side.learn(answer)
            told = [await side.news() for side in sides]
            shown = [await live(side) for side in sides]

            assert memory.plain(answers[0]) == sides[1].plain(answers[1])
            assert told[0] == told[1]
            assert shown[0] == shown[1]
            assert not (told[0] and isinstance(answers[0], Refused)), "what is refused changes nothing"
        if anew is None:
            for side, start in zip(sides, starts, strict=True):
                end = await side.store.snapshot()
                events = await side.store.read_events(start.position, 10_000)
                assert replace(folded(start, events), at=0) == replace(end, at=0)
