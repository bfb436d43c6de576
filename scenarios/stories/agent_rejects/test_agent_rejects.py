"""A phone that declines (603) or is busy (486) passes the caller on at once, and the offer's outcome says which."""

from __future__ import annotations

import pytest

from acd.events import LegEnded
from acd.offer import OfferOutcome
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour, Phone

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
ring_timeout_s = 20
""" + agents_at("support", anna="1001", ben="1002")


def refused_at(phone: Phone) -> float:
    refusal = phone.trace.seen(lambda m: m.sent and m.method == "INVITE" and m.status >= 300)
    assert refusal is not None
    return refusal.at


@pytest.mark.smoke
async def test_agent_rejects_and_the_next_is_rung_at_once(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        declining = await centre.phone("1001", Behaviour.declining())
        answering = await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna")
        await centre.log_in("ben")

        caller = await lab.caller("100", from_user="1")
        rejected = await centre.offer_ended("anna", OfferOutcome.REJECTED)
        connected = await centre.connected("1")
        next_rung = await answering.rung()
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.events.until(LegEnded, count=3)
        await centre.nothing_left()

        print(f"from 603 to the next INVITE: {(next_rung.at - refused_at(declining)) * 1000:.1f} ms")  # noqa: T201
        assert centre.offered() == ["anna", "ben"]
        assert rejected.offer.sip_code == 603
        assert rejected.agent.missed == 1
        assert rejected.agent.cool_until > rejected.at
        assert connected.agent.id == "ben"
        assert next_rung.at > refused_at(declining)
        assert len(declining.offers) == len(answering.offers) == 1
        assert centre.events.kinds(LegEnded) == [
            "CallQueued",
            "OfferMade",
            "OfferDialled",
            "OfferEnded",
            "OfferMade",
            "OfferDialled",
            "OfferAccepted",
            "CallConnected",
            "CallEnded",
        ]


async def test_agent_is_busy_and_the_next_is_rung(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        busy = await centre.phone("1001", Behaviour.busy())
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna")
        await centre.log_in("ben")

        connected = await centre.talk("1")
        ended = await centre.offer_ended("anna", OfferOutcome.BUSY)
        await centre.nothing_left()

        assert centre.offered() == ["anna", "ben"]
        assert connected.agent.id == "ben"
        assert ended.offer.sip_code == 486
        assert ended.agent.missed == 1
        assert len(busy.offers) == 1


async def test_the_agent_declines_a_phone_that_rings(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        ringing = await centre.phone("1001", Behaviour.not_answering())
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna")
        await centre.log_in("ben")

        caller = await lab.caller("100", from_user="1")
        await ringing.rung()
        ringing.decline()
        ended = await centre.offer_ended("anna", OfferOutcome.REJECTED)
        connected = await centre.connected("1")
        await caller.hang_up()
        await centre.nothing_left()

        assert connected.agent.id == "ben"
        assert connected.call.queued_at == ended.call.queued_at
