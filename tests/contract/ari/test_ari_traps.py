"""Where Asterisk does not do what one would expect, and the way of this client around it."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import pytest

from scenarios.lab.places import Place
from stasis_app.ari import Ari, AriTimeout, Conflict, ServerError, Unprocessable
from stasis_app.ari.generated_events import (
    ChannelDestroyed,
    ChannelEnteredBridge,
    ChannelStateChange,
    Dial,
    PlaybackFinished,
    PlaybackStarted,
    StasisStart,
)
from tests.contract.ari.far_side import Connect, Leg, Phone

pytestmark = pytest.mark.asterisk

LONG_PROMPT = "sound:demo-instruct"  # 30 s and more


@pytest.mark.parametrize("stop_music", [False, True])
async def test_music_plays_on_in_a_bridge_unless_it_was_stopped(
    ari: Ari, leg: Leg, lab_place: Place, *, stop_music: bool
) -> None:
    """Whoever adds a waiting caller to a bridge has to stop the music first."""
    silent_agent = await leg(ari)
    async with Phone.listening(lab_place.address(100)) as phone:
        caller = await leg(ari, endpoint=f"PJSIP/carrier-1/{phone.uri}")
        await ari.channels.startMoh(channelId=caller)
        await phone.heard.get()

        with ari.events.of_bridge("music") as inbox:
            await ari.bridges.createWithId(bridgeId="music", type="mixing")
            if stop_music:
                await ari.channels.stopMoh(channelId=caller)
            await ari.bridges.addChannel(bridgeId="music", channel=[caller, silent_agent])
            for _ in range(2):
                await inbox.first(ChannelEnteredBridge)
        before = phone.heard.qsize()
        music = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                while music < before + 10:
                    await phone.heard.get()
                    music += 1
        await ari.channels.hangup(channelId=caller)

    assert (music >= before + 10) is not stop_music


async def test_a_playback_holds_up_what_waits_for_its_channel_until_it_is_stopped(ari: Ari, leg: Leg) -> None:
    channel_id = await leg(ari)
    with ari.events.of_channel(channel_id) as inbox:
        await ari.channels.playWithId(channelId=channel_id, playbackId="long", media=[LONG_PROMPT])
        await inbox.first(PlaybackStarted)

        with pytest.raises(AriTimeout):
            await ari.bound(limit_s=0.5).channels.setChannelVar(channelId=channel_id, variable="A", value="1")
        await ari.playbacks.stop(playbackId="long")
        await inbox.first(PlaybackFinished)

    await ari.bound(limit_s=0.5).channels.setChannelVar(channelId=channel_id, variable="B", value="1")


async def test_spoken_digits_cannot_be_stopped(ari: Ari, leg: Leg) -> None:
    """Numbers are composed of sounds instead."""
    channel_id = await leg(ari)
    with ari.events.of_channel(channel_id) as inbox:
        await ari.channels.playWithId(channelId=channel_id, playbackId="digits", media=["digits:123456"])
        await inbox.first(PlaybackStarted)
        with pytest.raises(ServerError, match="Could not stop playback"):
            await ari.playbacks.stop(playbackId="digits")
        await ari.channels.hangup(channelId=channel_id)
        await inbox.first(PlaybackFinished)

        composed = await leg(ari)
    with ari.events.of_channel(composed) as inbox:
        await ari.channels.playWithId(
            channelId=composed, playbackId="sounds", media=["sound:digits/1", "sound:digits/2"]
        )
        await inbox.first(PlaybackStarted)
        await ari.playbacks.stop(playbackId="sounds")
        await inbox.first(PlaybackFinished)


async def test_a_filter_of_allowed_types_swallows_replies_unless_it_names_them(connect: Connect) -> None:
    async with connect(command_sockets=1, limit_s=1.0) as ari:
        command_app = f"cmd0-{ari.app}"

        async def allow(*types: str) -> None:
            await ari.applications.filter(
                applicationName=command_app, filter={"allowed": [{"type": one} for one in types]}
            )

        await allow("StasisStart")
        with pytest.raises(AriTimeout):
            await ari.asterisk.ping()
        await allow("StasisStart", "RESTResponse")
        assert (await ari.asterisk.ping()).ping == "pong"


async def test_a_stuck_command_delays_its_own_socket_alone(connect: Connect, leg: Leg) -> None:
    async def ping_beside_a_stuck_command(ari: Ari) -> float:
        """Seconds that a ping takes while another call's command waits for a playback."""
        channel_id = await leg(ari)
        with ari.events.of_channel(channel_id) as inbox:
            await ari.channels.playWithId(channelId=channel_id, playbackId="long", media=[LONG_PROMPT])
            await inbox.first(PlaybackStarted)
        async with asyncio.TaskGroup() as tasks:
            stuck = tasks.create_task(
                ari.bound("slow").channels.setChannelVar(channelId=channel_id, variable="A", value="1")
            )
            await asyncio.sleep(0)
            since = time.monotonic()
            with suppress(AriTimeout):
                await ari.bound("quick", limit_s=0.5).asterisk.ping()
            took = time.monotonic() - since
            assert not stuck.done()
            async with connect(app="helper") as helper:
                await helper.playbacks.stop(playbackId="long")
        await ari.channels.hangup(channelId=channel_id)
        return took

    async with connect(command_sockets=1) as one_socket:
        assert await ping_beside_a_stuck_command(one_socket) >= 0.5
    async with connect(command_sockets=2) as two_sockets:
        assert await ping_beside_a_stuck_command(two_sockets) < 0.4


