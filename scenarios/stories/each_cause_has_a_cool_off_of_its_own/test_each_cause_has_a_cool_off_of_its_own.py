"""Whoever rejects, is busy or lets it ring is left in peace for as long as the queue says for that very cause."""

from __future__ import annotations

import pytest

from acd.events import OfferMade
from acd.offer import OfferOutcome
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
ring_timeout_s = 1
[queues.support.cool_off]
rejected_s = 1.5
busy_s = 30
no_answer_s = 60
""" + agents_at("support", anna="1001", ben="1002", carla="1003")


@pytest.mark.smoke
async def test_each_cause_has_a_cool_off_of_its_own(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.phone("1001", Behaviour.busy())
        await centre.phone("1002", Behaviour.not_answering())
        declining = await centre.phone("1003", Behaviour(ring=None))
        for agent in ("anna", "ben", "carla"):
            await centre.log_in(agent)

        caller = await lab.caller("100", from_user="1")
        busy = await centre.offer_ended("anna", OfferOutcome.BUSY)
        silent = await centre.offer_ended("ben", OfferOutcome.NO_ANSWER)
        await declining.rung()
        declining.decline()
        rejected = await centre.offer_ended("carla", OfferOutcome.REJECTED)
        again = await centre.events.until(OfferMade, lambda e: e.agent.id == "carla", count=2)
        await declining.rung(times=2)
        declining.answer()
        connected = await centre.connected("1")
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.nothing_left()

        left_in_peace = [event.agent.cool_until - event.at for event in (busy, silent, rejected)]
        print(f"offered again {again.at - rejected.at} ms after the rejection")  # noqa: T201
        assert left_in_peace == [30_000, 60_000, 1_500]
        assert centre.offered() == ["anna", "ben", "carla", "carla"]
        assert 1_500 <= again.at - rejected.at < 3_000
        assert connected.agent.id == "carla"
