"""The ACD hangs with its connections open: callers are with app_queue within about a second, until it wakes up."""

from __future__ import annotations

from acd.events import CallQueued
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
""" + agents_at("support", ben="1002")


async def test_a_hung_acd_the_fallback_answers(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.2), rtp=True)
        centre.acd.freeze()

        caller = await lab.caller("100", from_user="1", rtp=True)
        dialled = await caller.trace.find(lambda m: m.sent and m.method == "INVITE", "the INVITE that it sends")
        rung = await phone.rung()
        assert caller.media is not None
        assert phone.media is not None
        media, by_agent = caller.media, phone.media.mark
        await media.until(lambda: media.heard[by_agent] > 10)

        # What the ACD missed while it hung must not be made up for: the caller talks already.
        centre.acd.thaw()
        await centre.phone("1002", Behaviour(ring=0.2))
        await centre.log_in("ben")
        connected = await centre.talk("2")
        more = media.heard[by_agent] + 10
        await media.until(lambda: media.heard[by_agent] > more)
        await caller.hang_up()
        await centre.nothing_left()

        print(f"from the caller's INVITE to the phone's: {rung.at - dialled.at:.2f} s")  # noqa: T201
        assert rung.at - dialled.at < 2.5
        assert connected.agent.id == "ben"
        assert [event.call.caller_number for event in centre.events.of(CallQueued)] == ["2"]
        assert len(phone.offers) == 1
