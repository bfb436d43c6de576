"""What drives calls in production (flows, distributor, deadlines, feed) lives days on a simulated switch.

Times are multiples of a tenth of a second, so that people do things at the very same instant again and again.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from structlog.testing import capture_logs

import stasis_app.clock
from acd.agent import AgentActivity, AgentProfile, AgentStatus
from acd.call import Call
from acd.configuration import Configuration
from acd.events import AnyEvent, CallEnded, OfferEnded, OfferMade
from acd.matcher import Matcher
from acd.memory import MemoryStore
from acd.ports import LegOutcome
from acd.queue import CoolOff, Queue
from acd.simulation import SimulatedCalls, SimulatedPbx, SimulatedPhone
from acd.strategies.longest_idle import LongestIdle
from acd.strategies.ring_all import RingAll
from stasis_app.call_flow import CallFlows, FlowWorld
from stasis_app.deadlines import Deadlines
from stasis_app.distributor import Distributor
from stasis_app.event_feed import EventFeed
from tests.simulation.virtual_loop import VirtualLoop, run_virtually

PROCESS, NODE = "acd-1", "pbx"
SEEDS = int(os.environ.get("SIMULATION_SEEDS", "3"))
AGENTS = ("anna", "bert", "cleo", "dora")
COOL_OFF = CoolOff(no_answer_s=3, rejected_s=2, busy_s=1, unreachable_s=4)
CONFIGURATION = Configuration(
    version=1,
    queues={
        "sales": Queue(name="sales", ring_timeout_s=6, wrap_up_s=2, max_wait_s=45, cool_off=COOL_OFF),
        "all": Queue(name="all", strategy="ring_all", offer_width=3, ring_timeout_s=5, wrap_up_s=0, cool_off=COOL_OFF),
    },
    agents={agent: AgentProfile(id=agent, queues={"sales": 0, "all": 1}) for agent in AGENTS},
)


class Production:
    """One process of ours, on stores and switches in memory."""

    def __init__(self, loop: VirtualLoop, tasks: asyncio.TaskGroup, pbx: SimulatedPbx, store: MemoryStore) -> None:
        self.store = store
        self.feed = EventFeed(store)
        matcher = Matcher(CONFIGURATION, {"sales": LongestIdle(), "all": RingAll()})
        self.distributor = Distributor(store, self.feed, matcher, process=PROCESS)
        self.deadlines = Deadlines(store, self.feed, active=self.distributor.leading)

        async def store_ready() -> None:
            """It always is."""

        world = FlowWorld(
            process=PROCESS,
            store=store,
            switch=SimulatedCalls(pbx, PROCESS),
            clock=loop,
            configuration=lambda: CONFIGURATION,
            store_ready=store_ready,
        )
        self.flows = CallFlows(tasks, {NODE: world})

    async def read_inbox(self) -> None:
        async for events in self.store.inbox(PROCESS):
            for event in events:
                self.flows.hear(event)


class People:
    """Callers and agents, who do at random what people do."""

    def __init__(self, loop: VirtualLoop, pbx: SimulatedPbx, dice: Random) -> None:
        self._loop = loop
        self._pbx = pbx
        self._dice = dice
        self.rung: Counter[str] = Counter()
        for profile in CONFIGURATION.agents.values():
            phone = pbx.phone(profile)
            phone.on_ring = self._rings

    def _tenths(self, most: float) -> float:
        """Milliseconds, up to so many seconds."""
        return self._dice.randint(0, round(most * 10)) * 100

    def _rings(self, phone: SimulatedPhone) -> None:
        self.rung[phone.endpoint] += 1
        leg, drawn = phone.leg, self._dice.random()

        def if_still(act: object) -> object:
            return act() if phone.leg is leg and callable(act) else None

        if drawn < 0.7:
            self._loop.after(self._tenths(5), lambda: if_still(phone.answer))
        elif drawn < 0.8:
            self._loop.after(self._tenths(3), lambda: if_still(phone.decline))
        elif drawn < 0.85:
            self._loop.after(0, lambda: if_still(lambda: phone.decline(LegOutcome.BUSY)))
        self._loop.after(2_000 + self._tenths(20), lambda: if_still(phone.hang_up))

    async def call(self, production: Production, number: int) -> None:
        call = Call(id=f"caller-{number}", queue=self._dice.choice(["sales", "sales", "all"]), node=NODE, owner=PROCESS)
        self._pbx.caller_enters(call)
        production.flows.start(call, fresh=True)
        await asyncio.sleep(self._tenths(40) / 1000)
        self._pbx.caller_hangs_up(call.id)


async def live(loop: VirtualLoop, seed: int, calls: int, *, cuts: int) -> Counter[str]:
    """So many callers; the connection to the switch is lost so many times, now and then because it was restarted."""
    dice = Random(seed)
    pbx = SimulatedPbx(NODE, loop, asyncio.Event, delay_ms=10)
    store = MemoryStore(loop.now, asyncio.Event)
    await store.begin_epoch(PROCESS, lease_ms=10**9)
    await store.open_epoch()
    await store.configure_agents(AGENTS, version=1)
    for agent in AGENTS:
        await store.set_reachable(agent, reachable=True, node=NODE)
        await store.set_status(agent, AgentStatus.READY)
    async with asyncio.TaskGroup() as tasks:
        production = Production(loop, tasks, pbx, store)
        people = People(loop, pbx, dice)
        seen = watch(production, pbx)
        running = [
            tasks.create_task(part)
            for part in (
                production.feed.run(),
                production.distributor.run(),
                production.deadlines.run(),
                production.read_inbox(),
            )
        ]
        await production.distributor.leading.wait()
        async with asyncio.TaskGroup() as callers:
            for number in range(calls):
                callers.create_task(people.call(production, number))
                await asyncio.sleep(dice.randint(0, 80) / 10)
                if cuts and number % (calls // cuts) == calls // cuts - 1:
                    pbx.cut(PROCESS)
                    await asyncio.sleep(dice.randint(0, 60) / 10)
                    if dice.random() < 0.3:
                        pbx.restart()
                    pbx.mend(PROCESS)
                    production.flows.look_again(NODE)
        await asyncio.sleep(120)
        for task in running:
            task.cancel()
    assert all(not production.flows.drives(f"caller-{number}") for number in range(calls))
    nothing_is_left(pbx, store)
    seen["phones rung"] = people.rung.total()
    return seen


def watch(production: Production, pbx: SimulatedPbx) -> Counter[str]:
    seen: Counter[str] = Counter()

    def look(events: Sequence[AnyEvent]) -> None:
        for event in events:
            seen[type(event).__name__] += 1
            if isinstance(event, CallEnded):
                seen[f"call {event.call.end_reason}"] += 1
            elif isinstance(event, OfferEnded):
                seen[f"offer {event.offer.outcome}"] += 1
            elif isinstance(event, OfferMade):
                assert event.agent.activity is AgentActivity.RESERVED

    production.feed.subscribe(lambda snapshot: None, look)
    return seen


def nothing_is_left(pbx: SimulatedPbx, store: MemoryStore) -> None:
    world = store.world
    assert (dict(pbx.channels), dict(pbx.bridges), pbx.listeners) == ({}, {}, 0)
    assert (world.calls, world.offers, world.deadlines) == ({}, {}, {})
    assert {agent.activity for agent in world.agents.values()} == {AgentActivity.IDLE}


@pytest.mark.parametrize(("seed", "cuts"), [(seed, (seed - 1) % 3 * 6) for seed in range(1, SEEDS + 1)])
def test_every_call_comes_to_its_end_and_nothing_stays(monkeypatch: pytest.MonkeyPatch, seed: int, cuts: int) -> None:
    async def main(loop: VirtualLoop) -> Counter[str]:
        monkeypatch.setattr(stasis_app.clock, "time", loop)
        return await live(loop, seed, 150, cuts=cuts)

    with capture_logs() as logs:
        seen = run_virtually(main)

    assert [entry for entry in logs if entry["log_level"] in {"error", "critical"}] == []
    print(dict(sorted(seen.items())))  # noqa: T201  # pytest shows it with a failure, or with -s
    assert seen["CallQueued"] == seen["CallEnded"] == 150
    happened = {"call completed", "call abandoned", "offer no_answer", "offer rejected", "offer answered_elsewhere"}
    assert {name for name in happened if not seen[name]} == set()


def test_who_waits_for_ever_is_found_out() -> None:
    async def main(loop: VirtualLoop) -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="will never happen"):
        run_virtually(main)


def test_an_hour_passes_at_once() -> None:
    async def main(loop: VirtualLoop) -> int:
        before = loop.now()
        await asyncio.sleep(3600)
        return loop.now() - before

    assert run_virtually(main) == 3_600_000
