"""A call's flow while several phones ring: whatever the order in which it hears of things, one agent has the caller.

The store in memory and the simulated switch take the place of the world; what the store tells can be held back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from acd.agent import AgentActivity, AgentProfile, AgentStatus
from acd.call import Call, CallState, EndedBy, EndReason
from acd.configuration import Configuration
from acd.events import AnyEvent, CallEnded, OfferEnded
from acd.memory import MemoryStore
from acd.offer import Offer, OfferOutcome
from acd.ports import CallChange, Reservation
from acd.queue import Queue
from acd.simulation import SimulatedCalls, SimulatedPbx, SimulatedPhone
from stasis_app.call_flow import CallFlows, FlowWorld

PROCESS = "acd-1"
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
    """A switch that joins caller and agent only when it is told to, or never."""

    may_join: asyncio.Event
    joins: bool = True

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

    def phone(self, agent: str) -> SimulatedPhone:
        return self.pbx.phone(CONFIGURATION.agents[agent])

    async def tell(self) -> None:
        async for events in self.store.inbox(PROCESS):
            for event in events:
                if self.held is None:
                    self.flows.hear(event)
                else:
                    self.held.append(event)
            self.news.set()

    async def remember(self) -> None:
        async for events in self.store.events(""):
            self.events += events
            self.news.set()

    def let_go(self) -> None:
        held, self.held = self.held or [], None
        for event in held:
            self.flows.hear(event)

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(5):
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


@asynccontextmanager
async def opened() -> AsyncIterator[Centre]:
    times = LoopTime()
    store = MemoryStore(clock=times.now, wake=asyncio.Event)
    await store.begin_epoch(PROCESS, lease_ms=5_000)
    await store.open_epoch()
    await store.configure_agents(AGENTS, version=1)
    for agent in AGENTS:
        await store.set_status(agent, AgentStatus.READY)
        await store.set_reachable(agent, reachable=True, node="pbx")
    pbx = SimulatedPbx("pbx", times, asyncio.Event)
    switch = HeldCalls(pbx, PROCESS)
    switch.may_join = asyncio.Event()
    switch.may_join.set()

    async def store_ready() -> None:
        """It always is."""

    world = FlowWorld(
        process=PROCESS,
        store=store,
        switch=switch,
        clock=times,
        configuration=lambda: CONFIGURATION,
        store_ready=store_ready,
    )
    async with asyncio.TaskGroup() as tasks:
        centre = Centre(store, pbx, switch, CallFlows(tasks, {"pbx": world}))
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


async def test_losers_are_cancelled_only_once_caller_and_winner_are_together() -> None:
    async with opened() as centre:
        centre.switch.may_join.clear()
        await centre.ringing(*AGENTS)
        centre.phone("ben").answer()
        await centre.until_state(CallState.CONNECTING)
        still_ringing = [centre.phone(agent).rings for agent in ("anna", "carla")]
        centre.switch.may_join.set()
        await centre.until_state(CallState.CONNECTED)
        centre.pbx.caller_hangs_up("c1")
        ended = await centre.until_ended()

        assert still_ringing == [True, True]
        assert (ended.call.end_reason, ended.call.ended_by, ended.call.agent) == ("completed", "caller", "ben")
        assert centre.outcomes() == {
            "anna": OfferOutcome.ANSWERED_ELSEWHERE,
            "carla": OfferOutcome.ANSWERED_ELSEWHERE,
        }


async def test_old_news_of_a_loser_does_not_undo_the_conversation() -> None:
    """Carla's phone stops ringing while Ben is being joined; that is heard of when he talks already."""
    async with opened() as centre:
        centre.switch.may_join.clear()
        await centre.ringing("ben", "carla")
        centre.phone("ben").answer()
        await centre.until_state(CallState.CONNECTING)
        centre.held = []
        centre.phone("carla").decline()
        centre.switch.may_join.set()
        await centre.until_state(CallState.CONNECTED)
        centre.let_go()
        centre.pbx.caller_hangs_up("c1")
        ended = await centre.until_ended()

        assert (ended.call.end_reason, ended.call.ended_by) == (EndReason.COMPLETED, EndedBy.CALLER)
        assert centre.outcomes() == {"carla": OfferOutcome.REJECTED}


