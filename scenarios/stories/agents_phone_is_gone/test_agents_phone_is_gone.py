"""An agent whose phone is not there is not called; one whose phone is dead but registered costs one ring time."""

from __future__ import annotations

from acd.events import AgentReachabilityChanged, OfferEnded
from acd.offer import OfferOutcome
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
ring_timeout_s = 1
""" + agents_at("support", anna="1001", ben="1002")


async def test_a_phone_that_unregistered_is_never_called(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        gone = await centre.phone("1001", Behaviour(ring=0.1))
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna")
        await gone.unregister()
        await centre.events.until(AgentReachabilityChanged, lambda e: not e.agent.reachable)

        caller = await lab.caller("100", from_user="1")
        waiting = await centre.queued("1")
        about_agent = await centre.why("agents", "anna")
        about_call = await centre.why("calls", waiting.call.id)
        await centre.log_in("ben")
        connected = await centre.connected("1")
        await caller.hang_up()
        await centre.nothing_left()

        assert connected.agent.id == "ben"
        assert centre.offered() == ["ben"]
        assert gone.offers == []
        assert about_agent["reasons"]["unreachable"] == 1
        assert "not registered" in about_agent["sentences"][0]
        assert about_call["reasons"]["unreachable"] == 1


async def test_a_dead_phone_that_is_still_registered_passes_the_caller_on(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        dead = await centre.phone("1001", Behaviour(ring=0.1))
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna")
        await centre.log_in("ben")
        await dead.vanish()

        caller = await lab.caller("100", from_user="1")
        ended = await centre.events.until(OfferEnded)
        connected = await centre.connected("1")
        await caller.hang_up()
        await centre.nothing_left()

        assert ended.offer.agent == "anna"
        assert ended.offer.outcome in {OfferOutcome.NO_ANSWER, OfferOutcome.UNREACHABLE}
        assert ended.agent.cool_until > ended.at
        assert connected.agent.id == "ben"
        assert connected.call.queued_at == ended.call.queued_at
        assert centre.offered() == ["anna", "ben"]
