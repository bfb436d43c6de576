"""Caller after caller leaves in the moment in which the same agent answers, and the phone rings for the next at once.

The agent's legs all have one channel id. Asterisk lets it be used again before it has told the end of the earlier leg:
none of the calls may be taken for the one before it.
"""

from __future__ import annotations

import asyncio

from acd.agent import AgentActivity
from acd.events import LegEnded, LegRole, OfferEnded, OfferMade
from acd.offer import OfferOutcome
from scenarios.centre import Centre, agents_at
from scenarios.lab.callers import CallEnd, Caller
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
""" + agents_at("support", anna="1001")

ANSWERED_LATER_BY_MS = (0, 2, 0, 1) * 5
CALLERS = len(ANSWERED_LATER_BY_MS)
AHEAD = 3
"""Callers in the line, so that the agent is reserved again in the instant in which she is free."""


async def test_caller_leaves_as_the_agent_answers_again_and_again(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour.not_answering())
        callers: list[Caller] = []

        async def one_more() -> None:
            number = str(len(callers) + 1)
            callers.append(await lab.caller("100", from_user=number))
            await centre.queued(number)

        for _ in range(AHEAD):
            await one_more()
        await centre.log_in("anna")
        ends: list[CallEnd] = []
        for number, later_ms in enumerate(ANSWERED_LATER_BY_MS, start=1):
            invite = await phone.rung(times=number)
            async with asyncio.TaskGroup() as both:
                leaving = both.create_task(callers[number - 1].hang_up())
                await asyncio.sleep(later_ms / 1000)
                phone.answer(invite.call_id)
            ends.append(leaving.result())
            if len(callers) <= CALLERS:
                await one_more()
        last = str(CALLERS + 1)
        await phone.rung(times=CALLERS + 1)
        phone.answer()
        served = await centre.connected(last)
        assert await callers[CALLERS].hang_up() is CallEnd.HUNG_UP
        await centre.call_ended(last)
        await centre.nothing_left()
        quiet = await centre.until(lambda s: s.agents["anna"].activity is AgentActivity.IDLE, "anna is free")
        await centre.events.until(LegEnded, lambda e: e.leg.role is LegRole.AGENT, count=CALLERS + 1)

        assert set(ends) == {CallEnd.HUNG_UP}
        made = [event.offer for event in centre.events.of(OfferMade)]
        assert len({offer.call for offer in made}) == len(made) == len(phone.offers) == CALLERS + 1
        assert {event.offer.outcome for event in centre.events.of(OfferEnded)} <= {OfferOutcome.CALLER_LEFT}
        ended_legs = [e.leg.offer for e in centre.events.of(LegEnded) if e.leg.role is LegRole.AGENT]
        assert sorted(ended_legs, key=str) == sorted(offer.id for offer in made)
        assert served.agent.id == "anna"
        assert quiet.agents["anna"].missed == 0
