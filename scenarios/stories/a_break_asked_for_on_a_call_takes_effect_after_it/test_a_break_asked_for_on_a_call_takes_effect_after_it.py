"""An agent who asks for a break while talking finishes the call, and gets no other one until ready again."""

from __future__ import annotations

from acd.agent import AgentActivity, AgentStatus
from acd.events import AgentStatusChanged
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
""" + agents_at("support", anna="1001")


async def test_a_break_asked_for_on_a_call_takes_effect_after_it(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.1), rtp=True)
        await centre.log_in("anna")
        talking = await lab.caller("100", from_user="1", rtp=True)
        await centre.connected("1")

        await centre.status("anna", "on_break", "lunch")
        asked = await centre.events.until(AgentStatusChanged, lambda e: e.agent.status is AgentStatus.ON_BREAK)
        waiting = await lab.caller("100", from_user="2")
        queued = await centre.queued("2")
        assert talking.media is not None
        assert phone.media is not None
        media, by_agent = talking.media, phone.media.mark
        enough = media.heard[by_agent] + 10
        await media.until(lambda: media.heard[by_agent] > enough)
        await talking.hang_up()
        ended = await centre.call_ended("1")
        why = await centre.why("calls", queued.call.id)
        offered_before = len(centre.offered())

        await centre.status("anna", "ready")
        back = await centre.events.until(AgentStatusChanged, lambda e: e.previous == "on_break")
        connected = await centre.connected("2")
        await waiting.hang_up()
        await centre.nothing_left()

        assert asked.agent.activity is AgentActivity.TALKING
        assert ended.agent is not None
        assert (ended.agent.status, ended.agent.break_reason) == (AgentStatus.ON_BREAK, "lunch")
        assert ended.agent.activity is AgentActivity.IDLE
        assert why["reasons"]["on_break (lunch)"] == 1
        assert offered_before == 1
        assert connected.offer.made_at >= back.at
