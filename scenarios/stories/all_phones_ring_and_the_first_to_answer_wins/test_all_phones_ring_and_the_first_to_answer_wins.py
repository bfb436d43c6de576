"""A call rings several phones at once: whoever answers first has the caller; the others are told so and are free."""

from __future__ import annotations

import asyncio

import pytest

from acd.agent import AgentActivity
from acd.events import CallConnected, LegEnded, OfferDialled, OfferEnded
from acd.offer import OfferOutcome
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

NAMES = ("1001", "1002", "1003")
CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
strategy = "ring_all"
""" + agents_at("support", anna="1001", ben="1002", carla="1003")


@pytest.mark.smoke
async def test_all_phones_ring_and_the_first_to_answer_wins(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        anna, ben, carla = [await centre.phone(name, Behaviour.not_answering()) for name in NAMES]
        await centre.log_in("anna", "ben", "carla")

        caller = await lab.caller("100", from_user="1")
        for phone in (anna, ben, carla):
            await phone.rung()
        ben.answer()
        connected = await centre.connected("1")
        cancels = [await phone.hung_up(phone.offers[0].call_id) for phone in (anna, carla)]
        await centre.events.until(OfferEnded, count=2)
        free = await centre.until(
            lambda s: all(s.agents[agent].activity is AgentActivity.IDLE for agent in ("anna", "carla")), "losers free"
        )
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.events.until(LegEnded, count=4)
        await centre.nothing_left()

        answer = ben.trace.seen(lambda m: m.sent and m.status == 200 and m.method == "INVITE")
        assert answer is not None
        assert connected.agent.id == "ben"
        assert connected.call.rounds == 1
        assert all(cancel.method == "CANCEL" and cancel.at >= answer.at for cancel in cancels)
        assert all("completed elsewhere" in cancel.text for cancel in cancels)
        assert [event.offer.outcome for event in centre.events.of(OfferEnded)] == [
            OfferOutcome.ANSWERED_ELSEWHERE,
            OfferOutcome.ANSWERED_ELSEWHERE,
        ]
        # Nobody is blamed for having been slower.
        assert [(free.agents[agent].missed, free.agents[agent].cool_until) for agent in ("anna", "carla")] == [
            (0, 0)
        ] * 2
        assert centre.events.kinds(LegEnded, OfferDialled) == [
            "CallQueued",
            *["OfferMade"] * 3,
            "OfferAccepted",
            "CallConnected",
            *["OfferEnded"] * 2,
            "CallEnded",
        ]


async def test_two_who_answer_at_the_same_moment_do_not_both_have_the_caller(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phones = [await centre.phone(name, Behaviour.not_answering()) for name in NAMES]
        await centre.log_in("anna", "ben", "carla")

        for number in range(1, 6):
            caller = await lab.caller("100", from_user=str(number))
            for phone in phones:
                await phone.rung(times=number)
            for phone in phones:
                phone.answer()
            connected = await centre.connected(str(number))
            losers = [phone for phone in phones if phone.name != f"100{'abc'.index(connected.agent.id[0]) + 1}"]
            for phone in losers:
                await phone.hung_up(phone.offers[-1].call_id)
            await caller.hang_up()
            await centre.call_ended(str(number))
            await centre.until(
                lambda s: all(agent.activity is AgentActivity.IDLE for agent in s.agents.values()), "everybody is free"
            )
        await centre.nothing_left()

        assert len(centre.events.of(CallConnected)) == 5
        assert {event.offer.outcome for event in centre.events.of(OfferEnded)} == {OfferOutcome.ANSWERED_ELSEWHERE}


async def test_a_caller_who_leaves_silences_every_phone(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phones = [await centre.phone(name, Behaviour.not_answering()) for name in NAMES]
        await centre.log_in("anna", "ben", "carla")

        caller = await lab.caller("100", from_user="1")
        for phone in phones:
            await phone.rung()
        async with asyncio.TaskGroup() as leaving:
            leaving.create_task(caller.hang_up())
            for phone in phones:
                leaving.create_task(phone.hung_up(phone.offers[0].call_id))
        ended = await centre.call_ended("1")
        await centre.nothing_left()

        assert ended.call.end_reason == "abandoned"
        assert [event.offer.outcome for event in centre.events.of(OfferEnded)] == [OfferOutcome.CALLER_LEFT] * 3
