"""Redis goes away, comes back or is emptied while callers wait and talk: nobody is cut off, and the line is rebuilt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from acd.agent import AgentActivity, AgentStatus
from acd.events import CallConnected, CallEnded, CallQueued, EpochBegun, OfferDialled
from scenarios.centre import Centre
from scenarios.lab.callers import CallEnd
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour
from scenarios.lab.redis import Redis

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0.5
ring_timeout_s = 15
[agents.anna]
queues = ["support"]
phone = { kind = "endpoint", target = "PJSIP/1001" }
[agents.ben]
queues = ["support"]
phone = { kind = "endpoint", target = "PJSIP/1002" }
"""

Loss = Callable[[Redis], Awaitable[None]]


async def restarted(redis: Redis) -> None:
    """With its data, which may be older than the world."""
    await redis.restart()


async def emptied(redis: Redis) -> None:
    """Everything in it is gone."""
    await redis.flush()


async def killed(redis: Redis) -> None:
    """As a power cut would; it comes back."""
    await redis.kill()
    await redis.start()


@pytest.mark.parametrize("loss", [restarted, pytest.param(emptied, marks=pytest.mark.smoke), killed])
async def test_talk_goes_on_and_the_line_is_rebuilt(lab: Lab, loss: Loss) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        await centre.log_in("anna")
        await centre.status("ben", "on_break", "lunch")
        talking = await lab.caller("100", from_user="1", rtp=True)
        await centre.events.until(CallConnected)
        first = await lab.caller("100", from_user="2", rtp=True)
        waiting_since = (await centre.events.until(CallQueued, count=2)).call.queued_at
        second = await lab.caller("100", from_user="3", rtp=True)
        await centre.events.until(CallQueued, count=3)
        epochs = len(centre.events.of(EpochBegun))

        await loss(lab.redis)
        await centre.events.until(EpochBegun, count=epochs + 1)
        rebuilt = await centre.until(lambda s: len(s.calls) == 3, "three calls again")
        assert first.media is not None
        music = first.media.heard[None]
        await first.media.until(lambda: first.media is not None and first.media.heard[None] > music + 25)
        assert await talking.hang_up() is CallEnd.HUNG_UP
        served = await centre.events.until(CallConnected, lambda e: e.call.caller_number == "2")
        await first.hang_up()
        served_next = await centre.events.until(CallConnected, lambda e: e.call.caller_number == "3")
        await second.hang_up()
        await centre.events.until(CallEnded, lambda e: e.call.caller_number == "3")
        await centre.nothing_left()

        by_number = {call.caller_number: call for call in rebuilt.calls.values()}
        assert by_number["1"].agent == "anna"
        assert rebuilt.agents["anna"].activity is AgentActivity.TALKING
        assert rebuilt.agents["ben"].status is AgentStatus.ON_BREAK
        assert rebuilt.agents["ben"].break_reason == "lunch"
        assert by_number["2"].queued_at == served.call.queued_at == waiting_since
        assert served.at < served_next.at


@pytest.mark.parametrize("loss", [emptied, restarted])
async def test_a_ringing_phone_is_not_left_behind(lab: Lab, loss: Loss) -> None:
    """The offer is lost with its lease: the leg ends, and the caller is offered again."""
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour.not_answering())
        await centre.log_in("anna")
        caller = await lab.caller("100")
        await centre.events.until(OfferDialled)
        ringing = await phone.rung()

        await loss(lab.redis)
        await phone.hung_up(ringing.call_id)
        await phone.rung(times=2)
        phone.answer()
        await centre.events.until(CallConnected)
        await caller.hang_up()
        await centre.nothing_left()


async def test_an_end_while_it_is_away_leaves_nobody_alone(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.1))
        await centre.log_in("anna")
        caller = await lab.caller("100")
        await centre.events.until(CallConnected)

        await lab.redis.kill()
        try:
            phone.hang_up()
            assert await caller.ended() is CallEnd.HUNG_UP_ON
        finally:
            await lab.redis.start()
        ended = await centre.events.until(CallEnded)
        await centre.nothing_left()

        assert (ended.call.end_reason, ended.call.agent) == ("completed", "anna")
