"""Where a call's course begins, and begins again: after a start, a refused commit, a lost event socket, a store away.

Nothing that is remembered counts then: the committed record and the switch's channels are read, and what we hold is
made to agree with them.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from acd.call import Call, CallState, EndedBy, EndReason
from acd.offer import Offer, OfferOutcome, OfferState
from acd.ports import ChannelEnded, FoundChannel, LegCreated, Refused, SwitchRefused
from stasis_app.call_flow.channels import WatchedChannel
from stasis_app.call_flow.course import CallCourse, ReadAgain
from stasis_app.call_flow.world import LookAgain

log = structlog.get_logger(__name__)


async def resume(course: CallCourse) -> None:
    """Make what we hold agree with what is committed and with what the switch shows."""
    await course.write_history()
    if course.ended is not None:
        return await course.close(course.ended)
    if course.fresh:
        course.fresh = False  # should the store not answer now, it may have heard of the call all the same
        course.call = await course.world.store.enqueue(course.call)
        course.committed = True
        return course.limit_waiting()
    record = await course.world.store.call(course.call.id)
    if record is None and (ended := await course.world.store.ended(course.call.id)) is not None:
        return await _carry_out(course, ended)
    seen = await course.world.switch.look_at(course.call.id)
    if record is None and seen is not None:  # it was never committed, or the store lost it with its epoch
        waiting = replace(course.call, state=CallState.QUEUED, offers={}, offer=None, agent=None, connected_at=None)
        record = await course.world.store.enqueue(waiting)
    elif record is None and course.committed:
        return await _end_unseen(course)
    if record is None or record.owner != course.world.process:
        course.over = True
        return None
    return await _go_on(course, record, seen)


async def _go_on(course: CallCourse, record: Call, seen: FoundChannel | None) -> None:
    """From this record, which is ours, with this caller's channel."""
    if record.offer != course.call.offer:
        course.together, course.parted = False, None
    course.call, course.committed, course.bridged = record, True, True
    caller = course.channels.caller
    if seen is None and course.life != course.world.switch.life:
        return await course.cut_off()
    if seen is None:
        caller.gone = True
        await _commit_what_was_seen(course)
        return await course.caller_left()
    course.life = course.world.switch.life
    if seen.application != course.world.process:
        await _adopt(course, course.call.id)
    caller.in_bridge = seen.bridge == course.call.bridge
    course.limit_waiting()
    return await _resume_offers(course)


async def _carry_out(course: CallCourse, ended: Call) -> None:
    """The call's end is committed, by us or by whoever has taken it over since. Only its owner knows what it is to the
    channel, which may be in the dialplan already."""
    if ended.owner != course.world.process:
        course.over = True
        return
    course.committed, course.bridged = True, True
    if await course.world.switch.look_at(ended.id) is None:
        course.channels.caller.gone = True
    await course.close(ended)


async def _adopt(course: CallCourse, channel: str) -> None:
    try:
        await course.world.switch.adopt(channel)
    except SwitchRefused as refused:
        if await course.world.switch.look_at(channel) is not None:
            raise
        log.info("gone before it was adopted", call=course.call.id, channel=channel, refused=str(refused))
        raise ReadAgain from None


async def _commit_what_was_seen(course: CallCourse) -> None:
    """Caller and agent were seen together while the store did not take it: they have talked."""
    if course.together and course.call.state is CallState.CONNECTING and course.call.offer is not None:
        offer = await course.world.store.offer(course.call.offer)
        if offer is not None:
            await course.connect(offer)


async def _resume_offers(course: CallCourse) -> None:
    live = set(course.call.offers) | ({course.call.offer} if course.call.offer else set())
    for leg in list(course.channels.legs.values()):
        if leg.offer is not None and leg.offer.id not in live:
            await course.channels.give_up(leg)
    for offer_id in sorted(live):
        offer = await course.world.store.offer(offer_id)
        if offer is not None and course.ended is None:
            await _resume_offer(course, offer)


