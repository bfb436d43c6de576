"""A supervisor changes a call while the caller waits: it goes first, or to others, and keeps its place."""

from __future__ import annotations

import asyncio

import pytest

from acd.events import CallChanged
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = (
    """
[skills]
german = "German"
[queues.support]
numbers = ["100"]
wrap_up_s = 0
[queues.billing]
wrap_up_s = 0
max_wait_s = 4
"""
    + agents_at("support", anna="1001")
    + agents_at("billing", ben="1002")
)


@pytest.mark.smoke
async def test_priority_changed_while_waiting_goes_first(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        callers = {}
        for number in ("1", "2"):
            callers[number] = await lab.caller("100", from_user=number)
            await centre.queued(number)
        late = (await centre.queued("2")).call

        said = await centre.command("calls", "change", late.id, "--priority", "5")
        changed = await centre.events.until(CallChanged)
        await centre.log_in("anna")
        for number in ("2", "1"):
            await centre.connected(number)
            await callers[number].hang_up()
            await centre.call_ended(number)
        await centre.nothing_left()

        assert said == f"call {late.id} waits in support, priority 5\n"
        assert changed.call.priority == 5
        assert changed.call.queued_at == late.queued_at


async def test_a_call_that_is_moved_keeps_its_wait_and_gets_the_other_queues_agents(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("ben")
        caller = await lab.caller("100", from_user="1")
        queued = await centre.queued("1")

        await centre.command("calls", "change", queued.call.id, "--queue", "billing")
        connected = await centre.connected("1")
        request = await centre.lab.asterisk.cli(f"core show channel {await channel_of(lab)}")
        await caller.hang_up()
        await centre.call_ended("1")
        await centre.nothing_left()

        assert connected.agent.id == "ben"
        assert (connected.call.queue, connected.call.queued_at) == ("billing", queued.call.queued_at)
        # What the channel says is what was changed: the line can be rebuilt from it.
        assert '"queue":"billing"' in request


async def test_a_call_that_is_moved_waits_as_long_as_the_other_queue_allows(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        caller = await lab.caller("100", from_user="1")
        queued = await centre.queued("1")
        await asyncio.sleep(1)

        change = ("calls", "change", queued.call.id, "--queue", "billing", "--requires", "german >= 20")
        await centre.command(*change)
        ended = await centre.call_ended("1")
        await caller.ended()
        await centre.nothing_left()

        assert ended.call.end_reason == "timed_out"
        assert ended.call.requires == "german >= 20"
        assert 4_000 <= ended.at - queued.call.queued_at < 6_000


async def channel_of(lab: Lab) -> str:
    listed = await lab.asterisk.cli("core show channels concise")
    return next(line.partition("!")[0] for line in listed.splitlines() if "carrier" in line)
