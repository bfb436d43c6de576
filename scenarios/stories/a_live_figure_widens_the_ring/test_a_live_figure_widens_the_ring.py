"""When too many callers wait, agents of the next rank are asked, too; when the line has gone, no longer."""

from __future__ import annotations

from acd.events import StepSwitched
from scenarios.centre import Centre
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
ranks = 0
[[queues.support.steps]]
when = { metric = "waiting", at = 2, back_at = 0 }
ranks = 1
[agents.anna]
queues = { support = 0 }
phone = { kind = "endpoint", target = "PJSIP/1001" }
[agents.ben]
queues = { support = 1 }
phone = { kind = "endpoint", target = "PJSIP/1002" }
"""


async def test_a_live_figure_widens_the_ring(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("anna", "ben")

        first = await lab.caller("100", from_user="1")
        await centre.connected("1")
        second = await lab.caller("100", from_user="2")
        waiting = await centre.queued("2")
        why = await centre.why("calls", waiting.call.id)
        shown = await centre.api().ask("GET", f"calls/{waiting.call.id}")
        third = await lab.caller("100", from_user="3")
        on = await centre.events.until(StepSwitched, lambda e: e.on)
        widened = await centre.connected("2")
        await second.hang_up()
        # One still waits: the step counts on until nobody does.
        still = await centre.connected("3")
        off = await centre.events.until(StepSwitched, lambda e: not e.on)
        await first.hang_up()
        await third.hang_up()
        for number in ("1", "2", "3"):
            await centre.call_ended(number)
        await centre.nothing_left()

        assert why["candidates"] == []
        assert why["reasons"]["rank_not_asked_yet"] == 1
        assert shown["steps"] == [
            {"after_s": None, "when": "waiting >= 2, until <= 0", "does": "agents up to rank 1", "counts": False}
        ]
        assert (on.queue, on.step) == ("support", 0)
        assert widened.agent.id == "ben"
        assert widened.offer.made_at >= on.at
        assert still.agent.id == "ben"
        assert off.at >= still.offer.made_at
        assert len(centre.events.of(StepSwitched)) == 2
