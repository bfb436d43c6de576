"""Of a group so many stay free for one queue, whoever else waits; or one queue may take at most so many of a group."""

from __future__ import annotations

import pytest

from acd.agent import AgentActivity
from scenarios.centre import Centre
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
[queues.gold]
numbers = ["200"]
wrap_up_s = 0
[caps.gold-first]
group = "team"
queue = "{queue}"
{limit}
[agents.anna]
queues = ["support", "gold"]
groups = ["team"]
phone = {{ kind = "endpoint", target = "PJSIP/1001" }}
[agents.ben]
queues = ["support", "gold"]
groups = ["team"]
phone = {{ kind = "endpoint", target = "PJSIP/1002" }}
"""


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("queue", "limit"),
    [
        pytest.param("gold", "keep_free = 1", id="keep_one_free"),
        pytest.param("support", "at_most = 1", id="at_most_one"),
    ],
)
async def test_a_cap_keeps_agents_free_for_another_queue(lab: Lab, queue: str, limit: str) -> None:
    async with Centre.open(lab, CONFIGURATION.format(queue=queue, limit=limit)) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna", "ben")

        first = await lab.caller("100", from_user="1")
        await centre.connected("1")
        second = await lab.caller("100", from_user="2")
        held_back = await centre.queued("2")
        gold = await lab.caller("200", from_user="3")
        served = await centre.connected("3")
        why = await centre.why("calls", held_back.call.id)
        offered_so_far = centre.offered()
        await gold.hang_up()
        await centre.call_ended("3")
        snapshot = await centre.until(
            lambda s: s.agents[served.agent.id].activity is AgentActivity.IDLE, "one agent is free"
        )
        await first.hang_up()
        await centre.connected("2")
        await second.hang_up()
        await centre.call_ended("2")
        await centre.nothing_left()

        assert sorted(offered_so_far) == ["anna", "ben"]
        assert any("cap" in reason and "gold-first" in reason for reason in why["reasons"])
        # Free, and not asked: the second caller had to wait for the first one's agent.
        assert snapshot.calls[held_back.call.id].is_waiting
        assert served.offer.made_at - served.call.queued_at < 1_500
