"""What becomes of a call whose flow fails: it is begun again from what is committed, and in the end ended in order.

A fault is logged with its trace and cured by nobody: what counts is that no caller stays in the line for whom nobody
acts, with agents reserved for that caller again and again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from acd.call import Call, CallState, EndedBy, EndReason
from acd.errors import StoreUnavailable
from acd.events import AlertKind
from acd.offer import leg_of
from acd.ports import Refused
from stasis_app.call_flow.flow import CallFlow
from stasis_app.call_flow.world import FlowWorld

log = structlog.get_logger(__name__)

PAUSES_S = (0.1, 0.5, 2.0, 5.0)
"""How long after each fault the flow is begun again; one fault more, and the call is given up."""
CALM_S = 60.0
"""A flow that went so long without a fault has earned all of them anew."""
LONGEST_CAUSE = 300
RESULT = "FAILED"
"""What ACD_RESULT says to the dialplan's net."""


async def drive(flow: CallFlow, world: FlowWorld) -> None:
    """Run the flow to its end, whatever happens to it."""
    clock = asyncio.get_running_loop().time
    faults = 0
    while True:
        began_at = clock()
        try:
            return await flow.run()
        except Exception as fault:  # one call's fault is not the other calls'
            faults = 1 if clock() - began_at > CALM_S else faults + 1
            log.exception("call flow failed", call=flow.call.id, faults=faults)
            if faults > len(PAUSES_S) and await _given_up(flow.call, world, fault, told=faults > len(PAUSES_S) + 1):
                return None
        await asyncio.sleep(PAUSES_S[min(faults, len(PAUSES_S)) - 1])


async def _given_up(call: Call, world: FlowWorld, fault: Exception, *, told: bool) -> bool:
    """End the call as failed, and let the dialplan's net serve the caller. False if that was not possible, or if people
    talk: they talk on, and the flow is tried again for as long as they do."""
    try:
        record = await world.store.call(call.id)
        if record is None or record.owner != world.process:  # over, but for what is left of it, or another's
            if call.state is CallState.ENDED:
                await _let_go(call, {}, world)
            return True
        if record.state is CallState.CONNECTED:
            if not told:
                await world.store.raise_alert(AlertKind.CALL_FAILED, _text(record, world, fault))
            return False
        ended = await world.store.end_call(record.id, EndReason.FAILED, owner=world.process, by=EndedBy.SYSTEM)
        if isinstance(ended, Refused):
            return False
        await world.store.raise_alert(AlertKind.CALL_FAILED, _text(record, world, fault))
    except StoreUnavailable:
        return False
    log.error("call given up", call=call.id, queue=call.queue)
    winner = {record.offer: record.agent} if record.offer and record.agent else {}
    await _let_go(ended, {**record.offers, **winner}, world)
    return True


def _text(call: Call, world: FlowWorld, fault: Exception) -> str:
    cause = fault.exceptions[0] if isinstance(fault, ExceptionGroup) else fault
    became = "goes on undriven" if call.state is CallState.CONNECTED else "was given to the dialplan's fall-back"
    said = f"{type(cause).__name__}: {cause}"[:LONGEST_CAUSE]
    return f"call {call.id} to {call.queue} {became}, as it cannot be driven ({said}); see the log of {world.process}"


async def _let_go(ended: Call, offers: Mapping[str, str], world: FlowWorld) -> None:
    """Nothing of the call stays in our hands."""
    for offer, agent in offers.items():
        await world.switch.hang_up(leg_of(agent), offer=offer)
    if ended.end_reason is EndReason.FAILED:
        await world.switch.give_to_fallback(ended.id, RESULT)
    else:
        await world.switch.hang_up(ended.id)
    await world.switch.destroy_bridge(ended.bridge)
