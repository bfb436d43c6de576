"""A snapshot carried forward by events: what every reader of the stream does, here to hold stores to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from acd.agent import Agent
from acd.call import Call, CallState
from acd.events import AgentRemoved, AnyEvent, CallEnded, CallQueued, CallTakenOver, ConfigurationAnnounced
from acd.offer import Offer, OfferState
from acd.ports import Snapshot


def folded(snapshot: Snapshot, events: Iterable[AnyEvent]) -> Snapshot:
    """The snapshot as it is after these events."""
    agents, calls, offers = dict(snapshot.agents), dict(snapshot.calls), dict(snapshot.offers)
    position, version = snapshot.position, snapshot.configuration_version
    for event in events:
        _replace_records(event, agents, calls, offers)
        match event:
            case AgentRemoved(agent=agent):
                del agents[agent.id]
            case CallEnded(call=call) | CallQueued(call=call):
                offers = {known: offer for known, offer in offers.items() if offer.call != call.id}
            case CallTakenOver(call=call):
                offers = {known: _owned(offer, call) for known, offer in offers.items()}
            case ConfigurationAnnounced():
                version = event.version
            case _:
                pass
        position = event.id
    return replace(
        snapshot, agents=agents, calls=calls, offers=offers, position=position, configuration_version=version
    )


def _replace_records(
    event: AnyEvent, agents: dict[str, Agent], calls: dict[str, Call], offers: dict[str, Offer]
) -> None:
    agent, call, offer = (getattr(event, part, None) for part in ("agent", "call", "offer"))
    if isinstance(agent, Agent):
        agents[agent.id] = agent
    if isinstance(call, Call):
        calls[call.id] = call
        if call.state is CallState.ENDED:
            del calls[call.id]
    if isinstance(offer, Offer):
        offers[offer.id] = offer
        if offer.state is OfferState.ENDED:
            del offers[offer.id]


def _owned(offer: Offer, call: Call) -> Offer:
    return replace(offer, owner=call.owner) if offer.call == call.id else offer
