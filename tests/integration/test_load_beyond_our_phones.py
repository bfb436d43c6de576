"""Runs whose agents are not SIPp's: a SIP system that was there before, and agents at their pages in real browsers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.agent import Phone
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour
from scenarios.load.conductor import Conductor
from scenarios.load.engines import Native
from scenarios.load.engines.target import Target
from scenarios.load.plan import AgentGroup, Audio, Plan
from scenarios.load.results import results_of
from scenarios.load.run import Run
from scenarios.load.seen import CallerEnd
from tests.load_plans import callers, small_plan

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(150)]

DIALPLAN = """
[acd-callers]
exten => 100,1,Dial(PJSIP/1001,10)
exten => 200,1,Hangup(17)
"""
CARRIERS = ",".join(f"127.92.{place}.101" for place in range(1, 251))
"""Where another lab's callers may come from."""
PJSIP = f"""
[other-lab](acd-carrier)
[other-lab-address]
type=identify
endpoint=other-lab
match={CARRIERS}
"""


def broken(run: Run) -> list[str]:
    return [finding.sentence for finding in results_of(run).verdict if not finding.kept]


async def test_a_system_that_is_there_already_is_called_and_hung_up_on_by_the_callers() -> None:
    """An Asterisk of the lab stands for it: nothing of the load kit serves on it."""
    calls = [*callers(3, every_s=1.2), replace(callers(4, every_s=1.2)[3], exten="200")]
    plan = small_plan(calls, talk_s=(0.5,))
    async with Lab.start(
        redis=False, phones=("1001",), extra={"extensions.conf": DIALPLAN, "pjsip.conf": PJSIP}
    ) as there:
        phone = there.phone("1001")
        await phone.switch_on(Behaviour(ring=0.1))
        async with Target(plan, (there.asterisk.sip_host, there.asterisk.sip_port)) as engine:
            run = await Conductor(engine.plan, engine).run()
        offers = len(phone.offers)
    ends = [run.traffic.calls[call.number].end for call in calls]

    assert ends == [CallerEnd.HUNG_UP] * 3 + [CallerEnd.REFUSED]
    assert run.traffic.calls[calls[3].number].code == 486
    assert offers == 3
    assert all(0.4 < (call.ended_at or 0) - (call.agent_at or 0) < 5 for call in list(run.traffic.calls.values())[:3])
    assert broken(run) == []


def in_browsers(plan: Plan) -> Plan:
    """The same agents at their pages."""
    group = AgentGroup(name="pages", ring_s=(0.1, 0.2), browser=True)
    configuration = plan.configuration
    profiles = {name: replace(agent, phone=Phone()) for name, agent in configuration.agents.items()}
    return replace(
        plan,
        agents=[replace(agent, phone="", group=group) for agent in plan.agents],
        configuration=replace(configuration, agents=profiles),
    )


@pytest.mark.redis
async def test_agents_in_browsers_answer_talk_and_hang_up() -> None:
    calls = callers(3, every_s=1.5, audio=Audio.TONE)
    plan = in_browsers(small_plan(calls, agents=1, talk_s=(1.0,)))
    async with Native(plan) as engine:
        conductor = Conductor(plan, engine)
        run = await conductor.run()
        (browser,) = conductor._browsers
    sent, received = browser.packets

    assert [offer.number for offer in run.traffic.phones["desk-001"]] == [call.number for call in calls]
    assert all(call.end is CallerEnd.HUNG_UP_ON for call in run.traffic.calls.values())
    assert sent > 50
    assert received > 50
    assert broken(run) == []
