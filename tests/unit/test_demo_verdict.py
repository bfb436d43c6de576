"""The demo's verdict notices each fault that it is there to notice, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from acd.agent import Agent, AgentActivity
from acd.call import Call, CallState, EndedBy, EndReason
from acd.events import AnyEvent, CallConnected, CallEnded, CallQueued, OfferEnded, OfferMade
from acd.offer import Offer, OfferOutcome
from scenarios.demo.verdict import Evidence, Finding, SippCall, verdict
from scenarios.lab.callers import CallEnd
from scenarios.lab.sip_trace import SipMessage

ACCOUNTED, DOUBLE, SILENCE, LEFT = range(4)


def call_of(number: str, **more: object) -> Call:
    return replace(Call(id=f"call-{number}", queue="support", caller_number=number, queued_at=1000), **more)  # type: ignore[arg-type]


def offer_of(call: Call, agent: str = "anna") -> Offer:
    return Offer(id=f"offer-{call.id}-{agent}", call=call.id, agent=agent, queue=call.queue, fence=1)


def answered(number: str, agent: str = "anna", at: int = 1000) -> list[AnyEvent]:
    """A call that waits 2 s, is answered, and is ended by its caller."""
    call = call_of(number)
    offer = offer_of(call, agent)
    busy = Agent(id=agent, activity=AgentActivity.TALKING)
    over = replace(
        call,
        state=CallState.ENDED,
        connected_at=3000,
        ended_at=9000,
        end_reason=EndReason.COMPLETED,
        ended_by=EndedBy.CALLER,
        agent=agent,
        offer=offer.id,
    )
    return [
        CallQueued(at=at, call=call),
        OfferMade(at=at + 10, call=call, agent=busy, offer=offer),
        CallConnected(at=at + 2000, call=call, agent=busy, offer=offer),
        CallEnded(at=at + 8000, call=over, agent=busy),
    ]


def abandoned(number: str) -> list[AnyEvent]:
    call = call_of(number)
    over = replace(call, ended_at=6000, end_reason=EndReason.ABANDONED, ended_by=EndedBy.CALLER)
    return [CallQueued(at=1000, call=call), CallEnded(at=6000, call=over)]


def sipp(
    number: str,
    end: CallEnd | None = CallEnd.HUNG_UP,
    *,
    answered: bool = True,
    music: int | None = 90,
    agents: Mapping[str, int] | None = None,
) -> SippCall:
    return SippCall(number=number, end=end, answered=answered, music_packets=music, agents_heard=agents or {})


def message(first_line: str, call_id: str, *, sent: bool = False, cseq: str = "1 INVITE") -> SipMessage:
    return SipMessage(0.0, sent, f"{first_line}\r\nTo: <sip:1001@pbx>\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n\r\n")


INVITE = "INVITE sip:1001@127.0.0.1 SIP/2.0"
GOOD = Evidence(
    tones={"anna", "ben"},
    placed=[sipp("1", agents={"anna": 300}), sipp("2", CallEnd.HUNG_UP)],
    events=[*answered("1"), *abandoned("2")],
    phones={
        "1001": [
            message(INVITE, "a"),
            message(INVITE, "a"),
            message("SIP/2.0 200 OK", "a", sent=True),
            message("BYE sip:1001@127.0.0.1 SIP/2.0", "a", cseq="2 BYE"),
            message(INVITE, "b"),
            message("SIP/2.0 603 Decline", "b", sent=True),
            message(INVITE, "c"),
            message("CANCEL sip:1001@127.0.0.1 SIP/2.0", "c", cseq="1 CANCEL"),
            message(INVITE, "d"),
        ]
    },
)


def only(findings: Sequence[Finding], broken: int) -> tuple[str, ...]:
    """The faults against one promise, all others being kept."""
    assert [number for number, finding in enumerate(findings) if not finding.kept] == [broken]
    return findings[broken].faults


def test_a_run_without_fault_is_right() -> None:
    assert [finding.faults for finding in verdict(GOOD)] == [(), (), (), ()]


def test_a_run_without_calls_proves_nothing() -> None:
    assert only(verdict(Evidence(placed=[], events=[])), ACCOUNTED) == ("no call was placed",)


def test_a_call_that_the_acd_never_ended() -> None:
    faults = only(verdict(replace(GOOD, events=GOOD.events[:-1])), ACCOUNTED)
    assert faults == (
        "2: SIPp placed one call, and the ACD has 0 that ended",
        "2: its call call-2 never ended",
    )


def test_a_call_that_ended_twice() -> None:
    faults = only(verdict(replace(GOOD, events=[*GOOD.events, GOOD.events[-1]])), ACCOUNTED)
    assert faults == ("2: SIPp placed one call, and the ACD has 2 that ended",)


def test_a_call_that_nobody_placed() -> None:
    faults = only(verdict(replace(GOOD, events=[*GOOD.events, *abandoned("3")])), ACCOUNTED)
    assert faults == ("3: the ACD has a call that SIPp never placed",)


def test_two_calls_of_one_number_cannot_be_told_apart() -> None:
    faults = only(verdict(replace(GOOD, placed=[*GOOD.placed, sipp("2")])), ACCOUNTED)
    assert "2 was dialled from 2 times: it names no single call" in faults


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        (sipp("2", None), "2: SIPp never saw its call end"),
        (sipp("2", CallEnd.LOST), f"2: for SIPp the call was {CallEnd.LOST}"),
        (sipp("2", CallEnd.REFUSED), f"2: for SIPp the call was {CallEnd.REFUSED}"),
        (
            sipp("2", CallEnd.HUNG_UP_ON),
            f"2: the ACD says that the caller hung up, and SIPp that it was {CallEnd.HUNG_UP_ON}",
        ),
    ],
)
def test_sipp_saw_another_end_than_the_acd(record: SippCall, fault: str) -> None:
    assert only(verdict(replace(GOOD, placed=[GOOD.placed[0], record])), ACCOUNTED) == (fault,)


def test_a_call_that_was_connected_without_an_answer() -> None:
    placed = [sipp("1", answered=False, agents={"anna": 300}), GOOD.placed[1]]
    faults = only(verdict(replace(GOOD, placed=placed)), ACCOUNTED)
    assert faults == ("1: the ACD connected the call, and SIPp was never answered",)


def test_a_call_that_we_could_not_serve() -> None:
    over = call_of("2", ended_at=6000, end_reason=EndReason.FAILED, ended_by=EndedBy.SYSTEM)
    events = [*GOOD.events[:-1], CallEnded(at=6000, call=over)]
    placed = [GOOD.placed[0], sipp("2", CallEnd.HUNG_UP_ON)]
    assert only(verdict(replace(GOOD, events=events, placed=placed)), ACCOUNTED) == ("2: the call ended as failed",)


def test_an_agent_who_is_offered_a_call_while_talking() -> None:
    second = call_of("2")
    offer = OfferMade(at=4000, call=second, agent=Agent(id="anna"), offer=offer_of(second))
    events = [*answered("1")[:3], offer, *answered("1")[3:], *abandoned("2")]
    faults = only(verdict(replace(GOOD, events=events)), DOUBLE)
    assert faults == ("anna was given call-2 while holding call-1",)


def test_an_agent_who_is_offered_two_calls_at_once() -> None:
    first, second = call_of("1"), call_of("2")
    agent = Agent(id="ben")
    made = [OfferMade(at=1, call=call, agent=agent, offer=offer_of(call, "ben")) for call in (first, second)]
    assert only(verdict(replace(GOOD, events=[*made, *GOOD.events])), DOUBLE) == (
        "ben was given call-2 while holding call-1",
    )


def test_an_offer_that_ended_frees_its_agent() -> None:
    first, agent = call_of("2"), Agent(id="anna")
    missed = replace(offer_of(first), outcome=OfferOutcome.NO_ANSWER)
    before: list[AnyEvent] = [
        OfferMade(at=1, call=first, agent=agent, offer=offer_of(first)),
        OfferEnded(at=2, call=first, agent=agent, offer=missed),
    ]
    assert all(finding.kept for finding in verdict(replace(GOOD, events=[*before, *GOOD.events])))


@pytest.mark.parametrize("missing", ["BYE", "603", "CANCEL"])
def test_a_phone_with_two_open_dialogs(missing: str) -> None:
    messages = [message for message in GOOD.phones["1001"] if missing not in message.first_line]
    faults = only(verdict(replace(GOOD, phones={"1001": messages})), DOUBLE)
    assert faults[0].startswith("the phone 1001 got ")


def test_a_caller_who_waited_in_silence() -> None:
    placed = [sipp("1", music=0, agents={"anna": 300}), GOOD.placed[1]]
    assert only(verdict(replace(GOOD, placed=placed)), SILENCE) == ("1 waited 2.0 s and heard no music",)


def test_a_caller_who_did_not_listen_or_hardly_waited_heard_nothing() -> None:
    at_once = [
        replace(event, call=replace(event.call, queued_at=2500))
        for event in GOOD.events
        if isinstance(event, CallEnded)
    ]
    events = [*[event for event in GOOD.events if not isinstance(event, CallEnded)], *at_once]
    placed = [sipp("1", music=0, agents={"anna": 300}), sipp("2", music=None)]
    assert all(finding.kept for finding in verdict(replace(GOOD, placed=placed, events=events)))


def test_a_caller_who_did_not_hear_the_agent() -> None:
    placed = [sipp("1"), GOOD.placed[1]]
    faults = only(verdict(replace(GOOD, placed=placed)), SILENCE)
    assert faults == ("1 talked with anna for 6.0 s and heard nothing",)


def test_an_agent_whose_phone_has_no_tone_cannot_be_told_from_music() -> None:
    placed = [sipp("1"), GOOD.placed[1]]
    assert all(finding.kept for finding in verdict(replace(GOOD, placed=placed, tones={"ben"})))


def test_a_caller_who_heard_another_agent() -> None:
    placed = [sipp("1", agents={"anna": 300, "ben": 2}), GOOD.placed[1]]
    faults = only(verdict(replace(GOOD, placed=placed)), SILENCE)
    assert faults == ("1 heard ben, and was connected with anna",)


def test_something_is_left() -> None:
    assert only(verdict(replace(GOOD, left=["bridge acd-bridge-1"])), LEFT) == ("bridge acd-bridge-1",)
