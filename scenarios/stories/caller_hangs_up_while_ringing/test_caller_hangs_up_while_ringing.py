"""A caller who hangs up while a phone rings: it stops ringing, and its agent is free at once, without wrap-up."""

from __future__ import annotations

import pytest

from acd.agent import AgentActivity
from acd.events import LegEnded
from acd.offer import OfferOutcome
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 60
""" + agents_at("support", anna="1001")


@pytest.mark.smoke
async def test_caller_hangs_up_while_ringing(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour.not_answering())
        await centre.log_in("anna")
        first = await lab.caller("100", from_user="1")
        invite = await phone.rung()

        await first.hang_up()
        ended = await centre.call_ended("1")
        stopped = await phone.hung_up(invite.call_id)
        offer_ended = await centre.offer_ended("anna", OfferOutcome.CALLER_LEFT)

        # Free at once: the very next caller makes the phone ring again.
        second = await lab.caller("100", from_user="2")
        await phone.rung(times=2)
        phone.answer()
        connected = await centre.connected("2")
        await second.hang_up()
        await centre.call_ended("2")
        await centre.events.until(LegEnded, count=4)
        await centre.nothing_left()

        assert stopped.method == "CANCEL"
        assert stopped.at - ended.at / 1000 < 3, "it rang on until the ring time-out"
        assert (ended.call.end_reason, ended.call.ended_by) == ("abandoned", "caller")
        assert offer_ended.agent.activity is AgentActivity.IDLE
        assert offer_ended.agent.missed == 0
        assert offer_ended.agent.cool_until == 0
        assert connected.agent.id == "anna"
        assert centre.events.kinds(LegEnded) == [
            "CallQueued",
            "OfferMade",
            "OfferDialled",
            "OfferEnded",
            "CallEnded",
            "CallQueued",
            "OfferMade",
            "OfferDialled",
            "OfferAccepted",
            "CallConnected",
            "CallEnded",
        ]
