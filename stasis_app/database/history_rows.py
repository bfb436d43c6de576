"""What each event leaves in history, as plain rows: pure, so that a replayed event always makes the same ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from acd.agent import Agent
from acd.call import Call
from acd.events import (
    AgentReachabilityChanged,
    AgentRemoved,
    AgentStatusChanged,
    AlertRaised,
    AnyEvent,
    CallConnected,
    CallEnded,
    CallQueued,
    EpochBegun,
    Leg,
    LegEnded,
    OfferEnded,
    WrapUpEnded,
)
from acd.offer import Offer, OfferOutcome
from stasis_app.database.tables import (
    AgentJournalRow,
    AlertHistoryRow,
    CallHistoryRow,
    LegHistoryRow,
    OfferHistoryRow,
    Row,
)


@dataclass(slots=True)
class Kept:
    """Everything that a batch of events leaves behind."""

    epoch: str
    """The epoch after the batch: an EpochBegun in it begins another."""
    rows: dict[type[Row], list[dict[str, Any]]] = field(default_factory=dict)
    statuses: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    """Agent to the last status in this batch; None for an agent who is gone."""


def kept_of(events: Iterable[AnyEvent], epoch: str) -> Kept:
    """The rows of these events, which begin in this epoch."""
    kept = Kept(epoch)
    for event in events:
        match event:
            case EpochBegun():
                kept.epoch = event.epoch
            case CallEnded():
                _add(kept, event, CallHistoryRow, _call_row(event.call, event.at))
                _journal(kept, event, event.agent)
            case CallConnected():
                _add(kept, event, OfferHistoryRow, _offer_row(event.offer))
                _journal(kept, event, event.agent)
            case OfferEnded():
                _add(kept, event, OfferHistoryRow, _offer_row(event.offer))
            case LegEnded():
                _add(kept, event, LegHistoryRow, _leg_row(event.leg))
            case AgentStatusChanged() | AgentReachabilityChanged() | WrapUpEnded() | CallQueued():
                _journal(kept, event, event.agent)
            case AgentRemoved():
                _journal(kept, event, event.agent)
                kept.statuses[event.agent.id] = None
            case AlertRaised():
                _add(kept, event, AlertHistoryRow, {"at": event.at, "alert": event.alert.value, "text": event.text})
            case _:  # the call and its offers are kept once, at their end
                pass
    return kept


def clean(value: Any) -> Any:
    """Text that every database takes: SIP may bring NUL or broken characters, and PostgreSQL refuses both."""
    if not isinstance(value, str) or value.isprintable():
        return value
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _add(kept: Kept, event: AnyEvent, row: type[Row], values: dict[str, Any]) -> None:
    identity = {"epoch": kept.epoch, "event": event.id}
    kept.rows.setdefault(row, []).append(identity | {key: clean(value) for key, value in values.items()})


def _journal(kept: Kept, event: AnyEvent, agent: Agent | None) -> None:
    if agent is None:
        return
    _add(
        kept,
        event,
        AgentJournalRow,
        {
            "at": event.at,
            "agent": agent.id,
            "what": type(event).__name__,
            "status": agent.status.value,
            "break_reason": agent.break_reason,
            "activity": agent.activity.value,
            "reachable": agent.reachable,
            "node": agent.node,
            "call": agent.call,
        },
    )
    # A record that was just made says logged out because nobody was asked: after the store was emptied that must not
    # cover what the person wanted last.
    if isinstance(event, AgentStatusChanged) and event.previous:
        kept.statuses[agent.id] = {
            "agent": agent.id,
            "status": agent.status.value,
            "break_reason": clean(agent.break_reason),
            "at": event.at,
        }


def _call_row(call: Call, at: int) -> dict[str, Any]:
    return {
        "call": call.id,
        "queue": call.queue,
        "node": call.node,
        "caller_number": call.caller_number,
        "caller_name": call.caller_name,
        "called_number": call.called_number,
        "priority": call.priority,
        "requires": call.requires,
        "prefers": call.prefers,
        "preferred_agent": call.preferred_agent,
        "attributes": dict(call.attributes),
        "rounds": call.rounds,
        "agent": call.agent,
        "offer": call.offer,
        "arrived_at": call.arrived_at,
        "queued_at": call.queued_at,
        "first_offered_at": call.first_offered_at,
        "connected_at": call.connected_at,
        "ended_at": at if call.ended_at is None else call.ended_at,
        "end_reason": call.end_reason.value if call.end_reason else "failed",
        "ended_by": call.ended_by.value if call.ended_by else None,
    }


def _offer_row(offer: Offer) -> dict[str, Any]:
    return {
        "offer": offer.id,
        "call": offer.call,
        "agent": offer.agent,
        "queue": offer.queue,
        "round": offer.round,
        "made_at": offer.made_at,
        "free_since": offer.free_since,
        "dialled_at": offer.dialled_at,
        "accepted_at": offer.accepted_at,
        "connected_at": offer.connected_at,
        "ended_at": offer.ended_at,
        "outcome": (offer.outcome or OfferOutcome.ANSWERED).value,
        "sip_code": offer.sip_code,
        "why": offer.why,
    }


def _leg_row(leg: Leg) -> dict[str, Any]:
    return {
        "channel": leg.channel,
        "call": leg.call,
        "role": leg.role.value,
        "node": leg.node,
        "agent": leg.agent,
        "offer": leg.offer,
        "started_at": leg.started_at,
        "answered_at": leg.answered_at,
        "ended_at": leg.ended_at,
        "cause": leg.cause,
        "sip_code": leg.sip_code,
    }
