"""What decisions rest on: idle clocks, shifts, misses, who was tried in vain, and what of it survives an epoch."""

from __future__ import annotations

from dataclasses import replace

from acd.agent import Agent, AgentActivity, AgentStatus, ImposedBreak
from acd.call import Call, CallState
from acd.events import AgentStatusChanged, OfferEnded
from acd.offer import MISSED, NOT_TRIED, OfferOutcome
from acd.ports import Reservation
from acd.testing.stage import LONG_MS, OWNER, Scenario, Stage, done, ref, scenarios


async def _agent(stage: Stage, name: str = "anna") -> Agent:
    agent = await stage.store.agent(name)
    assert agent is not None
    return agent


async def _call(stage: Stage, call: str = "c1") -> Call:
    record = await stage.store.call(call)
    assert record is not None
    return record


async def each_idle_clock_starts_with_its_event(stage: Stage) -> None:
    await stage.agents("anna")
    ready = await _agent(stage)
    assert ready.ready_at == ready.status_since > 0
    assert (ready.offered_at, ready.offered_in, ready.call_started_at, ready.call_ended_at) == (0, {}, 0, 0)
    await stage.call()
    await stage.setup.pass_time(5)
    offer = await stage.accepted("c1", "anna")
    offered = await _agent(stage)
    assert (offered.offered_at, offered.offered_in) == (offer.made_at, {"support": offer.made_at})
    assert (offered.busy_for, offered.call_started_at) == ("support", 0)
    await stage.setup.pass_time(5)
    connected = done(await stage.store.connect(ref(offer)))
    talking = await _agent(stage)
    assert (talking.call_started_at, talking.call_ended_at) == (connected.connected_at, 0)
    assert talking.busy_for == "support"
    await stage.setup.pass_time(5)
    ended = await stage.end("c1", wrap_up_ms=LONG_MS)
    wrapping = await _agent(stage)
    assert (wrapping.call_ended_at, wrapping.busy_for) == (ended.ended_at, "support")
    idle = done(await stage.store.end_wrap_up("anna", by="agent"))
    assert (idle.busy_for, idle.ready_at) == (None, ready.ready_at)
    await stage.store.enqueue(Call(id="c2", queue="sales", owner=OWNER))
    [second] = await stage.offers("c2", "anna")
    again = await _agent(stage)
    assert again.offered_in == {"support": offer.made_at, "sales": second.made_at}
    assert (again.offered_at, again.busy_for) == (second.made_at, "sales")
    done(await stage.store.end_offer(ref(second), OfferOutcome.INTERRUPTED))
    assert (await _agent(stage)).busy_for is None


async def only_becoming_ready_moves_ready_at(stage: Stage) -> None:
    await stage.agents("anna")
    first = await _agent(stage)
    await stage.setup.pass_time(5)
    assert done(await stage.store.set_status("anna", AgentStatus.ON_BREAK)).ready_at == first.ready_at
    await stage.setup.pass_time(5)
    back = done(await stage.store.set_status("anna", AgentStatus.READY))
    assert back.ready_at == back.status_since > first.ready_at


async def a_shift_begins_with_the_log_in_and_counts_what_is_busy(stage: Stage) -> None:
    await stage.agents("anna")
    start = await _agent(stage)
    assert start.shift_since == start.status_since
    await stage.call()
    made = await stage.accepted("c1", "anna")
    await stage.setup.pass_time(20)
    talk = done(await stage.store.connect(ref(made)))
    await stage.setup.pass_time(20)
    ended = await stage.end("c1", wrap_up_ms=LONG_MS)
    await stage.setup.pass_time(20)
    idle = done(await stage.store.end_wrap_up("anna", by="agent"))
    assert ended.ended_at is not None
    assert talk.connected_at is not None
    assert idle.shift_busy_ms == idle.activity_since - made.made_at >= 60
    assert idle.shift_talk_ms == ended.ended_at - talk.connected_at == idle.talk_ms
    assert idle.shift_answered == 1
    await stage.setup.pass_time(20)
    await stage.call("c2")
    [offer] = await stage.offers("c2", "anna")
    await stage.setup.pass_time(20)
    missed = done(await stage.store.end_offer(ref(offer), OfferOutcome.NO_ANSWER))
    assert missed.ended_at is not None
    busy = (await _agent(stage)).shift_busy_ms
    assert busy == idle.shift_busy_ms + missed.ended_at - missed.made_at
    await stage.store.set_status("anna", AgentStatus.ON_BREAK)
    assert (await _agent(stage)).shift_busy_ms == busy, "a break is within the shift"
    await stage.store.set_status("anna", AgentStatus.LOGGED_OUT)
    assert (await _agent(stage)).shift_answered == 1, "what the shift came to can be read until the next one"
    await stage.setup.pass_time(5)
    new = done(await stage.store.set_status("anna", AgentStatus.ON_BREAK))
    assert (new.shift_since, new.shift_answered, new.shift_talk_ms, new.shift_busy_ms) == (new.status_since, 0, 0, 0)
    assert (new.answered, new.talk_ms) == (1, idle.talk_ms), "the record's own counters go on"


