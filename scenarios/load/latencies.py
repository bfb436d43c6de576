"""How soon phones rang once they could: from the messages that SIPp saw, never from an engine's own words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from acd.configuration import Configuration
from scenarios.load.plan import Plan, PlannedAgent
from scenarios.load.seen import OfferEnd, SeenCall, SeenOffer, Traffic

__all__ = ["Latencies", "Waited", "latencies"]


@dataclass(frozen=True, slots=True)
class Waited:
    """One INVITE at a phone, and how long it came after it could have come."""

    number: str
    phone: str
    at: float
    """When the phone was invited, since the epoch."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Latencies:
    """By what made the offer possible. Only cases that leave no doubt count: the agent did nothing else meanwhile."""

    agent_free: Sequence[Waited]
    """An agent hung up (and wrapped up), while the caller who came next was waiting already."""
    caller_came: Sequence[Waited]
    """A caller came while the agent who was rung had been free before."""
    offer_missed: Sequence[Waited]
    """An offer was refused or not answered, and another agent, who was free already, was rung."""


def latencies(plan: Plan, traffic: Traffic, began_at: float) -> Latencies:
    """``began_at``: the run's first second, since the epoch."""
    agents = {agent.phone or agent.id: agent for agent in plan.agents}
    away = _times_away(plan, began_at)
    free: list[Waited] = []
    came: list[Waited] = []
    missed: list[Waited] = []
    for phone, offers in traffic.phones.items():
        agent = agents.get(phone)
        if agent is None:
            continue
        for before, offer in _with_the_one_before(offers):
            call = traffic.calls.get(offer.number)
            if call is None or _steps_or_caps(plan.configuration, call, plan):
                continue
            ready_at = _ready_at(before, agent, began_at)
            if ready_at is None or any(at <= offer.invited_at for at in away.get(agent.id, ())):
                continue
            if _rings_elsewhere(call, offer):
                continue
            earlier = _missed_before(call, offer)
            asked_at = call.invited_at if earlier is None else earlier.ended_at
            if asked_at is None:
                continue
            waited = Waited(offer.number, phone, offer.invited_at, offer.invited_at - max(asked_at, ready_at))
            if ready_at >= asked_at:
                if before is not None:
                    free.append(waited)
            else:
                (came if earlier is None else missed).append(waited)
    return Latencies(agent_free=free, caller_came=came, offer_missed=missed)


def _with_the_one_before(offers: Sequence[SeenOffer]) -> Iterator[tuple[SeenOffer | None, SeenOffer]]:
    before: SeenOffer | None = None
    for offer in offers:
        yield before, offer
        before = offer


def _ready_at(before: SeenOffer | None, agent: PlannedAgent, began_at: float) -> float | None:
    """Since when the agent could be rung; None where what came before leaves it open (cool-offs, for one)."""
    if before is None:
        return began_at
    if before.ended_at is None or before.answered_at is None:
        return None
    return before.ended_at + agent.wrap_up_s


def _missed_before(call: SeenCall, offer: SeenOffer) -> SeenOffer | None:
    """The offer of this call that came to nothing before this one was made."""
    ended = [
        one
        for one in call.offers
        if one.end in {OfferEnd.REFUSED, OfferEnd.CANCELLED} and (one.ended_at or 0.0) <= offer.invited_at
    ]
    return max(ended, key=lambda one: one.ended_at or 0.0, default=None)


def _rings_elsewhere(call: SeenCall, offer: SeenOffer) -> bool:
    """Whether another phone rang or talked for this call already: how many may ring at once a strategy chooses."""
    return any(
        one.invited_at < offer.invited_at and (one.ended_at is None or one.ended_at > offer.invited_at)
        for one in call.offers
    )


def _steps_or_caps(configuration: Configuration, call: SeenCall, plan: Plan) -> bool:
    """Whether something else than caller and agent may have held the pair back."""
    if configuration.caps:
        return True
    planned = plan.by_number.get(call.number)
    queue = configuration.queues.get(planned.queue) if planned is not None else None
    return queue is not None and bool(queue.steps or queue.ranks is not None or queue.offer_width > 1)


def _times_away(plan: Plan, began_at: float) -> Mapping[str, Sequence[float]]:
    """When agents went and came: from the first time on it is not certain that one could be rung."""
    away: dict[str, list[float]] = defaultdict(list)
    for change in plan.changes:
        away[change.agent].append(began_at + change.at)
    return away
