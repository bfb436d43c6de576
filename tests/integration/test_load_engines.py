"""Each engine of a load run must serve every caller, longest idle first, and leave nothing behind."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from acd.agent import AgentProfile, Phone as Target, PhoneKind
from acd.configuration import Configuration
from acd.queue import Queue
from scenarios.lab.phones import Behaviour, Phone, is_offer
from scenarios.lab.sip_trace import SipMessage
from scenarios.load.engine import Engine, NotSupported
from scenarios.load.engines import ENGINES, AppQueue, Floor, Native, NativeSettings
from scenarios.load.plan import SILENCE, AgentChange, AgentGroup, Change, Plan, PlannedAgent, PlannedCall

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

GROUP = AgentGroup(name="all")
AGENTS = {"anna": "1001", "ben": "1002", "carla": "1003"}
PATIENCE_S = 15.0
BY_NAME = pytest.mark.parametrize("name", list(ENGINES))


def plan(*, music_class: str = SILENCE, **of_call: object) -> Plan:
    queue = Queue(name="support", numbers=("100",), ring_timeout_s=2, wrap_up_s=0, music_class=music_class)
    targets = {agent: Target(kind=PhoneKind.ENDPOINT, target=f"PJSIP/{phone}") for agent, phone in AGENTS.items()}
    profiles = {agent: AgentProfile(id=agent, phone=phone, queues={"support": 0}) for agent, phone in targets.items()}
    call = PlannedCall(index=0, at=0, exten="100", queue="support", talk_bucket=0, **of_call)  # type: ignore[arg-type]
    return Plan(
        name="test",
        seed=0,
        calls=[call],
        agents=[PlannedAgent(id=a, phone=p, group=GROUP, queues={"support": 0}) for a, p in AGENTS.items()],
        changes=[],
        talk_s=[0.3],
        duration_s=1,
        drain_s=PATIENCE_S,
        configuration=Configuration(queues={"support": queue}, agents=profiles, skills={"billing": "Billing"}),
    )


async def switched_on(engine: Engine, *behaviours: Behaviour) -> list[Phone]:
    phones = [engine.lab.phone(account) for account in AGENTS.values()]
    for phone, behaviour in zip(phones, behaviours, strict=True):
        await phone.switch_on(behaviour)
    return phones


async def nothing_is_left(engine: Engine) -> None:
    left: Sequence[str] = []
    try:
        async with asyncio.timeout(PATIENCE_S):
            while left := await engine.left_behind():  # noqa: ASYNC110  # nothing tells when Asterisk has tidied up
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"left behind: {left}")


def number_in(invite: SipMessage) -> str:
    found = re.search(r"sip:([^@]*)@", invite.header("From") or "")
    return found[1] if found else ""


async def rung_in_order(engine: Engine, phones: Sequence[Phone], calls: int) -> list[str]:
    """One caller after the other; the phones that rang, in order."""
    for number in range(calls):
        caller = await engine.lab.caller("100", from_user=f"900000{number}00")
        await caller.ended()
    offers = [(offer.at, phone.name) for phone in phones for offer in phone.offers]
    return [name for _, name in sorted(offers)]


@BY_NAME
async def test_every_call_is_answered_and_nothing_is_left(name: str) -> None:
    async with ENGINES[name](plan()) as engine:
        phones = await switched_on(engine, *[Behaviour(ring=0.05, talk=0.3)] * 3)
        callers = await engine.lab.callers("100", calls=20, rate=20, from_user="9000[call_number]00")
        await engine.log_in()

        result = await callers.ended()
        await nothing_is_left(engine)

        assert (result.placed, result.successful, result.failed) == (20, 20, 0)
        offers = [offer for phone in phones for offer in phone.offers]
        assert sorted(map(number_in, offers)) == sorted(f"9000{number}00" for number in range(1, 21))
        assert engine.processes.keys() >= {"asterisk"}
        assert len(set(engine.processes.values())) == len(engine.processes)


@BY_NAME
async def test_who_is_idle_longest_is_rung(name: str) -> None:
    # app_queue counts whole seconds.
    talk_s = 1.2 if name == "app_queue" else 0.2
    async with ENGINES[name](plan()) as engine:
        phones = await switched_on(engine, *[Behaviour(ring=0.05, talk=talk_s)] * 3)
        await engine.log_in()

        order = await rung_in_order(engine, phones, calls=6)
        await nothing_is_left(engine)

        assert sorted(order[:3]) == sorted(AGENTS.values())
        assert order[3:] == order[:3]


@BY_NAME
async def test_callers_who_leave_and_agents_who_refuse(name: str) -> None:
    async with ENGINES[name](plan(music_class="default")) as engine:
        phones = await switched_on(
            engine, Behaviour.declining(), Behaviour.not_answering(), Behaviour(ring=0.05, talk=None)
        )
        while_waiting = await engine.lab.caller("100", from_user="90000000100")
        await while_waiting.answered()
        await while_waiting.hang_up()
        await engine.log_in()

        served = await engine.lab.caller("100", from_user="90000000200")
        talks = await phones[2].rung()
        while_ringing = await engine.lab.caller("100", from_user="90000000300")
        rings = await phones[1].trace.find(
            lambda m: is_offer(m) and number_in(m) == "90000000300", "the third caller's INVITE"
        )
        await while_ringing.hang_up()
        await phones[1].hung_up(rings.call_id)
        await served.hang_up()
        await phones[2].hung_up(talks.call_id)
        await nothing_is_left(engine)

        assert number_in(talks) == "90000000200"
        assert not [m for phone in phones for m in phone.offers if number_in(m) == "90000000100"]


@pytest.mark.parametrize("name", ["native", "app_queue"])
async def test_an_agent_on_break_or_gone_is_not_rung(name: str) -> None:
    async with ENGINES[name](plan()) as engine:
        phones = await switched_on(engine, *[Behaviour(ring=0.05, talk=0.2)] * 3)
        await engine.log_in("anna", "ben", "carla")
        await engine.take_break("ben")
        await engine.log_out("carla")
        alone = await rung_in_order(engine, phones, calls=2)
        await engine.ready("carla")
        await engine.log_out("anna")
        await rung_in_order(engine, phones, calls=1)
        await nothing_is_left(engine)

        assert alone == ["1001", "1001"]
        assert [len(phone.offers) for phone in phones] == [2, 0, 1]


async def test_the_product_runs_as_several_processes_and_hears_wishes() -> None:
    wish = plan(requires="billing", priority=2)
    async with Native(wish, settings=NativeSettings(processes=2)) as engine:
        assert engine.processes.keys() == {"asterisk", "redis", "acd-1", "acd-2"}
        headers = {"X-Requires": "billing >= 20", "X-Priority": "2"}
        caller = await engine.lab.caller("100", from_user="90000000100", headers=headers)
        queued = await engine.centre.queued("90000000100")
        await caller.hang_up()
        await nothing_is_left(engine)

        assert (queued.call.requires, queued.call.priority) == ("billing >= 20", 2.0)
        assert engine.events.all


async def test_what_an_engine_cannot_do_it_says() -> None:
    with pytest.raises(NotSupported, match="skills"):
        AppQueue(plan(requires="billing"))
    with pytest.raises(NotSupported, match="one line"):
        Floor(plan(priority=1.0))
    with pytest.raises(NotSupported, match="stay"):
        Floor(replace(plan(), changes=[AgentChange(at=1, agent="ben", change=Change.BREAK)]))
    floor = Floor(plan())
    for change in (floor.take_break, floor.ready, floor.log_out):
        with pytest.raises(NotSupported, match="bare application"):
            await change("anna")
