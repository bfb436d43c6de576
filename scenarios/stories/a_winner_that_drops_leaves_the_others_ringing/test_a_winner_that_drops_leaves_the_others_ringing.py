"""The first who answers is gone before caller and agent are together: the other phones ring on, and the next wins."""

from __future__ import annotations

from pathlib import Path

from acd.events import OfferAccepted, OfferEnded
from acd.offer import OfferOutcome
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

SLOW = Path(__file__).parent / "slow"
CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
strategy = "ring_all"
[queues.support.cool_off]
rejected_s = 60
""" + agents_at("support", anna="1001", ben="1002")


async def test_a_winner_that_drops_leaves_the_others_ringing(lab: Lab) -> None:
    # Bridging takes milliseconds: from outside, the first one is made to take a second.
    env = {"PYTHONPATH": str(SLOW), "STORY_FIRST_JOIN_S": "1"}
    async with Centre.open(lab, CONFIGURATION, env=env) as centre:
        anna = await centre.phone("1001", Behaviour.not_answering())
        ben = await centre.phone("1002", Behaviour.not_answering())
        await centre.log_in("anna", "ben")

        caller = await lab.caller("100", from_user="1")
        await anna.rung()
        await ben.rung()
        anna.answer()
        accepted = await centre.events.until(OfferAccepted)
        anna.hang_up()
        dropped = await centre.offer_ended("anna", OfferOutcome.DROPPED)
        rings_on = ben.trace.seen(lambda m: m.method in {"CANCEL", "BYE"} and not m.sent) is None
        ben.answer()
        connected = await centre.connected("1")
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.nothing_left()

        assert accepted.offer.agent == "anna"
        assert dropped.call.state == "offered"
        assert list(dropped.call.offers.values()) == ["ben"]
        assert rings_on
        assert connected.agent.id == "ben"
        assert connected.call.rounds == 1
        assert connected.call.queued_at == accepted.call.queued_at
        assert len(ben.offers) == 1
        assert [event.offer.outcome for event in centre.events.of(OfferEnded)] == [OfferOutcome.DROPPED]
