"""Two ACD processes serve one Asterisk; one of them dies and stays dead: the other takes its calls over."""

from __future__ import annotations

import pytest

from acd.events import CallConnected, CallEnded, CallQueued, CallTakenOver, OfferDialled
from scenarios.centre import Centre
from scenarios.lab.callers import CallEnd, Caller
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0.5
ring_timeout_s = 15
[agents.anna]
queues = ["support"]
phone = { kind = "endpoint", target = "PJSIP/1001" }
"""
BOTH = ("acd-1", "acd-2")


async def queued_at(centre: Centre, lab: Lab, count: int = 1) -> tuple[Caller, CallQueued]:
    """A caller with audio, and the process that claimed the call."""
    caller = await lab.caller("100", rtp=True)
    return caller, await centre.events.until(CallQueued, count=count)


def other(owner: str) -> str:
    return next(name for name in BOTH if name != owner)


@pytest.mark.smoke
async def test_a_waiting_caller_is_served_by_the_other(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION, processes=BOTH) as centre:
        caller, queued = await queued_at(centre, lab)
        survivor = other(queued.call.owner)

        await centre.acds[queued.call.owner].kill()
        taken = await centre.events.until(CallTakenOver)
        phone = await centre.phone("1001", Behaviour(ring=0.1))
        await centre.log_in("anna", process=survivor)
        connected = await centre.events.until(CallConnected)
        await caller.hang_up()
        await centre.events.until(CallEnded)
        await centre.nothing_left()

        assert (taken.previous_owner, taken.call.owner) == (queued.call.owner, survivor)
        assert connected.call.queued_at == queued.call.queued_at
        assert len(phone.offers) == 1


async def test_a_ringing_phone_rings_on_and_the_answer_counts(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION, processes=BOTH) as centre:
        phone = await centre.phone("1001", Behaviour.not_answering())
        await centre.log_in("anna")
        caller, queued = await queued_at(centre, lab)
        await centre.events.until(OfferDialled)
        await phone.rung()

        await centre.acds[queued.call.owner].kill()
        await centre.events.until(CallTakenOver)
        phone.answer()
        await centre.events.until(CallConnected)
        await caller.hang_up()
        await centre.nothing_left()

        assert len(phone.offers) == 1


@pytest.mark.parametrize("who", ["caller", "agent"])
async def test_talk_goes_on_and_its_end_is_seen(lab: Lab, who: str) -> None:
    async with Centre.open(lab, CONFIGURATION, processes=BOTH) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.1), rtp=True)
        await centre.log_in("anna")
        caller, queued = await queued_at(centre, lab)
        await centre.events.until(CallConnected)
        assert caller.media is not None
        assert phone.media is not None

        await centre.acds[queued.call.owner].kill()
        await centre.events.until(CallTakenOver)
        mark, media = phone.media.mark, caller.media
        heard = media.heard[mark]
        await media.until(lambda: media.heard[mark] > heard + 25)
        if who == "caller":
            await caller.hang_up()
        else:
            phone.hang_up()
            assert await caller.ended() is CallEnd.HUNG_UP_ON
        ended = await centre.events.until(CallEnded)
        await centre.nothing_left()

        assert (ended.call.end_reason, ended.call.ended_by) == ("completed", who)


async def test_each_call_is_claimed_once(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION, processes=BOTH) as centre:
        callers = await lab.callers("100", calls=20, rate=20, talk=0.5)
        await callers.ended()
        await centre.events.until(CallEnded, count=20)
        await centre.nothing_left()

        queued = [event.call.id for event in centre.events.of(CallQueued)]
        assert len(queued) == len(set(queued)) == 20
        assert {event.call.owner for event in centre.events.of(CallQueued)} == set(BOTH)
