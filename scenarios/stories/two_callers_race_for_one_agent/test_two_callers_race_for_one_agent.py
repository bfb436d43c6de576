"""Two callers and one agent: first come, first served, and never two calls at once on the one phone."""

from __future__ import annotations

import asyncio

from acd.events import CallQueued, LegEnded
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
""" + agents_at("support", anna="1001")


async def test_two_callers_race_for_one_agent(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.1))
        await centre.log_in("anna")

        async with asyncio.TaskGroup() as dialling:
            both = {
                number: dialling.create_task(lab.caller("100", from_user=number, talk_s=None)) for number in ("1", "2")
            }
        await centre.events.until(CallQueued, count=2)
        first, second = (event.call.caller_number for event in centre.events.of(CallQueued))
        await centre.connected(first)
        await both[first].result().hang_up()
        await centre.connected(second)
        await both[second].result().hang_up()
        await centre.call_ended(second)
        await centre.events.until(LegEnded, count=4)
        await centre.nothing_left()

        invites = phone.offers
        bye = await phone.hung_up(invites[0].call_id)
        assert len(invites) == 2
        assert bye.at <= invites[1].at
        assert [kind for kind in centre.events.kinds(LegEnded) if kind != "CallQueued"] == [
            "OfferMade",
            "OfferDialled",
            "OfferAccepted",
            "CallConnected",
            "CallEnded",
            "OfferMade",
            "OfferDialled",
            "OfferAccepted",
            "CallConnected",
            "CallEnded",
        ]
