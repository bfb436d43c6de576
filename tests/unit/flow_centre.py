"""Where a call's flow is put to the test: the store in memory and the simulated switch take the place of the world.

What the store tells can be held back, and so can what the switch is asked to do.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from acd.agent import AgentActivity, AgentProfile, AgentStatus
from acd.call import Call, CallState
from acd.configuration import Configuration
from acd.errors import StaleEpoch
from acd.events import AnyEvent, CallEnded, OfferEnded
from acd.memory import MemoryStore
from acd.offer import Offer, OfferOutcome
from acd.ports import Reservation
from acd.queue import Queue
from acd.simulation import SimulatedCalls, SimulatedPbx, SimulatedPhone
from stasis_app.call_flow import CallFlows, FlowWorld

PROCESS = "acd-1"
PATIENCE_S = 40.0
"""For what takes milliseconds, on a machine that is busy with other things."""
AGENTS = ("anna", "ben", "carla")
CONFIGURATION = Configuration(
    queues={
        "support": Queue(name="support", wrap_up_s=0, offer_width=3, misses_until_break=1),
        "billing": Queue(name="billing", music_class="jazz"),
    },
    agents={name: AgentProfile(id=name, queues={"support": 0}) for name in AGENTS},
)


class LoopTime:
    """The event loop's time, for the simulated switch."""

    def now(self) -> int:
        return time.monotonic_ns() // 1_000_000 + 1_000_000_000_000

    def after(self, ms: float, act: Callable[[], object]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(ms / 1000, act)


class HeldCalls(SimulatedCalls):
    """A switch that makes legs, and joins caller and agent, only when it is told to, or never."""

    joins: bool = True

    def __init__(self, pbx: SimulatedPbx, process: str) -> None:
        super().__init__(pbx, process)
        self.may_create, self.may_join = asyncio.Event(), asyncio.Event()
        self.asked_to_create = asyncio.Event()
        self.may_create.set()
        self.may_join.set()

    async def create_leg(self, offer: Offer, call: Call, agent: AgentProfile) -> None:
        self.asked_to_create.set()
        await self.may_create.wait()
        await super().create_leg(offer, call, agent)

    async def join(self, call: Call, leg: str) -> None:
        await self.may_join.wait()
        if self.joins:
            await super().join(call, leg)


@dataclass(slots=True)
class Centre:
    """One caller in the hands of one flow, three agents with ringing phones."""

    store: MemoryStore
    pbx: SimulatedPbx
    switch: HeldCalls
    flows: CallFlows
    events: list[AnyEvent] = field(default_factory=list)
    held: list[AnyEvent] | None = None
    """What the flow has not been told yet, while the store's news are held back."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    store_is_ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def another(self, process: str, tasks: asyncio.TaskGroup) -> CallFlows:
        """A further process on the same store and switch; it hears of nothing by itself."""
        store = self.store.sibling()
        await store.join()
        switch = HeldCalls(self.pbx, process)
        return CallFlows(tasks, {"pbx": world_of(process, store, switch, self.store_is_ready)})

    def phone(self, agent: str) -> SimulatedPhone:
        return self.pbx.phone(CONFIGURATION.agents[agent])

    async def tell(self) -> None:
        with suppress(StaleEpoch):
            async for events in self.store.inbox(PROCESS):
                for event in events:
                    if self.held is None:
                        self.flows.hear(event)
                    else:
                        self.held.append(event)
                self.news.set()

    async def remember(self) -> None:
        with suppress(StaleEpoch):
            async for events in self.store.events(""):
                self.events += events
                self.news.set()

    def let_go(self) -> None:
        held, self.held = self.held or [], None
        for event in held:
            self.flows.hear(event)

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not await holds():  # noqa: ASYNC110  # the switch in memory has no news of its own
                await asyncio.sleep(0.001)

    async def call(self) -> Call:
        record = await self.store.call("c1")
        assert record is not None
        return record

    async def until_state(self, state: CallState) -> None:
        async def holds() -> bool:
            record = await self.store.call("c1")
            return record is not None and record.state is state

        await self.until(holds)

    async def until_ended(self) -> CallEnded:
        async def holds() -> bool:
            return not self.pbx.channels and any(isinstance(event, CallEnded) for event in self.events)

        await self.until(holds)
        return next(event for event in self.events if isinstance(event, CallEnded))

    async def ringing(self, *agents: str) -> list[Offer]:
        offers = await self.store.reserve(Reservation(call="c1", agents=agents, width=len(AGENTS), lease_ms=60_000))
        assert isinstance(offers, list)
        for agent in agents:

            async def rings(who: str = agent) -> bool:
                return self.phone(who).rings

            await self.until(rings)
        return offers

    def outcomes(self) -> dict[str, OfferOutcome | None]:
        return {event.offer.agent: event.offer.outcome for event in self.events if isinstance(event, OfferEnded)}

    async def activity(self, agent: str) -> AgentActivity:
        live = await self.store.agent(agent)
        assert live is not None
        return live.activity


def world_of(process: str, store: MemoryStore, switch: SimulatedCalls, ready: asyncio.Event) -> FlowWorld:
    async def store_ready() -> None:
        await ready.wait()

    return FlowWorld(
        process=process,
        store=store,
        switch=switch,
        clock=LoopTime(),
        configuration=lambda: CONFIGURATION,
        store_ready=store_ready,
    )


@asynccontextmanager
async def opened(
    store_kind: type[MemoryStore] = MemoryStore, switch_kind: type[HeldCalls] = HeldCalls
) -> AsyncIterator[Centre]:
    times = LoopTime()
    store = store_kind(clock=times.now, wake=asyncio.Event)
    await store.begin_epoch(PROCESS, lease_ms=5_000)
    await store.open_epoch()
    await store.configure_agents(AGENTS, version=1)
    for agent in AGENTS:
        await store.set_status(agent, AgentStatus.READY)
        await store.set_reachable(agent, reachable=True, node="pbx")
    pbx = SimulatedPbx("pbx", times, asyncio.Event)
    switch = switch_kind(pbx, PROCESS)
    ready = asyncio.Event()
    ready.set()
    world = world_of(PROCESS, store, switch, ready)
    async with asyncio.TaskGroup() as tasks:
        centre = Centre(store, pbx, switch, CallFlows(tasks, {"pbx": world}), store_is_ready=ready)
        beside = [tasks.create_task(centre.tell()), tasks.create_task(centre.remember())]
        call = Call(id="c1", queue="support", node="pbx", owner=PROCESS, caller_number="1")
        pbx.caller_enters(call)
        centre.flows.start(call, fresh=True)
        await centre.until_state(CallState.QUEUED)
        try:
            yield centre
        finally:
            for task in beside:
                task.cancel()
