"""What calls go through: the usual course, rounds of several phones, callers who leave or wait again, other owners."""

from __future__ import annotations

from dataclasses import replace

from acd.agent import AgentActivity
from acd.call import Call, CallState, EndedBy, EndReason
from acd.events import CallEnded, CallQueued, CallTakenOver, OfferEnded
from acd.offer import OfferOutcome, OfferState
from acd.ports import DeadlineKind, Refusal, Reservation
from acd.testing.stage import LONG_MS, OWNER, PAST_SHORT_MS, SHORT_MS, Scenario, Stage, done, ref, scenarios


async def a_call_from_queue_to_end(stage: Stage) -> None:
    await stage.agents("anna")
    before = await stage.position()
    call = await stage.store.enqueue(
        Call(id="c1", queue="support", owner=OWNER, priority=5.0, requires="de >= 2", attributes={"tier": "gold/ü"})
    )
    assert (call.state, call.queued_at, call.arrived_at) == (CallState.QUEUED, call.state_since, call.state_since)
    assert call.attributes == {"tier": "gold/ü"}
    [offer] = await stage.offers("c1", "anna")
    assert (offer.state, offer.round, offer.queue, offer.why) == (OfferState.RESERVED, 1, "support", "because")
    assert offer.lease_until == offer.made_at + LONG_MS
    assert offer.free_since == call.queued_at, "the agent was free before the caller came"
    offer = done(await stage.store.ring(ref(offer)))
    assert offer.dialled_at is not None
    offer = done(await stage.store.accept(ref(offer), lease_ms=LONG_MS))
    offer = done(await stage.store.connect(ref(offer)))
    assert offer.outcome is OfferOutcome.ANSWERED
    talking = await stage.store.agent("anna")
    assert talking is not None
    assert (talking.activity, talking.call, talking.offer, talking.answered) == (AgentActivity.TALKING, "c1", None, 1)
    ended = await stage.end("c1", wrap_up_ms=LONG_MS)
    assert (ended.state, ended.end_reason, ended.ended_by) == (CallState.ENDED, EndReason.COMPLETED, EndedBy.CALLER)
    assert (ended.agent, ended.offer, ended.rounds) == ("anna", offer.id, 1)
    assert await stage.kinds_since(before) == [
        "CallQueued",
        "OfferMade",
        "OfferDialled",
        "OfferAccepted",
        "CallConnected",
        "CallEnded",
    ]
    last = (await stage.since(before))[-1]
    assert isinstance(last, CallEnded)
    assert last.agent is not None
    assert (last.agent.activity, last.agent.call) == (AgentActivity.WRAP_UP, "c1")
    assert await stage.store.call("c1") is None
    assert await stage.store.offer(offer.id) is None
    [deadline] = await stage.store.deadlines()
    assert (deadline.kind, deadline.subject) == (DeadlineKind.WRAP_UP, "anna")
    assert deadline.at == last.agent.wrap_up_until


