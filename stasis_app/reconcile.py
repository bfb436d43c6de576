"""Making Redis, Asterisk and the processes agree again: after a start, a reconnect, a death, and a new Redis epoch.

Asterisk is the truth about media, the store about who is reserved for whom. Where the store lost its memory it is
rebuilt from Asterisk (channels, bridges, the request on the channel) and from the journal of agents' statuses; until
that is done nothing is reserved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import structlog

from acd.agent import Agent, AgentActivity, AgentStatus
from acd.call import Call, CallState
from acd.configuration import Configuration
from acd.offer import Offer, OfferState
from acd.ports import Calls, Epoch, FoundChannel, Refused, Snapshot, Store, SwitchRefused
from stasis_app.first_error import first_error

log = structlog.get_logger(__name__)

REBUILD_LEASE_MS = 15_000
"""Another process may begin again when a rebuild has taken longer than this."""
REBUILD_RETRY_S = 0.2

Statuses = Mapping[str, tuple[AgentStatus, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """One process's part in it."""

    process: str
    store: Store
    switches: Mapping[str, Calls]
    configuration: Callable[[], Configuration]
    journal: Callable[[], Awaitable[Statuses]]
    """The last status of each agent that history knows."""
    known: Callable[[], Mapping[str, Agent]]
    """The agents as this process last saw them in the store: newer than the journal."""
    driven: Callable[[], Mapping[str, Call]]
    """The calls that this process drives, as its flows know them."""
    start: Callable[[Call], None]
    """Drive this call; one that is driven already is left alone."""

    # --- a new epoch --------------------------------------------------------------------------------------------------

    async def ready_epoch(self) -> Epoch:
        """Join the store's epoch, or rebuild the state and begin one. Returns when dispatch may go on."""
        while True:
            epoch = await self.store.join()
            if epoch is not None and epoch.ready:
                return epoch
            if await self.store.begin_epoch(self.process, lease_ms=REBUILD_LEASE_MS) is not None:
                return await self._rebuild()
            await asyncio.sleep(REBUILD_RETRY_S)  # another process rebuilds: the store has no event for its end yet

    async def _rebuild(self) -> Epoch:
        found = [channel for switch in self.switches.values() for channel in await switch.survey()]
        now = await self.store.now()
        talking = await self._restore_calls(found, now)
        await self._restore_agents(talking, now)
        epoch = await self.store.open_epoch()
        log.warning("state rebuilt from Asterisk", epoch=epoch.id, channels=len(found), talking=len(talking))
        return epoch

    async def _restore_calls(self, found: Sequence[FoundChannel], now: int) -> Mapping[str, Call]:
        """Every caller back into the line or into the conversation; legs that belong to neither are hung up. Returns
        agent to the call that the agent talks in."""
        talking: dict[str, Call] = {}
        driven = self.driven()
        legs = {channel.bridge: channel for channel in found if channel.agent is not None and channel.bridge}
        for channel in found:
            if channel.request is None:
                continue
            record = driven.get(channel.channel, channel.request)
            record = replace(record, owner=channel.application or self.process)
            leg = legs.pop(channel.bridge, None) if channel.bridge == record.bridge else None
            if leg is not None and leg.agent is not None:
                call, offer = _conversation(record, leg, now)
                talking[leg.agent] = call
                await self.store.restore_call(call, offer)
            else:
                await self.store.restore_call(_waiting(record, now))
        talking |= await self._restore_talks_that_ended(driven, {channel.channel for channel in found}, now)
        kept = {call.offer for call in talking.values()}
        for channel in found:
            if channel.agent is not None and channel.offer not in kept:
                await self._hang_up(channel)
        return talking

    async def _restore_talks_that_ended(self, driven: Mapping[str, Call], found: Set[str], now: int) -> dict[str, Call]:
        """Conversations of ours that ended while the store was away: their flows commit the end to what is restored."""
        talked: dict[str, Call] = {}
        for record in driven.values():
            if record.id not in found and record.state is CallState.CONNECTED and record.agent is not None:
                leg = FoundChannel(
                    channel="", application=self.process, answered=True, agent=record.agent, offer=record.offer
                )
                call, offer = _conversation(record, leg, now)
                await self.store.restore_call(call, offer)
                talked[record.agent] = call
        return talked

    async def _restore_agents(self, talking: Mapping[str, Call], now: int) -> None:
        """Those whom the store still has and who do not talk are as they must be already."""
        journal, known, kept = await self.journal(), self.known(), (await self.store.snapshot()).agents
        with first_error():
            async with asyncio.TaskGroup() as tasks:
                for agent_id in self.configuration().agents:
                    if agent_id in kept:
                        live = kept[agent_id]
                    elif agent_id in known:
                        live = _calm(known[agent_id], now)
                    else:
                        live = _from_journal(agent_id, *journal.get(agent_id, (AgentStatus.LOGGED_OUT, None)), now)
                    if (call := talking.get(agent_id)) is not None:
                        live = _talking(live, call, now)
                    if live != kept.get(agent_id):
                        tasks.create_task(self.store.restore_agent(live))

    # --- starts, reconnects, deaths -----------------------------------------------------------------------------------

    async def resume_own(self) -> None:
        """Drive every call of this process that nobody drives: after a start, and after each reconnect. What is left
        of calls whose end was committed and not carried out is cleared first: no agent is freed under a ringing phone.

        The switch is looked at before the store: what the switch showed and the store does not know is over.
        """
        found = {name: await switch.survey() for name, switch in self.switches.items()}
        bridges = {name: await switch.bridges() for name, switch in self.switches.items()}
        snapshot = await self.store.snapshot()
        for name, switch in self.switches.items():
            for channel in found[name]:
                if channel.application == self.process:
                    await self._settle(switch, channel, snapshot)
            ours = [bridge for bridge, process in bridges[name].items() if process == self.process]
            await self._remove_bridges(switch, ours, snapshot)
        for call in snapshot.calls.values():
            if call.owner == self.process:
                self.start(call)

    async def _remove_bridges(self, switch: Calls, bridges: Sequence[str], snapshot: Snapshot) -> None:
        """Bridges of calls that are over. Whoever is still inside belongs to nobody."""
        kept = {call.bridge for call in snapshot.calls.values()}
        for bridge in bridges:
            if bridge not in kept:
                log.warning("bridge of an ended call removed", bridge=bridge)
                await switch.destroy_bridge(bridge)

    async def _settle(self, switch: Calls, channel: FoundChannel, snapshot: Snapshot) -> None:
        """A channel in our hands that the store may not know: an orphan leg, a caller whose talk is over, or one who
        was claimed and never queued."""
        if channel.agent is not None:
            if channel.offer not in snapshot.offers:
                log.warning("orphan leg hung up", channel=channel.channel, offer=channel.offer)
                await switch.hang_up(channel.channel, offer=channel.offer)
        elif channel.request is not None and channel.channel not in snapshot.calls:
            ended = await self.store.ended(channel.channel)
            if ended is not None:
                log.warning("end not carried out yet", call=ended.id, reason=ended.end_reason)
                self.start(replace(ended, owner=self.process))
            elif channel.bridge == channel.request.bridge:
                log.warning("caller of an ended talk hung up", channel=channel.channel)
                await switch.hang_up(channel.channel)
            else:
                log.info("caller found on the switch, unknown to the store", call=channel.channel)
                self.start(replace(channel.request, owner=self.process))

    async def take_over_the_dead(self) -> None:
        """Become the owner of every call whose process has been silent beyond its lease."""
        now = await self.store.now()
        alive = {process for process, until in (await self.store.processes()).items() if until > now}
        snapshot = await self.store.snapshot()
        for call in snapshot.calls.values():
            if call.owner in alive or call.owner == self.process or call.node not in self.switches:
                continue
            taken = await self.store.take_over(call.id, previous=call.owner, by=self.process)
            if isinstance(taken, Refused):
                log.info("not taken over", call=call.id, owner=call.owner, why=taken.why)
            else:
                log.warning("call taken over", call=call.id, previous=call.owner, state=call.state)
                self.start(taken)
        for switch in self.switches.values():
            await self._take_over_unknown(switch, alive)

    async def _take_over_unknown(self, switch: Calls, alive: set[str]) -> None:
        """What a dead process left that the store does not know: callers claimed and never queued, ends committed and
        not carried out."""
        found, bridges = await switch.survey(), await switch.bridges()
        snapshot = await self.store.snapshot()
        dead = [c for c in found if c.application and c.application not in alive and c.application != self.process]
        for channel in dead:
            if channel.offer not in snapshot.offers and channel.channel not in snapshot.calls:
                try:
                    await switch.adopt(channel.channel)
                except SwitchRefused as refused:
                    log.info("gone before it was taken over", channel=channel.channel, refused=str(refused))
                else:
                    await self._settle(switch, channel, snapshot)
        theirs = [b for b, process in bridges.items() if process not in alive and process != self.process]
        await self._remove_bridges(switch, theirs, snapshot)

    async def _hang_up(self, channel: FoundChannel) -> None:
        log.warning("orphan leg hung up", channel=channel.channel, offer=channel.offer)
        for switch in self.switches.values():
            await switch.hang_up(channel.channel, offer=channel.offer)


