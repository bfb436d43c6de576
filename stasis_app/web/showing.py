"""How the domain's records become what clients are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from acd.agent import Agent, AgentStatus
from acd.call import Call, CallState
from acd.configuration import Configuration
from acd.events import Leg
from acd.offer import Offer
from acd.ports import Snapshot
from acd.queue import Queue
from stasis_app.web.services import Explanation
from stasis_app.web.views import (
    AgentView,
    CallView,
    DeskView,
    ExplanationView,
    OfferView,
    PastCallDetailView,
    PastCallView,
    PastLegView,
    PastOfferView,
    QueueView,
)


def agent_view(live: Agent, configuration: Configuration) -> AgentView:
    """One agent as shown; one that is no longer configured has no queues and skills."""
    profile = configuration.agents.get(live.id)
    return AgentView(
        id=live.id,
        name=profile.shown_as if profile else live.id,
        status=live.status.value,
        break_reason=live.break_reason,
        status_since=live.status_since,
        activity=live.activity.value,
        activity_since=live.activity_since,
        reachable=live.reachable,
        node=live.node,
        idle_since=live.idle_since,
        cool_until=live.cool_until,
        wrap_up_until=live.wrap_up_until,
        call=live.call,
        offer=live.offer,
        answered=live.answered,
        missed=live.missed,
        talk_ms=live.talk_ms,
        queues=dict(profile.queues) if profile else {},
        skills=dict(profile.skills) if profile else {},
        phone=profile.phone.kind.value if profile else "",
    )


def call_view(call: Call, configuration: Configuration, *, whole: bool) -> CallView:
    """One call as shown: whole to supervisors, without other agents and machines to an agent."""
    queue = configuration.queues.get(call.queue)
    return CallView(
        id=call.id,
        queue=call.queue,
        queue_title=queue.shown_as if queue else call.queue,
        state=call.state.value,
        state_since=call.state_since,
        caller_number=call.caller_number,
        caller_name=call.caller_name,
        called_number=call.called_number,
        attributes=dict(call.attributes),
        arrived_at=call.arrived_at,
        queued_at=call.queued_at,
        first_offered_at=call.first_offered_at,
        connected_at=call.connected_at,
        ended_at=call.ended_at,
        end_reason=call.end_reason.value if call.end_reason else None,
        ended_by=call.ended_by.value if call.ended_by else None,
        agent=call.agent,
        offer=call.offer,
        bridge=call.bridge,
        rounds=call.rounds,
        priority=call.priority,
        requires=call.requires,
        prefers=call.prefers,
        preferred_agent=call.preferred_agent if whole else None,
        preferred_for_s=call.preferred_for_s,
        offered_to=tuple(call.offers.values()) if whole else (),
        node=call.node if whole else "",
        owner=call.owner if whole else "",
    )


def offer_view(offer: Offer, configuration: Configuration) -> OfferView:
    """One offer as shown."""
    queue = configuration.queues.get(offer.queue) or Queue(name=offer.queue)
    return OfferView(
        id=offer.id,
        call=offer.call,
        agent=offer.agent,
        queue=offer.queue,
        state=offer.state.value,
        round=offer.round,
        made_at=offer.made_at,
        dialled_at=offer.dialled_at,
        ring_until=(offer.dialled_at or offer.made_at) + int(queue.ring_timeout_s * 1000),
        accepted_at=offer.accepted_at,
        connected_at=offer.connected_at,
        ended_at=offer.ended_at,
        outcome=offer.outcome.value if offer.outcome else None,
        latency_ms=offer.latency_ms,
        why=offer.why,
    )


def queue_views(snapshot: Snapshot, configuration: Configuration) -> Iterable[QueueView]:
    """Every configured queue, by name."""
    for name, queue in sorted(configuration.queues.items()):
        calls = [call for call in snapshot.calls.values() if call.queue == name]
        waiting = [call for call in calls if call.is_waiting]
        agents = [live for profile in configuration.agents_of(name) if (live := snapshot.agents.get(profile.id))]
        yield QueueView(
            name=name,
            title=queue.shown_as,
            numbers=queue.numbers,
            strategy=queue.strategy,
            waiting=len(waiting),
            longest_wait_ms=max((call.waited_ms(snapshot.at) for call in waiting), default=0),
            talking=sum(call.state is CallState.CONNECTED for call in calls),
            agents=sum(agent.status is not AgentStatus.LOGGED_OUT for agent in agents),
            available=sum(agent.is_available(snapshot.at) for agent in agents),
            on_break=sum(agent.status is AgentStatus.ON_BREAK for agent in agents),
            at=snapshot.at,
        )


def desk_view(snapshot: Snapshot, agent: Agent, configuration: Configuration) -> DeskView:
    """One agent's own page."""
    offer = snapshot.offers.get(agent.offer) if agent.offer else None
    call = snapshot.calls.get(agent.call) if agent.call else None
    return DeskView(
        at=snapshot.at,
        agent=agent_view(agent, configuration),
        offer=offer_view(offer, configuration) if offer else None,
        call=call_view(call, configuration, whole=False) if call else None,
    )


def past_call_view(call: Call, configuration: Configuration) -> PastCallView:
    """A call that ended, as shown."""
    ended_at = call.ended_at or 0
    queue = configuration.queues.get(call.queue)
    return PastCallView(
        id=call.id,
        queue=call.queue,
        queue_title=queue.shown_as if queue else call.queue,
        caller_number=call.caller_number,
        caller_name=call.caller_name,
        arrived_at=call.arrived_at,
        queued_at=call.queued_at,
        connected_at=call.connected_at,
        ended_at=ended_at,
        end_reason=call.end_reason.value if call.end_reason else "",
        ended_by=call.ended_by.value if call.ended_by else "",
        agent=call.agent,
        waited_ms=max(0, (call.connected_at or ended_at) - call.queued_at),
        talked_ms=max(0, ended_at - call.connected_at) if call.connected_at else 0,
        rounds=call.rounds,
    )


def explanation_view(subject: str, explanation: Explanation) -> ExplanationView:
    """An explanation, as shown."""
    return ExplanationView(
        subject=subject,
        sentences=tuple(explanation.sentences),
        reasons=dict(explanation.reasons),
        candidates=tuple(explanation.candidates),
    )


def past_detail_view(
    call: Call, legs: Sequence[Leg], offers: Sequence[Offer], configuration: Configuration
) -> PastCallDetailView:
    """A call that ended with its legs and offers, as shown."""
    return PastCallDetailView(
        call=past_call_view(call, configuration),
        legs=tuple(
            PastLegView(
                channel=leg.channel,
                role=leg.role.value,
                node=leg.node,
                agent=leg.agent,
                started_at=leg.started_at,
                answered_at=leg.answered_at,
                ended_at=leg.ended_at,
                cause=leg.cause,
                sip_code=leg.sip_code,
            )
            for leg in legs
        ),
        offers=tuple(
            PastOfferView(
                id=offer.id,
                agent=offer.agent,
                round=offer.round,
                made_at=offer.made_at,
                dialled_at=offer.dialled_at,
                accepted_at=offer.accepted_at,
                ended_at=offer.ended_at,
                outcome=offer.outcome.value if offer.outcome else None,
                latency_ms=offer.latency_ms,
                why=offer.why,
            )
            for offer in offers
        ),
    )
