"""A person logs in on the agent's page, answers in the browser, talks, hangs up and says Done."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from acd.events import CallConnected, CallEnded, LegEnded, WrapUpEnded
from scenarios.agent_page import AgentPage
from scenarios.centre import Centre
from scenarios.lab.asterisk import Asterisk
from scenarios.lab.callers import CallEnd
from scenarios.lab.lab import Lab

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 60
[agents.mia]
name = "Mia Berg"
queues = ["support"]
"""
PASSWORD = "correct horse battery"
TALKED = 100
"""Packets, of 20 ms each."""


async def rtp_statistics(asterisk: Asterisk, channel: str) -> dict[str, Any]:
    login = {"Authorization": aiohttp.encode_basic_auth(asterisk.ari_user, asterisk.ari_password)}
    async with (
        aiohttp.ClientSession(headers=login) as http,
        http.get(f"{asterisk.ari_url}/channels/{channel}/rtp_statistics") as answer,
    ):
        answer.raise_for_status()
        found: dict[str, Any] = await answer.json()
        return found


@pytest.mark.smoke
async def test_browser_agent_answers_with_media_both_ways(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        await centre.api().ask("POST", "users", json={"name": "mia", "password": PASSWORD, "role": "agent"})
        browser = await lab.chromium()
        page = await AgentPage.log_in(browser, centre.acd.web, "mia", PASSWORD)
        await page.ready()

        caller = await lab.caller("100", from_user="5550123", rtp=True)
        media = caller.media
        assert media is not None
        await page.rung()
        assert (await page.state())["caller"] == "5550123"
        await page.answer()
        connected = await centre.events.until(CallConnected)
        await page.until("acd.scene === 'talking'")

        before = media.received
        await media.until(lambda: media.received >= before + TALKED)
        await page.until(f"acd.rtp.packetsReceived >= {TALKED} && acd.rtp.packetsSent >= {TALKED}")
        legs = {leg: await rtp_statistics(lab.asterisk, leg) for leg in (connected.call.id, connected.offer.leg)}

        await page.hang_up()
        ended_as = await caller.ended()
        ended = await centre.events.until(CallEnded)
        await page.until("acd.scene === 'wrap_up'")
        await page.done()
        wrapped_up = await centre.events.until(WrapUpEnded)
        await page.until("acd.scene === 'idle'")
        await centre.events.until(LegEnded, count=2)
        await centre.nothing_left()
        console = [line for line in page.tab.console if line.startswith(("error", "exception"))]
        await browser.stop()

        assert connected.agent.id == "mia"
        assert all(min(s["txcount"], s["rxcount"]) > TALKED / 2 for s in legs.values()), legs
        assert ended_as is CallEnd.HUNG_UP_ON
        assert ended.call.end_reason == "completed"
        assert ended.call.ended_by == "agent"
        assert wrapped_up.by == "agent"
        assert [line for line in console if "401" not in line] == []
