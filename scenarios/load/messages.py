"""Reads the lines that SIPp wrote for each message, and makes of them what became of every call and every offer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scenarios.load.seen import CallerEnd, OfferEnd, SeenCall, SeenOffer, Traffic

__all__ = ["Message", "assumed_offer", "cut_short", "joined", "read", "seen_calls", "seen_offers"]

_USER = re.compile(r"sips?:([^@;\s]+)@")
REQUEST_TERMINATED = 487


@dataclass(frozen=True, slots=True)
class Message:
    """One message as SIPp's short trace has it."""

    at: float
    """Seconds since the epoch, by the machine's clock."""
    sent: bool
    sip_id: str
    method: str
    """Of the request, or of the request that a response answers."""
    code: int
    """Of a response; 0 for a request."""
    user: str
    """Whom a request is for."""


def read(path: Path) -> Iterator[Message]:
    """Every message in order of time; a last line that was cut off in writing is left out."""
    with path.open(errors="replace") as lines:
        for line in lines:
            message = _message(line)
            if message is not None:
                yield message


def _message(line: str) -> Message | None:
    parts = line.rstrip("\r\n").split("\t")
    if len(parts) < 7 or not line.endswith("\n"):
        return None
    _, _, epoch, direction, sip_id, cseq, first = parts[:7]
    code, user = 0, ""
    if first.startswith("SIP/2.0 "):
        code = int(first[8:11])
    elif found := _USER.search(first):
        user = found[1]
    return Message(
        at=float(epoch),
        sent=direction == "S",
        sip_id=sip_id.strip(),
        method=cseq.rsplit(" ", 1)[-1] if code else first.partition(" ")[0],
        code=code,
        user=user,
    )


# --- callers ----------------------------------------------------------------------------------------------------------


def seen_calls(messages: Iterable[Message], number_of: Mapping[str, str]) -> dict[str, SeenCall]:
    """What callers saw, by their number; ``number_of`` tells it for each Call-ID."""
    calls: dict[str, SeenCall] = {}
    for message in messages:
        number = number_of.get(message.sip_id)
        if number is None:
            continue
        call = calls.get(number)
        if call is None:
            if not message.sent or message.method != "INVITE":
                continue
            call = calls[number] = SeenCall(number=number, invited_at=message.at)
        _note(call, message)
    return calls


def _note(call: SeenCall, message: Message) -> None:
    if message.method == "INVITE" and message.code and not message.sent:
        _note_answer(call, message)
    elif message.code or call.ended_at is not None:
        return
    elif message.method == "BYE":
        call.ended_at = message.at
        call.end = CallerEnd.HUNG_UP if message.sent else CallerEnd.HUNG_UP_ON
    elif message.method == "CANCEL" and message.sent:
        call.ended_at, call.end = message.at, CallerEnd.GAVE_UP


def _note_answer(call: SeenCall, message: Message) -> None:
    if 100 < message.code < 200:
        call.progress_at = call.progress_at or message.at
    elif message.code >= 300:
        if call.ended_at is None:
            call.ended_at, call.end, call.code = message.at, CallerEnd.REFUSED, message.code
    elif message.code >= 200:
        call.picked_up_at = call.picked_up_at or message.at


# --- phones -----------------------------------------------------------------------------------------------------------


def seen_offers(messages: Iterable[Message], number_of: Mapping[str, str]) -> list[SeenOffer]:
    """What phones saw, in order of time; ``number_of`` tells the caller's number for each Call-ID."""
    offers: dict[str, SeenOffer] = {}
    for message in messages:
        offer = offers.get(message.sip_id)
        if offer is None:
            if message.sent or message.method != "INVITE" or message.code:
                continue
            number = number_of.get(message.sip_id, "")
            offer = offers[message.sip_id] = SeenOffer(
                sip_id=message.sip_id, phone=message.user, number=number, invited_at=message.at
            )
        else:
            _note_offer(offer, message)
    return sorted(offers.values(), key=lambda offer: offer.invited_at)


def _note_offer(offer: SeenOffer, message: Message) -> None:
    if message.code and message.method == "INVITE" and message.sent:
        if 200 <= message.code < 300:
            offer.answered_at = offer.answered_at or message.at
        elif message.code >= 300 and message.code != REQUEST_TERMINATED:
            _end(offer, message.at, OfferEnd.REFUSED)
    elif not message.code and message.method == "BYE":
        _end(offer, message.at, OfferEnd.HUNG_UP if message.sent else OfferEnd.HUNG_UP_ON)
    elif not message.code and message.method == "CANCEL":
        _end(offer, message.at, OfferEnd.CANCELLED)


def _end(offer: SeenOffer, at: float, end: OfferEnd) -> None:
    if offer.ended_at is None:
        offer.ended_at, offer.end = at, end


def cut_short(messages: Iterable[Message], unfinished: Collection[str]) -> int:
    """How many of these dialogs, whose scenario did not come to its end, the other side had ended properly. A CANCEL or
    BYE in the instant between two steps of a scenario is a mistake to SIPp, which answers it all the same."""
    return len(
        {
            message.sip_id
            for message in messages
            if message.sip_id in unfinished and not message.sent and not message.code
            if message.method in {"CANCEL", "BYE"}
        }
    )


# --- both -------------------------------------------------------------------------------------------------------------


def joined(
    calls: Mapping[str, SeenCall],
    offers: Iterable[SeenOffer],
    *,
    vanished: Mapping[str, float],
    sent_away_at: float | None = None,
) -> Traffic:
    """Callers with the offers made for them; who hung up before an agent answered gave up, and who was told to vanish
    (``vanished``: when) was not there any more for a BYE that came later. Who gave up when all were sent away did not
    do so by themselves."""
    phones: dict[str, list[SeenOffer]] = defaultdict(list)
    strays: list[SeenOffer] = []
    for offer in sorted(offers, key=lambda offer: offer.invited_at):
        phones[offer.phone].append(offer)
        call = calls.get(offer.number)
        if call is None:
            strays.append(offer)
        else:
            call.offers.append(offer)
    for call in calls.values():
        if call.end is CallerEnd.HUNG_UP and call.agent_at is None:
            call.end = CallerEnd.GAVE_UP
    for number, at in vanished.items():
        call = calls.get(number)
        if call is not None and (call.ended_at is None or call.ended_at > at):
            call.end = CallerEnd.VANISHED
    for call in calls.values():
        if call.end is CallerEnd.GAVE_UP and sent_away_at is not None and (call.ended_at or 0.0) >= sent_away_at:
            call.end = CallerEnd.UNFINISHED
    return Traffic(calls=calls, phones=phones, strays=strays)


def assumed_offer(call: SeenCall) -> SeenOffer | None:
    """For a system whose agents nobody sees: whoever picked the caller up is taken for an agent."""
    if call.picked_up_at is None:
        return None
    return SeenOffer(
        sip_id=f"{call.number}-answer",
        phone=f"whoever answered {call.number}",
        number=call.number,
        invited_at=call.picked_up_at,
        answered_at=call.picked_up_at,
        ended_at=call.ended_at,
        end=OfferEnd.HUNG_UP if call.end is CallerEnd.HUNG_UP_ON else OfferEnd.HUNG_UP_ON,
    )
