"""All flows of one process: who drives which call, so that what happens reaches the right one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from acd.call import Call, CallState
from acd.events import AnyEvent, CallChanged, CallEnded, CallTakenOver, OfferEnded, OfferMade
from stasis_app.call_flow.flow import CallFlow
from stasis_app.call_flow.persistence import drive
from stasis_app.call_flow.world import FlowWorld, LookAgain

log = structlog.get_logger(__name__)


class CallFlows:
    """Starts flows and hands them what the store says. Flows belong to the task group that is given."""

    def __init__(self, tasks: asyncio.TaskGroup, worlds: Mapping[str, FlowWorld]) -> None:
        self._tasks = tasks
        self._worlds = worlds
        self._flows: dict[str, CallFlow] = {}
        self._back: dict[str, Call] = {}
        """Calls that came back to this process before it was done with letting them go."""

    def start(self, call: Call, *, fresh: bool = False) -> None:
        """Drive this call, unless it is driven already."""
        if call.id in self._flows:
            return
        world = self._worlds.get(call.node)
        if world is None:
            log.error("a call on a node that this process does not serve", call=call.id, node=call.node)
            return
        flow = CallFlow(call, world, fresh=fresh)
        self._flows[call.id] = flow
        self._tasks.create_task(self._drive(flow, world), name=f"call {call.id}")

    async def _drive(self, flow: CallFlow, world: FlowWorld) -> None:
        call = flow.call.id
        try:
            await drive(flow, world)
        finally:
            flow.close()
            del self._flows[call]
            back = self._back.pop(call, None)
        if back is not None and flow.call.state is not CallState.ENDED:
            self.start(back)

    def hear(self, event: AnyEvent) -> None:
        """Something committed concerns a call of this process."""
        match event:
            case CallTakenOver():
                flow = self._flows.get(event.call.id)
                if flow is not None and flow.begun_from != event.call:  # it may not even know that it had lost the call
                    self._back[event.call.id] = event.call
                    flow.deliver(LookAgain())
                self.start(event.call)
            case OfferMade() | OfferEnded() | CallChanged() | CallEnded():
                flow = self._flows.get(event.call.id)
                if flow is not None:
                    flow.deliver(event)
            case _:
                pass  # of no concern to a call's flow

    def look_again(self, node: str | None = None) -> None:
        """Events may have been missed (on this node): every flow reads its record and its channels again."""
        for flow in self._flows.values():
            if node is None or flow.call.node == node:
                flow.deliver(LookAgain())

    def drives(self, call: str) -> bool:
        """Whether this process drives the call."""
        return call in self._flows

    def records(self) -> Mapping[str, Call]:
        """The calls that this process drives, as it knows them: better than what a channel variable remembers."""
        return {call: flow.call for call, flow in self._flows.items()}
