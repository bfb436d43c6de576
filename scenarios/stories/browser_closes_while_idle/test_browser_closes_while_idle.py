"""The browser of an agent who waits for a call is gone from one moment to the next, and comes back."""

from __future__ import annotations

from acd.events import AgentReachabilityChanged, CallConnected, CallEnded, LegEnded, OfferMade, WrapUpEnded
from scenarios.agent_page import AgentPage
from scenarios.centre import Centre
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0.5
[agents.mia]
queues = { support = 0 }
[agents.bob]
queues = { support = 1 }
phone = { kind = "endpoint", target = "PJSIP/1001" }
"""
PASSWORD = "correct horse battery"


async def test_browser_closes_while_idle(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.api().ask("POST", "users", json={"name": "mia", "password": PASSWORD, "role": "agent"})
        await centre.phone("1001", Behaviour(ring=0.1))
        browser = await lab.chromium()
        page = await AgentPage.log_in(browser, centre.acd.web, "mia", PASSWORD)
        await page.ready()
        await centre.log_in("bob")

        await browser.kill()
        await centre.events.until(AgentReachabilityChanged, lambda e: e.agent.id == "mia" and not e.agent.reachable)
        # Mia, who would be asked first, cannot be.
        first = await lab.caller("100", from_user="5550001")
        to_bob = await centre.events.until(CallConnected)
        await first.hang_up()
        await centre.events.until(WrapUpEnded)
        status_meanwhile = (await centre.store.snapshot()).agents["mia"].status

        await browser.start()
        page = await AgentPage.come_back(browser, centre.acd.web, "mia", PASSWORD)
        await page.until("acd.scene === 'idle' && acd.reachable")
        second = await lab.caller("100", from_user="5550002")
        await page.rung()
        await page.answer()
        to_mia = await centre.events.until(CallConnected, count=2)
        await second.hang_up()
        await centre.events.until(CallEnded, count=2)
        await centre.events.until(LegEnded, count=4)
        await centre.nothing_left()
        await browser.stop()

        assert to_bob.agent.id == "bob"
        assert to_mia.agent.id == "mia"
        assert status_meanwhile == "ready"
        assert [made.agent.id for made in centre.events.of(OfferMade)] == ["bob", "mia"]
