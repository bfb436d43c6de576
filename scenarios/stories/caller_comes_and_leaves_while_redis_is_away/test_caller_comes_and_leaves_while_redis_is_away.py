"""A caller comes, waits and leaves while Redis is away: when it is back no ghost is in line, and the next is served."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from acd.agent import AgentActivity
from acd.events import CallQueued, OfferMade
from scenarios.centre import Centre, agents_at
from scenarios.lab.acd import answers
from scenarios.lab.lab import HEALTH, Lab
from scenarios.lab.phones import Behaviour
from scenarios.lab.redis import Redis

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
""" + agents_at("support", anna="1001")

Act = Callable[[Redis], Awaitable[None]]
PACKETS_A_SECOND = 50


async def killed(redis: Redis) -> None:
    """Its connections break at once: the ACD claims no caller, who waits in the dialplan's net."""
    await redis.kill()


async def hangs(redis: Redis) -> None:
    """Nothing tells that it is away until it has not answered for a while: the caller is claimed."""
    redis.freeze()


async def is_started(redis: Redis) -> None:
    await redis.start()


async def goes_on(redis: Redis) -> None:
    """And does what was asked of it meanwhile, though nobody waits for the answers any longer."""
    redis.thaw()


async def is_killed_and_started(redis: Redis) -> None:
    await redis.kill()
    await redis.start()


@pytest.mark.parametrize(
    ("away", "back", "wait_s"),
    [
        (killed, is_started, 0.5),
        (hangs, goes_on, 0.5),
        (hangs, goes_on, 3.0),
        (hangs, is_killed_and_started, 0.5),
        (hangs, is_killed_and_started, 3.0),
    ],
)
async def test_caller_comes_and_leaves_while_redis_is_away(lab: Lab, away: Act, back: Act, wait_s: float) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour.not_answering())
        await centre.log_in("anna")
        await centre.status("anna", "on_break", "lunch")

        await away(lab.redis)
        try:
            ghost = await lab.caller("100", from_user="1", rtp=True)
            assert ghost.media is not None
            music = ghost.media
            await music.until(lambda: music.heard[None] > wait_s * PACKETS_A_SECOND)
            await ghost.hang_up()
        finally:
            await back(lab.redis)
        await phone.behave(Behaviour(ring=0.1))
        await answers(centre.acd.web + HEALTH)(centre.acd)
        await centre.status("anna", "ready")
        served = await centre.talk("2")
        await centre.nothing_left()
        quiet = await centre.until(lambda s: s.agents["anna"].activity is AgentActivity.IDLE, "anna is free")

        assert served.agent.id == "anna"
        assert [event.call.caller_number for event in centre.events.of(OfferMade)] == ["2"]
        assert len(phone.offers) == 1
        ghosts = [event.call.id for event in centre.events.of(CallQueued) if event.call.caller_number == "1"]
        for call in ghosts:  # Redis may have heard of the caller in time; then it hears of the end as well
            assert (await centre.call_ended("1")).call.id == call
        assert len(ghosts) <= 1
        assert not quiet.calls
