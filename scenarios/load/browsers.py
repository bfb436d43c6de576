"""Agents of a load run who work in real browsers: each has a Chromium, the product's page, and a WebRTC phone in it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from scenarios.agent_page import AgentPage
from scenarios.lab.chromium import Chromium, PageFailed
from scenarios.load.draws import stream
from scenarios.load.engine import Engine
from scenarios.load.plan import Plan, PlannedAgent
from scenarios.load.seen import OfferEnd, SeenOffer

__all__ = ["BrowserAgent", "open_browsers"]

CLICK_LIMIT_S = 5.0
LONGEST_TALK_S = 3600.0


@dataclass
class BrowserAgent:
    """One agent at one page. What it saw is told by the page: a browser's packets are not for us to read."""

    agent: PlannedAgent
    browser: Chromium
    page: AgentPage
    talk_s: Sequence[float]
    chance: Random
    answered: Callable[[str], None]
    """Told the caller's number."""
    offers: list[SeenOffer] = field(default_factory=list)
    packets: tuple[int, int] = (0, 0)
    """RTP packets sent and received in all its calls."""

    async def work(self) -> None:
        """Take one call after another, until cancelled."""
        while True:
            await self.page.until("acd.call?.state === 'ringing' && acd.caller", limit_s=LONGEST_TALK_S)
            number = str((await self.page.state())["caller"])
            offer = SeenOffer(
                sip_id=f"{self.agent.id}-{len(self.offers) + 1}", phone=self.agent.id, number=number, invited_at=_now()
            )
            self.offers.append(offer)
            try:
                await self._take(offer)
            except (PageFailed, TimeoutError):
                offer.ended_at = offer.ended_at or _now()
                offer.end = OfferEnd.CANCELLED if offer.answered_at is None else OfferEnd.HUNG_UP_ON

    async def _take(self, offer: SeenOffer) -> None:
        await asyncio.sleep(self.chance.uniform(*self.agent.group.ring_s))
        async with asyncio.timeout(CLICK_LIMIT_S):
            await self.page.answer()
        await self.page.until("acd.scene === 'talking'", limit_s=CLICK_LIMIT_S)
        offer.answered_at = _now()
        self.answered(offer.number)
        await asyncio.sleep(self.talk_s[int(offer.number[-2:]) % len(self.talk_s)])
        heard = await self.page.heard()
        self.packets = self.packets[0] + heard.sent, self.packets[1] + heard.received
        if (await self.page.state())["scene"] == "talking":
            async with asyncio.timeout(CLICK_LIMIT_S):
                await self.page.hang_up()
            offer.ended_at, offer.end = _now(), OfferEnd.HUNG_UP
        else:
            offer.ended_at, offer.end = _now(), OfferEnd.HUNG_UP_ON
        await self.page.until("acd.scene !== 'talking'", limit_s=CLICK_LIMIT_S)
        if (await self.page.state())["scene"] == "wrap_up":
            async with asyncio.timeout(CLICK_LIMIT_S):
                await self.page.done()


async def open_browsers(engine: Engine, plan: Plan, answered: Callable[[str], None]) -> list[BrowserAgent]:
    """A browser for each of the plan's agents who have one; returns when all their phones have registered."""
    agents = [agent for agent in plan.agents if agent.group.browser]
    found = []
    for agent in agents:
        password = secrets.token_urlsafe(12)
        await engine.give_account(agent.id, password)
        browser = await engine.lab.chromium()
        page = await AgentPage.log_in(browser, engine.pages, agent.id, password)
        chance = stream(plan.seed, f"browser:{agent.id}")
        found.append(BrowserAgent(agent, browser, page, plan.talk_s, chance, answered))
    return found


def _now() -> float:
    """Seconds since the epoch, as SIPp tells its times."""
    return time.clock_gettime(time.CLOCK_REALTIME)
