"""A story that waits for a message must get it, or a failure that says what was missing and what came instead."""

from __future__ import annotations

import asyncio

import pytest

from scenarios.lab.sip_trace import MessageNotSeen, SipMessage, SipTrace, TraceEnded


def written(first_line: str, *, sent: bool = False, cseq: int = 1) -> bytes:
    """A message as SIPp writes it into its trace."""
    method = "INVITE" if first_line.startswith("SIP/2.0") else first_line.split(" ")[0]
    text = f"{first_line}\r\nCall-ID: a@b\r\nCSeq: {cseq} {method}\r\n\r\n".encode()
    kind = f"UDP message sent ({len(text)} bytes):" if sent else f"UDP message received [{len(text)}] bytes :"
    return f"{'-' * 47} 2026-01-02 03:04:05.678901\n{kind}\n\n".encode() + text + b"\n"


def is_bye(message: SipMessage) -> bool:
    return message.method == "BYE"


async def test_a_message_is_found_whether_it_came_before_or_comes_later() -> None:
    trace = SipTrace("phone-1001")
    trace.feed(written("INVITE sip:1001@pbx SIP/2.0"))
    assert (await trace.find(lambda m: m.method == "INVITE", "an INVITE")).user == "1001"

    async with asyncio.TaskGroup() as tasks:
        later = tasks.create_task(trace.find(is_bye, "a BYE"))
        await asyncio.sleep(0)
        trace.feed(written("BYE sip:1001@pbx SIP/2.0"))
    assert later.result().method == "BYE"


async def test_one_that_does_not_come_is_named_with_its_phone_and_with_what_came_last() -> None:
    trace = SipTrace("phone-1001")
    for number in range(20):
        trace.feed(written("INVITE sip:1001@pbx SIP/2.0", cseq=number))
        trace.feed(written("SIP/2.0 486 Busy Here", sent=True, cseq=number))

    with pytest.raises(MessageNotSeen) as failure:
        await trace.find(is_bye, "a BYE", patience_s=0.02)

    first, *rest = str(failure.value).splitlines()
    assert first == "phone-1001: a BYE was not seen within 0.02 s; the last of 40 messages:"
    assert len(rest) == 12
    assert rest[-2:] == ["< INVITE sip:1001@pbx SIP/2.0 (19 INVITE)", "> SIP/2.0 486 Busy Here (19 INVITE)"]


async def test_nobody_waits_for_a_phone_that_has_ended() -> None:
    trace = SipTrace("caller-5551")
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(outcome_of(trace))
        await asyncio.sleep(0)
        trace.end()
    expected = "caller-5551 ended without a BYE; it saw no message at all"
    assert waiting.result() == expected
    assert await outcome_of(trace) == expected


async def outcome_of(trace: SipTrace) -> str:
    with pytest.raises(TraceEnded) as failure:
        await trace.find(is_bye, "a BYE")
    return str(failure.value)
