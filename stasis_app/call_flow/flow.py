"""One coroutine per call that drives the call's machine, and can begin at any committed state.

It hears the switch (signals of its channels) and the store (offers made and ended, by whomever) through one inbox, so
that everything that happens to a call happens in one order. Each step is committed before it is acted on; a refused
commit means that something else was first: the flow reads the record again and goes on from there.
"""

from __future__ import annotations

import asyncio

import structlog

from acd.call import Call
from acd.errors import StoreUnavailable
from acd.events import CallChanged, CallEnded, OfferEnded, OfferMade
from acd.ports import ChannelEnded, EnteredBridge, LeftBridge, LegAnswered, LegCreated
from stasis_app.call_flow.beginning_again import outlast_the_store, resume
from stasis_app.call_flow.course import CallCourse, ReadAgain
from stasis_app.call_flow.world import FlowWorld, Item, LookAgain, PhoneDead, TimeUp

log = structlog.get_logger(__name__)


class CallFlow:
    """Drives one call. ``run`` returns when nothing of the call is left in our hands; ``close`` it then."""

    def __init__(self, call: Call, world: FlowWorld, *, fresh: bool = False) -> None:
        """``fresh``: a caller whom no store has heard of."""
        self.begun_from = call
        self._course = CallCourse(call, world, fresh)

    @property
    def call(self) -> Call:
        """The call as this process knows it."""
        return self._course.call

    def deliver(self, item: Item) -> None:
        """Hand over something that happened; it is dealt with in order."""
        self._course.deliver(item)

    async def run(self) -> None:
        """From whatever is committed to the end of the call. Whatever it raises is a fault: it may be run again."""
        course = self._course
        async with course.new_tasks() as tasks:
            course.greeting = tasks.create_task(course.greet())
            while not course.over:
                try:
                    await resume(course)
                    while not course.over:
                        await self._handle(await self._next())
                except ReadAgain:
                    continue
                except StoreUnavailable as away:
                    log.info("a call waits for the store", call=course.call.id, reason=str(away))
                    await outlast_the_store(course)

    def close(self) -> None:
        """Hear of nothing any longer."""
        self._course.channels.stop_listening()

    async def _next(self) -> Item:
        course, loop = self._course, asyncio.get_running_loop()
        if course.limit_at is None:
            return await course.inbox.get()
        try:
            async with asyncio.timeout(max(0.0, course.limit_at - loop.time())):
                return await course.inbox.get()
        except TimeoutError:
            course.limit_at = None
            return TimeUp()

    async def _handle(self, item: Item) -> None:  # noqa: C901  # one line for each thing that can happen
        course = self._course
        match item:
            case OfferMade():
                course.offered(item)
            case OfferEnded():
                await course.offer_ended(item)
            case CallChanged():
                await course.changed(item)
            case CallEnded():
                if course.ended is None:
                    await course.close(item.call)
            case LegCreated():
                course.channels.leg_created(item)
            case LegAnswered():
                leg = course.channels.legs.get(item.channel)
                if leg is not None and leg.created and leg.answered_at is None:
                    await course.answered(leg)
            case EnteredBridge():
                course.channels.seen_in_bridge(item.channel, item.bridge, inside=True)
                await course.connect_if_together()
            case LeftBridge():
                course.channels.seen_in_bridge(item.channel, item.bridge, inside=False)
            case ChannelEnded():
                await course.channel_ended(item)
            case PhoneDead():
                await course.phone_dead(item)
            case TimeUp():
                await course.time_up()
            case LookAgain():
                raise ReadAgain
            case _:
                pass
