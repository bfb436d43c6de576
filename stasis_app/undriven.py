"""The last net under the flows: calls that the store says are ours, and that nobody here drives.

None should ever be found. But a record with a living owner is taken over by nobody, and its caller is offered to one
agent after the other by whoever leads: what falls through any other net must not fall through this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from acd.call import Call, CallState
from acd.events import AnyEvent
from acd.ports import Snapshot
from stasis_app.event_feed import EventFeed

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 5.0


class UndrivenCalls:
    """Knows this process's calls from the stream. A call that nobody drives in two looks is driven from then on: a
    flow that has just ended its call is ahead of the stream, and one that is to begin may be behind it."""

    def __init__(
        self, feed: EventFeed, *, process: str, drives: Callable[[str], bool], start: Callable[[Call], None]
    ) -> None:
        self._process = process
        self._drives = drives
        self._start = start
        self._ours: dict[str, Call] = {}
        self._suspects: set[str] = set()
        feed.subscribe(self._take_snapshot, self._take_events)

    async def run(self) -> None:
        """For as long as the store's epoch lasts."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.look()

    def look(self) -> None:
        """One look."""
        undriven = {call for call in self._ours if not self._drives(call)}
        for call in sorted(undriven & self._suspects):
            log.error("a call of ours was driven by nobody", call=call, state=self._ours[call].state)
            self._start(self._ours[call])
        self._suspects = undriven

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        self._ours = {call.id: call for call in snapshot.calls.values() if call.owner == self._process}

    def _take_events(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            call: Call | None = getattr(event, "call", None)
            if call is None:
                continue
            if call.owner == self._process and call.state is not CallState.ENDED:
                self._ours[call.id] = call
            else:
                self._ours.pop(call.id, None)
