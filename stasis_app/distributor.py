"""Carries decisions to the store: every process knows who would be next, the one that leads acts on it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog

from acd.configuration import Configuration
from acd.events import AlertKind, AnyEvent
from acd.matcher import Matcher, Proposal, StepChange, StrategyTrouble
from acd.ports import Refused, Reservation, Snapshot, Store
from acd.strategy import Strategies
from stasis_app.clock import StoreClock
from stasis_app.event_feed import EventFeed
from stasis_app.first_error import first_error

log = structlog.get_logger(__name__)


class Distributor:
    """Keeps the matcher up to date, and reserves what it proposes while this process holds the pool's lead.

    Nothing is asked for at intervals: it wakes on events, on the matcher's next deadline, and when the lead is won.
    """

    def __init__(
        self,
        store: Store,
        feed: EventFeed,
        matcher: Matcher,
        *,
        process: str,
        lead_lease_ms: int = 1_200,
        lease_margin_ms: int = 5_000,
        most_at_once: int = 64,
    ) -> None:
        """``lead_lease_ms``: how long the pool waits for a leader that fell silent; the lead is renewed four times as
        often. ``lease_margin_ms``: how much longer than the queue's ring time-out a reservation holds.
        ``most_at_once``: reservations under way to the store at a time."""
        self._store = store
        self._matcher = matcher
        self._process = process
        self._lead_lease_ms = lead_lease_ms
        self._lease_margin_ms = lease_margin_ms
        self._slots = asyncio.Semaphore(most_at_once)
        self._clock = StoreClock()
        self._news = asyncio.Event()
        self._began = asyncio.Event()
        self._lead_until = 0.0
        self.leading = asyncio.Event()
        """Set while this process holds the lead."""
        feed.subscribe(self._take_snapshot, self._take_events)

    def configure(self, configuration: Configuration, strategies: Strategies) -> None:
        """Decide by this configuration from now on."""
        self._matcher.configure(configuration, strategies)
        self._news.set()

    async def run(self) -> None:
        """Work until the store is lost: raises StoreUnavailable or StaleEpoch. May be run again then."""
        try:
            self._clock.set(await self._store.now())
            with first_error():
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._keep_lead(), name="lead")
                    tasks.create_task(self._distribute(tasks), name="distribution")
        finally:
            self._began.clear()
            self.leading.clear()

    # --- the stream ------------------------------------------------------------------------------------------------

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        self._matcher.reset(snapshot)
        self._began.set()
        self._news.set()

    def _take_events(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            self._matcher.apply(event)
        self._news.set()

    # --- the lead --------------------------------------------------------------------------------------------------

    async def _keep_lead(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            asked_at = loop.time()
            if await self._store.lead(self._process, lease_ms=self._lead_lease_ms):
                self._lead_until = asked_at + self._lead_lease_ms / 1000
                if not self.leading.is_set():
                    log.info("leading the pool", process=self._process)
                    self.leading.set()
                    self._news.set()
            elif self.leading.is_set():
                log.warning("another process leads the pool now", process=self._process)
                self.leading.clear()
            self._clock.set(await self._store.now())
            await asyncio.sleep(self._lead_lease_ms / 4000)

    def _may_act(self) -> bool:
        """Whether the lead is ours by our own reckoning, too: a process that slept may have lost it unawares."""
        return self.leading.is_set() and asyncio.get_running_loop().time() < self._lead_until

    # --- decisions -------------------------------------------------------------------------------------------------

    async def _distribute(self, tasks: asyncio.TaskGroup) -> None:
        await self._began.wait()
        while True:
            self._news.clear()
            now = self._clock.now()
            if self._may_act():
                for proposal in self._matcher.propose(now):
                    tasks.create_task(self._reserve(proposal), name=f"reserve for {proposal.call}")
                for change in self._matcher.sample(now):
                    tasks.create_task(self._switch(change), name=f"step {change.step} of {change.queue}")
                if self._matcher.troubles:
                    troubles, self._matcher.troubles[:] = tuple(self._matcher.troubles), ()
                    tasks.create_task(self._report(troubles), name="strategy troubles")
            else:
                self._matcher.keep_up(now)
            await self._news_or_deadline()

    async def _news_or_deadline(self) -> None:
        deadline = self._matcher.next_deadline()
        if deadline is None:
            await self._news.wait()
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0, deadline - self._clock.now()) / 1000):
                await self._news.wait()

    async def _reserve(self, proposal: Proposal) -> None:
        async with self._slots:
            result = await self._store.reserve(
                Reservation(
                    call=proposal.call,
                    agents=proposal.agents,
                    width=proposal.width,
                    lease_ms=self._lease_ms(proposal.queue),
                    possible_since=proposal.possible_since,
                    why=proposal.why,
                )
            )
        self._matcher.settle(proposal, result)
        self._news.set()
        if isinstance(result, Refused):
            log.debug(
                "reservation refused",
                call=proposal.call,
                queue=proposal.queue,
                agents=proposal.agents,
                refused=result.why,
                beaten_by=result.beaten_by,
            )
        else:
            log.debug(
                "reserved",
                call=proposal.call,
                queue=proposal.queue,
                agents=[offer.agent for offer in result],
                why=proposal.why,
            )

    async def _switch(self, change: StepChange) -> None:
        """Commit that a live figure crossed a mark; it counts when its event comes back by the stream."""
        version = self._matcher.configuration.version
        if await self._store.switch_step(change.queue, change.step, on=change.on, version=version):
            log.info("step by live figure", queue=change.queue, step=change.step, on=change.on)

    def _lease_ms(self, queue: str) -> int:
        configured = self._matcher.configuration.queues.get(queue)
        ring_s = 0.0 if configured is None else configured.ring_timeout_s
        return round(ring_s * 1000) + self._lease_margin_ms

    async def _report(self, troubles: Sequence[StrategyTrouble]) -> None:
        for trouble in troubles:
            kind = AlertKind.STRATEGY_SWITCHED_OFF if trouble.switched_off else AlertKind.STRATEGY_FAILED
            log.warning(kind.replace("_", " "), queue=trouble.queue, strategy=trouble.strategy, what=trouble.what)
            await self._store.raise_alert(kind, _sentence(trouble))


def _sentence(trouble: StrategyTrouble) -> str:
    consequence = (
        "longest idle serves the queue until it is configured anew"
        if trouble.switched_off
        else "longest idle took this decision"
    )
    return f"Queue {trouble.queue!r}: strategy {trouble.strategy!r} failed, {trouble.what}; {consequence}."
