"""Agent and caller act at the same moment, one answers and the other hangs up: nobody is left in a bridge alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from acd.agent import AgentActivity
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
""" + agents_at("support", anna="1001")

CALLER_LATER_BY_MS = (-8, -3, 0, 0, 3, 6, 10, 15, 25, 45)


async def after(milliseconds: float, act: Callable[[], Awaitable[object]]) -> None:
    await asyncio.sleep(max(0, milliseconds) / 1000)
    await act()


async def test_caller_hangs_up_in_the_gap_of_the_answer(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phone = await centre.phone("1001", Behaviour.not_answering())
        await centre.log_in("anna")
        ends: Counter[str] = Counter()

        async def answer() -> None:
            phone.answer()

        for number, later_ms in enumerate(CALLER_LATER_BY_MS, start=1):
            caller = await lab.caller("100", from_user=str(number))
            invite = await phone.rung(times=number)
            async with asyncio.TaskGroup() as both:
                both.create_task(after(later_ms, caller.hang_up))
                both.create_task(after(-later_ms, answer))
            await phone.hung_up(invite.call_id)
            ended = await centre.call_ended(str(number))
            await centre.until(lambda s: s.agents["anna"].activity is AgentActivity.IDLE, "anna is free")
            ends[str(ended.call.end_reason)] += 1
        await centre.nothing_left()

        print(f"ends: {dict(ends)}")  # noqa: T201
        assert set(ends) <= {"abandoned", "completed"}
        assert len(phone.offers) == len(CALLER_LATER_BY_MS)
