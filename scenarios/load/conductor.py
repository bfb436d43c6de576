"""Plays a plan on an engine: phones on, callers in time, people who lose patience, and an end at which all is read."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scenarios.lab.namespace import Child
from scenarios.load.agent_changes import make
from scenarios.load.browsers import BrowserAgent, open_browsers
from scenarios.load.engine import Engine
from scenarios.load.messages import assumed_offer, joined
from scenarios.load.meters import Meter, Sample
from scenarios.load.plan import AgentChange, Audio, Plan, PlannedCall
from scenarios.load.run import Moment, Run
from scenarios.load.seen import Traffic
from scenarios.load.senders import CallerSlice, PhoneBank, seen_by, slices, write_tone
from scenarios.load.set_up import set_up, set_up_limit_s
from stasis_app.first_error import first_error

__all__ = ["Conductor", "Moment", "Run"]

SETTLE_LIMIT_S = 10.0
"""How long after the last caller's end something may be left."""
LEAVE_S = 1.0
"""How long callers may take to leave when the run is broken off."""
LOOK_LIMIT_S = 10.0
"""How long it may take to see what is left."""
SIPP_SPARE_S = 60.0
"""SIPp is killed by its own limit so long after the run must be over."""
STALE_S = 10.0
"""On a ramp: a caller who waits longer without an agent is taken for lost."""


