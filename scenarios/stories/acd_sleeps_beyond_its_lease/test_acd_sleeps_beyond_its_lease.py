"""A process is stopped (SIGSTOP) beyond its lease between reserving and ringing, and continued: its act is void."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from acd.events import CallConnected, CallQueued, CallTakenOver, OfferMade
from scenarios.centre import Centre
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

STRIKE = Path(__file__).parents[1] / "acd_is_killed_and_comes_back" / "crash"
CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0.5
ring_timeout_s = 1
[agents.anna]
queues = ["support"]
phone = { kind = "endpoint", target = "PJSIP/1001" }
"""


@pytest.mark.parametrize("point", ["create_leg", "store.ring"])
async def test_alone_it_lets_the_offer_go_and_offers_again(lab: Lab, point: str, tmp_path: Path) -> None:
    struck = {"STORY_SIGNAL_AT": f"{point}:STOP", "STORY_FLAG": str(tmp_path / "struck"), "PYTHONPATH": str(STRIKE)}
    async with Centre.open(lab, CONFIGURATION, env=struck) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.2))
        await centre.log_in("anna")
        caller = await lab.caller("100")
        made = await centre.events.until(OfferMade)
        await asyncio.sleep(lease_s(made) + 1)  # the story is about time that passes

        centre.acd.thaw()
        connected = await centre.events.until(CallConnected)
        await caller.hang_up()
        await centre.nothing_left()

        assert connected.offer.id != made.offer.id
        assert len(phone.offers) == 1


async def test_with_another_it_leaves_the_call_to_it(lab: Lab, tmp_path: Path) -> None:
    struck = {"STORY_SIGNAL_AT": "create_leg:STOP", "STORY_FLAG": str(tmp_path / "struck"), "PYTHONPATH": str(STRIKE)}
    async with Centre.open(lab, CONFIGURATION, processes=("acd-1", "acd-2"), env=struck) as centre:
        phone = await centre.phone("1001", Behaviour(ring=0.2))
        await centre.log_in("anna")
        caller = await lab.caller("100")
        queued = await centre.events.until(CallQueued)
        made = await centre.events.until(OfferMade)
        taken = await centre.events.until(CallTakenOver)
        connected = await centre.events.until(CallConnected)

        centre.acds[queued.call.owner].thaw()
        await asyncio.sleep(lease_s(made))  # time enough for a late act, which must not come
        await caller.hang_up()
        await centre.nothing_left()

        assert taken.call.owner != queued.call.owner
        assert connected.call.owner == taken.call.owner
        assert len(phone.offers) == 1


def lease_s(made: OfferMade) -> float:
    return (made.offer.lease_until - made.offer.made_at) / 1000
