"""What a lost store is rebuilt with: calls as the switch shows them, agents with what they have done so far."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from acd.agent import Agent, AgentActivity, AgentProfile, AgentStatus
from acd.call import Call, CallState, EndedBy, EndReason
from acd.configuration import Configuration
from acd.memory import MemoryStore
from acd.ports import Refused, Reservation
from acd.simulation import NobodyWaits, SimulatedCalls, SimulatedPbx, VirtualClock
from acd.testing.stage import LONG_MS, ref
from stasis_app.reconcile import Reconciler, Statuses

PROFILES = {name: AgentProfile(id=name, queues={"support": 1}) for name in ("anna", "bert", "cleo", "dora")}
ASKED = {
    "requires": "german >= 50",
    "prefers": "french or dutch",
    "preferred_agent": "anna",
    "preferred_for_s": 12.5,
    "priority": 3.5,
}


class Clock:
    """The store's, moved by hand."""

    ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.ms


class Site:
    """A store, a switch and a process that loses the one and still has the other."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store = MemoryStore(self.clock, asyncio.Event)
        self.pbx = SimulatedPbx("pbx", VirtualClock(), NobodyWaits)
        self.switch = SimulatedCalls(self.pbx, "acd-1")

    def reconciler(self, known: Mapping[str, Agent], statuses: Statuses) -> Reconciler:
        async def journal() -> Statuses:
            return statuses

        return Reconciler(
            process="acd-1",
            store=self.store,
            switches={"pbx": self.switch},
            configuration=lambda: Configuration(agents=PROFILES),
            journal=journal,
            known=lambda: known,
            driven=dict,
            start=lambda call: None,
        )

    async def caller(self, call: str, **asked: object) -> Call:
        self.pbx.caller_enters(Call(id=call, queue="support", node="pbx", owner="acd-1"))
        record = Call(id=call, queue="support", node="pbx", owner="acd-1", arrived_at=5)
        record = await self.store.enqueue(replace(record, **asked))  # type: ignore[arg-type]
        await self.switch.write_request(record)
        return record

    async def talks(self, call: str, agent: str) -> None:
        offers = await self.store.reserve(Reservation(call=call, agents=[agent], lease_ms=LONG_MS))
        assert not isinstance(offers, Refused)
        [offer] = offers
        record = await self.store.call(call)
        assert record is not None
        await self.switch.create_leg(offer, record, PROFILES[agent])
        await self.store.ring(ref(offer))
        await self.switch.dial_leg(offer, record, timeout_s=20)
        assert self.pbx.phone(PROFILES[agent]).answer()
        await self.store.accept(ref(offer), lease_ms=LONG_MS)
        await self.switch.join(record, offer.leg)
        await self.store.connect(ref(offer))
        connected = await self.store.call(call)
        assert connected is not None
        await self.switch.write_request(connected)


@pytest.fixture
async def site() -> Site:
    site = Site()
    await site.store.begin_epoch("acd-1", lease_ms=LONG_MS)
    await site.store.open_epoch()
    await site.store.configure_agents(sorted(PROFILES), version=1)
    for name in ("anna", "bert"):
        await site.store.set_status(name, AgentStatus.READY)
        await site.store.set_reachable(name, reachable=True, node="pbx")
    return site


async def test_a_caller_waits_again_with_all_that_was_asked_for(site: Site) -> None:
    site.clock.ms += 100
    before = await site.caller("c1", **ASKED)
    site.clock.ms += 9_000
    site.store.world.flush()

    await site.reconciler({}, {}).ready_epoch()

    after = await site.store.call("c1")
    assert after == replace(before, state_since=site.clock.ms)
    assert {name: getattr(after, name) for name in ASKED} == ASKED


async def test_a_conversation_goes_on_and_its_agent_is_busy_for_its_queue(site: Site) -> None:
    await site.caller("c1", **ASKED)
    await site.talks("c1", "anna")
    known = (await site.store.snapshot()).agents
    site.clock.ms += 9_000
    site.store.world.flush()

    await site.reconciler(known, {}).ready_epoch()

    call, anna = await site.store.call("c1"), await site.store.agent("anna")
    assert call is not None
    assert (call.state, call.agent, call.requires) == (CallState.CONNECTED, "anna", ASKED["requires"])
    assert anna == replace(known["anna"], activity_since=site.clock.ms, shift_busy_ms=9_000)
    assert (anna.activity, anna.busy_for, anna.offer) == (AgentActivity.TALKING, "support", None)


async def test_agents_keep_what_they_did_and_lose_a_call_of_which_nothing_is_known(site: Site) -> None:
    await site.caller("c1")
    await site.talks("c1", "anna")
    known = (await site.store.snapshot()).agents
    site.pbx.caller_hangs_up("c1")
    assert site.pbx.phone(PROFILES["anna"]).hang_up()
    site.clock.ms += 500
    site.store.world.flush()

    await site.reconciler(known, {}).ready_epoch()

    anna = await site.store.agent("anna")
    assert anna == replace(
        known["anna"],
        activity=AgentActivity.IDLE,
        activity_since=site.clock.ms,
        call=None,
        busy_for=None,
        shift_busy_ms=500,
    )
    assert anna.offered_in == known["anna"].offered_in != {}


async def test_whom_only_the_journal_knows_begins_anew(site: Site) -> None:
    site.store.world.flush()
    now = site.clock.ms = site.clock.ms + 77
    statuses: Statuses = {"anna": (AgentStatus.READY, None), "bert": (AgentStatus.ON_BREAK, "lunch")}

    await site.reconciler({}, statuses).ready_epoch()

    assert (await site.store.snapshot()).agents == {
        "anna": Agent(
            id="anna", status=AgentStatus.READY, status_since=now, idle_since=now, ready_at=now, shift_since=now
        ),
        "bert": Agent(
            id="bert", status=AgentStatus.ON_BREAK, break_reason="lunch", status_since=now, idle_since=now,
            shift_since=now,
        ),
        "cleo": Agent(id="cleo", status_since=now, idle_since=now),
        "dora": Agent(id="dora", status_since=now, idle_since=now),
    }  # fmt: skip


async def test_agents_whom_a_restarted_store_kept_stay_as_they_are(site: Site) -> None:
    await site.caller("c1")
    await site.talks("c1", "anna")
    site.clock.ms += 500
    kept = (await site.store.snapshot()).agents
    site.store.world.restart()

    await site.reconciler({}, {"bert": (AgentStatus.LOGGED_OUT, None)}).ready_epoch()

    agents = (await site.store.snapshot()).agents
    assert agents["bert"] == kept["bert"]
    assert agents["anna"] == replace(
        kept["anna"], activity_since=site.clock.ms, idle_since=site.clock.ms, shift_busy_ms=500
    )


async def test_an_end_that_nobody_carried_out_is_carried_out_and_the_call_not_begun_anew(site: Site) -> None:
    await site.caller("c1")
    ended = await site.store.end_call("c1", EndReason.WITHDRAWN, owner="acd-1", by=EndedBy.SYSTEM)
    started: list[Call] = []

    await replace(site.reconciler({}, {}), start=started.append).resume_own()

    assert started == [ended]


async def test_one_who_was_claimed_and_never_queued_begins(site: Site) -> None:
    call = Call(id="c1", queue="support", node="pbx", owner="acd-1")
    site.pbx.caller_enters(call)
    started: list[Call] = []

    await replace(site.reconciler({}, {}), start=started.append).resume_own()

    assert started == [call]


async def test_what_a_dead_process_left_and_is_gone_before_it_is_taken_over_disturbs_nobody(site: Site) -> None:
    class Vanishing(SimulatedCalls):
        async def adopt(self, channel: str) -> None:
            site.pbx.caller_hangs_up(channel)
            await super().adopt(channel)

    site.pbx.caller_enters(Call(id="c1", queue="support", node="pbx", owner="acd-2"))
    started: list[Call] = []
    reconciler = replace(site.reconciler({}, {}), start=started.append, switches={"pbx": Vanishing(site.pbx, "acd-1")})

    await reconciler.take_over_the_dead()

    assert started == []
    assert not site.pbx.channels


async def test_the_calls_of_a_node_that_is_not_served_are_left_to_those_who_serve_it(site: Site) -> None:
    for node in ("pbx", "elsewhere"):
        await site.store.enqueue(Call(id=node, queue="support", node=node, owner="acd-2"))
    started: list[Call] = []

    await replace(site.reconciler({}, {}), start=started.append).take_over_the_dead()

    calls = (await site.store.snapshot()).calls
    assert [call.id for call in started] == ["pbx"]
    assert {call.id: call.owner for call in calls.values()} == {"pbx": "acd-1", "elsewhere": "acd-2"}
