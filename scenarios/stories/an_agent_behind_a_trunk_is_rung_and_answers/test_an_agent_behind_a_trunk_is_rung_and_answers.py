"""An agent at a telephone behind a trunk, which registers nowhere: called by its number, answers, is busy, hangs up."""

from __future__ import annotations

from acd.agent import AgentActivity
from acd.events import CallConnected, OfferMade
from acd.offer import OfferOutcome
from scenarios.centre import Centre
from scenarios.lab.callers import CallEnd
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour, Phone

NUMBER = "4930123"
TRUNK = "carrier-2"


def configuration(telephone: Phone) -> str:
    host, port = telephone.local
    return f"""
[queues.support]
numbers = ["100"]
wrap_up_s = 0
cool_off = {{ busy_s = 0.5 }}
[agents.dora]
queues = ["support"]
phone = {{ kind = "dial", target = "PJSIP/{TRUNK}/sip:{NUMBER}@{host}:{port}" }}
"""


async def test_an_agent_behind_a_trunk_is_rung_and_answers(lab: Lab) -> None:
    telephone = lab.phone(NUMBER)
    await telephone.switch_on(Behaviour.not_answering(), rtp=True, register=False)
    async with Centre.open(lab, configuration(telephone)) as centre:
        await centre.log_in("dora")
        caller = await lab.caller("100", from_user="5551234", rtp=True)
        invite = await telephone.rung()
        telephone.answer()
        connected = await centre.events.until(CallConnected)
        assert caller.media is not None
        assert telephone.media is not None
        by_caller, by_dora = caller.media, telephone.media
        await by_caller.until(lambda: by_caller.heard[by_dora.mark] > 10)
        await by_dora.until(lambda: by_dora.heard[by_caller.mark] > 10)
        telephone.hang_up()
        ended_as = await caller.ended()
        ended = await centre.call_ended("5551234")
        await centre.nothing_left()
    await telephone.vanish()

    assert invite.user == NUMBER
    assert connected.agent.id == "dora"
    assert ended_as is CallEnd.HUNG_UP_ON
    assert (ended.call.end_reason, ended.call.ended_by) == ("completed", "agent")


async def test_a_busy_telephone_is_called_again_after_a_while(lab: Lab) -> None:
    telephone = lab.phone(NUMBER)
    await telephone.switch_on(Behaviour.busy(), register=False)
    async with Centre.open(lab, configuration(telephone)) as centre:
        await centre.log_in("dora")
        caller = await lab.caller("100", from_user="1")
        await centre.offer_ended("dora", OfferOutcome.BUSY)
        await telephone.behave(Behaviour(ring=0.1))
        connected = await centre.connected("1")
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.nothing_left()
        free = await centre.until(lambda s: s.agents["dora"].activity is AgentActivity.IDLE, "dora is free")
    await telephone.vanish()

    assert connected.agent.id == "dora"
    assert free.agents["dora"].reachable
    first, second, *_ = centre.events.of(OfferMade)
    assert second.at - first.at >= 500
