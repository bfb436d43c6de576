"""Where a call's course begins, and begins again: after a start, a refused commit, a lost event socket, a store away.

Nothing that is remembered counts then: the committed record and the switch's channels are read, and what we hold is
made to agree with them.
"""

from __future__ import annotations

from dataclasses import replace

from acd.call import CallState, EndedBy, EndReason
from acd.offer import Offer, OfferOutcome, OfferState
from acd.ports import ChannelEnded, FoundChannel, LegCreated
from stasis_app.call_flow.channels import WatchedChannel
from stasis_app.call_flow.course import CallCourse
from stasis_app.call_flow.world import LookAgain


async def resume(course: CallCourse) -> None:
    """Make what we hold agree with what is committed and with what the switch shows."""
    await course.write_history()
    if course.ended is not None:
        return await course.close(course.ended)
    caller = course.channels.caller
    if course.fresh and not caller.gone:  # the store may have been away for longer than the caller stayed
        course.call = await course.world.store.enqueue(course.call)
        course.fresh, course.committed = False, True
        return course.limit_waiting()
    record = await course.world.store.call(course.call.id)
    seen = await course.world.switch.look_at(course.call.id)
    if record is None and seen is not None:
        waiting = replace(course.call, state=CallState.QUEUED, offers={}, offer=None, agent=None, connected_at=None)
        record = await course.world.store.enqueue(waiting)
    elif record is None and course.committed:
        return await _end_unseen(course)
    if record is None or record.owner != course.world.process:
        course.over = True
        return None
    course.call, course.committed, course.bridged = record, True, True
    if seen is None and course.life != course.world.switch.life:
        return await course.cut_off()
    if seen is None:
        caller.gone = True
        return await course.caller_left()
    course.life = course.world.switch.life
    if seen.application != course.world.process:
        await course.world.switch.adopt(course.call.id)
    caller.in_bridge = seen.bridge == course.call.bridge
    course.limit_waiting()
    return await _resume_offers(course)


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
    if held is None or held.offer is None or held.offer.id != offer.id:
        held = course.channels.watch(offer.leg, offer=offer)
    elif held.ringing:
        return
    elif not held.created and offer.state in {
        OfferState.RESERVED,
        OfferState.RINGING,
    }:  # the task that should have made it could not
        course.channels.forget(held)
        await course.end_offer(offer, OfferOutcome.UNREACHABLE)
        return
    seen = await course.world.switch.look_at(offer.leg)
    if seen is not None and seen.offer == offer.id:
        await _leg_is_there(course, held, offer, seen)
    elif offer.state is OfferState.RESERVED:
        course.start_ringing(held, offer)
    elif offer.state is OfferState.CONNECTED:
        course.channels.forget(held)
        await course.talk_over(EndedBy.AGENT)
    else:
        course.channels.forget(held)
        await course.end_offer(offer, OfferOutcome.INTERRUPTED)


async def _leg_is_there(course: CallCourse, leg: WatchedChannel, offer: Offer, seen: FoundChannel) -> None:
    leg.created = True
    leg.in_bridge = seen.bridge == course.call.bridge
    if seen.application != course.world.process:
        await course.world.switch.adopt(leg.channel)
    match offer.state:
        case OfferState.RESERVED:  # made, never dialled: offer anew rather than guess
            await course.channels.give_up(leg)
            await course.end_offer(offer, OfferOutcome.INTERRUPTED)
        case OfferState.RINGING:
            if seen.answered:
                await course.answered(leg)
            elif not seen.dialled:  # the commit was made, the act was not: offer anew rather than guess
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
        elif isinstance(item, ChannelEnded) and course.take_off(item) is not None:
            await course.leave_nobody_alone()


async def _end_unseen(course: CallCourse) -> None:
    """The store lost the call, and the caller left meanwhile: the end is committed all the same, so that every call
    is accounted for."""
    talked = course.call.state is CallState.CONNECTED
    await course.world.store.enqueue(replace(course.call, state=CallState.QUEUED, offers={}, offer=None))
    await course.end_call(EndReason.COMPLETED if talked else EndReason.ABANDONED, EndedBy.CALLER)


async def _tell_when_store_is_back(course: CallCourse) -> None:
    await course.world.store_ready()
    course.deliver(LookAgain())
