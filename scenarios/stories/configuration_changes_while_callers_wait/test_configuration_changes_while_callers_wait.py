"""Callers who wait are served by an agent, or a skill, that is configured while they wait."""

from __future__ import annotations

from acd.events import ConfigurationAnnounced
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

QUEUE = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
"""
SKILLED = """
[skills]
german = "German"
[queues.support]
numbers = ["100"]
wrap_up_s = 0
requires = {{ german = 50 }}
[agents.anna]
queues = ["support"]
skills = {{ german = {level} }}
phone = {{ kind = "endpoint", target = "PJSIP/1001" }}
"""


async def test_an_agent_who_is_configured_while_a_caller_waits_serves_the_caller(lab: Lab) -> None:
    async with Centre.open(lab, QUEUE) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.1))
        caller = await lab.caller("100", from_user="1")
        queued = await centre.queued("1")

        await centre.configure(QUEUE + agents_at("support", anna="1001"))
        announced = await centre.events.until(ConfigurationAnnounced, lambda e: e.version == 2)
        await centre.log_in("anna")
        connected = await centre.connected("1")
        await caller.hang_up()
        await centre.nothing_left()

        assert connected.agent.id == "anna"
        assert connected.call.id == queued.call.id
        assert connected.call.queued_at == queued.call.queued_at < announced.at
        assert len(phone.offers) == 1


async def test_a_skill_that_is_raised_while_a_caller_waits_makes_the_pair(lab: Lab) -> None:
    async with Centre.open(lab, SKILLED.format(level=49)) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        await centre.log_in("anna")
        caller = await lab.caller("100", from_user="1")
        queued = await centre.queued("1")
        why = await centre.why("calls", queued.call.id)

        await centre.configure(SKILLED.format(level=50))
        announced = await centre.events.until(ConfigurationAnnounced, lambda e: e.version == 2)
        connected = await centre.connected("1")
        await caller.hang_up()
        await centre.nothing_left()

        assert why["reasons"] == {"lacks german >= 50": 1}
        assert connected.agent.id == "anna"
        assert connected.offer.made_at >= announced.at


async def test_an_agent_who_was_taken_out_is_not_rung(lab: Lab) -> None:
    both = QUEUE + agents_at("support", anna="1001", ben="1002")
    async with Centre.open(lab, both) as centre:
        gone = await centre.phone("1001", Behaviour(ring=0.1))
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna")
        await centre.log_in("ben")
        await centre.configure(QUEUE + agents_at("support", ben="1002"))

        connected = [await centre.talk(number) for number in ("1", "2")]
        await centre.nothing_left()

        assert [each.agent.id for each in connected] == ["ben", "ben"]
        assert gone.offers == []
