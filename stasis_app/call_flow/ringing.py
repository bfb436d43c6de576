"""Calling one agent's phone: commit first, dial after, and never dial on a reservation that was slept through."""

from __future__ import annotations

import asyncio
from typing import TypeAlias

import structlog

from acd.agent import AgentProfile
from acd.call import Call
from acd.errors import PhoneUnreachable, StoreUnavailable
from acd.offer import Offer, OfferState
from acd.ports import LegInTheWay, OfferRef, Refusal, Refused, SwitchRefused
from stasis_app.call_flow.channels import WatchedChannel
from stasis_app.call_flow.world import SLEPT_S, FlowWorld, LookAgain, PhoneDead
from stasis_app.first_error import first_error

log = structlog.get_logger(__name__)


async def ring(
    world: FlowWorld, call: Call, offer: Offer, leg: WatchedChannel, agent: AgentProfile, timeout_s: int
) -> PhoneDead | LookAgain | None:
    """Make the leg and commit, then dial. Answers what the flow must hear of, or None when the phone is being called
    (or when the offer was lost meanwhile, of which the flow hears by the store)."""
    made, asked_at = False, asyncio.get_running_loop().time()
    try:
        with first_error():
            async with asyncio.TaskGroup() as tasks:  # a leg that is made calls nobody: the commit need not wait for it
                committing = tasks.create_task(_commit(world, offer))
                await _make_leg(world, call, offer, agent, committing)
        made = True
        if not _given_up(leg):
            await _may_dial(world, offer, committing.result(), asked_at)
            await world.switch.dial_leg(offer, call, timeout_s=timeout_s)
            leg.dialled = True
    except PhoneUnreachable:
        return PhoneDead(offer.id)
    except SwitchRefused as refused:
        log.info("leg was gone before it was dialled", call=call.id, offer=offer.id, refused=str(refused))
        return LookAgain()
    except StoreUnavailable:
        if made:
            await world.switch.hang_up(leg.channel, offer=offer.id)
        return LookAgain()
    except _Lost as lost:
        log.info("offer lost before dialling", call=call.id, offer=offer.id, why=lost.why)
        if made and lost.why is not Refusal.NOT_OWNER:  # the new owner finds the leg, and may ring the phone with it
            await world.switch.hang_up(leg.channel, offer=offer.id)
        return LookAgain() if lost.why in _UNHEARD else None
    if _given_up(leg):
        await world.switch.hang_up(leg.channel, offer=offer.id)
    return None


_UNHEARD = frozenset({Refusal.NOT_OWNER, Refusal.UNKNOWN})
"""Who has lost the call to another process is told nothing of it; one who slept may have missed the offer's end."""


class _Lost(Exception):
    """The store says that we may no longer act on this offer."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


_Committed: TypeAlias = "Offer | Refused | StoreUnavailable"


async def _commit(world: FlowWorld, offer: Offer) -> _Committed:
    """Commit that the phone is about to be dialled. A store that is away does not stop the making of the leg halfway:
    nobody would know whether there is one."""
    try:
        return await world.store.ring(ref(offer))
    except StoreUnavailable as away:
        return away


def _stands(committed: _Committed) -> None:
    if isinstance(committed, StoreUnavailable):
        raise committed
    if isinstance(committed, Refused):
        raise _Lost(committed.why)


async def _make_leg(
    world: FlowWorld, call: Call, offer: Offer, agent: AgentProfile, committing: asyncio.Task[_Committed]
) -> None:
    """Make it, in the place of an earlier one if the offer is still ours: to a process that slept, a leg in the way is
    that of whoever holds the agent by now."""
    try:
        await world.switch.create_leg(offer, call, agent)
    except LegInTheWay as earlier:
        log.info("an earlier leg of this agent is still there", leg=offer.leg, offer=offer.id, of=earlier.made_for)
        _stands(await committing)
        await _confirm(world, offer)
        await world.switch.make_way(offer, earlier.made_for)
        await world.switch.create_leg(offer, call, agent)


def _given_up(leg: WatchedChannel) -> bool:
    """The flow may have lost the offer while this task was waiting."""
    return leg.given_up


async def _may_dial(world: FlowWorld, offer: Offer, committed: _Committed, asked_at: float) -> None:
    """Make sure that the commit stands, and that no long sleep lies between it and now."""
    _stands(committed)
    if asyncio.get_running_loop().time() - asked_at > SLEPT_S:
        log.warning("slept between commit and dial", call=offer.call, offer=offer.id)
        await _confirm(world, offer)


async def _confirm(world: FlowWorld, offer: Offer) -> None:
    """Have the store say again that the offer is ours, about to be dialled and within its lease; what is said counts
    only if no sleep came in between."""
    loop = asyncio.get_running_loop()
    while True:
        asked_at = loop.time()
        current = await world.store.offer(offer.id)
        if current is None:
            raise _Lost(Refusal.UNKNOWN)
        if current.owner != world.process:
            raise _Lost(Refusal.NOT_OWNER)
        if current.state is not OfferState.RINGING:
            raise _Lost(Refusal.WRONG_STATE)
        if current.lease_until <= world.clock.now():
            raise _Lost(Refusal.LEASE_OVER)
        if loop.time() - asked_at <= SLEPT_S:
            return


def ref(offer: Offer) -> OfferRef:
    """What proves to the store that we may still act on this offer."""
    return OfferRef(id=offer.id, fence=offer.fence, owner=offer.owner)
