"""What agents ask for and what becomes of them: status, reachability, wrap-up, and who is configured."""

from __future__ import annotations

from dataclasses import replace

from acd.agent import Agent, AgentActivity, AgentStatus
from acd.call import CallState
from acd.events import (
    AgentReachabilityChanged,
    AgentRemoved,
    AgentStatusChanged,
    ConfigurationAnnounced,
    OfferEnded,
    WrapUpEnded,
)
from acd.offer import OfferOutcome
from acd.ports import Refusal, Reservation
from acd.testing.stage import LONG_MS, PAST_SHORT_MS, SHORT_MS, Scenario, Stage, done, ref, scenarios


async def _agent(stage: Stage, name: str = "anna") -> Agent:
    agent = await stage.store.agent(name)
    assert agent is not None
    return agent


async def becoming_ready_starts_the_idle_clock(stage: Stage) -> None:
    await stage.agents("anna")
    first = await _agent(stage)
    assert first.idle_since == first.status_since > 0
    await stage.unchanged(lambda: stage.store.set_status("anna", AgentStatus.READY))
    await stage.setup.pass_time(5)
    on_break = done(await stage.store.set_status("anna", AgentStatus.ON_BREAK, reason="lunch"))
    assert (on_break.break_reason, on_break.idle_since) == ("lunch", first.idle_since)
    await stage.unchanged(lambda: stage.store.set_status("anna", AgentStatus.ON_BREAK, reason="lunch"))
    before = await stage.position()
    done(await stage.store.set_status("anna", AgentStatus.ON_BREAK, reason="tea"))
    await stage.setup.pass_time(5)
    ready = done(await stage.store.set_status("anna", AgentStatus.READY, reason="ignored"))
    assert (ready.break_reason, ready.idle_since) == (None, ready.status_since)
    assert ready.idle_since > first.idle_since
    tea, back = await stage.since(before)
    assert isinstance(tea, AgentStatusChanged)
    assert isinstance(back, AgentStatusChanged)
    assert (tea.previous, back.previous, back.agent) == ("on_break", "on_break", ready)
    await stage.refuses(Refusal.UNKNOWN, lambda: stage.store.set_status("nobody", AgentStatus.READY))


