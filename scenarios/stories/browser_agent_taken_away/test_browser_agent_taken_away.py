"""An agent is taken out of the configuration in the middle of a call on the page."""

from __future__ import annotations

import msgspec

from acd.events import AgentRemoved, CallConnected, CallEnded, LegEnded
from scenarios.agent_page import AgentPage
from scenarios.centre import Centre
from scenarios.lab.callers import CallEnd
from scenarios.lab.lab import Lab
from scenarios.stories.browser_agent_taken_away.websocket_registration import register, registration_of

QUEUE = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0.5
"""
WITH_MIA = f"""{QUEUE}
[agents.mia]
queues = ["support"]
"""
PASSWORD = "correct horse battery"


async def test_browser_agent_taken_away(lab: Lab) -> None:
    async with Centre.open(lab, WITH_MIA) as centre:
        await centre.api().ask("POST", "users", json={"name": "mia", "password": PASSWORD, "role": "agent"})
        browser = await lab.chromium()
        page = await AgentPage.log_in(browser, centre.acd.web, "mia", PASSWORD)
        registration = await registration_of(centre.acd.web, "mia", PASSWORD)
        wrong = msgspec.structs.replace(registration, secret="guessed")
        asked_in_vain = await register(wrong, expires_s=0)
        taken = await register(registration, expires_s=0)
        await page.ready()
        caller = await lab.caller("100", rtp=True)
        await page.rung()
        await page.answer()
        await centre.events.until(CallConnected)
        contacts_before = await lab.asterisk.cli("pjsip show contacts")

        await centre.configure(QUEUE)
        ended = await centre.events.until(CallEnded)
        ended_as = await caller.ended()
        await centre.events.until(AgentRemoved)
        await page.until("!acd.call")
        await centre.events.until(LegEnded, count=2)
        await centre.nothing_left()
        contacts_after = await lab.asterisk.cli("pjsip show contacts")
        refused = await register(registration, expires_s=60)
        await browser.stop()

        assert ended_as is CallEnd.HUNG_UP_ON
        assert ended.call.end_reason == "completed"
        assert (asked_in_vain, taken) == (401, 200)
        assert refused in {401, 403, 404}
        assert registration.identity in contacts_before
        assert registration.identity not in contacts_after
