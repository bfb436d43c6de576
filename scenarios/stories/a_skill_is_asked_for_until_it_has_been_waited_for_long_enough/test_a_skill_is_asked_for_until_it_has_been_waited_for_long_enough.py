"""A queue asks for a skill at first, for less of it after a while, and for none in the end."""

from __future__ import annotations

import pytest

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
requires = "german >= 50"
[[queues.support.steps]]
after_s = 1.5
lower = { german = 20 }
[[queues.support.steps]]
after_s = 3
anyone = true
[agents.anna]
queues = ["support"]
skills = { german = 30 }
phone = { kind = "endpoint", target = "PJSIP/1001" }
[agents.ben]
queues = ["support"]
phone = { kind = "endpoint", target = "PJSIP/1002" }
"""


@pytest.mark.smoke
async def test_a_skill_is_asked_for_until_it_has_been_waited_for_long_enough(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna", "ben")

        first = await lab.caller("100", from_user="1")
        queued = await centre.queued("1")
        shown = await centre.api().ask("GET", f"calls/{queued.call.id}")
        why = await centre.why("calls", queued.call.id)
        with_anna = await centre.connected("1")
        second = await lab.caller("100", from_user="2")
        with_ben = await centre.connected("2")
        await first.hang_up()
        await second.hang_up()
        await centre.call_ended("1")
        await centre.call_ended("2")
        await centre.nothing_left()

        assert shown["asks_for"] == "german >= 50"
        assert [step["counts"] for step in shown["steps"]] == [False, False]
        assert why["candidates"] == []
        assert why["reasons"]["lacks german >= 50"] == 2
        assert with_anna.agent.id == "anna"
        assert 1_500 <= with_anna.offer.made_at - with_anna.call.queued_at < 3_000
        assert with_ben.agent.id == "ben"
        assert 3_000 <= with_ben.offer.made_at - with_ben.call.queued_at < 5_000
        assert centre.offered() == ["anna", "ben"]


async def test_what_the_call_asks_for_itself_is_dropped_with_the_rest(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        await centre.log_in("anna")

        caller = await lab.caller("7100", from_user="1", headers={"X-Requires": "spanish >= 10"})
        queued = await centre.queued("1")
        shown = await centre.api().ask("GET", f"calls/{queued.call.id}")
        connected = await centre.connected("1")
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.nothing_left()

        assert queued.call.requires == "spanish >= 10"
        assert shown["asks_for"] == "german >= 50 and spanish >= 10"
        assert 3_000 <= connected.offer.made_at - connected.call.queued_at < 5_000
