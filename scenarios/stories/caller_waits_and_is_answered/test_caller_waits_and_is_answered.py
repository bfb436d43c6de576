"""The plain story: a caller waits with music, an agent becomes ready, they talk, the caller hangs up."""

from __future__ import annotations

import pytest

from acd.events import CallConnected, CallEnded, CallQueued, LegEnded
from scenarios.centre import Centre
from scenarios.lab.callers import CallEnd
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0.5
[agents.anna]
queues = ["support"]
phone = { kind = "endpoint", target = "PJSIP/1001" }
"""


@pytest.mark.smoke
async def test_caller_waits_and_is_answered(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.2))
        caller = await lab.caller("100", rtp=True)
        queued = await centre.events.until(CallQueued)

        await centre.log_in("anna")
        connected = await centre.events.until(CallConnected)
        await phone.rung()
        ended_as = await caller.hang_up()
        ended = await centre.events.until(CallEnded)
        await centre.events.until(LegEnded, count=2)
        await centre.nothing_left()

        assert ended_as is CallEnd.HUNG_UP
        assert connected.call.id == queued.call.id
        assert ended.call.end_reason == "completed"
        assert ended.call.ended_by == "caller"

        assert centre.events.kinds() == [
            "CallQueued",
            "OfferMade",
            "OfferDialled",
            "OfferAccepted",
            "CallConnected",
            "CallEnded",
            "LegEnded",
            "LegEnded",
        ]