def _calm(agent: Agent, now: int) -> Agent:
    """As the agent was last seen, but for the call, of which nothing is known."""
    return replace(
        agent, activity=AgentActivity.IDLE, activity_since=now, offer=None, call=None, busy_for=None,
        wrap_up_until=None, shift_busy_ms=agent.busy_ms(now),
    )  # fmt: skip


def _from_journal(agent: str, status: AgentStatus, reason: str | None, now: int) -> Agent:
    """What the agent did before is lost with the store: clocks and shift begin anew."""
    return Agent(
        id=agent, status=status, break_reason=reason, status_since=now, idle_since=now,
        ready_at=now if status is AgentStatus.READY else 0,
        shift_since=0 if status is AgentStatus.LOGGED_OUT else now,
    )  # fmt: skip


def _talking(agent: Agent, call: Call, now: int) -> Agent:
    return replace(
        _calm(agent, now), activity=AgentActivity.TALKING, call=call.id, busy_for=call.queue,
        call_started_at=max(agent.call_started_at, call.connected_at or now),
    )  # fmt: skip


def _waiting(record: Call, now: int) -> Call:
    return replace(
        record, state=CallState.QUEUED, state_since=now, queued_at=record.queued_at or now, offers={}, offer=None,
        agent=None, connected_at=None, ended_at=None, end_reason=None, ended_by=None,
    )  # fmt: skip


def _conversation(record: Call, leg: FoundChannel, now: int) -> tuple[Call, Offer]:
    """The records of a caller and an agent who were found in one bridge."""
    assert leg.agent is not None
    offer_id = leg.offer or f"{record.id}.0"
    fence = offer_id.rpartition(".")[2]
    connected_at = record.connected_at or now
    offer = Offer(
        id=offer_id, call=record.id, agent=leg.agent, queue=record.queue, fence=int(fence) if fence.isdigit() else 0,
        state=OfferState.CONNECTED, owner=record.owner, made_at=connected_at, accepted_at=connected_at,
        connected_at=connected_at, free_since=connected_at,
    )  # fmt: skip
    call = replace(
        record, state=CallState.CONNECTED, state_since=now, queued_at=record.queued_at or now, offers={},
        offer=offer.id, agent=leg.agent, connected_at=connected_at,
    )  # fmt: skip
    return call, offer
