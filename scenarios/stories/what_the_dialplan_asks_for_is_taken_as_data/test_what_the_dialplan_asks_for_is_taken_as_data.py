"""A call brings skills, a wish, a priority from the dialplan; what cannot be used is told, and the call is served."""

from __future__ import annotations

from acd.events import AlertKind, AlertRaised
from scenarios.centre import Centre
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[skills]
german = "German"
spanish = "Spanish"
[queues.support]
numbers = ["100"]
wrap_up_s = 0
[agents.anna]
queues = ["support"]
skills = { german = 90 }
phone = { kind = "endpoint", target = "PJSIP/1001" }
[agents.ben]
queues = ["support"]
skills = { spanish = 60 }
phone = { kind = "endpoint", target = "PJSIP/1002" }
"""


async def test_a_call_brings_what_it_asks_for(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna")
        await centre.log_in("ben")

        headers = {"X-Requires": "spanish >= 50 or (german and spanish)", "X-Priority": "2.5"}
        caller = await lab.caller("7100", from_user="1", headers=headers)
        needed = await centre.connected("1")
        await caller.hang_up()
        await centre.call_ended("1")
        caller = await lab.caller("7100", from_user="2", headers={"X-Prefers": "spanish"})
        wished = await centre.connected("2")
        await caller.hang_up()
        await centre.call_ended("2")
        await centre.nothing_left()

        assert needed.agent.id == "ben"
        assert needed.call.requires == "spanish >= 50 or german and spanish"
        assert needed.call.priority == 2.5
        # Anna has been idle for longer, and is not what the caller wishes for.
        assert wished.agent.id == "ben"
        assert centre.events.of(AlertRaised) == []


async def test_what_cannot_be_used_is_told_and_the_call_is_served_without_it(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        await centre.log_in("anna")

        headers = {"X-Requires": "french, and (${SHELL(true)}", "X-Agent": "nobody", "X-Priority": "first!"}
        caller = await lab.caller("7100", from_user="1", headers=headers)
        connected = await centre.connected("1")
        alert = await centre.events.until(AlertRaised)
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.nothing_left()

        assert connected.agent.id == "anna"
        assert (connected.call.requires, connected.call.preferred_agent, connected.call.priority) == ("", None, 0.0)
        assert alert.alert is AlertKind.BAD_WISHES
        assert connected.call.id in alert.text
        for said in ("ACD_REQUIRES = 'french, and (${SHELL(true)}'", "ACD_AGENT = 'nobody'", "ACD_PRIORITY = 'first!'"):
            assert said in alert.text
