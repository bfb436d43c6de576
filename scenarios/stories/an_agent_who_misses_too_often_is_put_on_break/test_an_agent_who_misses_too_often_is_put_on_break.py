"""Who lets the phone ring twice in a row is put on break with that reason; callers go to those who answer."""

from __future__ import annotations

from acd.events import AgentStatusChanged
from acd.offer import OfferOutcome
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
ring_timeout_s = 1
misses_until_break = 2
[queues.support.cool_off]
no_answer_s = 0.5
""" + agents_at("support", anna="1001", ben="1002")


async def test_an_agent_who_misses_too_often_is_put_on_break(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        silent = await centre.phone("1001", Behaviour.not_answering())
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna")

        caller = await lab.caller("100", from_user="1")
        await centre.offer_ended("anna", OfferOutcome.NO_ANSWER, count=2)
        rests = await centre.events.until(AgentStatusChanged, lambda e: e.agent.status == "on_break")
        table = await centre.command("agents")
        await centre.log_in("ben")
        connected = await centre.connected("1")
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.status("anna", "ready")
        back = await centre.until(lambda s: s.agents["anna"].status == "ready", "anna is back")
        await centre.nothing_left()

        assert (rests.agent.id, rests.agent.break_reason, rests.previous) == ("anna", "missed_calls", "ready")
        assert "missed calls" in table
        assert connected.agent.id == "ben"
        assert connected.call.tried == {"anna": 2}
        assert len(silent.offers) == 2
        assert back.agents["anna"].missed == 0
