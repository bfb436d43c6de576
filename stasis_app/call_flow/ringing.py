"""Calling one agent's phone: commit first, dial after, and never dial on a reservation that was slept through."""

from __future__ import annotations

import asyncio

import structlog

from acd.agent import AgentProfile
from acd.call import Call
from acd.errors import PhoneUnreachable, StoreUnavailable
from acd.offer import Offer, OfferState
from acd.ports import OfferRef, Refused, SwitchRefused
from stasis_app.call_flow.channels import WatchedChannel
from stasis_app.call_flow.world import SLEPT_S, FlowWorld, LookAgain, PhoneDead
from stasis_app.first_error import first_error

log = structlog.get_logger(__name__)


async def ring(
    world: FlowWorld, call: Call, offer: Offer, leg: WatchedChannel, agent: AgentProfile, timeout_s: int
) -> PhoneDead | LookAgain | None:
    """Make the leg and commit, then dial. Answers what the flow must hear of, or None when the phone is being called
    (or when the offer was lost meanwhile, of which the flow hears by the store)."""
    try:
        if not await _make_and_commit(world, call, offer, agent) or _given_up(leg):
            await world.switch.hang_up(leg.channel)
            return None
        await world.switch.dial_leg(offer, call, timeout_s=timeout_s)
    except PhoneUnreachable:
        return PhoneDead(offer.id)
    except SwitchRefused as refused:
        log.info("leg was gone before it was dialled", call=call.id, offer=offer.id, refused=str(refused))
        return LookAgain()
    except StoreUnavailable:
        await world.switch.hang_up(leg.channel)
        return LookAgain()
    if _given_up(leg):
        await world.switch.hang_up(leg.channel)
    return None


def _given_up(leg: WatchedChannel) -> bool:
    """The flow may have lost the offer while this task was waiting."""
    return leg.given_up


async def _make_and_commit(world: FlowWorld, call: Call, offer: Offer, agent: AgentProfile) -> bool:
    """Make the leg, and meanwhile commit that it is about to be dialled: a leg that is made calls nobody. Whether it
    may be dialled now."""
    asked_at = asyncio.get_running_loop().time()
    with first_error():
        async with asyncio.TaskGroup() as tasks:
            committing = tasks.create_task(_commit(world, offer))
            await world.switch.create_leg(offer, call, agent)
    return await _may_dial(world, offer, committing.result(), asked_at)


async def _commit(world: FlowWorld, offer: Offer) -> Offer | Refused | StoreUnavailable:
    """Commit that the phone is about to be dialled. A store that is away must not stop the making halfway: whether
    there is a leg would not be known then."""
    try:
        return await world.store.ring(ref(offer))
    except StoreUnavailable as away:
        return away


async def _may_dial(
    world: FlowWorld, offer: Offer, committed: Offer | Refused | StoreUnavailable, asked_at: float
) -> bool:
    """Whether the commit stands, and no long sleep lies between it and now."""
    loop = asyncio.get_running_loop()
    if isinstance(committed, StoreUnavailable):
        raise committed
    if isinstance(committed, Refused):
        log.info("offer lost before dialling", call=offer.call, offer=offer.id, why=committed.why)
        return False
    while loop.time() - asked_at > SLEPT_S:
        asked_at = loop.time()
        current = await world.store.offer(offer.id)
        if current is None or current.state is not OfferState.RINGING or current.lease_until <= world.clock.now():
            log.warning("slept between commit and dial; the offer is lost", call=offer.call, offer=offer.id)
            return False
    return True


def ref(offer: Offer) -> OfferRef:
    """What proves to the store that we may still act on this offer."""
    return OfferRef(id=offer.id, fence=offer.fence, owner=offer.owner)
