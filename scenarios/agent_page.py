"""The agent's page in a headless browser, used as its user would: typed into, clicked, and looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scenarios.lab.chromium import Chromium, Page

__all__ = ["AgentPage", "Heard"]

STEP_LIMIT_S = 15.0
AT_WORK = "acd.live === 'up' && acd.phone === 'registered'"
ANSWER = "button.answer:not([disabled])"
DECLINE = "button.decline:not([disabled])"
HANG_UP = "button.hang-up:not([disabled])"
DONE = ".wrap-up button.primary"
START = ".status-buttons button:first-child"


@dataclass(frozen=True, kw_only=True)
class Heard:
    """RTP packets of the page's call, as the browser counts them."""

    sent: int
    received: int


class AgentPage:
    """One agent's page. `tab` is the tab that it is in."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab

    @classmethod
    async def log_in(cls, browser: Chromium, web: str, name: str, password: str) -> AgentPage:
        """By the page's form; returns when the phone in the page has registered and the page is live."""
        page = cls(await browser.open(f"{web}/"))
        await page.until("acd.page === 'log_in'")
        await page._fill_in(name, password)
        return page

    @classmethod
    async def come_back(cls, browser: Chromium, web: str, name: str, password: str) -> AgentPage:
        """The same in a browser that was killed: it may have the session on its disk, or may not."""
        page = cls(await browser.open(f"{web}/"))
        await page.until("acd.page === 'log_in' || acd.page === 'desk'")
        if (await page.state())["page"] == "log_in":
            await page._fill_in(name, password)
        else:
            await page.until(AT_WORK)
        return page

    async def _fill_in(self, name: str, password: str) -> None:
        await self.tab.fill("input[name=username]", name)
        await self.tab.fill("input[name=password]", password)
        await self.tab.click("form.log-in button.primary")
        await self.until(AT_WORK)

    async def ready(self) -> None:
        """Ask for calls; returns when the page shows that they can come."""
        await self.until("acd.scene === 'logged_out' || acd.scene === 'on_break'")
        await self.tab.click(START)
        await self.until("acd.status === 'ready' && acd.reachable")

    async def until(self, condition: str, *, limit_s: float = STEP_LIMIT_S) -> None:
        """Wait for a condition in JavaScript about `acd`, the page's own account of its state."""
        await self.tab.until(f"(acd => {condition})(window.stasisAcd ?? {{}})", limit_s=limit_s)

    async def state(self) -> dict[str, Any]:
        """The page's own account of its state."""
        found: dict[str, Any] = await self.tab.run("({...window.stasisAcd})")
        return found

    async def rung(self) -> None:
        """Returns when the page rings and can be answered."""
        await self.until("acd.call?.state === 'ringing'")

    async def answer(self) -> None:
        """Click Answer."""
        await self.tab.click(ANSWER)

    async def decline(self) -> None:
        """Click Decline."""
        await self.tab.click(DECLINE)

    async def hang_up(self) -> None:
        """Click Hang up."""
        await self.tab.click(HANG_UP)

    async def done(self) -> None:
        """Click Done, which ends the wrap-up."""
        await self.tab.click(DONE)

    async def heard(self) -> Heard:
        """The packets of the call so far; the page counts once a second."""
        rtp = (await self.state())["rtp"]
        return Heard(sent=rtp["packetsSent"], received=rtp["packetsReceived"])