async def test_news_of_another_phone_that_come_after_the_answer_do_not_undo_it() -> None:
    async with opened() as centre:
        await centre.ringing("anna")
        centre.held = []
        await centre.store.reserve(Reservation(call="c1", agents=["ben"], width=2, lease_ms=60_000))
        centre.switch.may_join.clear()
        centre.phone("anna").answer()
        await centre.until_state(CallState.CONNECTING)
        centre.let_go()
        centre.switch.may_join.set()
        await centre.until_state(CallState.CONNECTED)
        talks = await centre.call()
        centre.phone("anna").hang_up()
        ended = await centre.until_ended()

        assert talks.agent == "anna"
        assert (ended.call.end_reason, ended.call.ended_by) == ("completed", "agent")
        assert centre.outcomes() == {"ben": OfferOutcome.ANSWERED_ELSEWHERE}


async def test_whoever_answers_second_is_hung_up_and_free_before_the_bridge_and_stays_so_if_the_winner_drops() -> None:
    async with opened() as centre:
        centre.switch.joins = False  # neither is seen in the bridge
        await centre.ringing("anna", "ben")
        centre.phone("anna").answer()
        await centre.until_state(CallState.CONNECTING)
        centre.phone("ben").answer()

        async def ben_is_free() -> bool:
            return await centre.activity("ben") is AgentActivity.IDLE and not centre.phone("ben").talks

        await centre.until(ben_is_free)
        connecting = await centre.call()
        centre.phone("anna").hang_up()
        await centre.until_state(CallState.QUEUED)
        ben = await centre.store.agent("ben")
        centre.pbx.caller_hangs_up("c1")
        await centre.until_ended()

        assert (connecting.state, connecting.agent) == (CallState.CONNECTING, "anna")
        assert ben is not None
        assert (ben.missed, ben.cool_until, ben.status) == (0, 0, AgentStatus.READY)
        assert centre.outcomes() == {"ben": OfferOutcome.ANSWERED_ELSEWHERE, "anna": OfferOutcome.DROPPED}


async def test_a_winner_who_drops_leaves_the_others_ringing() -> None:
    async with opened() as centre:
        centre.switch.may_join.clear()
        await centre.ringing("anna", "ben")
        centre.phone("anna").answer()
        await centre.until_state(CallState.CONNECTING)
        centre.phone("anna").hang_up()
        centre.switch.may_join.set()
        await centre.until_state(CallState.OFFERED)
        waits = await centre.call()
        rings = centre.phone("ben").rings
        music = centre.pbx.channels["c1"].music
        centre.phone("ben").answer()
        await centre.until_state(CallState.CONNECTED)
        centre.pbx.caller_hangs_up("c1")
        ended = await centre.until_ended()

        assert list(waits.offers.values()) == ["ben"]
        assert rings
        assert music == "default"
        assert ended.call.agent == "ben"
        assert centre.outcomes() == {"anna": OfferOutcome.DROPPED}


async def test_a_caller_who_leaves_silences_every_phone() -> None:
    async with opened() as centre:
        await centre.ringing(*AGENTS)
        centre.pbx.caller_hangs_up("c1")
        ended = await centre.until_ended()

        assert ended.call.end_reason == "abandoned"
        assert not any(centre.phone(agent).rings for agent in AGENTS)
        assert set(centre.outcomes().values()) == {OfferOutcome.CALLER_LEFT}


async def test_too_many_missed_offers_put_the_agent_on_break() -> None:
    async with opened() as centre:
        await centre.ringing("anna")
        centre.phone("anna").decline()
        await centre.until_state(CallState.QUEUED)
        anna = await centre.store.agent("anna")
        centre.pbx.caller_hangs_up("c1")
        await centre.until_ended()

        assert anna is not None
        assert (anna.status, anna.break_reason) == (AgentStatus.ON_BREAK, "missed_calls")


async def test_a_change_reaches_channel_and_music() -> None:
    async with opened() as centre:
        change = CallChange(queue="billing", priority=3, requires="german", preferred_agent="anna", preferred_for_s=9)
        await centre.store.change_call("c1", change)

        async def jazz() -> bool:
            return centre.pbx.channels["c1"].music == "jazz"

        await centre.until(jazz)
        written = centre.pbx.channels["c1"].request
        centre.pbx.caller_hangs_up("c1")
        await centre.until_ended()

        assert written is not None
        assert (written.queue, written.priority, written.requires) == ("billing", 3, "german")
        assert (written.preferred_agent, written.preferred_for_s) == ("anna", 9)


async def test_a_withdrawn_caller_is_given_back_to_the_dialplan() -> None:
    async with opened() as centre:
        await centre.ringing("anna", "ben")
        await centre.store.end_call("c1", EndReason.WITHDRAWN, owner=PROCESS, by=EndedBy.SYSTEM)
        await centre.until_ended()

        assert centre.pbx.given_back == {"c1": "WITHDRAWN"}
        assert not any(centre.phone(agent).rings for agent in AGENTS)
