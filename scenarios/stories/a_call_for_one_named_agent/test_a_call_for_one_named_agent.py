"""A call for one agent alone waits for that agent, whoever else is free, and whatever queue and skills say."""

from __future__ import annotations

from scenarios.centre import Centre
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[skills]
german = "German"
[queues.support]
numbers = ["100"]
wrap_up_s = 0
requires = "german >= 50"
[queues.billing]
[agents.anna]
queues = ["billing"]
phone = { kind = "endpoint", target = "PJSIP/1001" }
[agents.ben]
queues = ["support"]
skills = { german = 90 }
phone = { kind = "endpoint", target = "PJSIP/1002" }
"""


async def test_a_call_for_one_named_agent(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        not_meant = await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna", "ben")
        await centre.status("anna", "on_break", "lunch")

        caller = await lab.caller("7100", from_user="1", headers={"X-Agent": "anna"})
        queued = await centre.queued("1")
        other = await centre.talk("2")
        why = await centre.why("calls", queued.call.id)
        await centre.status("anna", "ready")
        connected = await centre.connected("1")
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.nothing_left()

        # Whom nobody can serve now holds up nobody behind.
        assert other.agent.id == "ben"
        assert any("anna" in sentence and "lunch" in sentence for sentence in why["sentences"])
        assert connected.agent.id == "anna"
        assert len(not_meant.offers) == 1
