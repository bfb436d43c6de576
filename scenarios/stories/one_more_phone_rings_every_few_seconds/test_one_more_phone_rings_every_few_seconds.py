"""A call rings one phone, after a while a second one, too, and then a third: the earlier ones ring on."""

from __future__ import annotations

from itertools import pairwise

from acd.events import OfferEnded, OfferMade
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

NAMES = ("1001", "1002", "1003")
CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
strategy = "ring_progressively"
strategy_options = { every_s = 1.5 }
""" + agents_at("support", anna="1001", ben="1002", carla="1003")


async def test_one_more_phone_rings_every_few_seconds(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phones = [await centre.phone(name, Behaviour.not_answering()) for name in NAMES]
        for agent in ("anna", "ben", "carla"):
            await centre.log_in(agent)

        caller = await lab.caller("100", from_user="1")
        for phone in phones:
            await phone.rung()
        silenced_before = centre.events.of(OfferEnded)
        phones[0].answer()
        connected = await centre.connected("1")
        for phone in phones[1:]:
            await phone.hung_up(phone.offers[0].call_id)
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.nothing_left()

        made = [event.offer.made_at for event in centre.events.of(OfferMade)]
        gaps = [later - earlier for earlier, later in pairwise(made)]
        print(f"between the phones: {gaps} ms")  # noqa: T201
        assert centre.offered() == ["anna", "ben", "carla"]
        assert all(1_450 <= gap <= 3_000 for gap in gaps)
        assert made[2] - made[0] >= 2_950
        assert silenced_before == []
        assert connected.agent.id == "anna"
        assert connected.call.rounds == 1
