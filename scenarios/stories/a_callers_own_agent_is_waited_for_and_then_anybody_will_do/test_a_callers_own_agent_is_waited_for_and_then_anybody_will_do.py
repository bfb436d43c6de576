"""A caller who has an agent of the own waits for that one for a while, though others are free; then anybody will do."""

from __future__ import annotations

import pytest

from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

OWN = {"X-Agent": "anna", "X-Agent-Seconds": "2"}
CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
""" + agents_at("support", anna="1001", ben="1002")


@pytest.mark.smoke
async def test_a_callers_own_agent_is_waited_for_and_then_anybody_will_do(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna")
        busy = await lab.caller("100", from_user="1")
        await centre.connected("1")
        await centre.log_in("ben")

        caller = await lab.caller("7100", from_user="2", headers=OWN)
        queued = await centre.queued("2")
        why = await centre.why("calls", queued.call.id)
        connected = await centre.connected("2")
        await caller.hang_up()
        await busy.hang_up()
        await centre.call_ended("1")
        await centre.call_ended("2")
        await centre.nothing_left()

        assert why["candidates"] == []
        assert any("anna" in sentence for sentence in why["sentences"])
        assert connected.agent.id == "ben"
        assert 2_000 <= connected.offer.made_at - connected.call.queued_at < 4_000


async def test_the_own_agent_comes_first_though_another_has_been_idle_for_longer(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("ben")
        await centre.log_in("anna")

        caller = await lab.caller("7100", from_user="1", headers=OWN)
        connected = await centre.connected("1")
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.nothing_left()

        assert connected.agent.id == "anna"


async def test_nobody_waits_for_an_agent_who_is_logged_out(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("ben")

        caller = await lab.caller("7100", from_user="1", headers={"X-Agent": "anna", "X-Agent-Seconds": "60"})
        connected = await centre.connected("1")
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.nothing_left()

        assert connected.agent.id == "ben"
        assert connected.offer.made_at - connected.call.queued_at < 1_500