@dataclass
class Conductor:
    """One run. ``stop`` ends it early, and in order."""

    plan: Plan
    engine: Engine
    watcher: Callable[[Moment], None] = lambda _moment: None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    _began: float = 0.0
    _number_of: dict[str, str] = field(default_factory=dict)
    """The caller's number by the Call-ID of a phone's dialog."""
    _answered: set[str] = field(default_factory=set)
    """Numbers of callers who have, or had, an agent."""
    _vanished: dict[str, float] = field(default_factory=dict)
    """When callers were told to vanish, by number; some of them were gone already."""
    _talking: set[str] = field(default_factory=set)
    """Dialogs of phones that talk."""
    _banks: list[PhoneBank] = field(default_factory=list)
    _browsers: list[BrowserAgent] = field(default_factory=list)
    _slices: list[CallerSlice] = field(default_factory=list)
    _broken_off: str = ""
    _overdue: bool = False
    _sent_away_at: float | None = None
    """When those who were there still were made to leave, since the epoch."""
    _complaints: list[str] = field(default_factory=list)

    async def run(self) -> Run:
        """Returns when everything is over; the engine is up still. Raises PartFailed when it cannot even begin."""
        async with set_up(len(self.plan.agents)):
            await self._prepare()
            ahead_ms = await self.engine.clock_ahead_ms()
        lags_ms: list[float] = []
        events = self.engine.events
        if events is not None:
            events.listeners.append(lambda event: lags_ms.append(1000 * _wall_clock() + ahead_ms - event.at))
        meter = Meter(lambda: self.engine.processes, self._generators)
        loop = asyncio.get_running_loop()
        self._began, began_at = loop.time(), _wall_clock()
        await self._play(meter)
        left = await self._settle()
        lasted = self._now
        meter.look(lasted)
        traffic, complaints = await self._read()
        return Run(
            plan=self.plan,
            engine=self.engine.name,
            began_at=began_at,
            lasted_s=lasted,
            traffic=traffic,
            events=None if events is None else tuple(events.all),
            store_ahead_ms=ahead_ms,
            event_lags_ms=lags_ms,
            samples=meter.samples,
            left=left,
            broken_off=self._broken_off,
            overdue=self._overdue,
            complaints=complaints,
        )

    @property
    def _now(self) -> float:
        """Seconds of the run."""
        return asyncio.get_running_loop().time() - self._began

    # --- beforehand ---------------------------------------------------------------------------------------------------

    async def _prepare(self) -> None:
        self._tell("switching the phones on")
        limit_s = set_up_limit_s(len(self.plan.agents)) + self.plan.duration_s + self.plan.drain_s + SIPP_SPARE_S
        banks = PhoneBank.all_of(self.engine.lab, self.plan, self._said, limit_s=limit_s)
        for bank in banks:
            if self.stop.is_set():
                return
            await bank.switch_on(self.plan.talk_s)
            self._banks.append(bank)
        if not self.stop.is_set():
            self._browsers = await open_browsers(self.engine, self.plan, self._answered.add)
        self._tell("logging the agents in")
        if self.plan.agents:
            await self.engine.log_in()

    # --- what is heard ------------------------------------------------------------------------------------------------

    def _said(self, what: str, sip_id: str, number: str) -> None:
        if what == "rung":
            self._number_of[sip_id] = number
        elif what == "answered":
            self._answered.add(number)
            self._talking.add(sip_id)
        elif what == "over":
            self._talking.discard(sip_id)

    def _generators(self) -> list[int]:
        parts = [*(bank.sipp for bank in self._banks), *(part.sipp for part in self._slices)]
        processes = [sipp for sipp in parts if sipp is not None]
        return [sipp.child.pid for sipp in processes if sipp.child.status is None]

    def _tell(self, doing: str, sample: Sample | None = None) -> None:
        now = self._now if self._began else -1.0
        dialled = self._due_by(now) if self._slices else 0
        ended = sum(part.ended for part in self._slices)
        talking = len(self._talking)
        waiting = max(0, dialled - ended - talking)
        self.watcher(
            Moment(at=now, doing=doing, dialled=dialled, waiting=waiting, talking=talking, ended=ended, sample=sample)
        )

    def _due_by(self, at: float) -> int:
        """How many callers were to have dialled by this second of the run; asked each second, even of a whole day."""
        return bisect_right(self.plan.calls, at, key=lambda call: call.at)

    # --- the run ------------------------------------------------------------------------------------------------------

    async def _play(self, meter: Meter) -> None:
        self._slices = list(slices(self.plan.calls))
        audio = {Audio.TONE: write_tone(self.engine.lab.folder / "tone.ulaw")}
        with first_error():
            async with asyncio.TaskGroup() as tasks:
                aside = [tasks.create_task(meter.watch(self._began)), tasks.create_task(self._show(meter))]
                aside += [tasks.create_task(self._change(change)) for change in self.plan.changes]
                aside += [tasks.create_task(self._work(browser)) for browser in self._browsers]
                parts = [*self.engine.children.values(), *(bank.sipp.child for bank in self._banks)]
                aside += [tasks.create_task(self._watch(part)) for part in parts]
                if self.plan.until_it_breaks:
                    aside.append(tasks.create_task(self._watch_for_loss()))
                callers = tasks.create_task(self._bring_callers(audio))
                stopped = tasks.create_task(self.stop.wait())
                limit = self.plan.duration_s + self.plan.drain_s
                done, _ = await asyncio.wait({callers, stopped}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
                if callers not in done:
                    self._overdue = not done
                    self._break_off("it was told to stop" if done else f"callers were not served within {limit:g} s")
                    callers.cancel()
                    await self._end_callers()
                for task in (*aside, callers, stopped):
                    task.cancel()

    async def _bring_callers(self, audio: dict[Audio, Path]) -> None:
        """Returns when every caller's call is over."""
        async with asyncio.TaskGroup() as ends:
            for part in self._slices:
                await asyncio.sleep(part.begins_at - self._now)
                await self._bring(part, audio)
                assert part.sipp is not None, "it was started"
                ends.create_task(part.sipp.wait())

    async def _bring(self, part: CallerSlice, audio: dict[Audio, Path]) -> None:
        loop, written_at = asyncio.get_running_loop(), self._now
        limit_s = self.plan.duration_s + self.plan.drain_s + SIPP_SPARE_S - written_at
        await part.start(
            self.engine.lab,
            audio=audio,
            now=written_at,
            limit_s=limit_s,
            remote=self.engine.dial,
            talk_s=() if self.engine.shows_agents else self.plan.talk_s,
            said=None if self.engine.shows_agents else self._said,
        )
        behind = self._now - written_at  # SIPp takes so long to begin; all its callers come later by that
        for place, call in enumerate(part.calls):
            dials_at = self._began + max(call.at, written_at) + behind
            if call.patience_s is not None:
                loop.call_at(dials_at + call.patience_s, self._lose_patience, part, place, call)
            if call.vanishes_after_s is not None:
                loop.call_at(dials_at + call.vanishes_after_s, self._vanish, part, place, call)

    def _lose_patience(self, part: CallerSlice, place: int, call: PlannedCall) -> None:
        if call.number not in self._answered:
            part.leave(place)

    def _vanish(self, part: CallerSlice, place: int, call: PlannedCall) -> None:
        self._vanished[call.number] = _wall_clock()
        part.vanish(place)

    async def _end_callers(self) -> None:
        """Those who are still there hang up as callers do, since vanished ones would be left in Asterisk; those who
        have not dialled yet never do."""
        begun = [part for part in self._slices if part.sipp is not None]
        self._complaints += [part.complaint for part in begun]
        self._sent_away_at = _wall_clock()
        for part in begun:
            if part.sipp is not None and part.sipp.child.status is None:
                for place in range(len(part.calls)):
                    part.leave(place)
        await asyncio.sleep(LEAVE_S if begun else 0)
        for part in begun:
            if part.sipp is not None:
                await part.sipp.kill()

    def _break_off(self, why: str) -> None:
        """The first reason is the one that is told."""
        self._broken_off = self._broken_off or why
        self.stop.set()

    async def _watch(self, part: Child) -> None:
        """Nothing that serves calls, and no phone, ends before the run."""
        status = await part.wait()
        said = part.log.read_text(errors="replace").strip().rpartition("\n")[2] or "nothing"
        self._break_off(f"{part.name} ended by itself with status {status}; the last that it said: {said[:200]}")

    async def _work(self, browser: BrowserAgent) -> None:
        try:
            await browser.work()
        except Exception as error:  # noqa: BLE001  # a page or a browser that fails ends the run, and is told as well
            self._break_off(f"the browser of {browser.agent.id} failed: {error!r}")

    async def _change(self, change: AgentChange) -> None:
        await asyncio.sleep(change.at - self._now)
        try:
            await make(change, self.engine, self._banks)
        except Exception as error:  # noqa: BLE001  # whatever it is, it ends the run and is told by its verdict
            self._break_off(f"{change.agent} could not do {change.change}: {error!r}")

    async def _watch_for_loss(self) -> None:
        """On a ramp: stop at the first caller who was refused, or waits as no caller should."""
        while True:
            await asyncio.sleep(1.0)
            now = self._now
            lately = self.plan.calls[self._due_by(now - 6 * STALE_S) : self._due_by(now - STALE_S)]
            stale = [call for call in lately if call.number not in self._answered]
            failed = sum(part.failed for part in self._slices)
            if stale or failed:
                self._break_off(f"the ramp broke after {now:.0f} s: {len(stale)} callers wait, {failed} failed")
                return

    async def _show(self, meter: Meter) -> None:
        while True:
            await asyncio.sleep(1.0)
            self._tell("under load", meter.samples[-1] if meter.samples else None)

    # --- afterwards ---------------------------------------------------------------------------------------------------

    async def _settle(self) -> Sequence[str]:
        """What is left after everything has had time to end."""
        self._tell("waiting for the last to end")
        left: Sequence[str] = ()
        give_up_at = self._now + SETTLE_LIMIT_S
        # Nothing tells when the last trace of a call is gone, so this one wait has to ask again.
        while (left := await self._left()) and self._now < give_up_at:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        return left

    async def _left(self) -> Sequence[str]:
        try:
            async with asyncio.timeout(LOOK_LIMIT_S):
                return await self.engine.left_behind()
        except Exception as error:  # noqa: BLE001  # what served calls may be dead; then nobody can say what it left
            return [f"nobody can tell: {error!r}"]

    async def _read(self) -> tuple[Traffic, list[str]]:
        self._tell("reading what SIPp saw")
        if self._sent_away_at is None:
            self._complaints += [part.complaint for part in self._slices]
        self._complaints += [bank.complaint for bank in self._banks]
        complaints = [text for text in self._complaints if text]
        for bank in self._banks:
            await bank.sipp.kill()
        calls, offers = await asyncio.to_thread(seen_by, self._slices, self._banks, self._number_of)
        offers += [offer for browser in self._browsers for offer in browser.offers]
        if not self.engine.shows_agents:
            offers = [offer for call in calls.values() if (offer := assumed_offer(call)) is not None]
        return joined(calls, offers, vanished=self._vanished, sent_away_at=self._sent_away_at), complaints


def _wall_clock() -> float:
    """Seconds since the epoch: SIPp tells its times by no other clock."""
    return time.clock_gettime(time.CLOCK_REALTIME)
