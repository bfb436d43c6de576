"""One coroutine per call that drives the call's machine, and can begin at any committed state.

It hears the switch (signals of its channels) and the store (offers made and ended, by whomever) through one inbox, so
that everything that happens to a call happens in one order. Each step is committed before it is acted on; a refused
commit means that something else was first: the flow reads the record again and goes on from there.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

import structlog

from acd.call import Call, CallState, EndedBy, EndReason
from acd.errors import StoreUnavailable
from acd.events import CallEnded, Leg, OfferEnded, OfferMade
from acd.offer import Offer, OfferOutcome, OfferState
from acd.ports import (
    ChannelEnded,
    EnteredBridge,
    FoundChannel,
    LeftBridge,
    LegAnswered,
    LegCreated,
    Refused,
    SwitchRefused,
)
from acd.queue import Queue
from stasis_app.call_flow.channels import OUTCOME_OF_LEG, WatchedChannel
from stasis_app.call_flow.ringing import ref, ring
from stasis_app.call_flow.world import (
    CLOSING_LIMIT_S,
    CONNECT_LEASE_MS,
    CONNECT_LIMIT_S,
    FlowWorld,
    Item,
    LookAgain,
    PhoneDead,
    TimeUp,
)

log = structlog.get_logger(__name__)


class _ReadAgain(Exception):
    """A commit was refused: the record is not what we thought."""


@dataclass(slots=True)
class CallFlow:
    """Drives one call. ``run`` returns when nothing of the call is left in our hands."""

    call: Call
    world: FlowWorld
    fresh: bool = False
    """A caller whom no store has heard of: begin by queueing, without looking first."""
    _tasks: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup)
    _inbox: asyncio.Queue[Item] = field(default_factory=asyncio.Queue)
    _caller: WatchedChannel = field(init=False)
    _legs: dict[str, WatchedChannel] = field(default_factory=dict)
    _unwritten: list[Leg] = field(default_factory=list)
    _greeting: asyncio.Task[None] = field(init=False)
    _music: bool = False
    _bridged: bool = False
    """The call's bridge may exist."""
    _together: bool = False
    """Caller and agent were seen in one bridge."""
    _committed: bool = False
    """The store has known this call."""
    _ended: Call | None = None
    """The record after its end was committed: only loose ends are left."""
    _over: bool = False
    _limit_at: float | None = None

    def __post_init__(self) -> None:
        # from this very moment, so that nothing falls between the caller's entry and the coroutine's first step
        self._caller = self._watch(self.call.id, offer=None)
        self._caller.created = True

    def deliver(self, item: Item) -> None:
        """Hand over something that happened; it is dealt with in order."""
        self._inbox.put_nowait(item)

    async def run(self) -> None:
        """From whatever is committed to the end of the call."""
        try:
            async with self._tasks:
                self._greeting = self._tasks.create_task(self._greet())
                while not self._over:
                    try:
                        await self._resume()
                        while not self._over:
                            await self._handle(await self._next())
                    except _ReadAgain:
                        continue
                    except StoreUnavailable:
                        await self._outlast_the_store()
        finally:
            for channel in (self._caller, *self._legs.values()):
                channel.stop_listening()

    # --- beginning, and beginning again -------------------------------------------------------------------------------

    async def _greet(self) -> None:
        """Pick up, leave the request on the channel, play music: the caller needs no store for that."""
        if not self.call.is_waiting:
            return
        try:
            await self.world.switch.answer(self.call.id)
            self._caller.answered_at = self.world.clock.now()
            await self.world.switch.write_request(self.call)
            if self._still_waiting():
                await self._play_music()
        except SwitchRefused as refused:
            log.debug("caller gone before the greeting", call=self.call.id, refused=str(refused))

    async def _resume(self) -> None:
        """Make what we hold agree with what is committed and with what the switch shows."""
        await self._write_history()
        if self._ended is not None:
            return await self._close(self._ended)
        if self.fresh and not self._caller.gone:  # the store may have been away for longer than the caller stayed
            self.call = await self.world.store.enqueue(self.call)
            self.fresh, self._committed = False, True
            return self._limit_waiting()
        record = await self.world.store.call(self.call.id)
        seen = await self.world.switch.look_at(self.call.id)
        if record is None and seen is not None:
            waiting = replace(self.call, state=CallState.QUEUED, offers={}, offer=None, agent=None, connected_at=None)
            record = await self.world.store.enqueue(waiting)
        elif record is None and self._committed:
            return await self._end_unseen()
        if record is None or record.owner != self.world.process:
            self._over = True
            return None
        self.call, self._committed, self._bridged = record, True, True
        if seen is None:
            self._caller.gone = True
            return await self._caller_left()
        if seen.application != self.world.process:
            await self.world.switch.adopt(self.call.id)
        self._caller.in_bridge = seen.bridge == self.call.bridge
        self._limit_waiting()
        return await self._resume_offers()

    async def _resume_offers(self) -> None:
        live = set(self.call.offers) | ({self.call.offer} if self.call.offer else set())
        for leg in list(self._legs.values()):
            if leg.offer is not None and leg.offer.id not in live:
                await self._give_up(leg)
        for offer_id in sorted(live):
            offer = await self.world.store.offer(offer_id)
            if offer is not None and self._ended is None:
                await self._resume_offer(offer)

    async def _resume_offer(self, offer: Offer) -> None:
        held = self._legs.get(offer.leg)
        if held is None or held.offer is None or held.offer.id != offer.id:
            held = self._watch(offer.leg, offer=offer)
        elif held.ringing:
            return
        elif not held.created and offer.state is OfferState.RESERVED:  # the task that should have made it could not
            self._forget(held)
            await self._end_offer(offer, OfferOutcome.UNREACHABLE)
            return
        seen = await self.world.switch.look_at(offer.leg)
        if seen is not None and seen.offer == offer.id:
            await self._leg_is_there(held, offer, seen)
        elif offer.state is OfferState.RESERVED:
            self._start_ringing(held, offer)
        elif offer.state is OfferState.CONNECTED:
            self._forget(held)
            await self._talk_over(EndedBy.AGENT)
        else:
            self._forget(held)
            await self._end_offer(offer, OfferOutcome.INTERRUPTED)

    async def _leg_is_there(self, leg: WatchedChannel, offer: Offer, seen: FoundChannel) -> None:
        leg.created = True
        leg.in_bridge = seen.bridge == self.call.bridge
        if seen.application != self.world.process:
            await self.world.switch.adopt(leg.channel)
        match offer.state:
            case OfferState.RESERVED:  # made, never dialled: offer anew rather than guess
                await self._give_up(leg)
                await self._end_offer(offer, OfferOutcome.INTERRUPTED)
            case OfferState.RINGING:
                if seen.answered:
                    await self._answered(leg)
                elif not seen.dialled:  # the commit was made, the act was not: offer anew rather than guess
                    await self._give_up(leg)
                    await self._end_offer(offer, OfferOutcome.INTERRUPTED)
            case OfferState.ACCEPTED | OfferState.CONNECTED:
                leg.answered_at = leg.answered_at or offer.accepted_at
                if not (leg.in_bridge and self._caller.in_bridge):
                    await self._join(leg)
                await self._connect_if_together()
            case OfferState.ENDED:
                await self._give_up(leg)

    async def _outlast_the_store(self) -> None:
        """The store is away: who talks, talks on; when one of two hangs up, the other is not left alone.

        Everything else that is heard meanwhile is seen again on resuming, in the record and on the switch.
        """
        back = self._tasks.create_task(self._tell_when_store_is_back())
        while not back.done():
            item = await self._inbox.get()
            if isinstance(item, LookAgain) and back.done():
                return
            if isinstance(item, LegCreated):
                self._created(item)
            elif isinstance(item, ChannelEnded) and self._ended_channel(item) is not None:
                await self._leave_nobody_alone()

    async def _leave_nobody_alone(self) -> None:
        """One of two who talked is gone: the other would sit in silence until the store is back."""
        if self._together:
            for channel in (self._caller, *list(self._legs.values())):
                await self._give_up(channel)

    async def _end_unseen(self) -> None:
        """The store lost the call, and the caller left meanwhile: the end is committed all the same, so that every call
        is accounted for."""
        talked = self.call.state is CallState.CONNECTED
        await self.world.store.enqueue(replace(self.call, state=CallState.QUEUED, offers={}, offer=None))
        await self._end_call(EndReason.COMPLETED if talked else EndReason.ABANDONED, EndedBy.CALLER)

    async def _tell_when_store_is_back(self) -> None:
        await self.world.store_ready()
        self.deliver(LookAgain())

    # --- what happens -------------------------------------------------------------------------------------------------

    async def _next(self) -> Item:
        loop = asyncio.get_running_loop()
        if self._limit_at is None:
            return await self._inbox.get()
        try:
            async with asyncio.timeout(max(0.0, self._limit_at - loop.time())):
                return await self._inbox.get()
        except TimeoutError:
            self._limit_at = None
            return TimeUp()

    async def _handle(self, item: Item) -> None:  # noqa: C901  # one line for each thing that can happen
        match item:
            case OfferMade():
                self._offered(item)
            case OfferEnded():
                await self._offer_ended(item)
            case CallEnded():
                if self._ended is None:
                    await self._close(item.call)
            case LegCreated():
                self._created(item)
            case LegAnswered():
                if (leg := self._legs.get(item.channel)) is not None and leg.created and leg.answered_at is None:
                    await self._answered(leg)
            case EnteredBridge():
                self._seen_in_bridge(item.channel, item.bridge, inside=True)
                await self._connect_if_together()
            case LeftBridge():
                self._seen_in_bridge(item.channel, item.bridge, inside=False)
            case ChannelEnded():
                await self._channel_ended(item)
            case PhoneDead():
                await self._phone_dead(item)
            case TimeUp():
                await self._time_up()
            case LookAgain():
                raise _ReadAgain
            case _:
                pass

    def _offered(self, event: OfferMade) -> None:
        held = self._legs.get(event.offer.leg)
        if self._ended is not None or (held is not None and held.offer is not None and held.offer.id == event.offer.id):
            return
        self.call = event.call
        self._start_ringing(self._watch(event.offer.leg, offer=event.offer), event.offer)

    def _start_ringing(self, leg: WatchedChannel, offer: Offer) -> None:
        leg.ringing = True
        self._tasks.create_task(self._ring(leg, offer))

    async def _ring(self, leg: WatchedChannel, offer: Offer) -> None:
        agent = self.world.configuration().agents.get(offer.agent)
        if agent is None:
            self.deliver(PhoneDead(offer.id))
            return
        timeout_s = max(1, round(self._queue.ring_timeout_s))
        news = await ring(self.world, self.call, offer, leg, agent, timeout_s)
        leg.ringing = False
        if news is not None:
            self.deliver(news)

    def _created(self, signal: LegCreated) -> None:
        leg = self._legs.get(signal.channel)
        if leg is not None and leg.offer is not None and leg.offer.id == signal.offer:
            leg.created = True

    async def _offer_ended(self, event: OfferEnded) -> None:
        """Somebody else ended it, or we did and the leg is known to be gone."""
        if self._ended is None:
            self.call = event.call
        leg = self._legs.get(event.offer.leg)
        if leg is not None and leg.offer is not None and leg.offer.id == event.offer.id:
            await self._give_up(leg, answered_elsewhere=event.offer.outcome is OfferOutcome.ANSWERED_ELSEWHERE)

    async def _phone_dead(self, item: PhoneDead) -> None:
        for leg in list(self._legs.values()):
            if leg.offer is not None and leg.offer.id == item.offer:
                self._forget(leg)
                await self._end_offer(leg.offer, OfferOutcome.UNREACHABLE)

    async def _answered(self, leg: WatchedChannel) -> None:
        """The agent picked up: one offer wins; one that comes too late is hung up."""
        assert leg.offer is not None
        leg.answered_at = self.world.clock.now()
        if self._ended is not None:
            return
        accepted = await self.world.store.accept(ref(leg.offer), lease_ms=CONNECT_LEASE_MS)
        if isinstance(accepted, Refused):
            log.info("answered too late", call=self.call.id, offer=leg.offer.id, why=accepted.why)
            await self._give_up(leg, answered_elsewhere=True)
            raise _ReadAgain
        leg.offer = accepted
        self.call = replace(self.call, state=CallState.CONNECTING, offer=accepted.id, agent=accepted.agent)
        await self._join(leg)

    async def _join(self, leg: WatchedChannel) -> None:
        await asyncio.shield(self._greeting)
        self._limit(CONNECT_LIMIT_S)
        self._music, self._bridged = False, True
        try:
            await self.world.switch.join(self.call, leg.channel)
        except SwitchRefused as refused:  # one of the two is going: its end is on the way, else the limit ends this
            log.info("could not be bridged", call=self.call.id, leg=leg.channel, refused=str(refused))

    def _seen_in_bridge(self, channel: str, bridge: str, *, inside: bool) -> None:
        for watched in (self._caller, *self._legs.values()):
            if watched.channel == channel and bridge == self.call.bridge:
                watched.in_bridge = inside

    async def _connect_if_together(self) -> None:
        winner = self._winner
        if winner is None or winner.offer is None or not (winner.in_bridge and self._caller.in_bridge):
            return
        self._limit_at, self._together = None, True
        if self.call.state is not CallState.CONNECTING:
            return
        connected = await self.world.store.connect(ref(winner.offer))
        if isinstance(connected, Refused):
            raise _ReadAgain
        winner.offer = connected
        self.call = replace(self.call, state=CallState.CONNECTED, connected_at=connected.connected_at, offers={})
        log.info("connected", call=self.call.id, agent=connected.agent, latency_ms=connected.latency_ms)

    # --- endings ------------------------------------------------------------------------------------------------------

    def _ended_channel(self, end: ChannelEnded) -> WatchedChannel | None:
        """Take the channel off the books, keeping its history to be written; None if it is not (or not yet) ours."""
        if end.channel == self._caller.channel:
            channel = self._caller
            if channel.gone:
                return None
            channel.gone = True
        else:
            leg = self._legs.get(end.channel)
            if leg is None or not leg.created:
                return None
            channel = leg
            self._forget(leg)
        now = self.world.clock.now()
        self._unwritten.append(channel.history(call=self.call.id, node=self.world.switch.node, end=end, now=now))
        return channel

    async def _channel_ended(self, end: ChannelEnded) -> None:
        channel = self._ended_channel(end)
        if channel is None:
            return
        if self._ended is not None:
            pass
        elif channel.offer is None:
            await self._caller_left()
        elif self.call.state is CallState.CONNECTED and channel.offer.id == self.call.offer:
            await self._talk_over(EndedBy.AGENT)
        elif not channel.given_up:
            outcome = OfferOutcome.DROPPED if channel.answered_at else OUTCOME_OF_LEG[end.outcome]
            await self._end_offer(channel.offer, outcome, sip_code=end.sip_code)
        await self._write_history()
        self._over = self._ended is not None and self._caller.gone and not self._legs

    async def _end_offer(self, offer: Offer, outcome: OfferOutcome, *, sip_code: int | None = None) -> None:
        cool = self._queue.cool_off
        seconds = {
            OfferOutcome.NO_ANSWER: cool.no_answer_s,
            OfferOutcome.REJECTED: cool.rejected_s,
            OfferOutcome.DROPPED: cool.rejected_s,
            OfferOutcome.BUSY: cool.busy_s,
            OfferOutcome.UNREACHABLE: cool.unreachable_s,
        }.get(outcome, 0.0)
        ended = await self.world.store.end_offer(
            ref(offer), outcome, cool_off_ms=round(seconds * 1000), sip_code=sip_code
        )
        if isinstance(ended, Refused):
            raise _ReadAgain
        log.info("offer ended", call=self.call.id, agent=offer.agent, outcome=outcome.value, sip_code=sip_code)
        if self.call.offer == offer.id:
            self.call = replace(self.call, state=CallState.QUEUED, offer=None, agent=None)
            self._together = False
            self._limit_waiting()
            if not self._music:
                await self._play_music()

    async def _caller_left(self) -> None:
        talked = self.call.state is CallState.CONNECTED
        await self._end_call(EndReason.COMPLETED if talked else EndReason.ABANDONED, EndedBy.CALLER)

    async def _talk_over(self, by: EndedBy) -> None:
        await self._end_call(EndReason.COMPLETED, by)

    async def _time_up(self) -> None:
        if self._ended is not None:
            self._over = True
        elif self.call.state is CallState.CONNECTING and (winner := self._winner) is not None and winner.offer:
            log.warning("legs not seen in the bridge in time", call=self.call.id, offer=winner.offer.id)
            await self._give_up(winner)
            await self._end_offer(winner.offer, OfferOutcome.INTERRUPTED)
        elif self.call.is_waiting and 0 < self._queue.max_wait_s * 1000 <= self.call.waited_ms(self.world.clock.now()):
            await self._end_call(EndReason.TIMED_OUT, EndedBy.SYSTEM)

    async def _end_call(self, reason: EndReason, by: EndedBy) -> None:
        wrap_up_ms = self.world.configuration().wrap_up_ms(self.call.queue, self.call.agent)
        try:
            ended = await self.world.store.end_call(
                self.call.id, reason, owner=self.world.process, by=by, wrap_up_ms=wrap_up_ms
            )
        except StoreUnavailable:
            await self._leave_nobody_alone()
            raise
        if isinstance(ended, Refused):
            raise _ReadAgain
        await self._close(ended)

    async def _close(self, ended: Call) -> None:
        """The end is committed: hang up whoever is left, and wait for the last channel's end."""
        if self._ended is None:
            wait_s = round(ended.waited_ms(self.world.clock.now()) / 1000, 1)
            log.info("call ended", call=ended.id, queue=ended.queue, reason=ended.end_reason, by=ended.ended_by,
                     agent=ended.agent, waited_s=wait_s, rounds=ended.rounds)  # fmt: skip
        self._ended = self.call = ended
        self._limit(CLOSING_LIMIT_S)
        for leg in list(self._legs.values()):
            await self._give_up(leg)
        if ended.end_reason is EndReason.TIMED_OUT and not self._caller.gone:
            await self.world.switch.leave(self._caller.channel, "TIMEOUT")
        else:
            await self._give_up(self._caller)
        if self._bridged:
            await self.world.switch.destroy_bridge(ended.bridge)
        await self._write_history()
        self._over = self._caller.gone and not self._legs

    # --- small steps --------------------------------------------------------------------------------------------------

    @property
    def _queue(self) -> Queue:
        """The queue as configured now; one that was taken away meanwhile serves its last callers by the defaults."""
        return self.world.configuration().queues.get(self.call.queue) or Queue(name=self.call.queue)

    @property
    def _winner(self) -> WatchedChannel | None:
        for leg in self._legs.values():
            if leg.offer is not None and leg.offer.id == self.call.offer:
                return leg
        return None

    def _still_waiting(self) -> bool:
        return self._ended is None and self.call.is_waiting

    def _watch(self, channel: str, *, offer: Offer | None) -> WatchedChannel:
        if (earlier := self._legs.get(channel)) is not None:
            earlier.stop_listening()
        watched = WatchedChannel(
            channel=channel,
            stop_listening=self.world.switch.listen(channel, self.deliver),
            started_at=self.world.clock.now(),
            offer=offer,
        )
        if offer is not None:
            self._legs[channel] = watched
        return watched

    def _forget(self, leg: WatchedChannel) -> None:
        leg.stop_listening()
        self._legs.pop(leg.channel, None)

    async def _give_up(self, channel: WatchedChannel, *, answered_elsewhere: bool = False) -> None:
        """Ask for a channel's end; its signal takes it off the books. One that was never made has none."""
        if channel.given_up and channel.offer is not None:
            return  # a leg is asked once: soon after, its id may be that of the agent's next leg, of another call
        channel.given_up = True
        if channel.gone:
            return
        if channel.created:
            await self.world.switch.hang_up(channel.channel, answered_elsewhere=answered_elsewhere)
        else:
            self._forget(channel)

    async def _play_music(self) -> None:
        self._music = True
        try:
            await self.world.switch.start_music(self.call.id, self._queue.music_class)
        except SwitchRefused as refused:
            log.debug("no music for a caller who is gone", call=self.call.id, refused=str(refused))

    async def _write_history(self) -> None:
        while self._unwritten:
            await self.world.store.leg_ended(self._unwritten[0])
            del self._unwritten[0]

    def _limit(self, seconds: float) -> None:
        self._limit_at = asyncio.get_running_loop().time() + seconds

    def _limit_waiting(self) -> None:
        """The queue's longest wait, as a limit of this flow; none while somebody talks."""
        self._limit_at = None
        if self.call.is_waiting and self._queue.max_wait_s:
            left_ms = self._queue.max_wait_s * 1000 - self.call.waited_ms(self.world.clock.now())
            self._limit(max(0.0, left_ms / 1000))
