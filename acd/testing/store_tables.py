"""Every state against every act of the tables: the legal ones lead where the table says, the others change nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from acd.agent import AGENT_TRANSITIONS, AgentActivity, AgentTrigger
from acd.call import CALL_TRANSITIONS, CallState, CallTrigger, EndedBy, EndReason
from acd.offer import OFFER_TRANSITIONS, Offer, OfferOutcome, OfferState, OfferTrigger
from acd.ports import Refusal, Refused, Reservation
from acd.testing.stage import LONG_MS, OWNER, Scenario, Stage, done, ref

Run = Callable[[Stage], Awaitable[None]]


async def _offer_in(stage: Stage, state: OfferState) -> Offer:
    await stage.agents("anna")
    await stage.call()
    [offer] = await stage.offers("c1", "anna")
    if state is OfferState.RESERVED:
        return offer
    if state is OfferState.ENDED:
        return done(await stage.store.end_offer(ref(offer), OfferOutcome.NO_ANSWER))
    offer = done(await stage.store.ring(ref(offer)))
    if state is OfferState.RINGING:
        return offer
    offer = done(await stage.store.accept(ref(offer), lease_ms=LONG_MS))
    if state is OfferState.ACCEPTED:
        return offer
    return done(await stage.store.connect(ref(offer)))


async def _act_on_offer(stage: Stage, offer: Offer, trigger: OfferTrigger) -> Offer | Refused:
    match trigger:
        case OfferTrigger.RING:
            return await stage.store.ring(ref(offer))
        case OfferTrigger.ACCEPT:
            return await stage.store.accept(ref(offer), lease_ms=LONG_MS)
        case OfferTrigger.CONNECT:
            return await stage.store.connect(ref(offer))
        case OfferTrigger.END:
            return await stage.store.end_offer(ref(offer), OfferOutcome.NO_ANSWER)


def _offer_step(state: OfferState, trigger: OfferTrigger) -> Run:
    async def run(stage: Stage) -> None:
        offer = await _offer_in(stage, state)
        assert offer.state is state
        if after := OFFER_TRANSITIONS.get((state, trigger)):
            assert done(await _act_on_offer(stage, offer, trigger)).state is after
            return
        refused = await stage.refusal(lambda: _act_on_offer(stage, offer, trigger))
        if state is OfferState.ENDED:
            assert refused.why is Refusal.UNKNOWN, "an offer that ended is forgotten"
        else:
            assert refused.why is Refusal.WRONG_STATE
            assert refused.beaten_by == await stage.position(), "the offer's last event is the stream's last here"

    return run


async def _call_in(stage: Stage, state: CallState) -> None:
    await stage.agents("anna", "bert", "cleo")
    await stage.call()
    match state:
        case CallState.QUEUED:
            pass
        case CallState.OFFERED:
            await stage.ringing("c1", "anna")
        case CallState.CONNECTING:
            await stage.accepted("c1", "anna")
        case CallState.CONNECTED:
            await stage.connected("c1", "anna")
        case CallState.ENDED:
            await stage.end("c1")


async def _act_on_call(stage: Stage, trigger: CallTrigger) -> object:
    if trigger is CallTrigger.OFFER:
        return await stage.store.reserve(Reservation(call="c1", agents=["bert"], width=9, lease_ms=LONG_MS))
    if trigger is CallTrigger.REQUEUE:
        return await stage.store.requeue("c1", owner=OWNER)
    return await stage.store.end_call("c1", EndReason.ABANDONED, owner=OWNER, by=EndedBy.CALLER)


def _call_step(state: CallState, trigger: CallTrigger) -> Run:
    async def run(stage: Stage) -> None:
        await _call_in(stage, state)
        after = CALL_TRANSITIONS.get((state, trigger))
        if after is not None:
            done(await _act_on_call(stage, trigger))
            call = await stage.store.call("c1")
            assert (call.state if call else CallState.ENDED) is after
            return
        refused = await stage.refusal(lambda: _act_on_call(stage, trigger))
        assert refused.why is (Refusal.UNKNOWN if state is CallState.ENDED else Refusal.WRONG_STATE)

    return run


async def _agent_in(stage: Stage, activity: AgentActivity) -> None:
    await stage.agents("anna")
    await stage.call("other")
    match activity:
        case AgentActivity.IDLE:
            pass
        case AgentActivity.RESERVED:
            await stage.offers("other", "anna")
        case AgentActivity.TALKING:
            await stage.connected("other", "anna")
        case AgentActivity.WRAP_UP:
            await stage.connected("other", "anna")
            await stage.end("other", wrap_up_ms=LONG_MS)


def _agent_step(activity: AgentActivity, trigger: AgentTrigger) -> Run:
    async def run(stage: Stage) -> None:
        await _agent_in(stage, activity)
        await stage.call("c1")
        reserving = trigger is AgentTrigger.RESERVE

        async def act() -> object:
            if reserving:
                return await stage.store.reserve(Reservation(call="c1", agents=["anna"], lease_ms=LONG_MS))
            return await stage.store.end_wrap_up("anna", by="agent")

        if after := AGENT_TRANSITIONS.get((activity, trigger)):
            done(await act())
            agent = await stage.store.agent("anna")
            assert agent is not None
            assert agent.activity is after
        else:
            await stage.refuses(Refusal.NOBODY_FREE if reserving else Refusal.WRONG_STATE, act)

    return run


TABLE_SCENARIOS: tuple[Scenario, ...] = (
    *(
        Scenario(f"an offer that is {state} is asked to {trigger}", _offer_step(state, trigger))
        for state in OfferState
        for trigger in OfferTrigger
    ),
    *(
        Scenario(f"a call that is {state} is asked to {trigger}", _call_step(state, trigger))
        for state in CallState
        for trigger in (CallTrigger.OFFER, CallTrigger.REQUEUE, CallTrigger.END)
    ),
    *(
        Scenario(f"an agent who is {activity} is asked to {trigger}", _agent_step(activity, trigger))
        for activity in AgentActivity
        for trigger in (AgentTrigger.RESERVE, AgentTrigger.END_WRAP_UP)
    ),
)
