"""One epoch of the store, as this process lives it: from joining to the moment when the store is lost again.

Everything that may only run on a store that is whole runs inside: heartbeat, inbox, matching, deadlines, the watch for
dead processes. Calls' flows do not: they outlive the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from acd.agent import Agent
from acd.errors import StoreUnavailable
from acd.events import AnyEvent, ConfigurationAnnounced
from acd.ports import Snapshot, Store
from stasis_app.app.configuration_in_force import ConfigurationInForce
from stasis_app.app.reach import ReachReports
from stasis_app.call_flow import CallFlows
from stasis_app.clock import StoreClock
from stasis_app.deadlines import Deadlines
from stasis_app.distributor import Distributor
from stasis_app.event_feed import EventFeed
from stasis_app.reconcile import Reconciler
from stasis_app.undriven import UndrivenCalls

log = structlog.get_logger(__name__)

RETRY_S = 0.3
RESUME_S = 1.0
"""How long flows that begin again have before what is overdue is ended: an agent who answered while no process was
there is connected then, instead of being hung up and rung again."""


@dataclass(slots=True, kw_only=True)
class Session:
    """Runs one epoch after the other for as long as the process lives."""

    process: str
    lease_ms: int
    store: Store
    clock: StoreClock
    feed: EventFeed
    distributor: Distributor
    deadlines: Deadlines
    reconciler: Reconciler
    flows: CallFlows
    undriven: UndrivenCalls
    configuration: ConfigurationInForce
    reach: ReachReports
    agents: dict[str, Agent]
    """Every agent's last record seen, also while the store is away."""
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while the store answers and its epoch is open."""
    _doubt: asyncio.Event = field(default_factory=asyncio.Event)
    _announced: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    _complaint: str = ""

    async def run(self) -> None:
        """For ever."""
        self.feed.subscribe(self._take_snapshot, self._take_events)
        while True:
            try:
                await self._epoch()
            except* StoreUnavailable as lost:
                self._complain(str(lost.exceptions[0]))
            finally:
                self.ready.clear()
            await asyncio.sleep(RETRY_S)

    def _complain(self, what: str) -> None:
        if what != self._complaint:
            log.warning("no store; callers keep their music, nothing is offered", reason=what)
        self._complaint = what

    async def store_ready(self) -> None:
        """For flows that met an unavailable store: look at it at once, and return when it is whole."""
        self._doubt.set()
        await asyncio.sleep(RETRY_S)
        await self.ready.wait()

    async def _epoch(self) -> None:
        epoch = await self.reconciler.ready_epoch()
        self.clock.set(await self.store.now())
        await self.store.beat(self.process, lease_ms=self.lease_ms)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._beat(), name="heartbeat")
            tasks.create_task(self._read_inbox(tasks), name="inbox")
            tasks.create_task(self._follow_configuration(), name="configuration")
            tasks.create_task(self.reach.carry(), name="reachability")
            await self.configuration.announce()
            self.reach.repeat_all()
            tasks.create_task(self.feed.run(), name="feed")
            tasks.create_task(self.distributor.run(), name="distributor")
            tasks.create_task(self._keep_deadlines(), name="deadlines")
            tasks.create_task(self._watch_for_the_dead(), name="undertaker")
            tasks.create_task(self._watch_for_the_undriven(), name="undriven calls")
            log.info("store joined", epoch=epoch.id)
            self._complaint = ""

    async def _read_inbox(self, tasks: asyncio.TaskGroup) -> None:
        """Hear first, then look: what is committed between the two is heard."""
        resuming: asyncio.Task[None] | None = None
        async for events in self.store.inbox(self.process):
            resuming = resuming or tasks.create_task(self._resume(), name="resume")
            for event in events:
                self.flows.hear(event)

    async def _resume(self) -> None:
        self.flows.look_again()
        await self.reconciler.resume_own()
        self.ready.set()

    async def _keep_deadlines(self) -> None:
        await self.ready.wait()
        await asyncio.sleep(RESUME_S)
        await self.deadlines.run()

    async def _beat(self) -> None:
        """Stay alive in the store's eyes; a beat that came late means that this process slept, and missed events."""
        loop = asyncio.get_running_loop()
        while True:
            at = loop.time()
            self._doubt.clear()
            try:
                async with asyncio.timeout(self.lease_ms / 3000):
                    await self._doubt.wait()
            except TimeoutError:
                pass
            slept_ms = (loop.time() - at) * 1000
            await self.store.beat(self.process, lease_ms=self.lease_ms)
            self.clock.set(await self.store.now())
            if slept_ms > self.lease_ms:
                log.warning("this process slept beyond its lease", slept_ms=round(slept_ms))
                self.flows.look_again()

    async def _watch_for_the_dead(self) -> None:
        """The leader takes over the calls of processes that have been silent beyond their lease. The first look comes a
        lease after the epoch's begin: by then whoever lives has said so."""
        buried: dict[str, int] = {}
        while True:
            await asyncio.sleep(self.lease_ms / 1000)
            await self.distributor.leading.wait()
            now = await self.store.now()
            dead = {name: until for name, until in (await self.store.processes()).items() if until <= now}
            if not buried or any(buried.get(name) != until for name, until in dead.items()):
                await self.reconciler.take_over_the_dead()
            buried = dead or {"": 0}

    async def _watch_for_the_undriven(self) -> None:
        await self.ready.wait()
        await self.undriven.run()

    # --- the stream ---------------------------------------------------------------------------------------------------

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        self.agents.update(snapshot.agents)
        self._announced.put_nowait(snapshot.configuration_version)

    def _take_events(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            agent: Agent | None = getattr(event, "agent", None)
            if agent is not None:
                self.agents[agent.id] = agent
            if isinstance(event, ConfigurationAnnounced):
                self._announced.put_nowait(event.version)

    async def _follow_configuration(self) -> None:
        while True:
            version = await self._announced.get()
            if version:
                await self.configuration.follow(version)
