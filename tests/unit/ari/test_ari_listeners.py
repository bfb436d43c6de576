"""Who hears which event, in which order, and what a bad listener breaks."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from stasis_app.ari.event_decoding import UnknownEvent
from stasis_app.ari.generated_events import (
    BridgeMerged,
    ChannelDestroyed,
    ChannelEnteredBridge,
    ChannelTransfer,
    ChannelUserevent,
    Dial,
    PlaybackFinished,
    StasisEnd,
    StasisStart,
)
from stasis_app.ari.generated_models import Bridge, Channel, Playback, ReferredBy, ReferTo
from stasis_app.ari.listeners import Inbox, Listeners, Subscription
from stasis_app.ari.reception import Received
from stasis_app.ari.routing import bridge_ids, channel_ids

A, B, C = Channel(id="a"), Channel(id="b"), Channel(id="c")


@pytest.mark.parametrize(
    ("event", "channels", "bridges"),
    [
        (StasisEnd(channel=A), ("a",), ()),
        (StasisStart(channel=A, replace_channel=B), ("a", "b"), ()),
        (Dial(caller=A, peer=B), ("a", "b"), ()),
        (Dial(peer=B), ("b",), ()),
        (Dial(caller=A, peer=A), ("a",), ()),
        (ChannelEnteredBridge(bridge=Bridge(id="x"), channel=A), ("a",), ("x",)),
        (BridgeMerged(bridge=Bridge(id="x"), bridge_from=Bridge(id="y")), (), ("x", "y")),
        (PlaybackFinished(playback=Playback(id="p", target_uri="channel:a")), ("a",), ()),
        (PlaybackFinished(playback=Playback(id="p", target_uri="bridge:x")), (), ("x",)),
        (
            ChannelTransfer(
                refer_to=ReferTo(destination_channel=A, bridge=Bridge(id="x")),
                referred_by=ReferredBy(source_channel=B, connected_channel=C),
            ),
            ("a", "b", "c"),
            ("x",),
        ),
        (ChannelUserevent(eventname="e"), (), ()),
        (UnknownEvent(name="New", raw={"channel": {"id": "a"}}), ("a",), ()),
        (UnknownEvent(name="New", raw={"channel": 3, "bridge": {"id": 4}}), (), ()),
    ],
)
def test_an_event_is_about_all_the_channels_and_bridges_it_names(
    event: Received, channels: tuple[str, ...], bridges: tuple[str, ...]
) -> None:
    assert channel_ids(event) == channels
    assert bridge_ids(event) == bridges


def test_each_listener_hears_what_it_asked_for() -> None:
    listeners, heard = Listeners(), list[str]()
    listeners.on(StasisEnd, lambda _: heard.append("class"))
    listeners.on("StasisEnd", lambda _: heard.append("name"))
    listeners.on("New", lambda _: heard.append("new"))
    listeners.on_channel("a", lambda _: heard.append("channel"))
    listeners.on_channel("b", lambda _: heard.append("other channel"))
    listeners.on_bridge("a", lambda _: heard.append("bridge"))
    listeners.on_everything(lambda _: heard.append("everything"))

    listeners.dispatch(StasisEnd(channel=A))
    assert heard == ["everything", "class", "name", "channel"]

    listeners.dispatch(UnknownEvent(name="New", raw={}))
    assert heard[4:] == ["everything", "new"]


def test_a_closed_subscription_hears_nothing_and_leaves_nothing_behind() -> None:
    listeners, heard = Listeners(), list[str]()
    for _ in range(3):
        with listeners.on_channel("a", lambda event: heard.append(event.type)) as subscription:
            listeners.dispatch(StasisEnd(channel=A))
        subscription.close()
        listeners.dispatch(StasisEnd(channel=A))

    assert heard == ["StasisEnd"] * 3
    assert not listeners._by_channel


def test_a_listener_can_end_others_and_add_others_while_an_event_is_handed_out() -> None:
    listeners, heard = Listeners(), list[str]()
    subscriptions: list[Subscription] = []

    def first(_: Received) -> None:
        heard.append("first")
        subscriptions[1].close()
        listeners.on(StasisEnd, lambda _: heard.append("added"))

    subscriptions.append(listeners.on(StasisEnd, first))
    subscriptions.append(listeners.on(StasisEnd, lambda _: heard.append("second")))
    listeners.dispatch(StasisEnd(channel=A))
    assert heard == ["first"]

    subscriptions[0].close()
    listeners.dispatch(StasisEnd(channel=A))
    assert heard == ["first", "added"]


def test_a_listener_that_fails_is_logged_and_stops_nobody() -> None:
    listeners, heard = Listeners(), list[str]()

    def fail(_: Received) -> None:
        raise LookupError

    listeners.on(StasisEnd, fail)
    listeners.on(StasisEnd, lambda _: heard.append("second"))
    with capture_logs() as logs:
        listeners.dispatch(StasisEnd(channel=A))

    assert heard == ["second"]
    assert listeners.failures == {"StasisEnd": 1}
    assert [entry["log_level"] for entry in logs] == ["error"]


async def test_an_inbox_keeps_the_order_and_drops_what_is_passed_over() -> None:
    listeners = Listeners()
    with Inbox() as inbox:
        inbox.listen(listeners.on_channel("a", inbox.put))
        for cause in range(3):
            listeners.dispatch(StasisEnd(channel=A))
            listeners.dispatch(ChannelDestroyed(channel=A, cause=cause))

        assert (await inbox.first(ChannelDestroyed)).cause == 0
        assert (await inbox.get()).type == "StasisEnd"
        assert [event.type for event in inbox.drain()] == ["ChannelDestroyed", "StasisEnd", "ChannelDestroyed"]
        assert inbox.drain() == []
    listeners.dispatch(StasisEnd(channel=A))
    assert inbox.drain() == []


async def test_an_inbox_can_be_iterated() -> None:
    inbox = Inbox()
    inbox.put(StasisEnd(channel=A))
    inbox.put(StasisEnd(channel=B))

    seen = []
    async with asyncio.timeout(1):
        async for event in inbox:
            seen.append(event)
            if len(seen) == 2:
                break

    assert [channel_ids(event) for event in seen] == [("a",), ("b",)]
