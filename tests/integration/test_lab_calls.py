"""SIPp's callers and phones must do what a story asks, when it asks; and no ACD is no lost call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from scenarios.lab.callers import CallEnd
from scenarios.lab.lab import Lab
from scenarios.lab.namespace import PartFailed
from scenarios.lab.phones import Behaviour
from scenarios.lab.sip_trace import TraceEnded

pytestmark = pytest.mark.asterisk

# One that rings and is never answered, one that refuses, one that waits for keys.
EXTENSIONS = """
[acd-callers]
exten => ringing,1,Ringing()
 same => n,Wait(60)
exten => congested,1,Hangup(34)
exten => menu,1,Answer()
 same => n,WaitExten(40)
exten => 4711,1,Hangup()
"""


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    async with Lab.start(redis=False, rtp_timeout_s=2, extra={"extensions.conf": EXTENSIONS}) as lab:
        yield lab
        await lab.asterisk.idle()


async def test_without_an_acd_a_caller_is_served_by_the_fall_back_queue(lab: Lab) -> None:
    phone = lab.phone("1001")
    await phone.switch_on(Behaviour(ring=0.1), rtp=True)
    caller = await lab.caller("support", from_user="5551234", rtp=True)
    invite = await phone.rung()
    assert "5551234" in (invite.header("From") or "")

    assert caller.media is not None
    assert phone.media is not None
    heard_by_caller, heard_by_phone = caller.media, phone.media
    await heard_by_caller.until(lambda: heard_by_caller.heard[heard_by_phone.mark] > 5)
    await heard_by_phone.until(lambda: heard_by_phone.heard[heard_by_caller.mark] > 5)
    assert heard_by_caller.heard[None] > 0  # music, while it waited

    assert await caller.hang_up() is CallEnd.HUNG_UP
    bye = await phone.hung_up(invite.call_id)
    assert caller.ended_at is not None
    assert bye.at - caller.ended_at < 0.5


async def test_a_phone_answers_and_hangs_up_when_the_story_says(lab: Lab) -> None:
    phone = lab.phone("1001")
    await phone.switch_on(Behaviour.not_answering())
    caller = await lab.caller("100")
    invite = await phone.rung()
    phone.answer()
    await phone.trace.find(lambda m: m.method == "ACK" and m.call_id == invite.call_id, "its ACK")
    phone.hang_up()

    assert await caller.ended() is CallEnd.HUNG_UP_ON


async def test_a_declined_call_goes_to_the_next_phone(lab: Lab) -> None:
    first, second = lab.phone("1001"), lab.phone("1002")
    await first.switch_on(Behaviour.declining())
    await second.switch_on(Behaviour.not_answering())
    caller = await lab.caller("100")
    await second.rung()
    second.answer()
    await second.trace.find(lambda m: m.method == "ACK", "an ACK")

    declined = first.trace.seen(lambda m: m.status == 603)
    assert declined or not first.offers  # whoever is asked first, the declining one never talks
    assert await caller.hang_up() is CallEnd.HUNG_UP


async def test_a_caller_gives_up_before_the_answer(lab: Lab) -> None:
    caller = await lab.caller("ringing")
    await caller.ringing()

    assert await caller.hang_up() is CallEnd.CANCELLED
    assert await (await lab.caller("ringing", patience_s=0.2)).ended() is CallEnd.CANCELLED


async def test_a_caller_hangs_up_after_its_talk_time(lab: Lab) -> None:
    caller = await lab.caller("100", talk_s=0.3)

    assert await caller.ended() is CallEnd.HUNG_UP
    assert caller.ended_at is not None
    assert caller.answered_at is not None
    assert 0.2 < caller.ended_at - caller.answered_at < 0.8


async def test_a_channel_that_stays_is_named(lab: Lab) -> None:
    caller = await lab.caller("100")
    await caller.answered()
    with pytest.raises(PartFailed, match=r"still has channels after 0\.2 s: PJSIP/carrier-2-"):
        await lab.asterisk.idle(limit_s=0.2)

    await caller.hang_up()


async def test_a_refused_caller_knows_by_what(lab: Lab) -> None:
    caller = await lab.caller("congested")

    assert await caller.ended() is CallEnd.REFUSED
    assert caller.refused_with == 503
    with pytest.raises(TraceEnded):
        await caller.answered()


async def test_a_caller_who_vanished_is_noticed_by_the_silence(lab: Lab) -> None:
    caller = await lab.caller("100", rtp=True)
    await caller.answered()
    assert caller.media is not None
    media = caller.media
    await media.until(lambda: media.received > 5)
    media.mute()

    async with asyncio.timeout(10):
        assert await caller.ended() is CallEnd.HUNG_UP_ON


async def test_keys_that_a_caller_presses_arrive(lab: Lab) -> None:
    caller = await lab.caller("menu", rtp=True)
    await caller.answered()
    assert caller.media is not None
    caller.media.press("4711")

    async with asyncio.timeout(10):
        assert await caller.ended() is CallEnd.HUNG_UP_ON


async def test_many_callers_meet_many_phones(lab: Lab) -> None:
    phones = lab.phones(("1001", "1002", "1003"))
    await phones.switch_on(Behaviour(ring=(0, 0.1), talk=(0.1, 0.3)), traced=False)
    callers = await lab.callers("100", calls=6, rate=10, talk=20.0)
    result = await callers.ended()

    assert result.placed == 6
    assert result.successful == 6
    assert result.failed == 0


async def test_a_cleared_lab_is_as_at_the_start(lab: Lab) -> None:
    """Whatever a story left behind: an Asterisk that is down, and callers who were served without an ACD since."""
    await lab.asterisk.kill()
    await lab.clear()
    caller = await lab.caller("menu")
    await caller.answered()
    lab.asterisk.freeze()
    await lab.clear()

    assert await caller.ended() is CallEnd.LOST
    await lab.asterisk.idle(0.1)
