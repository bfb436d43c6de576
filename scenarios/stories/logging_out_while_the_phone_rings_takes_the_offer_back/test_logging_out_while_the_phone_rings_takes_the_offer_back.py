"""An agent who logs out while the phone rings: it falls silent, nobody is blamed, and the next agent is rung."""

from __future__ import annotations

import pytest

from acd.agent import AgentStatus
from acd.events import AgentStatusChanged, LegEnded
from acd.offer import OfferOutcome
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
""" + agents_at("support", anna="1001", ben="1002")


@pytest.mark.parametrize(("status", "reason"), [("logged_out", None), ("on_break", "lunch")])
async def test_logging_out_while_the_phone_rings_takes_the_offer_back(
    lab: Lab, status: str, reason: str | None
) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        ringing = await centre.phone("1001", Behaviour.not_answering())
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna")
        await centre.log_in("ben")
        caller = await lab.caller("100", from_user="1")
        queued = await centre.queued("1")
        invite = await ringing.rung()

        await centre.status("anna", status, reason)
        rescinded = await centre.offer_ended("anna", OfferOutcome.RESCINDED)
        silenced = await ringing.hung_up(invite.call_id)
        left = await centre.events.until(AgentStatusChanged, lambda e: e.previous == "ready")
        connected = await centre.connected("1")
        await caller.hang_up()
        await centre.events.until(LegEnded, count=3)
        await centre.nothing_left()

        assert silenced.method == "CANCEL"
        assert silenced.at - rescinded.at / 1000 < 3, "it rang on until the ring time-out"
        assert rescinded.agent.missed == 0
        assert (left.agent.id, left.agent.status) == ("anna", AgentStatus(status))
        assert centre.events.all.index(rescinded) < centre.events.all.index(left)
        assert connected.agent.id == "ben"
        assert connected.call.queued_at == queued.call.queued_at
        assert centre.offered() == ["anna", "ben"]
        assert len(ringing.offers) == 1
