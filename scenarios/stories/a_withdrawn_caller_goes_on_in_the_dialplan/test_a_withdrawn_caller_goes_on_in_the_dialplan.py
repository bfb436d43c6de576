"""A caller who is taken out of the line goes on in the dialplan, told so; phones that rang fall silent."""

from __future__ import annotations

import asyncio

from acd.events import OfferEnded
from acd.offer import OfferOutcome
from scenarios.centre import PATIENCE_S, Centre, agents_at
from scenarios.lab.callers import CallEnd
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
offer_width = 2
""" + agents_at("support", anna="1001", ben="1002")


async def test_a_withdrawn_caller_goes_on_in_the_dialplan(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        caller = await lab.caller("100", from_user="1")
        queued = await centre.queued("1")
        said = await centre.command("calls", "withdraw", queued.call.id)
        ended = await centre.call_ended("1")
        await centre.until(lambda s: not s.calls, "no call is left")
        where = await where_it_is(lab)
        still_there = caller.ended_at is None
        end = await caller.hang_up()
        await centre.nothing_left()

        assert said == f"call {queued.call.id} has left the line; the caller goes on in the dialplan\n"
        assert (ended.call.end_reason, ended.call.ended_by) == ("withdrawn", "system")
        assert where.split("!")[1:6] == ["acd-left", "WITHDRAWN", "1", "Up", "Wait"]
        assert still_there
        assert end is CallEnd.HUNG_UP


async def test_phones_that_ring_for_a_withdrawn_caller_fall_silent(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phones = [await centre.phone(name, Behaviour.not_answering()) for name in ("1001", "1002")]
        await centre.log_in("anna", "ben")
        caller = await lab.caller("100", from_user="1")
        queued = await centre.queued("1")
        for phone in phones:
            await phone.rung()

        await centre.api().ask("POST", f"calls/{queued.call.id}/withdraw")
        for phone in phones:
            await phone.hung_up(phone.offers[0].call_id)
        await centre.call_ended("1")
        await caller.hang_up()
        await centre.nothing_left()

        assert [event.offer.outcome for event in centre.events.of(OfferEnded)] == [OfferOutcome.CALLER_LEFT] * 2


async def where_it_is(lab: Lab) -> str:
    """The caller's channel, once it is where the dialplan keeps it."""
    async with asyncio.timeout(PATIENCE_S):
        # Asterisk has no stream of events here: so this asks again.
        while "WITHDRAWN" not in (listed := await lab.asterisk.cli("core show channels concise")):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return next(line for line in listed.splitlines() if "WITHDRAWN" in line)
