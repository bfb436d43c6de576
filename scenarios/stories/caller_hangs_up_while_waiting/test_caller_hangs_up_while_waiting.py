"""A caller who gives up waiting is abandoned at once, leaves nothing, and is offered to nobody afterwards."""

from __future__ import annotations

from acd.events import LegEnded
from scenarios.centre import Centre, agents_at
from scenarios.lab.callers import CallEnd
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
""" + agents_at("support", anna="1001")


async def test_caller_hangs_up_while_waiting(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.1))
        impatient = await lab.caller("100", from_user="1")
        await impatient.answered()
        queued = await centre.queued("1")
        patient = await lab.caller("100", from_user="2")
        await centre.queued("2")

        ended_as = await impatient.hang_up()
        ended = await centre.call_ended("1")
        await centre.events.until(LegEnded)
        await centre.log_in("anna")
        connected = await centre.connected("2")
        await patient.hang_up()
        await centre.nothing_left()

        assert ended_as is CallEnd.HUNG_UP
        assert ended.call.id == queued.call.id
        assert (ended.call.end_reason, ended.call.ended_by) == ("abandoned", "caller")
        assert ended.agent is None
        assert connected.call.caller_number == "2"
        assert len(phone.offers) == 1
        assert centre.events.kinds()[:4] == ["CallQueued", "CallQueued", "CallEnded", "LegEnded"]
