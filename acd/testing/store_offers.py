"""What becomes of offers: outcomes, leases, late words, and races for one agent or one call."""

from __future__ import annotations

from dataclasses import replace

from acd.agent import AgentActivity, AgentStatus
from acd.call import CallState, EndedBy, EndReason
from acd.events import OfferMade
from acd.offer import MISSED, OfferOutcome, OfferState
from acd.ports import DeadlineKind, OfferRef, Refusal, Refused, Reservation
from acd.testing.stage import LONG_MS, PAST_SHORT_MS, SHORT_MS, Scenario, Stage, done, ref, scenarios


async def nobody_free_names_the_latest_word_on_them(stage: Stage) -> None:
    await stage.agents("anna", "bert")
    await stage.call()
    await stage.store.set_status("bert", AgentStatus.ON_BREAK)
    await stage.store.set_status("anna", AgentStatus.ON_BREAK)
    latest = await stage.position()
    await stage.call("c2")
    reservation = Reservation(call="c1", agents=["anna", "bert"], lease_ms=LONG_MS)
    assert await stage.refusal(lambda: stage.store.reserve(reservation)) == Refused(
        why=Refusal.NOBODY_FREE, beaten_by=latest
    )


async def a_late_word_on_an_offer_is_refused(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    [old] = await stage.ringing("c1", "anna")
    done(await stage.store.end_offer(ref(old), OfferOutcome.NO_ANSWER))
    [new] = await stage.ringing("c1", "anna")
    await stage.refuses(Refusal.UNKNOWN, lambda: stage.store.accept(ref(old), lease_ms=LONG_MS))
    stale = replace(ref(new), fence=old.fence)
    await stage.refuses(Refusal.STALE_FENCE, lambda: stage.store.ring(stale))
    await stage.refuses(Refusal.STALE_FENCE, lambda: stage.store.accept(stale, lease_ms=LONG_MS))
    await stage.refuses(Refusal.STALE_FENCE, lambda: stage.store.end_offer(stale, OfferOutcome.NO_ANSWER))


async def only_the_owner_may_act(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    offer = await stage.accepted("c1", "anna")
    alien = OfferRef(id=offer.id, fence=offer.fence, owner="acd-2")
    for act in (
        lambda: stage.store.ring(alien),
        lambda: stage.store.accept(alien, lease_ms=9),
        lambda: stage.store.connect(alien),
        lambda: stage.store.end_offer(alien, OfferOutcome.NO_ANSWER),
    ):
        await stage.refuses(Refusal.NOT_OWNER, act)
    await stage.refuses(Refusal.NOT_OWNER, lambda: stage.store.requeue("c1", owner="acd-2"))
    await stage.refuses(
        Refusal.NOT_OWNER,
        lambda: stage.store.end_call("c1", EndReason.FAILED, owner="acd-2", by=EndedBy.SYSTEM),
    )


async def a_lease_that_is_over_stops_the_phone_and_frees_the_agent(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    [offer] = await stage.offers("c1", "anna", lease_ms=SHORT_MS)
    await stage.refuses(Refusal.NOT_DUE, lambda: stage.store.expire_offer(offer.id))
    [deadline] = await stage.store.deadlines()
    assert (deadline.at, deadline.kind, deadline.subject) == (
        offer.lease_until,
        DeadlineKind.OFFER_LEASE,
        offer.id,
    )
    await stage.setup.pass_time(PAST_SHORT_MS)
    await stage.refuses(Refusal.LEASE_OVER, lambda: stage.store.ring(ref(offer)))
    before = await stage.store.agent("anna")
    assert before is not None
    ended = done(await stage.store.expire_offer(offer.id))
    assert ended.outcome is OfferOutcome.EXPIRED
    after = await stage.store.agent("anna")
    assert after is not None
    assert (after.activity, after.missed, after.idle_since) == (AgentActivity.IDLE, 0, before.idle_since)
    assert await stage.store.deadlines() == []
    await stage.refuses(Refusal.UNKNOWN, lambda: stage.store.expire_offer(offer.id))


async def a_late_answer_does_not_win(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    [offer] = await stage.ringing("c1", "anna", lease_ms=SHORT_MS)
    await stage.setup.pass_time(PAST_SHORT_MS)
    await stage.refuses(Refusal.LEASE_OVER, lambda: stage.store.accept(ref(offer), lease_ms=LONG_MS))


async def accepting_moves_the_lease(stage: Stage) -> None:
    await stage.agents("anna")
    await stage.call()
    [offer] = await stage.ringing("c1", "anna")
    accepted = done(await stage.store.accept(ref(offer), lease_ms=SHORT_MS))
    [deadline] = await stage.store.deadlines()
    assert (deadline.kind, deadline.at) == (DeadlineKind.ACCEPTED_LEASE, accepted.lease_until)
    await stage.setup.pass_time(PAST_SHORT_MS)
    done(await stage.store.expire_offer(offer.id))
    call = await stage.store.call("c1")
    assert call is not None
    assert call.state is CallState.QUEUED


async def two_hundred_at_once_for_one_agent_have_one_winner(stage: Stage) -> None:
    await stage.agents("anna")
    for number in range(200):
        await stage.call(f"c{number}")
    before = await stage.position()
    answers = await stage.setup.together(
        [
            stage.store.reserve(Reservation(call=f"c{number}", agents=["anna"], lease_ms=LONG_MS))
            for number in range(200)
        ]
    )
    won = [answer for answer in answers if not isinstance(answer, Refused)]
    lost = [answer for answer in answers if isinstance(answer, Refused)]
    assert [len(offers) for offers in won] == [1]
    assert {refused.why for refused in lost} == {Refusal.NOBODY_FREE}
    [made] = await stage.since(before)
    assert isinstance(made, OfferMade)
    assert {refused.beaten_by for refused in lost} == {made.id}


async def answers_at_once_have_one_winner(stage: Stage) -> None:
    names = [f"agent-{number}" for number in range(20)]
    await stage.agents(*names)
    await stage.call()
    offers = await stage.ringing("c1", *names)
    answers = await stage.setup.together([stage.store.accept(ref(offer), lease_ms=LONG_MS) for offer in offers])
    assert len([answer for answer in answers if not isinstance(answer, Refused)]) == 1


def _outcome(outcome: OfferOutcome) -> Scenario:
    async def run(stage: Stage) -> None:
        await stage.agents("anna")
        queued = await stage.call()
        before = await stage.store.agent("anna")
        await stage.setup.pass_time(5)
        [offer] = await stage.ringing("c1", "anna")
        ended = done(await stage.store.end_offer(ref(offer), outcome, cool_off_ms=LONG_MS, sip_code=486))
        assert (ended.state, ended.outcome, ended.sip_code) == (OfferState.ENDED, outcome, 486)
        agent, call = await stage.store.agent("anna"), await stage.store.call("c1")
        assert agent is not None
        assert before is not None
        assert call is not None
        missed = outcome in MISSED
        assert agent.missed == int(missed)
        assert agent.idle_since == (ended.ended_at if missed else before.idle_since)
        assert ended.ended_at is not None
        assert agent.cool_until == ended.ended_at + LONG_MS
        assert (call.state, call.queued_at) == (CallState.QUEUED, queued.queued_at)
        await stage.refuses(
            Refusal.NOBODY_FREE,
            lambda: stage.store.reserve(Reservation(call="c1", agents=["anna"], lease_ms=LONG_MS)),
        )
        assert await stage.store.deadlines() == []

    return Scenario(f"an offer ends as {outcome}", run)


OFFER_SCENARIOS: tuple[Scenario, ...] = (
    *scenarios(
        nobody_free_names_the_latest_word_on_them,
        a_late_word_on_an_offer_is_refused,
        only_the_owner_may_act,
        a_lease_that_is_over_stops_the_phone_and_frees_the_agent,
        a_late_answer_does_not_win,
        accepting_moves_the_lease,
        two_hundred_at_once_for_one_agent_have_one_winner,
        answers_at_once_have_one_winner,
    ),
    *(_outcome(outcome) for outcome in OfferOutcome if outcome is not OfferOutcome.ANSWERED),
)
