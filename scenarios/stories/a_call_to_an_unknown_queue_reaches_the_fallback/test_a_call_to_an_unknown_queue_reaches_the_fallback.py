"""A dialled number that means no queue: an operator is told, and the caller talks to somebody all the same."""

from __future__ import annotations

from acd.events import AlertKind, AlertRaised, CallQueued, OfferMade
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
""" + agents_at("support", anna="1001")


async def test_a_call_to_an_unknown_queue_reaches_the_fallback(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.2), rtp=True)
        await centre.log_in("anna")

        caller = await lab.caller("999", from_user="1", rtp=True)
        alert = await centre.events.until(AlertRaised)
        await phone.rung()
        assert caller.media is not None
        assert phone.media is not None
        heard, by_agent = caller.media.heard, phone.media.mark
        await caller.media.until(lambda: heard[by_agent] > 10)
        await caller.hang_up()
        await centre.nothing_left()
        connected = await centre.talk("2")

        assert alert.alert is AlertKind.UNKNOWN_QUEUE
        assert "'999'" in alert.text
        assert "100" in alert.text
        assert centre.events.of(AlertRaised) == [alert]
        assert len(centre.events.of(OfferMade)) == len(centre.events.of(CallQueued)) == 1
        assert connected.agent.id == "anna"
        await centre.nothing_left()
