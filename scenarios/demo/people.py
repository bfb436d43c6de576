"""The people of the demo: callers who have patience or none, and an agent who works on the page."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

from acd.offer import Offer
from scenarios.agent_page import AgentPage
from scenarios.demo.board import Board
from scenarios.demo.plan import BROWSER_AGENT, LONGEST_STAY_S, QUEUES, PlannedCaller
from scenarios.demo.verdict import SippCall
from scenarios.lab.callers import CallEnd, Caller
from scenarios.lab.chromium import PageFailed
from scenarios.lab.lab import Lab

CLICK_LIMIT_S = 3.0
PHONE_LIMIT_S = 5.0


async def first_of(*happenings: Coroutine[Any, Any, Any]) -> int:
    """Which one happened first, counted from 0; the others are given up."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(happening) for happening in happenings]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        first = next(number for number, task in enumerate(tasks) if task.done())
        for task in tasks:
            task.cancel()
    return first


class DemoCaller:
    """One caller, from dialling to the end. SIPp speaks the SIP; what it saw is the record of the call."""

    def __init__(self, plan: PlannedCaller) -> None:
        self.plan = plan
        self.sip: Caller | None = None
        self.end: CallEnd | None = None
        self.over = asyncio.Event()
        self._leave = asyncio.Event()

    async def call(self, lab: Lab, board: Board) -> None:
        """Dials, waits as long as patience lasts, talks, and leaves."""
        fate = board.fate(self.plan.number)
        host = lab.asterisk.sip_host
        try:
            self.sip = await lab.caller(
                QUEUES[self.plan.queue].numbers[0],
                from_user=self.plan.number,
                rtp=self.plan.audible,
                headers={"P-Asserted-Identity": f'"{self.plan.name}" <sip:{self.plan.number}@{host}>'},
            )
            ended = self.sip.ended
            patience, talk = self.plan.patience_s, self.plan.talk_s or LONGEST_STAY_S
            answered = await first_of(ended(), self._leave.wait(), fate.connected.wait(), asyncio.sleep(patience))
            if answered == 2:
                await first_of(ended(), self._leave.wait(), asyncio.sleep(talk))
            self.end = await (ended() if self._is_over(self.sip) else self.sip.hang_up())
        finally:
            self.over.set()

    @staticmethod
    def _is_over(sip: Caller) -> bool:
        return sip.ended_at is not None

    def record(self, marks: Mapping[str, int]) -> SippCall:
        """What SIPp and the caller's ear have of the call; `marks` are what the agents' SIPp phones send."""
        heard = self.sip.media.heard if self.sip and self.sip.media else None
        return SippCall(
            number=self.plan.number,
            end=self.end,
            answered=bool(self.sip and self.sip.answered_at),
            music_packets=None if heard is None else heard[None],
            agents_heard={} if heard is None else {name: heard[mark] for name, mark in marks.items() if heard[mark]},
        )

    async def leave(self) -> None:
        """Hang up, whatever it is that goes on; returns when it is over."""
        self._leave.set()
        await self.over.wait()


class BrowserAgent:
    """Works on the agent's page: looks at who calls, clicks Answer, talks, hangs up, clicks Done."""

    def __init__(self, page: AgentPage, board: Board, *, seed: int, picture: Path) -> None:
        self.page = page
        self.packets = (0, 0)
        """Sent and received, in all calls."""
        self._offers: asyncio.Queue[Offer] = asyncio.Queue()
        self._chance = random.Random(seed)  # noqa: S311  # human times, no secret
        self._picture = picture
        self.pictured = False
        board.dialled.append(self._hear)

    def _hear(self, offer: Offer) -> None:
        if offer.agent == BROWSER_AGENT:
            self._offers.put_nowait(offer)

    async def work(self) -> None:
        """Takes one call after another, until cancelled."""
        while True:
            await self._offers.get()
            try:
                await self._take_call()
            except (PageFailed, TimeoutError):
                continue  # the caller was gone before the click: the next one will come

    async def _take_call(self) -> None:
        await self.page.until("acd.call?.state === 'ringing'", limit_s=PHONE_LIMIT_S)
        await asyncio.sleep(self._chance.uniform(0.5, 2.5))
        async with asyncio.timeout(CLICK_LIMIT_S):
            await self.page.answer()
        await self.page.until("acd.scene === 'talking'", limit_s=PHONE_LIMIT_S)
        await asyncio.sleep(self._chance.uniform(1.5, 3.0))
        await self._look()
        await asyncio.sleep(self._chance.uniform(1.5, 5.0))
        heard = await self.page.heard()
        self.packets = (self.packets[0] + heard.sent, self.packets[1] + heard.received)
        async with asyncio.timeout(CLICK_LIMIT_S):
            await self.page.hang_up()
        await self.page.until("acd.scene === 'wrap_up'", limit_s=PHONE_LIMIT_S)
        await asyncio.sleep(self._chance.uniform(0.5, 1.5))
        async with asyncio.timeout(CLICK_LIMIT_S):
            await self.page.done()

    async def _look(self) -> None:
        if not self.pictured and (await self.page.state())["scene"] == "talking":
            self._picture.parent.mkdir(parents=True, exist_ok=True)
            await self.page.tab.screenshot(self._picture)
            self.pictured = True
