"""What commands and live figures change under way: waiting calls, and the steps of queues that count."""

from __future__ import annotations

from dataclasses import replace

from acd.agent import Agent
from acd.call import Call, CallState, EndedBy, EndReason
from acd.events import CallChanged, StepSwitched
from acd.ports import CallChange, Refusal, Refused
from acd.testing.stage import LONG_MS, OWNER, Scenario, Stage, done, ref, scenarios


async def _agent(stage: Stage, name: str = "anna") -> Agent:
    agent = await stage.store.agent(name)
    assert agent is not None
    return agent


async def a_waiting_call_changes_and_its_owner_hears_of_it(stage: Stage) -> None:
    queued = await stage.store.enqueue(
        Call(id="c1", queue="support", owner=OWNER, priority=0.5, requires="german >= 50", attributes={"tier": "gold"})
    )
    inbox = stage.store.inbox(OWNER)
    assert list(await anext(inbox)) == []
    before = await stage.position()
    change = CallChange(
        priority=-2.25, requires="", prefers="french or dutch", preferred_agent="anna", preferred_for_s=12.5
    )
    changed = done(await stage.store.change_call("c1", change))
    assert changed == replace(
        queued, priority=-2.25, requires="", prefers="french or dutch", preferred_agent="anna", preferred_for_s=12.5
    )
    [event] = await stage.since(before)
    assert isinstance(event, CallChanged)
    assert event.call == changed == await stage.store.call("c1")
    assert list(await anext(inbox)) == [event]
    await stage.unchanged(lambda: stage.store.change_call("c1", change))
    await stage.unchanged(lambda: stage.store.change_call("c1", CallChange()))
    longer = done(await stage.store.change_call("c1", CallChange(preferred_for_s=30.0)))
    assert (longer.preferred_agent, longer.preferred_for_s) == ("anna", 30.0)
    anybody = done(await stage.store.change_call("c1", CallChange(preferred_agent="", preferred_for_s=9.0)))
    assert (anybody.preferred_agent, anybody.preferred_for_s) == (None, None)
    await stage.unchanged(lambda: stage.store.change_call("c1", CallChange(preferred_agent="")))


async def a_moved_call_keeps_its_wait_or_begins_anew(stage: Stage) -> None:
    queued = await stage.call()
    await stage.setup.pass_time(5)
    kept = done(await stage.store.change_call("c1", CallChange(queue="sales")))
    assert (kept.queue, kept.queued_at, kept.arrived_at) == ("sales", queued.queued_at, queued.arrived_at)
    await stage.unchanged(lambda: stage.store.change_call("c1", CallChange(queue="sales", keep_wait=False)))
    before = await stage.position()
    anew = done(await stage.store.change_call("c1", CallChange(queue="support", keep_wait=False, priority=1.0)))
    [event] = await stage.since(before)
    assert (anew.queue, anew.queued_at, anew.priority) == ("support", event.at, 1.0)
    assert anew.arrived_at == queued.arrived_at < anew.queued_at


async def a_call_that_rings_keeps_its_queue(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    [offer] = await stage.ringing("c1", "anna")
    await stage.refuses(Refusal.WRONG_STATE, lambda: stage.store.change_call("c1", CallChange(queue="sales")))
    changed = done(await stage.store.change_call("c1", CallChange(queue="support", priority=5.0)))
    assert (changed.priority, changed.state, changed.offers) == (5.0, CallState.OFFERED, {offer.id: "anna"})
    done(await stage.store.accept(ref(offer), lease_ms=LONG_MS))
    for change in (CallChange(priority=1.0), CallChange(queue="sales"), CallChange()):
        await stage.refuses(Refusal.WRONG_STATE, lambda said=change: stage.store.change_call("c1", said))  # type: ignore[misc]
    done(await stage.store.connect(ref(offer)))
    await stage.refuses(Refusal.WRONG_STATE, lambda: stage.store.change_call("c1", CallChange(priority=1.0)))
    await stage.end("c1")
    await stage.refuses(Refusal.UNKNOWN, lambda: stage.store.change_call("c1", CallChange(priority=1.0)))


async def a_moved_call_is_offered_in_its_new_queue(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    done(await stage.store.change_call("c1", CallChange(queue="sales")))
    [offer] = await stage.offers("c1", "anna")
    assert offer.queue == "sales"
    agent = await _agent(stage)
    assert (agent.busy_for, agent.offered_in) == ("sales", {"sales": offer.made_at})


async def a_call_can_be_withdrawn(stage: Stage) -> None:
    await stage.call()
    ended = done(await stage.store.end_call("c1", EndReason.WITHDRAWN, owner=OWNER, by=EndedBy.SYSTEM))
    assert ended.end_reason is EndReason.WITHDRAWN
    assert await stage.store.call("c1") is None


async def a_call_that_an_agent_has_answered_is_not_withdrawn(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    offer = await stage.accepted("c1", "anna")

    async def withdraw() -> Call | Refused:
        return await stage.store.end_call("c1", EndReason.WITHDRAWN, owner=OWNER, by=EndedBy.SYSTEM)

    await stage.refuses(Refusal.WRONG_STATE, withdraw)
    done(await stage.store.connect(ref(offer)))
    await stage.refuses(Refusal.WRONG_STATE, withdraw)


async def a_step_is_switched_once_and_a_new_version_begins_with_none(stage: Stage) -> None:
    await stage.store.configure_agents([], version=3)
    before = await stage.position()
    assert await stage.store.switch_step("support", 0, on=True, version=3)
    assert await stage.store.switch_step("support", 12, on=True, version=3)
    assert await stage.store.switch_step("sales", 1, on=True, version=3)
    assert (await stage.store.snapshot()).steps_on == {"support": {0, 12}, "sales": {1}}
    for step, on, version in ((0, True, 3), (1, False, 3), (1, True, 2), (1, True, 4), (0, False, 2)):
        assert not await stage.unchanged(
            lambda: stage.store.switch_step("support", step, on=on, version=version)  # noqa: B023
        )
    assert await stage.store.switch_step("sales", 1, on=False, version=3)
    assert (await stage.store.snapshot()).steps_on == {"support": {0, 12}}
    events = [event for event in await stage.since(before) if isinstance(event, StepSwitched)]
    assert [(event.queue, event.step, event.on) for event in events] == [
        ("support", 0, True),
        ("support", 12, True),
        ("sales", 1, True),
        ("sales", 1, False),
    ]
    await stage.store.configure_agents([], version=3)
    assert (await stage.store.snapshot()).steps_on == {"support": {0, 12}}, "the same version changes nothing"
    await stage.store.configure_agents([], version=4)
    assert (await stage.store.snapshot()).steps_on == {}
    assert not await stage.store.switch_step("support", 0, on=True, version=3)


CHANGE_SCENARIOS: tuple[Scenario, ...] = scenarios(
    a_waiting_call_changes_and_its_owner_hears_of_it,
    a_moved_call_keeps_its_wait_or_begins_anew,
    a_call_that_rings_keeps_its_queue,
    a_moved_call_is_offered_in_its_new_queue,
    a_call_can_be_withdrawn,
    a_call_that_an_agent_has_answered_is_not_withdrawn,
    a_step_is_switched_once_and_a_new_version_begins_with_none,
)
