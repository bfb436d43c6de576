"""A queue that requires a skill leaves callers to those who have it, however long the others have been idle."""

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
requires = {{ german = 50 }}
strategy = "{strategy}"
[agents.anna]
queues = ["support"]
phone = {{ kind = "endpoint", target = "PJSIP/1001" }}
[agents.ben]
queues = ["support"]
skills = {{ german = 40 }}
phone = {{ kind = "endpoint", target = "PJSIP/1002" }}
[agents.carla]
queues = ["support"]
skills = {{ german = 60 }}
phone = {{ kind = "endpoint", target = "PJSIP/1003" }}
[agents.dora]
queues = ["support"]
skills = {{ german = 90 }}
phone = {{ kind = "endpoint", target = "PJSIP/1004" }}
"""


async def test_only_a_skilled_agent_is_rung(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION.format(strategy="longest_idle")) as centre:
        phones = {name: await centre.phone(name, Behaviour(ring=0.1)) for name in ("1001", "1002", "1003")}
        await centre.log_in("anna", "ben")
        await centre.log_in("carla")

        first = await lab.caller("100", from_user="1")
        connected = await centre.connected("1")
        second = await lab.caller("100", from_user="2")
        waiting = await centre.queued("2")
        why = await centre.why("calls", waiting.call.id)
        offered_while_carla_talked = centre.offered()
        await first.hang_up()
        connected_next = await centre.connected("2")
        await second.hang_up()
        await centre.call_ended("2")
        await centre.nothing_left()

        assert [connected.agent.id, connected_next.agent.id] == ["carla", "carla"]
        assert offered_while_carla_talked == ["carla"]
        assert why["reasons"]["lacks german >= 50"] == 2
        assert why["candidates"] == []
        assert [len(phone.offers) for phone in phones.values()] == [0, 0, 2]


async def test_most_skilled_picks_the_higher_level_though_idle_shorter(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION.format(strategy="most_skilled")) as centre:
        phones = [await centre.phone(name, Behaviour(ring=0.1)) for name in ("1002", "1003", "1004")]
        for agent in ("ben", "carla", "dora"):
            await centre.log_in(agent)

        best = await lab.caller("100", from_user="1")
        first = await centre.connected("1")
        second_best = await lab.caller("100", from_user="2")
        second = await centre.connected("2")
        await best.hang_up()
        await second_best.hang_up()
        await centre.call_ended("1")
        await centre.call_ended("2")
        await centre.nothing_left()

        assert [first.agent.id, second.agent.id] == ["dora", "carla"]
        assert "german 90" in first.offer.why
        assert [len(phone.offers) for phone in phones] == [0, 1, 1]
