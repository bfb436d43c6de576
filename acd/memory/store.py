"""The store in memory: a handle on a world for each process, with the very promises of acd.ports.Store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace

from acd.agent import AGENT_TRANSITIONS, Agent, AgentActivity, AgentStatus, AgentTrigger
from acd.call import Call
from acd.errors import StaleEpoch
from acd.events import (
    AgentReachabilityChanged,
    AgentRemoved,
    AgentStatusChanged,
    AlertKind,
    AlertRaised,
    AnyEvent,
    ConfigurationAnnounced,
    EpochBegun,
    Leg,
    LegEnded,
    StepSwitched,
    WrapUpEnded,
    stream_position,
)
from acd.memory.calls import ENDED_KEPT_MS, CallTransitions
from acd.memory.steps import Transition, with_status
from acd.memory.world import EpochState, Wake, World
from acd.offer import Offer, OfferOutcome, OfferState
from acd.ports import Deadline, DeadlineKind, Epoch, Refusal, Refused, Snapshot

FORGET_PROCESS_MS = 3_600_000
BATCH = 500


class MemoryStore(CallTransitions):
    """Implements ``acd.ports.Store``. ``clock`` gives milliseconds and never goes back; ``wake`` makes what readers
    wait for, such as ``asyncio.Event``. ``sibling`` is the handle of another process."""

    def __init__(
        self,
        clock: Callable[[], int],
        wake: Callable[[], Wake],
        *,
        event_limit: int = 1_000_000,
        keep_ms: int = 600_000,
        world: World | None = None,
    ) -> None:
        super().__init__(world or World(clock, event_limit=event_limit, keep_ms=keep_ms))
        self._new_wake = wake

    def sibling(self) -> MemoryStore:
        """Another process's handle on the same data; it has not joined yet."""
        return MemoryStore(self.world.clock, self._new_wake, world=self.world)

    # time, epoch, processes

    async def now(self) -> int:
        """The clock."""
        return self.world.clock()

    async def join(self) -> Epoch | None:
        """Adopt the epoch that is there; None if there is none of this run."""
        epoch = self.world.epoch
        if epoch is None or epoch.run != self.world.run:
            return None
        self._epoch, self._run = epoch.id, epoch.run
        return Epoch(id=epoch.id, ready=epoch.ready)

    async def begin_epoch(self, process: str, *, lease_ms: int) -> Epoch | None:
        """Wipe calls, offers and deadlines, keep agents; None while another process is at it, or has done it."""
        world, now = self.world, self.world.clock()
        known = world.epoch
        if known and known.ready and known.run == world.run and known.id != self._epoch:
            return None
        if known and not known.ready and known.rebuilder != process and known.rebuild_until > now:
            return None
        for call in tuple(world.calls.values()):
            for offer in call.offers:
                world.forget_offer(offer)
            world.forget_offer(call.offer)
        world.calls.clear()
        world.offers.clear()
        world.deadlines.clear()
        world.steps_on.clear()
        for agent in tuple(world.agents.values()):
            self._calm(agent, now)
        world.epochs_begun += 1
        world.fence = max(now, world.fence)
        world.epoch = EpochState(
            id=f"epoch-{world.epochs_begun}",
            ready=False,
            run=world.run,
            rebuilder=process,
            rebuild_lease=lease_ms,
            rebuild_until=now + lease_ms,
        )
        self._epoch, self._run = world.epoch.id, world.run
        world.wake_all()
        return Epoch(id=self._epoch, ready=False)

    def _calm(self, agent: Agent, now: int) -> None:
        if agent.activity is AgentActivity.WRAP_UP:
            self.world.deadlines[DeadlineKind.WRAP_UP, agent.id] = (
                now if agent.wrap_up_until is None else agent.wrap_up_until
            )
        elif agent.activity is not AgentActivity.IDLE:
            calm = replace(
                agent,
                activity=AgentActivity.IDLE,
                activity_since=now,
                idle_since=now,
                offer=None,
                call=None,
                busy_for=None,
                shift_busy_ms=agent.busy_ms(now),
            )
            self.world.put(calm, event_id=self.world.changed_by("agent", agent.id))

    async def restore_agent(self, agent: Agent) -> None:
        """Put an agent's record as it must be, while the epoch is not ready."""
        self._rebuilding()
        self.world.put(agent)
        self.world.deadlines.pop((DeadlineKind.WRAP_UP, agent.id), None)
        if agent.wrap_up_until is not None:
            self.world.deadlines[DeadlineKind.WRAP_UP, agent.id] = agent.wrap_up_until

    async def restore_call(self, call: Call, offer: Offer | None = None) -> None:
        """Put a call's record, and its offer, as Asterisk shows them, while the epoch is not ready."""
        self._rebuilding()
        self.world.put(call)
        if offer is not None:
            self.world.put(offer)
            if offer.state in {OfferState.RESERVED, OfferState.RINGING}:
                self.world.deadlines[DeadlineKind.OFFER_LEASE, offer.id] = offer.lease_until
            elif offer.state is OfferState.ACCEPTED:
                self.world.deadlines[DeadlineKind.ACCEPTED_LEASE, offer.id] = offer.lease_until

    def _rebuilding(self) -> None:
        epoch = self._live_epoch()
        if epoch.ready:
            raise StaleEpoch(f"epoch {epoch.id} of the store is not in the state for this: join again")
        epoch.rebuild_until = self.world.clock() + epoch.rebuild_lease

    async def open_epoch(self) -> Epoch:
        """The state is rebuilt: EpochBegun, once."""
        epoch = self._live_epoch()
        if not epoch.ready:
            epoch.ready = True
            self.world.emit(EpochBegun, epoch=epoch.id)
        return Epoch(id=epoch.id, ready=True)

    async def beat(self, process: str, *, lease_ms: int) -> None:
        """This process lives until the lease ends."""
        self._live_epoch()
        now = self.world.clock()
        self.world.processes[process] = now + lease_ms
        for known, until in tuple(self.world.processes.items()):
            if until <= now - FORGET_PROCESS_MS:
                del self.world.processes[known]

    async def processes(self) -> Mapping[str, int]:
        """Process name to the end of its lease."""
        self._live_epoch()
        return dict(self.world.processes)

    async def leave(self, process: str) -> None:
        """This process ends in order: its lease, and its leadership, end now."""
        if process in self.world.processes:
            self.world.processes[process] = self.world.clock()
        if self.world.leader[0] == process:
            self.world.leader = ("", 0)

    async def lead(self, process: str, *, lease_ms: int) -> bool:
        """Become, or stay, the pool's one distributor."""
        self._live_epoch()
        leader, until = self.world.leader
        now = self.world.clock()
        if leader not in {"", process} and until > now:
            return False
        self.world.leader = (process, now + lease_ms)
        return True

    async def legs_ended(self, *legs: Leg) -> None:
        """Write LegEnded for each, for history."""
        self._live_epoch()
        for leg in legs:
            self.world.emit(LegEnded, leg=leg)

    # agents

    async def set_status(self, agent: str, status: AgentStatus, *, reason: str | None = None) -> Agent | Refused:
        """What the person asked for; leaving ready rescinds an offer that is not accepted yet."""
        self._live_epoch()
        record = self.world.agents.get(agent)
        if record is None:
            return Refused(why=Refusal.UNKNOWN)
        kept = (reason or None) if status is AgentStatus.ON_BREAK else None
        previous = record.status
        if previous is status and record.break_reason == kept:
            return record
        change = Transition(self.world)
        offer = self.world.offers.get(record.offer or "")
        if previous is AgentStatus.READY and offer is not None and offer.state is not OfferState.ACCEPTED:
            change.end_offer(offer, OfferOutcome.RESCINDED)
            record = self.world.agents[agent]
        record = with_status(record, status, kept, change.now)
        self.world.emit(AgentStatusChanged, agent=record, previous=previous.value)
        change.retire_freed()
        return record

    async def set_reachable(self, agent: str, *, reachable: bool, node: str) -> Agent | Refused:
        """The phone is (not) registered on this node."""
        self._live_epoch()
        record = self.world.agents.get(agent)
        if record is None:
            return Refused(why=Refusal.UNKNOWN)
        here = record.reachable and record.node == node
        if reachable is here:
            return record
        record = replace(record, reachable=reachable, node=node if reachable else None)
        self.world.emit(AgentReachabilityChanged, agent=record)
        return record

    async def end_wrap_up(self, agent: str, *, by: str) -> Agent | Refused:
        """The agent is done, by word or by time."""
        self._live_epoch()
        record = self.world.agents.get(agent)
        if record is None:
            return Refused(why=Refusal.UNKNOWN)
        beaten_by = self.world.changed_by("agent", agent)
        if (record.activity, AgentTrigger.END_WRAP_UP) not in AGENT_TRANSITIONS:
            return Refused(why=Refusal.WRONG_STATE, beaten_by=beaten_by)
        change = Transition(self.world)
        if by == "time" and (record.wrap_up_until or 0) > change.now:
            return Refused(why=Refusal.NOT_DUE, beaten_by=beaten_by)
        record = change.release(record, AgentTrigger.END_WRAP_UP)
        record = replace(record, wrap_up_until=None, idle_since=change.now)
        self.world.deadlines.pop((DeadlineKind.WRAP_UP, agent), None)
        self.world.emit(WrapUpEnded, agent=record, by=by)
        change.retire_freed()
        return record

    async def configure_agents(self, agents: Sequence[str], *, version: int) -> None:
        """Announce a configuration; a version older than the one in force changes nothing."""
        self._live_epoch()
        world = self.world
        current = -1 if world.version is None else world.version
        if version < current:
            return
        for agent in agents:
            world.leaving.discard(agent)
            if agent not in world.agents:
                world.emit(AgentStatusChanged, agent=Agent(id=agent), previous="")
        for agent in sorted(set(world.agents) - set(agents)):
            record = world.agents[agent]
            if record.activity is AgentActivity.IDLE:
                world.emit(AgentRemoved, agent=record)
            else:
                world.leaving.add(agent)
        if version > current:
            world.version = version
            world.steps_on.clear()
            world.emit(ConfigurationAnnounced, version=version)

    async def switch_step(self, queue: str, step: int, *, on: bool, version: int) -> bool:
        """Commit that a step counts (no more); False if it is so already, or of another version."""
        self._live_epoch()
        world = self.world
        if version != world.version or on is ((queue, step) in world.steps_on):
            return False
        (world.steps_on.add if on else world.steps_on.discard)((queue, step))
        world.emit(StepSwitched, queue=queue, step=step, on=on)
        return True

    async def raise_alert(self, alert: AlertKind, text: str) -> None:
        """Write AlertRaised."""
        self._live_epoch()
        self.world.emit(AlertRaised, alert=alert, text=text)

    # reading

    async def snapshot(self) -> Snapshot:
        """Everything at one instant."""
        world = self.world
        return Snapshot(
            agents=dict(world.agents),
            calls=dict(world.calls),
            offers=dict(world.offers),
            position=world.position,
            at=world.clock(),
            epoch=world.epoch.id if world.epoch else "",
            configuration_version=world.version or 0,
            steps_on=world.steps_by_queue(),
        )

    async def call(self, call: str) -> Call | None:
        """One live call's record."""
        self._live_epoch()
        return self.world.calls.get(call)

    async def agent(self, agent: str) -> Agent | None:
        """One agent's record."""
        self._live_epoch()
        return self.world.agents.get(agent)

    async def ended(self, call: str) -> Call | None:
        """The record with which a call ended lately, in this epoch."""
        found = self._live_epoch().ended.get(call)
        return None if found is None or (found.ended_at or 0) < self.world.clock() - ENDED_KEPT_MS else found

    async def offer(self, offer: str) -> Offer | None:
        """One live offer's record."""
        self._live_epoch()
        return self.world.offers.get(offer)

    async def events(self, after: str) -> AsyncIterator[Sequence[AnyEvent]]:
        """The stream from after this id. StaleEpoch at an epoch's end, and when events after this id were given up."""
        world, joined = self.world, self._live_epoch().id
        with world.listening(self._new_wake()) as listener:
            while True:
                listener.wake.clear()
                self._still(joined)
                if stream_position(after) < world.first:
                    raise StaleEpoch(f"the events after {after or 'the first'} are no longer kept: take a snapshot")
                if batch := world.events_after(after, BATCH):
                    yield batch
                    after = batch[-1].id
                else:
                    await listener.wake.wait()

    async def inbox(self, process: str) -> AsyncIterator[Sequence[AnyEvent]]:
        """The events that this process must act on. The first batch is empty: it says that from here none is missed."""
        world, joined = self.world, self._live_epoch().id
        with world.listening(self._new_wake(), process) as listener:
            yield ()
            while True:
                listener.wake.clear()
                self._still(joined)
                if batch := tuple(listener.collected):
                    listener.collected.clear()
                    yield batch
                else:
                    await listener.wake.wait()

    async def deadlines(self, limit: int = 100) -> Sequence[Deadline]:
        """The earliest entries of the agenda."""
        self._live_epoch()
        return self.world.agenda(limit)

    # the stream's other end

    async def read_events(self, after: str, limit: int) -> Sequence[AnyEvent]:
        """A batch without waiting, whatever the epoch."""
        return self.world.events_after(after, limit)

    async def consumed(self, consumer: str, position: str) -> None:
        """This consumer has kept everything up to here: what all have kept is dropped once it is ten minutes old."""
        world, now = self.world, self.world.clock()
        world.consumers[consumer] = max(world.consumers.get(consumer, (0, 0)), stream_position(position))
        world.trim(min((now - world.keep_ms, 0), *world.consumers.values()))
