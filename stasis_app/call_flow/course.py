"""The course of one call: everything that can happen to it, what is committed then, and what is done about it.

Each step is committed before it is acted on; a refused commit means that something else was first: ``ReadAgain``.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

import structlog

from acd.call import Call, CallState, EndedBy, EndReason
from acd.errors import StoreUnavailable
from acd.events import CallChanged, Leg, OfferEnded, OfferMade
from acd.offer import Offer, OfferOutcome
from acd.ports import ChannelEnded, LegOutcome, Refusal, Refused, SwitchRefused
from acd.queue import Queue
from stasis_app.call_flow.channels import OUTCOME_OF_LEG, CallChannels, WatchedChannel
from stasis_app.call_flow.ringing import ref, ring
from stasis_app.call_flow.world import (
    CLOSING_LIMIT_S,
    CONNECT_LEASE_MS,
    CONNECT_LIMIT_S,
    RESULT_FOR_DIALPLAN,
    FlowWorld,
    Item,
    PhoneDead,
)

log = structlog.get_logger(__name__)


class ReadAgain(Exception):
    """A commit was refused: the record is not what we thought."""


@dataclass(slots=True)
class CallCourse:
    """What one process knows of a call that it drives, and the steps that take the call further."""

    call: Call
    world: FlowWorld
    fresh: bool = False
    """A caller whom no store has heard of: begin by queueing, without looking first."""
    tasks: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup)
    inbox: asyncio.Queue[Item] = field(default_factory=asyncio.Queue)
    channels: CallChannels = field(init=False)
    greeting: asyncio.Task[None] = field(init=False)
    music: bool = False
    bridged: bool = False
    """The call's bridge may exist."""
    together: bool = False
    """Caller and agent were seen in one bridge."""
    parted: EndedBy | None = None
    """Who of the two was heard to leave first, while that could not be committed."""
    committed: bool = False
    """The store has known this call."""
    ended: Call | None = None
    """The record after its end was committed: only loose ends are left."""
    over: bool = False
    """Nothing of the call is left in our hands."""
    life: str = field(init=False)
    """The switch's life in which the channels are."""
    limit_at: float | None = None
    """When ``TimeUp`` is due, in seconds of the event loop."""
    _unwritten: list[Leg] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.life = self.world.switch.life
        if self.call.state is CallState.ENDED:  # committed by somebody who did not live to carry it out
            self.ended, self.bridged = self.call, True
        self.channels = CallChannels(self.call, self.world.switch, self.world.clock, self.deliver)

    def new_tasks(self) -> asyncio.TaskGroup:
        """For a run of the flow. What an earlier run had begun beside it has ended with it."""
        self.tasks = asyncio.TaskGroup()
        for leg in self.channels.legs.values():
            leg.ringing = False
        return self.tasks

    def deliver(self, item: Item) -> None:
        """Hand over something that happened; it is dealt with in order."""
        self.inbox.put_nowait(item)

    # --- beginning ----------------------------------------------------------------------------------------------------

    async def greet(self) -> None:
        """Pick up, leave the request on the channel, play music: the caller needs no store for that."""
        if not self.call.is_waiting:
            return
        try:
            await self.world.switch.answer(self.call.id)
            self.channels.caller.answered_at = self.world.clock.now()
            await self.world.switch.write_request(self.call)
            if self.still_waiting():
                await self.play_music()
        except SwitchRefused as refused:
            log.debug("caller gone before the greeting", call=self.call.id, refused=str(refused))

    # --- what happens -------------------------------------------------------------------------------------------------

    def offered(self, event: OfferMade) -> None:
        """An agent was reserved for this call: ring the phone."""
        held = self.channels.legs.get(event.offer.leg)
        if self.ended is not None or (held is not None and held.offer is not None and held.offer.id == event.offer.id):
            return
        self._take(event.call)
        self.start_ringing(self.channels.watch(event.offer.leg, offer=event.offer), event.offer)

    def start_ringing(self, leg: WatchedChannel, offer: Offer) -> None:
        """Make and dial the leg beside everything else that happens to the call."""
        leg.ringing = True
        self.tasks.create_task(self._ring(leg, offer))

    async def _ring(self, leg: WatchedChannel, offer: Offer) -> None:
        agent = self.world.configuration().agents.get(offer.agent)
        if agent is None:
            self.deliver(PhoneDead(offer.id))
            return
        timeout_s = max(1, round(self.queue.ring_timeout_s))
        news = await ring(self.world, self.call, offer, leg, agent, timeout_s)
        leg.ringing = False
        if news is not None:
            self.deliver(news)

    async def offer_ended(self, event: OfferEnded) -> None:
        """Somebody else ended it, or we did and the leg is known to be gone."""
        if self.ended is None:
            self._take(event.call, winner_ended=event.offer.id == self.call.offer)
        leg = self.channels.legs.get(event.offer.leg)
        if leg is not None and leg.offer is not None and leg.offer.id == event.offer.id:
            await self.channels.give_up(leg, answered_elsewhere=event.offer.outcome is OfferOutcome.ANSWERED_ELSEWHERE)

    def _take(self, record: Call, *, winner_ended: bool = False) -> None:
        """Go by the record that an event brings, unless it is from before a step of ours: which offer wins and talks is
        decided here, so a record that knows less, or still knows a winner whom we gave up, is an old one."""
        old = self.call.state is CallState.CONNECTED and record.state is not CallState.CONNECTED
        if winner_ended or (record.offer == self.call.offer and not old):
            self.call = record

    async def changed(self, event: CallChanged) -> None:
        """A command gave the call another priority, queue or requirement: its limit, its music and what the channel
        says of it follow."""
        if self.ended is not None:
            return
        now, music = event.call, self.queue.music_class
        self.call = replace(
            self.call, queue=now.queue, queued_at=now.queued_at, priority=now.priority, requires=now.requires,
            prefers=now.prefers, preferred_agent=now.preferred_agent, preferred_for_s=now.preferred_for_s,
        )  # fmt: skip
        await asyncio.shield(self.greeting)
        try:
            await self.world.switch.write_request(self.call)
        except SwitchRefused as refused:
            log.debug("no request left with a caller who is gone", call=self.call.id, refused=str(refused))
        if self.call.is_waiting:
            self.limit_waiting()
            if self.music and self.queue.music_class != music:
                await self.play_music()

    async def phone_dead(self, item: PhoneDead) -> None:
        """There is no leg, so nothing else will end the offer."""
        for leg in list(self.channels.legs.values()):
            if leg.offer is not None and leg.offer.id == item.offer:
                self.channels.forget(leg)
                await self.end_offer(leg.offer, OfferOutcome.UNREACHABLE)

    async def answered(self, leg: WatchedChannel) -> None:
        """The agent picked up: one offer wins; one that comes too late is hung up."""
        assert leg.offer is not None
        leg.answered_at = self.world.clock.now()
        if self.ended is not None:
            return
        accepted = await self.world.store.accept(ref(leg.offer), lease_ms=CONNECT_LEASE_MS)
        if isinstance(accepted, Refused):
            await self._answered_too_late(leg, leg.offer, accepted)
            return
        leg.offer = accepted
        self.call = replace(self.call, state=CallState.CONNECTING, offer=accepted.id, agent=accepted.agent)
        await self.join(leg)

    async def _answered_too_late(self, leg: WatchedChannel, offer: Offer, refused: Refused) -> None:
        """Another agent was faster, or the offer is over: this one is hung up. An offer that was only slower ends here,
        so that nobody waits for a phone that rings no more, should the winner be lost before the bridge."""
        log.info("answered too late", call=self.call.id, offer=offer.id, why=refused.why)
        await self.channels.give_up(leg, answered_elsewhere=True)
        if refused.why is not Refusal.WRONG_STATE or self.call.offer in {None, offer.id}:
            raise ReadAgain
        await self.end_offer(offer, OfferOutcome.ANSWERED_ELSEWHERE)

    async def join(self, leg: WatchedChannel) -> None:
        """Bring caller and agent together; that they are is seen by the switch's signals."""
        await asyncio.shield(self.greeting)
        self.limit(CONNECT_LIMIT_S)
        self.music, self.bridged = False, True
        try:
            await self.world.switch.join(self.call, leg.channel)
        except SwitchRefused as refused:  # one of the two is going: its end is on the way, else the limit ends this
            log.info("could not be bridged", call=self.call.id, leg=leg.channel, refused=str(refused))

    async def connect_if_together(self) -> None:
        """Commit the conversation once both were seen in the bridge."""
        winner = self.winner
        if winner is None or winner.offer is None or not (winner.in_bridge and self.channels.caller.in_bridge):
            return
        self.limit_at, self.together = None, True
        if self.call.state is not CallState.CONNECTING:
            return
        winner.offer = await self.connect(winner.offer)

    async def connect(self, offer: Offer) -> Offer:
        """Commit the conversation that was seen. If the store does not say whether it has done so, it is one all the
        same: a store that is rebuilt meanwhile is told of it as such."""
        try:
            connected = await self.world.store.connect(ref(offer))
        except StoreUnavailable:
            self.call = replace(self.call, state=CallState.CONNECTED, connected_at=self.world.clock.now(), offers={})
            raise
        if isinstance(connected, Refused):
            raise ReadAgain
        self.call = replace(self.call, state=CallState.CONNECTED, connected_at=connected.connected_at, offers={})
        log.debug("connected", call=self.call.id, agent=connected.agent, latency_ms=connected.latency_ms)
        return connected

    # --- endings ------------------------------------------------------------------------------------------------------

    def take_off(self, end: ChannelEnded) -> WatchedChannel | None:
        """Take the channel off the books, keeping its history to be written; None if it is not (or not yet) ours."""
        channel = self.channels.ended(end.channel)
        if channel is None:
            return None
        now = self.world.clock.now()
        self._unwritten.append(channel.history(call=self.call.id, node=self.world.switch.node, end=end, now=now))
        return channel

    async def channel_ended(self, end: ChannelEnded) -> None:
        """What a channel's end means depends on whose it was, and on how far the call had come."""
        channel = self.take_off(end)
        if channel is None:
            return
        if self.ended is not None:
            pass
        elif channel.offer is None:
            await self.caller_left()
        elif self.call.state is CallState.CONNECTED and channel.offer.id == self.call.offer:
            await self.talk_over(EndedBy.AGENT)
        elif not channel.given_up:
            outcome = OfferOutcome.DROPPED if channel.answered_at else OUTCOME_OF_LEG[end.outcome]
            await self.end_offer(channel.offer, outcome, sip_code=end.sip_code)
        over = self.ended is not None and self.channels.all_gone
        if over or self.ended is None:  # of a call that ends, the legs are written together
            await self.write_history()
        self.over = over

    async def end_offer(self, offer: Offer, outcome: OfferOutcome, *, sip_code: int | None = None) -> None:
        """The offer came to nothing; the agent is left alone for as long as the queue says, and the call waits on."""
        cool = self.queue.cool_off
        seconds = {
            OfferOutcome.NO_ANSWER: cool.no_answer_s,
            OfferOutcome.REJECTED: cool.rejected_s,
            OfferOutcome.DROPPED: cool.rejected_s,
            OfferOutcome.BUSY: cool.busy_s,
            OfferOutcome.UNREACHABLE: cool.unreachable_s,
        }.get(outcome, 0.0)
        ended = await self.world.store.end_offer(
            ref(offer),
            outcome,
            cool_off_ms=round(seconds * 1000),
            break_after=self.queue.misses_until_break,
            sip_code=sip_code,
        )
        if isinstance(ended, Refused):
            raise ReadAgain
        log.info("offer ended", call=self.call.id, agent=offer.agent, outcome=outcome.value, sip_code=sip_code)
        if self.call.offer == offer.id:
            self.call = replace(self.call, state=CallState.QUEUED, offer=None, agent=None)
            self.together, self.parted = False, None
            self.limit_waiting()
            if not self.music:
                await self.play_music()

    async def caller_left(self) -> None:
        """The caller's channel is gone."""
        talked = self.call.state is CallState.CONNECTED
        await self.end_call(EndReason.COMPLETED if talked else EndReason.ABANDONED, self.parted or EndedBy.CALLER)

    async def cut_off(self) -> None:
        """The switch was started anew: all channels are gone, and no signal will tell."""
        for channel in self.channels.all:
            if self.take_off(ChannelEnded(channel=channel.channel, outcome=LegOutcome.HUNG_UP)) is None:
                self.channels.forget(channel)
        talked = self.call.state is CallState.CONNECTED
        await self.end_call(EndReason.COMPLETED if talked else EndReason.FAILED, EndedBy.SYSTEM)

    async def talk_over(self, by: EndedBy) -> None:
        """The conversation has ended, and the call with it."""
        await self.end_call(EndReason.COMPLETED, by)

    async def time_up(self) -> None:
        """The limit that was set last has passed."""
        if self.ended is not None:
            await self.write_history()
            self.over = True
        elif self.call.state is CallState.CONNECTING and (winner := self.winner) is not None and winner.offer:
            log.warning("legs not seen in the bridge in time", call=self.call.id, offer=winner.offer.id)
            await self.channels.give_up(winner)
            await self.end_offer(winner.offer, OfferOutcome.INTERRUPTED)
        elif self.call.is_waiting and 0 < self.queue.max_wait_s * 1000 <= self.call.waited_ms(self.world.clock.now()):
            await self.end_call(EndReason.TIMED_OUT, EndedBy.SYSTEM)

    async def end_call(self, reason: EndReason, by: EndedBy) -> None:
        """Commit the call's end, and close it."""
        wrap_up_ms = self.world.configuration().wrap_up_ms(self.call.queue, self.call.agent)
        try:
            ended = await self.world.store.end_call(
                self.call.id, reason, owner=self.world.process, by=by, wrap_up_ms=wrap_up_ms
            )
        except StoreUnavailable:
            await self.leave_nobody_alone(by)
            raise
        if isinstance(ended, Refused):
            raise ReadAgain
        await self.close(ended)

    async def close(self, ended: Call) -> None:
        """The end is committed: hang up whoever is left, and wait for the last channel's end."""
        if self.ended is None:
            wait_s = round(ended.waited_ms(self.world.clock.now()) / 1000, 1)
            log.info("call ended", call=ended.id, queue=ended.queue, reason=ended.end_reason, by=ended.ended_by,
                     agent=ended.agent, waited_s=wait_s, rounds=ended.rounds)  # fmt: skip
        self.ended = self.call = ended
        self.limit(CLOSING_LIMIT_S)
        for leg in list(self.channels.legs.values()):
            await self.channels.give_up(leg)
        result = RESULT_FOR_DIALPLAN.get(ended.end_reason) if ended.end_reason else None
        if result is not None and not self.channels.caller.gone:
            await self.world.switch.leave(self.channels.caller.channel, result)
        else:
            await self.channels.give_up(self.channels.caller)
        if self.bridged:
            await self.world.switch.destroy_bridge(ended.bridge)
        over = self.channels.all_gone
        if over:
            await self.write_history()
        self.over = over

    async def leave_nobody_alone(self, by: EndedBy) -> None:
        """One of two who talked is gone: the other would sit in silence until the store is back."""
        if self.together:
            self.parted = self.parted or by
            for channel in self.channels.all:
                await self.channels.give_up(channel)

    # --- small steps --------------------------------------------------------------------------------------------------

    @property
    def winner(self) -> WatchedChannel | None:
        """The leg of the offer that won."""
        return self.channels.leg_of(self.call.offer) if self.call.offer else None

    @property
    def queue(self) -> Queue:
        """The queue as configured now; one that was taken away meanwhile serves its last callers by the defaults."""
        return self.world.configuration().queues.get(self.call.queue) or Queue(name=self.call.queue)

    def still_waiting(self) -> bool:
        """Whether the caller should hear music."""
        return self.ended is None and self.call.is_waiting

    async def play_music(self) -> None:
        """The queue's music, until the call is bridged."""
        self.music = True
        try:
            await self.world.switch.start_music(self.call.id, self.queue.music_class)
        except SwitchRefused as refused:
            log.debug("no music for a caller who is gone", call=self.call.id, refused=str(refused))

    async def write_history(self) -> None:
        """Hand the finished legs to the store; what it does not take is kept for the next time."""
        if legs := tuple(self._unwritten):
            await self.world.store.legs_ended(*legs)
            del self._unwritten[: len(legs)]

    def limit(self, seconds: float) -> None:
        """Be told ``TimeUp`` after this time, instead of any earlier limit."""
        self.limit_at = asyncio.get_running_loop().time() + seconds

    def limit_waiting(self) -> None:
        """The queue's longest wait, as a limit of this flow; none while somebody talks."""
        self.limit_at = None
        if self.call.is_waiting and self.queue.max_wait_s:
            left_ms = self.queue.max_wait_s * 1000 - self.call.waited_ms(self.world.clock.now())
            self.limit(max(0.0, left_ms / 1000))