async def _resume_offer(course: CallCourse, offer: Offer) -> None:
    held = course.channels.legs.get(offer.leg)
    tried = held is not None and held.offer is not None and held.offer.id == offer.id
    if held is None or not tried:
        held = course.channels.watch(offer.leg, offer=offer)
    elif held.ringing:
        return
    seen = await course.world.switch.look_at(offer.leg)
    if seen is not None and seen.offer == offer.id:
        await _leg_is_there(course, held, offer, seen)
    elif offer.state in {OfferState.RESERVED, OfferState.RINGING} and tried and not held.created:
        # the task that should have made it could not
        course.channels.forget(held)
        await course.end_offer(offer, OfferOutcome.UNREACHABLE)
    elif offer.state is OfferState.RESERVED:
        course.start_ringing(held, offer)
    elif offer.state is OfferState.CONNECTED or (offer.state is OfferState.ACCEPTED and course.together):
        course.channels.forget(held)
        await _commit_what_was_seen(course)
        await course.talk_over(course.parted or EndedBy.AGENT)
    else:
        course.channels.forget(held)
        await course.end_offer(offer, OfferOutcome.INTERRUPTED)


async def _leg_is_there(course: CallCourse, leg: WatchedChannel, offer: Offer, seen: FoundChannel) -> None:
    leg.created = True
    leg.in_bridge = seen.bridge == course.call.bridge
    if seen.application != course.world.process:
        await _adopt(course, leg.channel)
    match offer.state:
        case OfferState.RESERVED:  # made, never dialled: offer anew rather than guess
            await course.channels.give_up(leg)
            await course.end_offer(offer, OfferOutcome.INTERRUPTED)
        case OfferState.RINGING:
            if seen.answered:
                await course.answered(leg)
            elif not (
                seen.dialled or leg.dialled
            ):  # the commit was made, the act was not: offer anew rather than guess
                await course.channels.give_up(leg)
                await course.end_offer(offer, OfferOutcome.INTERRUPTED)
        case OfferState.ACCEPTED | OfferState.CONNECTED:
            leg.answered_at = leg.answered_at or offer.accepted_at
            if not (leg.in_bridge and course.channels.caller.in_bridge):
                await course.join(leg)
            await course.connect_if_together()
        case OfferState.ENDED:
            await course.channels.give_up(leg)


async def outlast_the_store(course: CallCourse) -> None:
    """The store is away: who talks, talks on; when one of two hangs up, the other is not left alone.

    Everything else that is heard meanwhile is seen again on resuming, in the record and on the switch.
    """
    back = course.tasks.create_task(_tell_when_store_is_back(course))
    while not back.done():
        item = await course.inbox.get()
        if isinstance(item, LookAgain) and back.done():
            return
        if isinstance(item, LegCreated):
            course.channels.leg_created(item)
        elif isinstance(item, ChannelEnded) and (channel := course.take_off(item)) is not None:
            await course.leave_nobody_alone(EndedBy.CALLER if channel.offer is None else EndedBy.AGENT)


async def _end_unseen(course: CallCourse) -> None:
    """The store lost the call, and the caller left meanwhile: the end is booked all the same, so that every call is
    accounted for, with the agent of a talk."""
    call, by = course.call, course.parted or EndedBy.CALLER
    if call.state is CallState.CONNECTED:
        over = replace(call, offers={}, end_reason=EndReason.COMPLETED, ended_by=by)
    else:
        over = replace(call, offers={}, offer=None, agent=None, end_reason=EndReason.ABANDONED, ended_by=by)
    ended = await course.world.store.end_lost(over)
    if isinstance(ended, Refused):
        raise ReadAgain
    course.channels.caller.gone = True
    await course.close(ended)


async def _tell_when_store_is_back(course: CallCourse) -> None:
    await course.world.store_ready()
    course.deliver(LookAgain())
