"""Puts the demo on: the lab, the agents, the callers, and an end at which everything adds up."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
from rich.console import Console

from scenarios.agent_page import AgentPage
from scenarios.centre import Centre, NeverHappened
from scenarios.demo import plan
from scenarios.demo.board import Board, who
from scenarios.demo.measure import CpuMeter, Processes, left_in_store
from scenarios.demo.people import BrowserAgent, DemoCaller, first_of
from scenarios.demo.screen import REFRESHES_PER_S, Invitation, Moment, Screen
from scenarios.demo.summary import Report
from scenarios.demo.verdict import Evidence, verdict
from scenarios.lab.lab import Lab
from stasis_app.first_error import first_error

__all__ = ["Options", "Performance"]

PICTURE = Path("build/demo/agent-page.png")
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
WHY_EVERY_S = 1.0
CLOSING_S = 3.0
"""Before the end of the chosen time, those who still wait are hung up."""
LATE_EVENTS_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the visitor chose; `seconds` None: until told to stop."""

    seconds: float | None
    seed: int


class Performance:
    """One run. `stop` ends it early, and in order, while it is `playing`."""

    def __init__(self, options: Options, console: Console) -> None:
        self.stop = asyncio.Event()
        self.playing = False
        self._options = options
        self._screen = Screen(console)
        self._board = Board()
        self._callers: list[DemoCaller] = []
        self._marks: dict[str, int] = {}
        self._why = self._peak = self._cpu = ""
        self._closing = False
        self._begun = self._store_ahead = 0.0

    async def run(self) -> Report:
        """Returns when everything has ended, with what it came to."""
        async with AsyncExitStack() as parts:
            with self._screen.step("Starting Asterisk and Redis"):
                lab = await parts.enter_async_context(Lab.start(phones=plan.PHONES))
            with self._screen.step("Starting the ACD and applying its configuration"):
                env = {"STASIS_ACD_LOG__LEVEL": "info"}
                centre = await parts.enter_async_context(Centre.open(lab, plan.configuration(), env=env))
            with self._screen.step(f"Switching on {len(plan.PHONES)} SIP phones, and one in a browser"):
                invitation = await self._add_users(centre)
                browser = await self._staff(lab, centre, invitation)
            self._screen.invite(invitation)
            report = await self._play(lab, centre, browser, invitation)
            left = await self._left(centre)
            phones = {name: tuple(phone.trace.messages) for name, phone in centre.phones.items()}
            processes = Processes()
        left += await processes.still_running()
        evidence = Evidence(
            placed=report.placed, events=report.events, phones=phones, tones=frozenset(self._marks), left=left
        )
        return replace(report, findings=verdict(evidence))

    # --- before -------------------------------------------------------------------------------------------------------

    async def _add_users(self, centre: Centre) -> Invitation:
        password = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
        for name in (plan.BROWSER_AGENT, plan.VISITOR):
            user = {"name": name, "password": password, "role": "agent"}
            await centre.api().ask("POST", "users", json=user)
        return Invitation(url=f"{centre.acd.web}/", name=plan.VISITOR, password=password)

    async def _staff(self, lab: Lab, centre: Centre, invitation: Invitation) -> BrowserAgent:
        sip_agents = [agent for agent in plan.CAST if agent.phone]
        with first_error():
            async with asyncio.TaskGroup() as starting:
                browser = starting.create_task(lab.chromium())
                for agent in sip_agents:
                    starting.create_task(centre.phone(agent.phone, agent.behaviour, rtp=True))
        page = await AgentPage.log_in(browser.result(), centre.acd.web, plan.BROWSER_AGENT, invitation.password)
        await centre.log_in(*(agent.id for agent in sip_agents))
        await page.ready()
        self._marks = {a.id: media.mark for a in sip_agents if (media := centre.phones[a.phone].media)}
        self._board.agents.update((await centre.store.snapshot()).agents)
        for event in centre.events.all:
            self._board.apply(event)
        centre.events.listeners.append(self._board.apply)
        return BrowserAgent(page, self._board, seed=self._options.seed, picture=PICTURE)

    # --- the run ------------------------------------------------------------------------------------------------------

    async def _play(self, lab: Lab, centre: Centre, browser: BrowserAgent, invitation: Invitation) -> Report:
        loop = asyncio.get_running_loop()
        began_at = await centre.store.now()
        self._begun = loop.time()
        self._store_ahead = began_at - 1000 * self._begun
        meter = CpuMeter(centre)
        self.playing = True
        with first_error(), self._screen.live():
            async with asyncio.TaskGroup() as tasks:
                always = (self._watch(meter, invitation), self._ask_why(centre), browser.work())
                running = [tasks.create_task(work) for work in always]
                await self._bring_callers(lab, tasks)
                await self._close(centre)
                for task in running:
                    task.cancel()
        self.playing = False
        return Report(
            events=tuple(centre.events.all),
            begun=began_at,
            ended=await centre.store.now(),
            placed=[caller.record(self._marks) for caller in self._callers],
            cpu_ms=meter.spent_ms(),
            peak=self._peak,
            browser_packets=browser.packets,
            picture=str(PICTURE) if browser.pictured else "",
            findings=(),
        )

    @property
    def _elapsed(self) -> float:
        return asyncio.get_running_loop().time() - self._begun

    async def _bring_callers(self, lab: Lab, tasks: asyncio.TaskGroup) -> None:
        """Returns when all callers are served, when the time is up, or at `stop`."""
        seconds = self._options.seconds
        for planned in plan.callers(self._options.seed, seconds=seconds):
            await first_of(self.stop.wait(), asyncio.sleep(planned.at - self._elapsed))
            if self.stop.is_set():
                return
            caller = DemoCaller(planned)
            self._callers.append(caller)
            tasks.create_task(caller.call(lab, self._board))
        assert seconds is not None, "without an end there is always a next caller"
        await first_of(self.stop.wait(), self._all_served(), asyncio.sleep(seconds - CLOSING_S - self._elapsed))

    async def _all_served(self) -> None:
        for caller in self._callers:
            await caller.over.wait()

    async def _close(self, centre: Centre) -> None:
        """Whoever is still there hangs up, the one who came first first; returns when the ACD has told of all."""
        self._closing = True
        for caller in self._callers:
            await caller.leave()
        # What has not come by then is named by the verdict.
        with suppress(TimeoutError):
            async with asyncio.timeout(LATE_EVENTS_S):
                for caller in self._callers:
                    await self._board.fate(caller.plan.number).ended.wait()
        with suppress(NeverHappened):
            await centre.nothing_left()

    async def _left(self, centre: Centre) -> list[str]:
        left = [f"{what} in Asterisk" for what in await centre.left_in_asterisk()]
        return [*left, *left_in_store(await centre.store.snapshot())]

    # --- looking ------------------------------------------------------------------------------------------------------

    async def _watch(self, meter: CpuMeter, invitation: Invitation) -> None:
        before, ticks = meter.spent_ms(), 0
        while True:
            if ticks % REFRESHES_PER_S == 0:
                now = meter.spent_ms()
                self._cpu = "  ".join(f"{name} {max(0.0, now[name] - before[name]) / 10:.0f} %" for name in now)
                before = now
                self._screen.sample(self._board)
            self._screen.show(self._moment(invitation))
            ticks += 1
            await asyncio.sleep(1 / REFRESHES_PER_S)

    def _moment(self, invitation: Invitation) -> Moment:
        seconds, elapsed = self._options.seconds, self._elapsed
        _, phase = plan.phase_at(elapsed, min(plan.CYCLE_S, seconds or plan.CYCLE_S))
        return Moment(
            board=self._board,
            now=round(self._store_ahead + 1000 * asyncio.get_running_loop().time()),
            elapsed=elapsed,
            total=seconds,
            phase="closing" if self._closing else phase,
            seed=self._options.seed,
            invitation=invitation,
            why=self._why,
            cpu=self._cpu,
        )

    async def _ask_why(self, centre: Centre) -> None:
        """The reason why the caller who waits longest still waits, asked as `stasis-acd explain call` asks it."""
        longest_line = 0
        while True:
            await asyncio.sleep(WHY_EVERY_S)
            waiting = self._board.waiting
            if not waiting:
                self._why = ""
                continue
            try:
                answer = await centre.api().ask("GET", f"calls/{waiting[0].id}/explain")
            except (AssertionError, aiohttp.ClientError):
                continue  # the call was over before it was asked about
            self._why = f"{who(waiting[0])}: {_joined(answer['sentences'])}"
            if len(waiting) > longest_line:
                longest_line = len(waiting)
                self._peak = f"{longest_line} in line at {self._elapsed:.0f} s. {self._why}"


def _joined(sentences: Iterable[str]) -> str:
    return "; ".join(sentence.rstrip(".") for sentence in sentences)
