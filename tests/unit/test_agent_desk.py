"""What an agent can ask for, over the store in memory."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from acd.agent import AgentActivity, AgentProfile, AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.configuration import Configuration
from acd.memory import MemoryStore
from acd.ports import OfferRef, Refused, Reservation
from stasis_app.agent_desk import AgentDesk, AgentUnknown, BreakReasonInvalid, NotInWrapUp


async def open_desk(*agents: str) -> tuple[AgentDesk, MemoryStore]:
    ticks = itertools.count(1_000)
    store = MemoryStore(clock=lambda: next(ticks), wake=asyncio.Event)
    await store.begin_epoch("acd-1", lease_ms=5_000)
    await store.open_epoch()
    await store.configure_agents(agents, version=1)
    configuration = Configuration(version=1, agents={name: AgentProfile(id=name) for name in agents})
    return AgentDesk(store, lambda: configuration), store


async def test_logging_in_means_ready_unless_a_break_is_asked_for() -> None:
    desk, _ = await open_desk("ann")

    assert (await desk.log_in("ann")).status is AgentStatus.READY
    assert (await desk.log_in("ann", AgentStatus.ON_BREAK)).break_reason == "log-in"
    with pytest.raises(ValueError, match="log_out"):
        await desk.log_in("ann", AgentStatus.LOGGED_OUT)


async def test_a_break_has_a_reason_and_going_ready_ends_it() -> None:
    desk, _ = await open_desk("ann")
    paused = await desk.take_break("ann", "  Lunch ")
    ready = await desk.ready("ann")

    assert (paused.status, paused.break_reason) == (AgentStatus.ON_BREAK, "Lunch")
    assert (ready.status, ready.break_reason) == (AgentStatus.READY, None)
    assert (await desk.log_out("ann")).status is AgentStatus.LOGGED_OUT


@pytest.mark.parametrize("reason", ["", "   ", "x" * 41, "two\nlines"])
async def test_a_reason_that_nobody_could_read_is_refused(reason: str) -> None:
    desk, store = await open_desk("ann")

    with pytest.raises(BreakReasonInvalid, match="1 to 40 characters"):
        await desk.take_break("ann", reason)
    agent = await store.agent("ann")
    assert agent is not None
    assert agent.status is AgentStatus.LOGGED_OUT


async def test_a_reason_may_be_as_long_as_it_says() -> None:
    desk, _ = await open_desk("ann")

    assert (await desk.take_break("ann", "x" * 40)).break_reason == "x" * 40


async def test_an_agent_nobody_configured_is_unknown_and_the_nearest_are_named() -> None:
    desk, _ = await open_desk("ann", "anna", "zoe")
    for act in (desk.log_in, desk.log_out, desk.ready, desk.end_wrap_up):
        with pytest.raises(AgentUnknown) as caught:
            await act("anne")
        assert set(caught.value.nearest) == {"ann", "anna"}
        assert "did you mean" in str(caught.value)


async def test_an_agent_whom_the_store_does_not_know_yet_is_unknown_too() -> None:
    desk, store = await open_desk("ann")
    await store.configure_agents([], version=2)

    with pytest.raises(AgentUnknown):
        await desk.ready("ann")


async def test_wrap_up_ends_by_word_and_only_while_it_lasts() -> None:
    desk, store = await open_desk("ann")
    with pytest.raises(NotInWrapUp, match="ann is idle"):
        await desk.end_wrap_up("ann")
    await desk.ready("ann")
    await store.set_reachable("ann", reachable=True, node="pbx")
    await store.enqueue(Call(id="c1", queue="q", owner="acd-1"))
    offers = await store.reserve(Reservation(call="c1", agents=["ann"], lease_ms=60_000))
    assert not isinstance(offers, Refused)
    ref = OfferRef(id=offers[0].id, fence=offers[0].fence, owner="acd-1")
    await store.ring(ref)
    await store.accept(ref, lease_ms=60_000)
    await store.connect(ref)
    with pytest.raises(NotInWrapUp, match="ann is talking"):
        await desk.end_wrap_up("ann")
    await store.end_call("c1", EndReason.COMPLETED, owner="acd-1", by=EndedBy.CALLER, wrap_up_ms=60_000)

    assert (await desk.end_wrap_up("ann")).activity is AgentActivity.IDLE