async def becoming_ready_ends_a_cool_off(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    [offer] = await stage.offers("c1", "anna")
    done(await stage.store.end_offer(ref(offer), OfferOutcome.REJECTED, cool_off_ms=LONG_MS))
    done(await stage.store.set_status("anna", AgentStatus.ON_BREAK))
    assert done(await stage.store.set_status("anna", AgentStatus.READY)).cool_until == 0
    await stage.offers("c1", "anna")


async def a_break_rescinds_an_offer_that_rings(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    await stage.ringing("c1", "anna")
    before = await stage.position()
    agent = done(await stage.store.set_status("anna", AgentStatus.ON_BREAK))
    assert (agent.status, agent.activity, agent.offer) == (AgentStatus.ON_BREAK, AgentActivity.IDLE, None)
    ended, changed = await stage.since(before)
    assert isinstance(ended, OfferEnded)
    assert (ended.offer.outcome, ended.call.state) == (OfferOutcome.RESCINDED, CallState.QUEUED)
    assert ended.agent.status is AgentStatus.READY, "the status changes after it"
    assert isinstance(changed, AgentStatusChanged)
    assert changed.agent == agent


async def a_break_asked_for_on_a_call_waits_for_its_end(stage: Stage) -> None:
    await stage.agents("anna", "bert")
    await stage.call()
    await stage.call("c2")
    await stage.accepted("c1", "anna")
    await stage.connected("c2", "bert")
    for name, activity in (("anna", AgentActivity.RESERVED), ("bert", AgentActivity.TALKING)):
        agent = done(await stage.store.set_status(name, AgentStatus.LOGGED_OUT))
        assert (agent.status, agent.activity) == (AgentStatus.LOGGED_OUT, activity)
    await stage.end("c2", wrap_up_ms=LONG_MS)
    ready = done(await stage.store.set_status("bert", AgentStatus.READY))
    assert ready.activity is AgentActivity.WRAP_UP


async def only_the_node_with_the_phone_speaks_for_it(stage: Stage) -> None:
    await stage.store.configure_agents(["anna"], version=1)
    await stage.unchanged(lambda: stage.store.set_reachable("anna", reachable=False, node="pbx-1"))
    before = await stage.position()
    there = done(await stage.store.set_reachable("anna", reachable=True, node="pbx-1"))
    assert (there.reachable, there.node) == (True, "pbx-1")
    await stage.unchanged(lambda: stage.store.set_reachable("anna", reachable=True, node="pbx-1"))
    moved = done(await stage.store.set_reachable("anna", reachable=True, node="pbx-2"))
    assert moved.node == "pbx-2"
    await stage.unchanged(lambda: stage.store.set_reachable("anna", reachable=False, node="pbx-1"))
    gone = done(await stage.store.set_reachable("anna", reachable=False, node="pbx-2"))
    assert (gone.reachable, gone.node) == (False, None)
    events = await stage.since(before)
    assert all(isinstance(event, AgentReachabilityChanged) for event in events)
    assert len(events) == 3
    await stage.refuses(Refusal.UNKNOWN, lambda: stage.store.set_reachable("nobody", reachable=True, node="pbx-1"))


async def an_unreachable_phone_may_still_ring(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    [offer] = await stage.ringing("c1", "anna")
    gone = done(await stage.store.set_reachable("anna", reachable=False, node="pbx"))
    assert (gone.activity, gone.offer) == (AgentActivity.RESERVED, offer.id)
    done(await stage.store.accept(ref(offer), lease_ms=LONG_MS))


async def whoever_is_not_available_is_not_reserved(stage: Stage) -> None:
    await stage.agents("away", "gone", "anna")
    await stage.store.set_status("away", AgentStatus.ON_BREAK)
    await stage.store.set_reachable("gone", reachable=False, node="pbx")
    await stage.call()
    reservation = Reservation(call="c1", agents=["away", "gone", "anna", "anna"], width=4, lease_ms=LONG_MS)
    assert [offer.agent for offer in done(await stage.store.reserve(reservation))] == ["anna"]


async def wrap_up_ends_by_word_or_by_time_but_never_early(stage: Stage) -> None:
    await stage.agents("anna")
    for call, wrap_up_ms, by in (("c1", LONG_MS, "agent"), ("c2", SHORT_MS, "time")):
        await stage.call(call)
        await stage.connected(call, "anna")
        await stage.end(call, wrap_up_ms=wrap_up_ms)
        await stage.refuses(Refusal.NOT_DUE, lambda: stage.store.end_wrap_up("anna", by="time"))
        if by == "time":
            await stage.setup.pass_time(PAST_SHORT_MS)
        before = await stage.position()
        agent = done(await stage.store.end_wrap_up("anna", by=by))
        assert (agent.activity, agent.call, agent.wrap_up_until) == (AgentActivity.IDLE, None, None)
        assert agent.idle_since == agent.activity_since
        [event] = await stage.since(before)
        assert isinstance(event, WrapUpEnded)
        assert event.by == by
        assert await stage.store.deadlines() == []
    await stage.refuses(Refusal.UNKNOWN, lambda: stage.store.end_wrap_up("nobody", by="agent"))


async def configured_agents_come_and_go(stage: Stage) -> None:
    await stage.store.configure_agents(["anna", "bert"], version=3)
    events = await stage.since(stage.start.position)
    assert [type(event) for event in events] == [AgentStatusChanged, AgentStatusChanged, ConfigurationAnnounced]
    assert [event.agent for event in events if isinstance(event, AgentStatusChanged)] == [
        Agent(id="anna"),
        Agent(id="bert"),
    ]
    await stage.unchanged(lambda: stage.store.configure_agents(["anna", "bert"], version=3))
    await stage.unchanged(lambda: stage.store.configure_agents(["anna"], version=2))
    before = await stage.position()
    await stage.store.configure_agents(["bert", "cleo"], version=4)
    assert await stage.kinds_since(before) == ["AgentStatusChanged", "AgentRemoved", "ConfigurationAnnounced"]
    snapshot = await stage.store.snapshot()
    assert set(snapshot.agents) == {"bert", "cleo"}
    assert snapshot.configuration_version == 4
    assert await stage.store.agent("anna") is None


async def a_busy_agent_who_is_no_longer_configured_leaves_when_idle(stage: Stage) -> None:
    await stage.agents("anna", "bert", "cleo")
    await stage.call()
    await stage.connected("c1", "anna")
    await stage.call("c2")
    await stage.ringing("c2", "bert")
    await stage.call("c3")
    await stage.connected("c3", "cleo")
    await stage.store.configure_agents([], version=10)
    assert set((await stage.store.snapshot()).agents) == {"anna", "bert", "cleo"}
    before = await stage.position()
    await stage.end("c1")
    assert await stage.kinds_since(before) == ["CallEnded", "AgentRemoved"]
    before = await stage.position()
    await stage.store.set_status("bert", AgentStatus.ON_BREAK)
    events = await stage.since(before)
    assert [type(event).__name__ for event in events] == ["OfferEnded", "AgentStatusChanged", "AgentRemoved"]
    assert isinstance(events[-1], AgentRemoved)
    assert events[-1].agent.status is AgentStatus.ON_BREAK
    await stage.store.configure_agents(["cleo"], version=11)
    await stage.end("c3")
    assert set((await stage.store.snapshot()).agents) == {"cleo"}, "cleo was configured again in time"


async def an_agent_freed_from_another_ring_is_free_from_then_on(stage: Stage) -> None:
    await stage.agents("anna", "bert")
    await stage.call()
    anna, _ = await stage.ringing("c1", "anna", "bert")
    await stage.call("c2")
    await stage.setup.pass_time(10)
    done(await stage.store.accept(ref(anna), lease_ms=LONG_MS))
    done(await stage.store.connect(ref(anna)))
    bert = await _agent(stage, "bert")
    [offer] = await stage.offers("c2", "bert")
    assert offer.free_since == bert.activity_since > bert.idle_since


async def records_and_snapshot_agree(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    offer = await stage.accepted("c1", "anna")
    snapshot = await stage.store.snapshot()
    assert snapshot.agents["anna"] == await stage.store.agent("anna")
    assert snapshot.calls["c1"] == await stage.store.call("c1")
    assert snapshot.offers[offer.id] == await stage.store.offer(offer.id) == replace(offer)
    assert snapshot.at <= await stage.store.now()
    assert snapshot.position == (await stage.store.read_events("", 1000))[-1].id


AGENT_SCENARIOS: tuple[Scenario, ...] = scenarios(
    becoming_ready_starts_the_idle_clock,
    becoming_ready_ends_a_cool_off,
    a_break_rescinds_an_offer_that_rings,
    a_break_asked_for_on_a_call_waits_for_its_end,
    only_the_node_with_the_phone_speaks_for_it,
    an_unreachable_phone_may_still_ring,
    whoever_is_not_available_is_not_reserved,
    wrap_up_ends_by_word_or_by_time_but_never_early,
    configured_agents_come_and_go,
    a_busy_agent_who_is_no_longer_configured_leaves_when_idle,
    an_agent_freed_from_another_ring_is_free_from_then_on,
    records_and_snapshot_agree,
)