async def a_call_without_wrap_up_leaves_its_agent_idle(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    await stage.connected("c1", "anna")
    await stage.setup.pass_time(20)
    ended = await stage.end("c1")
    agent = await stage.store.agent("anna")
    assert agent is not None
    assert (agent.activity, agent.call) == (AgentActivity.IDLE, None)
    assert agent.idle_since == ended.ended_at
    assert agent.talk_ms >= 20
    assert await stage.store.deadlines() == []


async def queueing_twice_is_queueing_once(stage: Stage) -> None:
    first = await stage.call()
    again = await stage.unchanged(lambda: stage.call(owner="acd-2"))
    assert again == first


async def a_call_keeps_the_times_it_brings(stage: Stage) -> None:
    call = await stage.store.enqueue(Call(id="c1", queue="support", owner=OWNER, queued_at=5, arrived_at=3))
    assert (call.queued_at, call.arrived_at) == (5, 3)


def _width(width: int) -> Scenario:
    async def run(stage: Stage) -> None:
        names = ["anna", "bert", "cleo"][:width]
        await stage.agents(*names, "dora")
        await stage.call()
        reservation = Reservation(call="c1", agents=["nobody", *names, "dora"], width=width, lease_ms=LONG_MS)
        offers = done(await stage.store.reserve(reservation))
        assert [offer.agent for offer in offers] == names
        assert [offer.round for offer in offers] == [1] * width
        assert sorted(offer.fence for offer in offers) == [offer.fence for offer in offers]
        await stage.refuses(Refusal.ROUND_FULL, lambda: stage.store.reserve(reservation))
        for offer in offers:
            done(await stage.store.ring(ref(offer)))
        winner, *losers = reversed(offers)
        done(await stage.store.accept(ref(winner), lease_ms=LONG_MS))
        for loser in losers:
            await stage.refuses(Refusal.WRONG_STATE, lambda late=loser: stage.store.accept(ref(late), lease_ms=9))  # type: ignore[misc]
        before = await stage.position()
        done(await stage.store.connect(ref(winner)))
        events = await stage.since(before)
        assert [type(event).__name__ for event in events] == ["CallConnected", *["OfferEnded"] * len(losers)]
        ends = [event for event in events if isinstance(event, OfferEnded)]
        assert [event.offer.agent for event in ends] == names[: width - 1], "oldest first"
        for event in ends:
            assert event.offer.outcome is OfferOutcome.ANSWERED_ELSEWHERE
            assert (event.agent.activity, event.agent.missed) == (AgentActivity.IDLE, 0)
            assert event.call.state is CallState.CONNECTED
        call = await stage.store.call("c1")
        assert call is not None
        assert (call.offers, call.agent, call.offer) == ({}, winner.agent, winner.id)
        assert await stage.store.deadlines() == []

    return Scenario(f"a round of {width} has one winner", run)


async def a_winner_who_is_lost_leaves_the_others_ringing(stage: Stage) -> None:
    await stage.agents("anna", "bert")
    queued = await stage.call()
    anna, bert = await stage.ringing("c1", "anna", "bert")
    done(await stage.store.accept(ref(anna), lease_ms=LONG_MS))
    done(await stage.store.end_offer(ref(anna), OfferOutcome.DROPPED))
    call = await stage.store.call("c1")
    assert call is not None
    assert (call.state, call.offers, call.agent, call.offer) == (CallState.OFFERED, {bert.id: "bert"}, None, None)
    done(await stage.store.accept(ref(bert), lease_ms=LONG_MS))
    done(await stage.store.end_offer(ref(bert), OfferOutcome.DROPPED))
    call = await stage.store.call("c1")
    assert call is not None
    assert (call.state, call.offers, call.queued_at) == (CallState.QUEUED, {}, queued.queued_at)


async def a_loser_may_end_while_the_winner_connects(stage: Stage) -> None:
    await stage.agents("anna", "bert")
    await stage.call()
    anna, bert = await stage.ringing("c1", "anna", "bert")
    done(await stage.store.accept(ref(anna), lease_ms=LONG_MS))
    done(await stage.store.end_offer(ref(bert), OfferOutcome.NO_ANSWER))
    call = await stage.store.call("c1")
    assert call is not None
    assert (call.state, call.offer) == (CallState.CONNECTING, anna.id)
    done(await stage.store.connect(ref(anna)))


async def a_second_round_is_counted_and_a_widened_one_is_not(stage: Stage) -> None:
    await stage.agents("anna", "bert")
    await stage.call()
    [anna] = await stage.offers("c1", "anna")
    [bert] = await stage.offers("c1", "bert")
    assert (anna.round, bert.round) == (1, 1)
    for offer in (anna, bert):
        done(await stage.store.end_offer(ref(offer), OfferOutcome.NO_ANSWER))
    [again] = await stage.offers("c1", "anna")
    assert again.round == 2
    assert again.fence > bert.fence


async def a_caller_who_leaves_ends_every_offer(stage: Stage) -> None:
    await stage.agents("anna", "bert")
    await stage.call()
    anna, _ = await stage.ringing("c1", "anna", "bert")
    done(await stage.store.accept(ref(anna), lease_ms=LONG_MS))
    before = await stage.position()
    ended = done(await stage.store.end_call("c1", EndReason.ABANDONED, owner=OWNER, by=EndedBy.CALLER))
    assert (ended.agent, ended.offer, ended.offers) == (None, None, {})
    events = await stage.since(before)
    assert [type(event).__name__ for event in events] == ["OfferEnded", "OfferEnded", "CallEnded"]
    for event in events[:2]:
        assert isinstance(event, OfferEnded)
        assert event.offer.outcome is OfferOutcome.CALLER_LEFT
        assert event.agent.activity is AgentActivity.IDLE
    assert isinstance(events[2], CallEnded)
    assert events[2].agent is None
    assert (await stage.store.snapshot()).offers == {}
    assert await stage.store.deadlines() == []
    await stage.refuses(Refusal.UNKNOWN, lambda: stage.store.connect(ref(anna)))


async def a_requeued_caller_keeps_the_place_and_frees_the_agent(stage: Stage) -> None:
    await stage.agents("anna")
    queued = await stage.call()
    offer = await stage.connected("c1", "anna")
    await stage.setup.pass_time(5)
    before = await stage.position()
    call = done(await stage.store.requeue("c1", owner=OWNER))
    assert (call.state, call.queued_at, call.connected_at) == (CallState.QUEUED, queued.queued_at, None)
    assert (call.agent, call.offer, call.rounds) == (None, None, 1)
    [event] = await stage.since(before)
    assert isinstance(event, CallQueued)
    assert event.agent is not None
    assert event.agent.activity is AgentActivity.IDLE
    assert event.agent.talk_ms >= 5
    assert await stage.store.offer(offer.id) is None
    [again] = await stage.offers("c1", "anna")
    assert again.free_since == call.state_since, "the caller waits again from here on"


async def a_silent_process_loses_its_calls_and_a_live_one_does_not(stage: Stage) -> None:
    await stage.agents("anna", "bert")
    await stage.call()
    await stage.call("c2")
    [offer] = await stage.ringing("c1", "anna")
    await stage.connected("c2", "bert")
    await stage.store.beat(OWNER, lease_ms=SHORT_MS)
    await stage.refuses(Refusal.NOT_DUE, lambda: stage.store.take_over("c1", previous=OWNER, by="acd-2"))
    await stage.refuses(Refusal.NOT_OWNER, lambda: stage.store.take_over("c1", previous="acd-3", by="acd-2"))
    await stage.refuses(Refusal.UNKNOWN, lambda: stage.store.take_over("c9", previous=OWNER, by="acd-2"))
    await stage.unchanged(lambda: stage.store.take_over("c1", previous=OWNER, by=OWNER))
    await stage.setup.pass_time(PAST_SHORT_MS)
    before = await stage.position()
    taken = done(await stage.store.take_over("c1", previous=OWNER, by="acd-2"))
    assert taken.owner == "acd-2"
    [event] = await stage.since(before)
    assert isinstance(event, CallTakenOver)
    assert event.previous_owner == OWNER
    await stage.refuses(Refusal.NOT_OWNER, lambda: stage.store.accept(ref(offer), lease_ms=LONG_MS))
    done(await stage.store.accept(replace(ref(offer), owner="acd-2"), lease_ms=LONG_MS))
    done(await stage.store.take_over("c2", previous=OWNER, by="acd-2"))


async def a_process_that_leaves_may_be_followed_at_once(stage: Stage) -> None:
    await stage.call()
    await stage.store.beat(OWNER, lease_ms=LONG_MS)
    await stage.store.leave(OWNER)
    done(await stage.store.take_over("c1", previous=OWNER, by="acd-2"))


async def an_end_is_known_for_as_long_as_its_epoch_lasts(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    await stage.connected("c1", "anna")
    assert await stage.store.ended("c1") is None
    ended = await stage.end("c1")
    assert await stage.store.ended("c1") == ended
    other = await stage.setup.another()
    await other.join()
    assert await other.ended("c1") == ended
    assert await stage.store.ended("c2") is None
    await stage.call()
    again = done(await stage.store.end_call("c1", EndReason.ABANDONED, owner=OWNER, by=EndedBy.CALLER))
    assert await stage.store.ended("c1") == again
    await stage.store.begin_epoch(OWNER, lease_ms=LONG_MS)
    await stage.store.open_epoch()
    assert await stage.store.ended("c1") is None, "of what is found on the switch now nothing is known"


async def the_end_of_a_lost_call_is_booked_once(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    offer = await stage.connected("c1", "anna")
    talked = await stage.store.call("c1")
    assert talked is not None
    over = replace(talked, end_reason=EndReason.COMPLETED, ended_by=EndedBy.AGENT)
    await stage.refuses(Refusal.WRONG_STATE, lambda: stage.store.end_lost(over))
    await stage.store.begin_epoch(OWNER, lease_ms=LONG_MS)
    await stage.store.open_epoch()
    before = await stage.position()
    ended = done(await stage.store.end_lost(over))
    assert (ended.state, ended.end_reason, ended.ended_by) == (CallState.ENDED, EndReason.COMPLETED, EndedBy.AGENT)
    assert (ended.agent, ended.offer, ended.connected_at) == ("anna", offer.id, talked.connected_at)
    [event] = await stage.since(before)
    assert isinstance(event, CallEnded)
    assert (event.call, event.agent) == (ended, None)
    assert await stage.unchanged(lambda: stage.store.end_lost(over)) == ended
    assert await stage.store.ended("c1") == ended
    assert (await stage.store.snapshot()).calls == {}


CALL_SCENARIOS: tuple[Scenario, ...] = (
    *scenarios(
        a_call_from_queue_to_end,
        a_call_without_wrap_up_leaves_its_agent_idle,
        queueing_twice_is_queueing_once,
        a_call_keeps_the_times_it_brings,
        a_winner_who_is_lost_leaves_the_others_ringing,
        a_loser_may_end_while_the_winner_connects,
        a_second_round_is_counted_and_a_widened_one_is_not,
        a_caller_who_leaves_ends_every_offer,
        a_requeued_caller_keeps_the_place_and_frees_the_agent,
        a_silent_process_loses_its_calls_and_a_live_one_does_not,
        a_process_that_leaves_may_be_followed_at_once,
        an_end_is_known_for_as_long_as_its_epoch_lasts,
        the_end_of_a_lost_call_is_booked_once,
    ),
    *(_width(width) for width in (1, 2, 3)),
)
