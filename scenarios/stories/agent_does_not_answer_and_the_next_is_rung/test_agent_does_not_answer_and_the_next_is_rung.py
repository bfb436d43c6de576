"""A phone that rings out passes the caller on, place and waiting time kept; its agent is left in peace for a while."""

from __future__ import annotations

from acd.events import LegEnded, OfferMade
from acd.offer import OfferOutcome
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
ring_timeout_s = 1
cool_off = { no_answer_s = 1.5 }
""" + agents_at("support", anna="1001", ben="1002")


async def test_agent_does_not_answer_and_the_next_is_rung(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        silent = await centre.phone("1001", Behaviour.not_answering())
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna")
        await centre.log_in("ben")

        caller = await lab.caller("100", from_user="1")
        queued = await centre.queued("1")
        missed = await centre.offer_ended("anna", OfferOutcome.NO_ANSWER)
        connected = await centre.connected("1")
        taken_back = await silent.hung_up(silent.offers[0].call_id)
        await centre.events.until(LegEnded)

        # The next caller comes while ben talks and anna cools off: her phone rings again when that is over.
        other = await lab.caller("100", from_user="2")
        again = await centre.events.until(OfferMade, lambda e: e.call.caller_number == "2")
        why = await centre.why("agents", "anna")
        await other.hang_up()
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.call_ended("2")
        await centre.nothing_left()

        assert centre.offered() == ["anna", "ben", "anna"]
        assert connected.call.queued_at == queued.call.queued_at == missed.call.queued_at
        assert connected.call.rounds == 2
        assert taken_back.method == "CANCEL"
        assert missed.agent.missed == 1
        assert missed.agent.idle_since == missed.offer.ended_at
        assert missed.offer.ended_at is not None
        assert missed.agent.cool_until == missed.offer.ended_at + 1500
        assert again.at >= missed.agent.cool_until
        assert "reserv" in why["sentences"][0]
        assert centre.events.kinds(LegEnded)[:8] == [
            "CallQueued",
            "OfferMade",
            "OfferDialled",
            "OfferEnded",
            "OfferMade",
            "OfferDialled",
            "OfferAccepted",
            "CallConnected",
        ]
