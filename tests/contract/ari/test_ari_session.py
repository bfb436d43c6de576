"""Connecting, losing the connection, and coming back, with a real Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from scenarios.lab.asterisk import Asterisk, free_site
from scenarios.lab.places import Place
from stasis_app.ari import (
    Ari,
    AriTimeout,
    AriUnauthorised,
    AriUnavailable,
    NotFound,
    RefusedOnWebSocket,
)
from stasis_app.ari.command_socket import CommandSocket
from stasis_app.ari.generated_events import ChannelDestroyed, StasisStart
from stasis_app.ari.generated_models import Channel
from stasis_app.ari.operation import Operation
from tests.contract.ari.far_side import Connect, Leg, Wire

pytestmark = pytest.mark.asterisk


@pytest_asyncio.fixture
async def own_node(lab_place: Place) -> AsyncIterator[Asterisk]:
    """An Asterisk that a test may kill, with one user who may only read."""
    reader = "[reader]\ntype=user\npassword=reader\nread_only=yes\n"
    ends = "[far-end]\nexten => answers,1,Answer()\n same => n,Wait(3600)\n"
    site = free_site(lab_place.address(3), extra={"ari.conf": reader, "extensions.conf": ends})
    async with Asterisk.running(lab_place.folder / "own-asterisk", site) as asterisk:
        yield asterisk


async def test_a_wrong_password_names_the_setting(ari_node: Asterisk) -> None:
    with pytest.raises(AriUnauthorised, match=r"401 .*password of \[acd\] in ari.conf"):
        async with Ari.connect(ari_node.ari_url, "acd", "wrong", app="x"):
            pass


async def test_a_user_who_may_only_read_is_turned_away_at_once(own_node: Asterisk) -> None:
    with pytest.raises(AriUnauthorised, match=r"403 .*\[reader\] in ari.conf needs read_only=no"):
        async with Ari.connect(own_node.ari_url, "reader", "reader", app="x"):
            pass


async def test_no_asterisk_is_said_at_once(lab_place: Place) -> None:
    with pytest.raises(AriUnavailable, match="cannot be reached"):
        async with Ari.connect(f"http://{lab_place.address(4)}:9", "acd", "x", app="x"):
            pass


async def test_an_error_of_the_body_comes_out_as_it_is(connect: Connect) -> None:
    with pytest.raises(KeyError):
        async with connect():
            raise KeyError


async def test_an_error_of_the_resync_ends_the_session(connect: Connect) -> None:
    async def resync(_: Ari) -> None:
        raise LookupError

    with pytest.raises(BaseExceptionGroup) as ended:
        async with connect(on_connected=resync):
            await asyncio.Event().wait()

    assert ended.group_contains(LookupError)


async def test_what_may_be_long_goes_by_http_and_never_by_websocket(connect: Connect) -> None:
    async with connect(command_sockets=1) as ari:
        assert isinstance(await ari.channels.list(), tuple)

        listing = Operation("channels.list", "GET", "channels", tuple[Channel, ...], http_only=True)
        with pytest.raises(RefusedOnWebSocket, match=r"channels\.list may answer with more"):
            await CommandSocket("any").ask(listing, listing.request((), {}), limit_s=1)


async def test_what_happens_during_an_outage_is_lost_and_calls_stay_commandable(
    connect: Connect, leg: Leg, wire: Wire
) -> None:
    resynced: asyncio.Queue[tuple[str, ...]] = asyncio.Queue()
    lost: asyncio.Queue[str] = asyncio.Queue()

    async def resync(ari: Ari) -> None:
        await ari.asterisk.ping()  # by a command socket
        resynced.put_nowait((await ari.applications.get(applicationName=ari.app)).channel_ids)

    async with (
        connect(app="witness") as witness,
        connect(wire.url, on_connected=resync, on_disconnected=lost.put_nowait) as ari,
    ):
        assert await resynced.get() == ()
        stays, goes = await leg(ari), await leg(ari)
        with ari.events.of_channel(goes) as inbox, ari.events.of_type(StasisStart) as starts:
            wire.cut()
            await lost.get()
            assert not ari.events.connected.is_set()
            await witness.channels.hangup(channelId=goes)
            await wire.mend()
            assert await resynced.get() == (stays,)
            await ari.channels.setChannelVar(channelId=stays, variable="STILL", value="here")

            assert not {"ChannelHangupRequest", "StasisEnd", "ChannelDestroyed"} & {one.type for one in inbox.drain()}
            assert starts.drain() == []
        assert ari.events.connections == 2
        application = await ari.applications.get(applicationName=ari.app)
        assert {"type": "ChannelVarset"} in application.events_disallowed
        await ari.channels.hangup(channelId=stays)


async def test_a_missed_event_can_be_published_by_the_owner(ari: Ari) -> None:
    with ari.events.of_channel("missed") as inbox:
        ari.events.publish(ChannelDestroyed(channel=Channel(id="missed")))

        event = await inbox.first(ChannelDestroyed)

    assert event.sequence == ari.events.received
    assert event.received_at > 0


async def test_without_a_connection_commands_fail_at_once(connect: Connect, wire: Wire) -> None:
    lost: asyncio.Queue[str] = asyncio.Queue()
    async with connect(wire.url, on_disconnected=lost.put_nowait) as ari:
        wire.cut()
        await lost.get()

        with pytest.raises(AriUnavailable):
            await ari.channels.answer(channelId="any")
        with pytest.raises(AriUnavailable):
            await ari.channels.get(channelId="any")


async def test_watched_sources_are_watched_again_after_an_outage(connect: Connect, wire: Wire) -> None:
    connected: asyncio.Queue[Ari] = asyncio.Queue()
    lost: asyncio.Queue[str] = asyncio.Queue()

    async def note(ari: Ari) -> None:
        connected.put_nowait(ari)

    async with connect(wire.url, on_connected=note, on_disconnected=lost.put_nowait) as ari:
        await connected.get()
        await ari.events.watch("endpoint:PJSIP/1001")
        await ari.bridges.createWithId(bridgeId="passing", type="mixing")
        await ari.events.watch("bridge:passing")
        await ari.bridges.destroy(bridgeId="passing")
        wire.cut()
        await lost.get()
        await wire.mend()
        await connected.get()

        application = await ari.applications.get(applicationName=ari.app)

    assert application.endpoint_ids == ("PJSIP/1001",)


async def test_a_taken_application_is_told_and_not_fought_for(connect: Connect, leg: Leg) -> None:
    told = asyncio.Event()
    async with connect(on_replaced=told.set, command_sockets=0) as first:
        async with connect(command_sockets=0) as second:
            await told.wait()
            channel_id = await leg(second)
            await second.channels.hangup(channelId=channel_id)

        assert first.events.replaced
        assert not first.events.connected.is_set()
        assert first.events.connections == 1
        assert (await first.asterisk.ping()).ping == "pong"


async def test_taken_command_sockets_are_given_up(connect: Connect) -> None:
    told = asyncio.Event()
    async with connect(on_replaced=told.set, command_sockets=1) as first, connect(command_sockets=1) as second:
        await told.wait()

        assert (await second.asterisk.ping()).ping == "pong"
        with pytest.raises((AriUnavailable, AriTimeout)):
            await first.bound(limit_s=1).channels.answer(channelId="any")


async def test_a_killed_asterisk_is_found_again(own_node: Asterisk) -> None:
    connected: asyncio.Queue[str] = asyncio.Queue()
    lost: asyncio.Queue[str] = asyncio.Queue()

    async def note(ari: Ari) -> None:
        connected.put_nowait((await ari.asterisk.getInfo()).status.startup_time)  # type: ignore[union-attr]

    login = (own_node.ari_url, own_node.ari_user, own_node.ari_password)
    async with Ari.connect(*login, app="survivor", on_connected=note, on_disconnected=lost.put_nowait) as ari:
        before = await connected.get()
        await ari.events.watch("deviceState:Stasis:door")
        own_node.freeze()
        async with asyncio.TaskGroup() as tasks:
            under_way = tasks.create_task(_failure(ari.channels.answer(channelId="any")))
            await asyncio.sleep(0)
            await own_node.kill()
            await lost.get()
        assert isinstance(under_way.result(), AriUnavailable)

        await own_node.start()
        assert await connected.get() != before
        await ari.reachable()
        with pytest.raises(NotFound):
            await ari.channels.answer(channelId="any")
        application = await ari.applications.get(applicationName="survivor")
        assert application.device_names == ("Stasis:door",)


async def _failure(command: object) -> Exception | None:
    try:
        await command  # type: ignore[misc]
    except (AriUnavailable, AriTimeout) as failure:
        return failure
    return None
