"""The agent ends the conversation: the caller is hung up on, and wrap-up runs until time or the agent ends it."""

from __future__ import annotations

from acd.agent import AgentActivity
from acd.events import LegEnded, WrapUpEnded
from scenarios.centre import Centre, agents_at
from scenarios.lab.callers import CallEnd
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = {wrap_up_s}
"""


async def test_agent_hangs_up(lab: Lab) -> None:
    configuration = CONFIGURATION.format(wrap_up_s=0.5) + agents_at("support", anna="1001")
    async with Centre.open(lab, configuration) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.1))
        await centre.log_in("anna")
        caller = await lab.caller("100", from_user="1")
        await centre.connected("1")

        phone.hang_up()
        ended_as = await caller.ended()
        ended = await centre.call_ended("1")
        over = await centre.events.until(WrapUpEnded)
        await centre.events.until(LegEnded, count=2)
        await centre.nothing_left()

        assert ended_as is CallEnd.HUNG_UP_ON
        assert (ended.call.end_reason, ended.call.ended_by) == ("completed", "agent")
        assert ended.agent is not None
        assert ended.agent.activity is AgentActivity.WRAP_UP
        assert ended.agent.wrap_up_until == ended.at + 500
        assert over.by == "time"
        assert 500 <= over.at - ended.at < 1500
        assert over.agent.activity is AgentActivity.IDLE
        assert over.agent.idle_since == over.at
        assert centre.events.kinds(LegEnded, WrapUpEnded) == [
            "CallQueued",
            "OfferMade",
            "OfferDialled",
            "OfferAccepted",
            "CallConnected",
            "CallEnded",
        ]


async def test_a_caller_waits_for_the_wrap_up_that_the_agent_ends(lab: Lab) -> None:
    configuration = CONFIGURATION.format(wrap_up_s=60) + agents_at("support", anna="1001")
    async with Centre.open(lab, configuration) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.1))
        await centre.log_in("anna")
        await lab.caller("100", from_user="1")
        await centre.connected("1")
        waiting = await lab.caller("100", from_user="2")
        queued = await centre.queued("2")

        phone.hang_up()
        await centre.call_ended("1")
        why = await centre.why("calls", queued.call.id)
        await centre.api().ask("POST", "agents/anna/wrap-up/end")
        over = await centre.events.until(WrapUpEnded)
        connected = await centre.connected("2")
        await waiting.hang_up()
        await centre.nothing_left()

        assert why["reasons"]["wrap_up"] == 1
        assert over.by == "agent"
        assert connected.offer.free_since == over.at
        assert connected.at >= over.at
