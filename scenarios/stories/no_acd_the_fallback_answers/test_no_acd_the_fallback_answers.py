"""No ACD at all: callers reach the same phones by app_queue, and the ACD again as soon as there is one."""

from __future__ import annotations

import pytest

from acd.events import CallQueued
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
""" + agents_at("support", anna="1001")


@pytest.mark.smoke
async def test_no_acd_the_fallback_answers(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.2), rtp=True)
        await centre.log_in("anna")
        await centre.acd.stop()

        caller = await lab.caller("100", from_user="1", rtp=True)
        await phone.rung()
        assert caller.media is not None
        assert phone.media is not None
        heard, by_agent = caller.media.heard, phone.media.mark
        await caller.media.until(lambda: heard[by_agent] > 10)
        await caller.hang_up()
        await centre.nothing_left()
        unheard_of = not centre.events.of(CallQueued)

        await centre.acd.start()
        connected = await centre.talk("2")
        await centre.nothing_left()

        assert unheard_of
        assert connected.agent.id == "anna"
        assert len(phone.offers) == 2
