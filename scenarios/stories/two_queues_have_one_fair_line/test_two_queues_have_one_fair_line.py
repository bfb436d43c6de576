"""Callers of two queues stand in one line: by waiting time with priority as minutes of it, or strictly by priority."""

from __future__ import annotations

import asyncio

import pytest

from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[pool]
line = "{line}"
[queues.support]
numbers = ["100"]
wrap_up_s = 0
[queues.gold]
numbers = ["200"]
wrap_up_s = 0
priority = 0.03
"""
HEAD_START_MS = 1_800


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("line", "order"),
    [
        # Gold's callers have a head start of 1.8 s: enough to pass who came 1 s before, not who came 3 s before.
        pytest.param("wait_plus_priority", ["1", "3", "2"], id="priority_as_minutes"),
        pytest.param("strict_priority", ["3", "1", "2"], id="strict_priority"),
    ],
)
async def test_two_queues_have_one_fair_line(lab: Lab, line: str, order: list[str]) -> None:
    configuration = CONFIGURATION.format(line=line) + agents_at("support", "gold", anna="1001")
    async with Centre.open(lab, configuration) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        callers = {"1": await lab.caller("100", from_user="1")}
        await centre.queued("1")
        await asyncio.sleep(2)
        callers["2"] = await lab.caller("100", from_user="2")
        await centre.queued("2")
        await asyncio.sleep(0.5)
        callers["3"] = await lab.caller("200", from_user="3")
        queued = [(await centre.queued(number)).call for number in ("1", "2", "3")]
        await centre.log_in("anna")

        for number in order:
            await centre.connected(number)
            await callers[number].hang_up()
            await centre.call_ended(number)
        await centre.nothing_left()

        assert queued[2].queued_at - queued[0].queued_at > HEAD_START_MS > queued[2].queued_at - queued[1].queued_at
        assert centre.offered() == ["anna"] * 3
