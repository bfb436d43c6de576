"""A caller whose line is cut: Asterisk misses the audio, the call ends, and no agent is rung for nobody."""

from __future__ import annotations

import pytest

from acd.events import LegEnded
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
""" + agents_at("support", anna="1001")


@pytest.mark.smoke
async def test_caller_vanishes_without_bye_while_waiting(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.1))
        caller = await lab.caller("100", from_user="1", rtp=True)
        assert caller.media is not None
        media = caller.media
        queued = await centre.queued("1")
        await media.until(lambda: media.heard[None] > 20)

        await caller.vanish()
        ended = await centre.call_ended("1")
        await centre.events.until(LegEnded)
        await centre.log_in("anna")
        await centre.nothing_left()
        connected = await centre.talk("2")
        await centre.nothing_left()

        assert ended.call.id == queued.call.id
        assert (ended.call.end_reason, ended.call.ended_by) == ("abandoned", "caller")
        assert 2000 <= ended.at - queued.at < 6000
        assert connected.agent.id == "anna"
        assert len(phone.offers) == 1


async def test_caller_vanishes_without_bye_while_talking(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.1), rtp=True)
        await centre.log_in("anna")
        caller = await lab.caller("100", from_user="1", rtp=True)
        invite = await phone.rung()
        await centre.connected("1")
        assert caller.media is not None
        assert phone.media is not None
        heard, by_caller = phone.media.heard, caller.media.mark
        await phone.media.until(lambda: heard[by_caller] > 20)

        await caller.vanish()
        ended = await centre.call_ended("1")
        hung_up = await phone.hung_up(invite.call_id)
        await centre.nothing_left()

        assert (ended.call.end_reason, ended.call.ended_by) == ("completed", "caller")
        assert hung_up.method == "BYE"
