"""Whether a run was right: SIPp's records, the phones' dialogs, the event stream and what is left, held to one another.

Pure, so that unit tests can show that it notices what it is there to notice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from acd.call import Call, EndedBy, EndReason
from acd.events import AgentRemoved, AnyEvent, CallConnected, CallEnded, CallQueued, OfferEnded, OfferMade
from scenarios.lab.callers import CallEnd
from scenarios.lab.phones import is_offer
from scenarios.lab.sip_trace import SipMessage

SILENCE_S = 1.0
"""Who waited or talked no longer than this may have heard nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SippCall:
    """One call as SIPp saw it, known by the number that it called from."""

    number: str
    end: CallEnd | None
    """None: the demo never saw it end."""
    answered: bool
    music_packets: int | None = None
    """What arrived that was music or speech; None where nobody listened."""
    agents_heard: Mapping[str, int] = field(default_factory=dict)
    """Agents whose phone's own tone arrived, and in how many packets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that a verdict is made from."""

    placed: Sequence[SippCall]
    events: Sequence[AnyEvent]
    """The whole stream, in order."""
    phones: Mapping[str, Sequence[SipMessage]] = field(default_factory=dict)
    """Every message of every SIPp phone."""
    tones: Collection[str] = ()
    """Agents whose phones send a tone of their own."""
    left: Sequence[str] = ()
    """What should not be there any more: channels, bridges, calls, offers, reservations, processes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One promise, and every fault against it."""

    promise: str
    faults: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        return not self.faults


def verdict(evidence: Evidence) -> tuple[Finding, ...]:
    """One finding for each promise; the run was right if all are kept."""
    calls = len(evidence.placed)
    return (
        Finding(
            promise=f"Every call is accounted for: {calls} in SIPp's records, {calls} in the ACD's events",
            faults=tuple(unaccounted(evidence)),
        ),
        Finding(
            promise="No agent was double-booked, by the events and by the phones' own SIP",
            faults=(*double_booked(evidence.events), *two_dialogs(evidence.phones)),
        ),
        Finding(
            promise="Who listened heard music while waiting, then the own agent and no other",
            faults=tuple(misheard(evidence)),
        ),
        Finding(
            promise="Nothing is left: no channel, bridge, call, offer, reservation or process",
            faults=tuple(evidence.left),
        ),
    )


# --- calls -----------------------------------------------------------------------------------------------------------


def unaccounted(evidence: Evidence) -> Iterator[str]:
    """What SIPp's records and the events do not agree about."""
    if not evidence.placed:
        yield "no call was placed"
    ended = [event.call for event in evidence.events if isinstance(event, CallEnded)]
    ends = Counter(call.caller_number for call in ended)
    for number, count in Counter(call.number for call in evidence.placed).items():
        if count > 1:
            yield f"{number} was dialled from {count} times: it names no single call"
    for placed in evidence.placed:
        if ends[placed.number] != 1:
            yield f"{placed.number}: SIPp placed one call, and the ACD has {ends[placed.number]} that ended"
    for number in ends.keys() - {call.number for call in evidence.placed}:
        yield f"{number}: the ACD has a call that SIPp never placed"
    yield from _never_ended(evidence.events, ended)
    of_number = {call.caller_number: call for call in ended}
    for placed in evidence.placed:
        if placed.number in of_number:
            yield from _contradictions(placed, of_number[placed.number])


def _never_ended(events: Sequence[AnyEvent], ended: Sequence[Call]) -> Iterator[str]:
    queued = {event.call.id: event.call for event in events if isinstance(event, CallQueued)}
    for gone in ended:
        queued.pop(gone.id, None)
    for call in queued.values():
        yield f"{call.caller_number}: its call {call.id} never ended"


def _contradictions(placed: SippCall, call: Call) -> Iterator[str]:
    left_by_caller = placed.end in {CallEnd.HUNG_UP, CallEnd.CANCELLED}
    if placed.end is None:
        yield f"{placed.number}: SIPp never saw its call end"
    elif placed.end in {CallEnd.LOST, CallEnd.REFUSED}:
        yield f"{placed.number}: for SIPp the call was {placed.end}"
    elif call.ended_by is EndedBy.CALLER and not left_by_caller:
        yield f"{placed.number}: the ACD says that the caller hung up, and SIPp that it was {placed.end}"
    if call.connected_at is not None and not placed.answered:
        yield f"{placed.number}: the ACD connected the call, and SIPp was never answered"
    if call.end_reason not in {EndReason.COMPLETED, EndReason.ABANDONED}:
        yield f"{placed.number}: the call ended as {call.end_reason}"
    if call.end_reason is EndReason.COMPLETED and call.connected_at is None:
        yield f"{placed.number}: the call was completed and never connected"


def misheard(evidence: Evidence) -> Iterator[str]:
    """Callers who listened, and heard nothing or somebody else."""
    calls = {event.call.caller_number: event.call for event in evidence.events if isinstance(event, CallEnded)}
    for placed in evidence.placed:
        call = calls.get(placed.number)
        if placed.music_packets is None or call is None:
            continue
        waited = call.waited_ms(call.ended_at or 0) / 1000
        if not placed.music_packets and waited > SILENCE_S:
            yield f"{placed.number} waited {waited:.1f} s and heard no music"
        talked = ((call.ended_at or 0) - call.connected_at) / 1000 if call.connected_at else 0
        if call.agent in evidence.tones and call.agent not in placed.agents_heard and talked > SILENCE_S:
            yield f"{placed.number} talked with {call.agent} for {talked:.1f} s and heard nothing"
        for other in placed.agents_heard.keys() - {call.agent}:
            yield f"{placed.number} heard {other}, and was connected with {call.agent}"


# --- agents ----------------------------------------------------------------------------------------------------------


def double_booked(events: Sequence[AnyEvent]) -> Iterator[str]:
    """Every moment at which an agent had a second live offer or call."""
    held: dict[str, dict[str, str]] = {}
    for event in events:
        match event:
            case OfferMade(offer=offer) | CallConnected(offer=offer):
                mine = held.setdefault(offer.agent, {})
                mine[offer.id] = offer.call
                if len(mine) > 1:
                    yield f"{offer.agent} was given {offer.call} while holding {_others(mine, offer.id)}"
            case OfferEnded(offer=offer):
                held.get(offer.agent, {}).pop(offer.id, None)
            case CallEnded(call=call) | CallQueued(call=call):
                for mine in held.values():
                    for gone in [offer for offer, of in mine.items() if of == call.id]:
                        del mine[gone]
            case AgentRemoved(agent=agent):
                held.pop(agent.id, None)
            case _:
                pass


def _others(held: Mapping[str, str], latest: str) -> str:
    return ", ".join(call for offer, call in held.items() if offer != latest)


def two_dialogs(phones: Mapping[str, Sequence[SipMessage]]) -> Iterator[str]:
    """Every INVITE that reached a phone while another dialog of it was open."""
    for phone, messages in phones.items():
        begun: set[str] = set()
        live: set[str] = set()
        for message in messages:
            if is_offer(message) and message.call_id not in begun:
                if live:
                    yield f"the phone {phone} got {message.call_id} while {', '.join(sorted(live))} was open"
                begun.add(message.call_id)
                live.add(message.call_id)
            elif _ends_dialog(message):
                live.discard(message.call_id)


def _ends_dialog(message: SipMessage) -> bool:
    leaves = not message.status and message.method in {"BYE", "CANCEL"}
    refuses = message.sent and message.method == "INVITE" and message.status >= 300
    return leaves or refuses