async def test_a_leg_can_surely_be_dialled_once_its_stasis_start_came(ari: Ari) -> None:
    """At once after its creation, dialling may be refused: the leg enters the application in a thread of its own."""
    for number in range(25):
        channel_id = f"quick-{number}"
        with ari.events.of_channel(channel_id) as inbox:
            leg = ari.bound(channel_id).channels
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(leg.create(endpoint="Local/rings@far-end/n", app=ari.app, channelId=channel_id))
                hasty = tasks.create_task(_is_refused(leg.dial(channelId=channel_id, timeout=9)))
            await inbox.first(StasisStart)
            if hasty.result():
                await leg.dial(channelId=channel_id, timeout=9)
            await inbox.first(ChannelStateChange)


async def _is_refused(dialling: object) -> bool:
    try:
        await dialling  # type: ignore[misc]
    except Conflict:
        return True
    return False


async def test_a_dial_time_limit_ends_the_ringing(ari: Ari) -> None:
    """It is sent as a number: Asterisk takes a text for 0, which is for ever."""
    with ari.events.of_channel("patient") as inbox:
        await ari.channels.create(endpoint="Local/rings@far-end/n", app=ari.app, channelId="patient")
        await inbox.first(StasisStart)
        await ari.channels.dial(channelId="patient", timeout=1)
        since = (await inbox.first(ChannelStateChange)).received_at
        gone = await inbox.first(ChannelDestroyed)

    assert gone.cause == 19
    assert 0.5 < gone.received_at - since < 3


async def test_a_join_is_told_by_an_event_for_each_leg(ari: Ari, leg: Leg) -> None:
    """The reply to addChannel says only that the request was taken."""
    caller, agent = await leg(ari), await leg(ari)
    await ari.bridges.createWithId(bridgeId="join", type="mixing")

    with ari.events.of_bridge("join") as inbox:
        await ari.bridges.addChannel(bridgeId="join", channel=[caller, agent])
        joined = [await inbox.first(ChannelEnteredBridge) for _ in range(2)]

    assert {event.channel.id for event in joined if event.channel} == {caller, agent}


async def test_adding_a_caller_who_has_gone_adds_nobody(ari: Ari, leg: Leg) -> None:
    agent = await leg(ari)
    await ari.bridges.createWithId(bridgeId="alone", type="mixing")

    with pytest.raises(Unprocessable) as refused:
        await ari.bridges.addChannel(bridgeId="alone", channel=["gone", agent])

    assert refused.value.status == 400
    assert (await ari.bridges.get(bridgeId="alone")).channels == ()


async def test_a_busy_phone_is_told_by_the_causes_of_its_end(ari: Ari, lab_place: Place) -> None:
    """No final Dial event comes for a leg that was created and dialled."""
    async with Phone.listening(lab_place.address(100), busy=True) as phone:
        with ari.events.of_channel("busy") as inbox:
            await ari.channels.create(endpoint=f"PJSIP/carrier-1/{phone.uri}", app=ari.app, channelId="busy")
            await inbox.first(StasisStart)
            await ari.channels.dial(channelId="busy", timeout=10)
            events = []
            while not isinstance(event := await inbox.get(), ChannelDestroyed):
                events.append(event)

    assert (event.cause, event.tech_cause) == (17, 486)
    assert {one.dialstatus for one in events if isinstance(one, Dial)} <= {"", "RINGING"}


@pytest.mark.parametrize("endpoint", ["PJSIP/1001", "PJSIP/nobody", "Nothing/at-all"])
async def test_what_cannot_be_reached_is_a_server_error(ari: Ari, endpoint: str) -> None:
    with pytest.raises(ServerError) as refused:
        await ari.channels.create(endpoint=endpoint, app=ari.app, channelId="nobody")

    assert (refused.value.status, refused.value.message) == (500, "Allocation failed")


async def test_a_leg_that_only_rings_refuses_what_needs_an_answer(ari: Ari, leg: Leg) -> None:
    channel_id = await leg(ari, "rings", state="Ringing")

    with pytest.raises(Unprocessable) as refused:
        await ari.channels.startMoh(channelId=channel_id)

    assert refused.value.status == 412