async def a_shift_that_begins_on_a_call_counts_from_then_on(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    await stage.connected("c1", "anna")
    await stage.store.set_status("anna", AgentStatus.LOGGED_OUT)
    await stage.setup.pass_time(20)
    shift = done(await stage.store.set_status("anna", AgentStatus.READY)).shift_since
    ended = await stage.end("c1")
    agent = await _agent(stage)
    assert ended.ended_at is not None
    assert agent.shift_busy_ms == agent.shift_talk_ms == ended.ended_at - shift
    assert agent.talk_ms >= 20


async def a_requeued_call_frees_an_agent_whose_conversation_ended(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    await stage.connected("c1", "anna")
    await stage.setup.pass_time(5)
    call = done(await stage.store.requeue("c1", owner=OWNER))
    agent = await _agent(stage)
    assert (agent.call_ended_at, agent.busy_for) == (call.state_since, None)
    assert agent.shift_talk_ms == agent.talk_ms >= 5


async def misses_in_a_row_lead_to_a_break(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    before = ""
    for outcome in (OfferOutcome.REJECTED, OfferOutcome.UNREACHABLE, OfferOutcome.NO_ANSWER):
        [offer] = await stage.ringing("c1", "anna")
        before = await stage.position()
        await stage.store.end_offer(ref(offer), outcome, break_after=2)
    ended, resting = await stage.since(before)
    assert isinstance(ended, OfferEnded)
    assert (ended.agent.missed, ended.agent.status) == (2, AgentStatus.READY)
    assert isinstance(resting, AgentStatusChanged)
    assert resting.previous == AgentStatus.READY
    agent = await _agent(stage)
    assert resting.agent == agent
    assert (agent.status, agent.break_reason) == (AgentStatus.ON_BREAK, ImposedBreak.MISSED_CALLS)
    assert (agent.status_since, agent.activity) == (ended.offer.ended_at, AgentActivity.IDLE)
    assert agent.missed == 0, "after the break they are counted anew"
    done(await stage.store.set_status("anna", AgentStatus.READY))
    [offer] = await stage.ringing("c1", "anna")
    done(await stage.store.end_offer(ref(offer), OfferOutcome.BUSY, break_after=2))
    assert (await _agent(stage)).status is AgentStatus.READY


async def without_a_limit_no_number_of_misses_makes_a_break(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    for _ in range(3):
        [offer] = await stage.ringing("c1", "anna")
        done(await stage.store.end_offer(ref(offer), OfferOutcome.NO_ANSWER))
    assert ((await _agent(stage)).status, (await _agent(stage)).missed) == (AgentStatus.READY, 3)


async def a_break_for_misses_lets_an_agent_leave_who_is_not_configured(stage: Stage) -> None:
    await stage.agents("anna", "bert")
    await stage.call()
    [offer] = await stage.ringing("c1", "anna")
    await stage.store.configure_agents(["bert"], version=10)
    before = await stage.position()
    done(await stage.store.end_offer(ref(offer), OfferOutcome.NO_ANSWER, break_after=1))
    assert await stage.kinds_since(before) == ["OfferEnded", "AgentStatusChanged", "AgentRemoved"]
    assert await stage.store.agent("anna") is None


def _tried(outcome: OfferOutcome) -> Scenario:
    async def run(stage: Stage) -> None:
        await stage.agents("anna", "bert")
        await stage.call()
        for times in (1, 2):
            anna, bert = await stage.ringing("c1", "anna", "bert")
            done(await stage.store.end_offer(ref(anna), outcome))
            call = await _call(stage)
            assert call.tried == ({} if outcome in NOT_TRIED else {"anna": times})
            done(await stage.store.end_offer(ref(bert), OfferOutcome.CALLER_LEFT))
        assert (await _call(stage)).state is CallState.QUEUED
        agent = await _agent(stage)
        assert agent.missed_at == (agent.activity_since if outcome in MISSED else 0)

    return Scenario(f"who was tried in vain is known, and {outcome} is {'not ' * (outcome in NOT_TRIED)}that", run)


async def the_winner_and_the_others_were_not_tried_in_vain(stage: Stage) -> None:
    await stage.agents("anna", "bert", "cleo")
    await stage.call()
    anna, bert, cleo = await stage.ringing("c1", "anna", "bert", "cleo")
    done(await stage.store.end_offer(ref(cleo), OfferOutcome.NO_ANSWER))
    done(await stage.store.accept(ref(anna), lease_ms=LONG_MS))
    done(await stage.store.connect(ref(anna)))
    assert await stage.store.offer(bert.id) is None
    assert (await _call(stage)).tried == {"cleo": 1}
    assert done(await stage.store.requeue("c1", owner=OWNER)).tried == {"cleo": 1}


async def a_round_begins_when_no_offer_is_out(stage: Stage) -> None:
    await stage.agents("anna", "bert")
    assert (await stage.call()).round_at == 0
    [anna] = await stage.offers("c1", "anna")
    assert (await _call(stage)).round_at == anna.made_at
    await stage.setup.pass_time(5)
    [bert] = await stage.offers("c1", "bert")
    assert (await _call(stage)).round_at == anna.made_at < bert.made_at
    for offer in (anna, bert):
        done(await stage.store.end_offer(ref(offer), OfferOutcome.NO_ANSWER))
    assert (await _call(stage)).round_at == anna.made_at
    await stage.setup.pass_time(5)
    [again] = await stage.offers("c1", "anna")
    assert (await _call(stage)).round_at == again.made_at > bert.made_at


async def a_new_epoch_begins_without_steps_and_keeps_what_agents_did(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    await stage.connected("c1", "anna")
    assert await stage.store.switch_step("support", 0, on=True, version=1)
    before = await _agent(stage)
    await stage.setup.pass_time(20)
    assert await stage.store.begin_epoch(OWNER, lease_ms=LONG_MS) is not None
    snapshot = await stage.store.snapshot()
    assert snapshot.steps_on == {}
    after = snapshot.agents["anna"]
    assert after.shift_busy_ms == after.activity_since - before.activity_since + before.shift_busy_ms
    assert after == replace(
        before,
        activity=AgentActivity.IDLE,
        activity_since=after.activity_since,
        idle_since=after.activity_since,
        call=None,
        busy_for=None,
        shift_busy_ms=after.shift_busy_ms,
    )
    await stage.store.restore_agent(replace(after, offered_in={}, shift_talk_ms=9))
    await stage.store.restore_call(
        Call(id="c2", queue="sales", owner=OWNER, requires="german", prefers="french", preferred_agent="anna",
             preferred_for_s=2.5, priority=1.5, queued_at=5, arrived_at=4)
    )  # fmt: skip
    await stage.store.open_epoch()
    restored = await _agent(stage)
    assert (restored.shift_talk_ms, restored.offered_in) == (9, {})
    call = await _call(stage, "c2")
    assert (call.requires, call.prefers, call.preferred_agent, call.preferred_for_s) == (
        "german",
        "french",
        "anna",
        2.5,
    )
    done(await stage.store.reserve(Reservation(call="c2", agents=["anna"], lease_ms=LONG_MS)))
    assert (await _agent(stage)).busy_for == "sales"


async def latency_counts_from_when_the_pair_was_possible(stage: Stage) -> None:
    await stage.agents("anna")
    call = await stage.call()
    await stage.setup.pass_time(20)
    later = Reservation(call="c1", agents=["anna"], lease_ms=LONG_MS, possible_since=call.queued_at + 10)
    [offer] = done(await stage.store.reserve(later))
    assert offer.free_since == call.queued_at + 10


ROUTING_SCENARIOS: tuple[Scenario, ...] = (
    *scenarios(
        each_idle_clock_starts_with_its_event,
        only_becoming_ready_moves_ready_at,
        a_shift_begins_with_the_log_in_and_counts_what_is_busy,
        a_shift_that_begins_on_a_call_counts_from_then_on,
        a_requeued_call_frees_an_agent_whose_conversation_ended,
        misses_in_a_row_lead_to_a_break,
        without_a_limit_no_number_of_misses_makes_a_break,
        a_break_for_misses_lets_an_agent_leave_who_is_not_configured,
        the_winner_and_the_others_were_not_tried_in_vain,
        a_round_begins_when_no_offer_is_out,
        latency_counts_from_when_the_pair_was_possible,
        a_new_epoch_begins_without_steps_and_keeps_what_agents_did,
    ),
    *(_tried(outcome) for outcome in OfferOutcome),
)
