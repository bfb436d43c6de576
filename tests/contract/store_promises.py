"""What must hold in a store after every step: one reservation for an agent, one winner for a call, an end for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from acd.agent import Agent, AgentActivity
from acd.call import Call, CallState
from acd.offer import Offer, OfferState
from acd.ports import Deadline, DeadlineKind, Snapshot

WON = {OfferState.ACCEPTED, OfferState.CONNECTED}
LEASES = {
    OfferState.RESERVED: DeadlineKind.OFFER_LEASE,
    OfferState.RINGING: DeadlineKind.OFFER_LEASE,
    OfferState.ACCEPTED: DeadlineKind.ACCEPTED_LEASE,
}


def check_promises(snapshot: Snapshot, deadlines: Sequence[Deadline]) -> None:
    """Raises AssertionError where one is broken."""
    out = [offer for offer in snapshot.offers.values() if offer.state is not OfferState.CONNECTED]
    an_agent_is_in_one_reservation_at_most(snapshot, out)
    one_offer_of_a_call_wins(snapshot)
    every_reservation_ends(snapshot, out, deadlines)
    for agent in snapshot.agents.values():
        busy_agents_say_for_whom(agent, snapshot)


def an_agent_is_in_one_reservation_at_most(snapshot: Snapshot, out: Collection[Offer]) -> None:
    held = Counter(offer.agent for offer in out)
    assert all(times == 1 for times in held.values()), f"reserved twice: {held}"
    for offer in out:
        agent = snapshot.agents[offer.agent]
        assert (agent.activity, agent.offer, agent.call) == (AgentActivity.RESERVED, offer.id, offer.call)
    for agent in snapshot.agents.values():
        assert (agent.offer is not None) == (agent.activity is AgentActivity.RESERVED) == (agent.id in held)
    talks = Counter(call.agent for call in snapshot.calls.values() if call.state is CallState.CONNECTED)
    assert all(times == 1 for times in talks.values()), f"talks twice: {talks}"


def one_offer_of_a_call_wins(snapshot: Snapshot) -> None:
    for call in snapshot.calls.values():
        offers = [offer for offer in snapshot.offers.values() if offer.call == call.id]
        won = [offer for offer in offers if offer.state in WON]
        assert len(won) <= 1, f"{call.id} has {len(won)} winners"
        assert [offer.id for offer in won] == ([] if call.offer is None else [call.offer])
        assert [offer.agent for offer in won] == ([] if call.agent is None else [call.agent])
        assert call.offers == {offer.id: offer.agent for offer in offers if offer.state is not OfferState.CONNECTED}
        assert bool(won) == (call.state in {CallState.CONNECTING, CallState.CONNECTED})
        assert len({offer.owner for offer in offers} | {call.owner}) == 1


def every_reservation_ends(snapshot: Snapshot, out: Collection[Offer], deadlines: Sequence[Deadline]) -> None:
    """Each has a time at which it is ended if nobody ends it before, and none outlives its call."""
    agenda = {(deadline.kind, deadline.subject): deadline.at for deadline in deadlines}
    wanted = {(LEASES[offer.state], offer.id): offer.lease_until for offer in out}
    for agent in snapshot.agents.values():
        if agent.activity is AgentActivity.WRAP_UP:
            assert agent.wrap_up_until is not None
            wanted[DeadlineKind.WRAP_UP, agent.id] = agent.wrap_up_until
    assert agenda == wanted
    assert {offer.call for offer in snapshot.offers.values()} <= snapshot.calls.keys()


def busy_agents_say_for_whom(agent: Agent, snapshot: Snapshot) -> None:
    assert (agent.busy_for is None) == (agent.call is None) == (agent.activity is AgentActivity.IDLE)
    call: Call | None = snapshot.calls.get(agent.call or "")
    if call is not None and agent.activity is not AgentActivity.WRAP_UP:
        assert agent.busy_for == call.queue
    if agent.activity is AgentActivity.TALKING:
        assert call is not None
        assert (call.state, call.agent) == (CallState.CONNECTED, agent.id)
