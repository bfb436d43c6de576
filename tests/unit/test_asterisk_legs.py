"""An agent's next leg has the id of the one before, and Asterisk may not be done with that one yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import pytest

from acd.agent import AgentProfile
from acd.call import Call
from acd.offer import Offer
from acd.ports import LegInTheWay
from stasis_app.ari import Received
from stasis_app.ari.generated_events import ChannelDestroyed, ChannelUserevent, StasisStart
from stasis_app.ari.generated_models import Channel, Variable
from stasis_app.ari.generated_operations import Events, Operations
from stasis_app.ari.listeners import Listeners
from stasis_app.ari.operation import Operation
from stasis_app.asterisk.calls import AsteriskCalls
from stasis_app.asterisk.signals import SignalBoard
from stasis_app.asterisk.whereabouts import Whereabouts
from stasis_app.asterisk.words import NEXT_EVENT, OFFER

Answer = TypeVar("Answer")

CALL = Call(id="caller-1", queue="support")


def offer(number: int) -> Offer:
    return Offer(id=f"offer-{number}", call=CALL.id, agent="anna", queue="support", fence=number)


class Asked:
    """Takes every operation, and does nothing about it."""

    app = "acd-1"

    def __init__(self) -> None:
        self.names: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None
        """What Asterisk tells before it answers for a channel."""
        self.events: Any = Events(self)

    def bound(self, _key: str) -> Operations:
        return Operations(self)

    async def send(self, operation: Operation[Answer], path: tuple[str, ...], _parameters: Mapping[str, Any], /) -> Any:
        self.names.append(f"{operation.name.partition('.')[2]} {path[0] if path else ''}".strip())
        match operation.name:
            case "channels.get":
                self.meanwhile()
                return Channel(id=path[0], state="Down")
            case "channels.getChannelVar":
                return Variable(value="offer-1")
            case _:
                return None


class Switch:
    """Our hands on an Asterisk of which the test says what it tells."""

    def __init__(self) -> None:
        self.asked = Asked()
        self.listeners = Listeners()
        ari: Any = self.asked
        board = SignalBoard(self.listeners)
        self.whereabouts = Whereabouts()
        self.calls = AsteriskCalls("asterisk-1", ari, board, self.whereabouts, lambda _c, _w: None, lambda _agent: None)

    def tell(self, event: Received) -> None:
        self.listeners.dispatch(event)

    def entered(self, offer: Offer) -> None:
        self.tell(StasisStart(args=(OFFER, offer.id), channel=Channel(id=offer.leg)))

    def destroyed(self, offer: Offer) -> None:
        self.tell(ChannelDestroyed(channel=Channel(id=offer.leg), cause=16))

    async def create(self, offer: Offer) -> None:
        await self.calls.create_leg(offer, CALL, AgentProfile(id="anna"))

    async def outcome(self, offer: Offer) -> str:
        try:
            await self.create(offer)
        except LegInTheWay:
            return "in the way"
        return "made"


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_leg_is_made_before_asterisk_has_done_with_the_one_before() -> None:
    """Made in between, it would lose its subscription to that one's end: its answer would not be heard of."""
    switch = Switch()
    switch.entered(offer(1))
    switch.destroyed(offer(1))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(switch.create(offer(2)))
        await settled()
        assert switch.asked.names == [f"userEvent {NEXT_EVENT}"], "asked for a sign, and made nothing"

        switch.tell(ChannelUserevent(eventname=NEXT_EVENT))
        await settled()
        assert switch.asked.names[1:] == ["create"]
        switch.entered(offer(2))


async def test_any_later_event_is_sign_enough() -> None:
    switch = Switch()
    switch.entered(offer(1))
    switch.destroyed(offer(1))
    switch.tell(ChannelDestroyed(channel=Channel(id="another"), cause=16))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(switch.create(offer(2)))
        await settled()
        assert switch.asked.names == ["create"]
        switch.entered(offer(2))


@pytest.mark.parametrize(("application", "waits"), [("acd-1", True), ("acd-2", False)])
async def test_a_leg_that_was_found_after_a_start_is_waited_for_like_one_that_came_in(
    application: str, waits: bool
) -> None:
    """This process made it before it was started anew, and hears of its end; of another process's it would not."""
    switch = Switch()
    switch.whereabouts.application[offer(1).leg] = application

    found = await switch.calls._look_at(offer(1).leg)

    assert found is not None
    assert found.offer == "offer-1"
    async with asyncio.TaskGroup() as tasks:
        creating = tasks.create_task(switch.outcome(offer(2)))
        await settled()
        switch.entered(offer(2))
    assert creating.result() == ("in the way" if waits else "made")


async def test_a_leg_whose_end_overtook_the_answer_is_not_waited_for() -> None:
    """Its end will not be heard of again."""
    switch = Switch()
    switch.whereabouts.application[offer(1).leg] = "acd-1"
    switch.asked.meanwhile = lambda: switch.destroyed(offer(1))

    await switch.calls._look_at(offer(1).leg)
    switch.tell(ChannelUserevent(eventname=NEXT_EVENT))

    async with asyncio.TaskGroup() as tasks:
        creating = tasks.create_task(switch.outcome(offer(2)))
        await settled()
        switch.entered(offer(2))
    assert creating.result() == "made"
