"""Connecting and coming back, with a server that misbehaves as the real one cannot be made to."""

from __future__ import annotations

import asyncio
import json
import random
from functools import partial

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from stasis_app.ari import (
    Ari,
    AriUnavailable,
    AsteriskTooOld,
    ServerError,
)
from stasis_app.ari.backoff import Backoff
from stasis_app.ari.command_socket import CommandSocket
from stasis_app.ari.generated_events import ChannelDestroyed, StasisEnd
from stasis_app.ari.http_pool import HttpPool
from stasis_app.ari.kept_socket import KeptSocket
from tests.unit.ari.odd_asterisk import Connect, OddAsterisk

CHANNEL = {"id": "c1"}


@pytest.mark.parametrize("version", ["22.10.0", "20.19.1", "certified-22.8-cert3", "GIT-master-1234", ""])
async def test_an_asterisk_below_the_floor_is_refused(odd: OddAsterisk, connect: Connect, version: str) -> None:
    odd.version = version

    with pytest.raises(AsteriskTooOld) as refused:
        async with connect():
            pass

    assert (refused.value.found, refused.value.floor) == (version, "22.10.1")


@pytest.mark.parametrize("version", ["22.10.1", "22.10.1+dfsg+~cs6", "22.11.0-rc1", "23.0.0", "certified-22.10.1"])
async def test_newer_ones_are_welcome(odd: OddAsterisk, connect: Connect, version: str) -> None:
    odd.version = version

    async with connect() as ari:
        assert ari.version == version


@pytest.mark.parametrize("app", ["", "a,b"])
async def test_a_name_that_is_not_one_application_is_refused(connect: Connect, app: str) -> None:
    with pytest.raises(ValueError, match="cannot name one application"):
        async with connect(app=app):
            pass


async def test_a_url_that_is_none_is_named(connect: Connect) -> None:
    with pytest.raises(AriUnavailable, match="'localhost:8088' must begin with http"):
        async with Ari.connect("localhost:8088", "a", "b", app="acd"):
            pass


async def test_a_server_without_ari_is_named(odd: OddAsterisk, connect: Connect) -> None:
    async def absent(_: web.Request) -> web.Response:
        raise web.HTTPNotFound

    odd.overrides["GET", "asterisk/info"] = absent
    with pytest.raises(AriUnavailable, match=r"there is no ARI at http.*enabled=yes in ari\.conf"):
        async with connect():
            pass


async def test_the_application_is_quietened_on_every_connection(odd: OddAsterisk, connect: Connect) -> None:
    connected: asyncio.Queue[Ari] = asyncio.Queue()

    async def note(ari: Ari) -> None:
        connected.put_nowait(ari)

    async with connect(quiet=("ChannelVarset",), on_connected=note):
        await connected.get()
        await odd.sockets["acd"].close()
        await connected.get()

    filters = [body for method, path, body in odd.http_requests if path == "/ari/applications/acd/eventFilter"]
    assert [json.loads(body) for body in filters] == [{"disallowed": [{"type": "ChannelVarset"}]}] * 2


async def test_a_watched_source_that_is_gone_does_not_stop_the_others(odd: OddAsterisk, connect: Connect) -> None:
    subscribed: asyncio.Queue[list[str]] = asyncio.Queue()
    gone: set[str] = set()

    async def subscribe(request: web.Request) -> web.Response:
        sources = (await request.json())["eventSource"]
        if gone & set(sources):
            return web.json_response({"message": "Event source does not exist"}, status=422)
        subscribed.put_nowait(sources)
        return web.json_response({})

    async def unsubscribe(_: web.Request) -> web.Response:
        return web.json_response({})

    odd.overrides["POST", "applications/acd/subscription"] = subscribe
    odd.overrides["DELETE", "applications/acd/subscription"] = unsubscribe
    async with connect() as ari:
        await ari.events.watch("bridge:one", "bridge:two", "bridge:three")
        assert await subscribed.get() == ["bridge:one", "bridge:two", "bridge:three"]
        await ari.events.unwatch("bridge:three")
        gone.add("bridge:one")
        await odd.sockets["acd"].close()
        assert await subscribed.get() == ["bridge:two"]


async def test_a_replaced_socket_is_not_opened_again(odd: OddAsterisk) -> None:
    async with HttpPool.open(odd.url, "a", "b") as http:
        commands = CommandSocket("cmd")
        kept = KeptSocket(http, "cmd", commands, Backoff(random.Random(7)))
        async with asyncio.timeout(1), asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(kept.keep())
            await commands.connected.wait()
            await odd.event("cmd", "ApplicationReplaced")

    assert keeping.done()
    assert odd.opened.qsize() == 1


async def test_an_event_that_cannot_be_read_does_not_stop_the_next(odd: OddAsterisk, connect: Connect) -> None:
    async with connect() as ari:
        with ari.events.everything() as inbox:
            await odd.say("acd", "{")
            await odd.say("acd", b"\xff")
            await odd.event("acd", "StasisStart", channel=7)
            await odd.event("acd", "CallSang", song="la")
            await odd.event("acd", "StasisEnd", channel=CHANNEL)
            first, second = await inbox.get(), await inbox.get()

        assert [first.type, second.type] == ["CallSang", "StasisEnd"]
        assert (first.sequence, second.sequence) == (1, 2)
        assert first.received_at <= second.received_at
        assert ari.events.decoder.undecodable.total() == 3
        assert ari.events.connections == 1


async def test_a_listener_that_fails_does_not_stop_the_reading(odd: OddAsterisk, connect: Connect) -> None:
    def fail(_: object) -> None:
        raise LookupError

    async with connect() as ari:
        ari.events.on(StasisEnd, fail)
        with ari.events.of_type(StasisEnd) as inbox, capture_logs():
            for _ in range(2):
                await odd.event("acd", "StasisEnd", channel=CHANNEL)
                await inbox.get()

        assert ari.events.listeners.failures == {"StasisEnd": 2}


async def test_a_server_that_answers_no_ping_counts_as_gone(odd: OddAsterisk, connect: Connect) -> None:
    odd.answers_pings = False
    lost: asyncio.Queue[str] = asyncio.Queue()

    async with connect(ping_s=0.1, on_disconnected=lost.put_nowait):
        async with asyncio.timeout(1):
            reason = await lost.get()

    assert "No PONG" in reason


async def test_a_refused_upgrade_is_tried_again(odd: OddAsterisk, connect: Connect) -> None:
    connected: asyncio.Queue[Ari] = asyncio.Queue()

    async def note(ari: Ari) -> None:
        connected.put_nowait(ari)

    lost = asyncio.Event()
    async with connect(on_connected=note, on_disconnected=lambda _: lost.set()):
        await connected.get()
        odd.upgrade_status = 503
        with capture_logs() as logs:
            await odd.sockets["acd"].close()
            await lost.wait()
            for _ in range(3):
                assert await odd.refused.get() == "acd"
            odd.upgrade_status = 101
            await connected.get()

    warnings = [entry for entry in logs if entry["log_level"] == "warning" and entry["app"] == "acd"]
    assert len(warnings) == 1
    assert "503" in warnings[0]["reason"]


async def test_a_resync_that_asterisk_refuses_is_begun_again(odd: OddAsterisk, connect: Connect) -> None:
    tries: asyncio.Queue[int] = asyncio.Queue()

    async def resync(ari: Ari) -> None:
        tries.put_nowait(ari.events.connections)
        if ari.events.connections == 1:
            raise ServerError(500, "not now", "channels.list")

    async with connect(on_connected=resync):
        assert [await tries.get(), await tries.get()] == [1, 2]


async def test_sockets_that_never_open_end_the_first_connection(odd: OddAsterisk, connect: Connect) -> None:
    odd.upgrade_status = 500

    with pytest.raises(AriUnavailable, match=r"no WebSocket within 0\.3 s.*500"):
        async with connect(limit_s=0.3):
            pass


async def test_events_keep_their_order(odd: OddAsterisk, connect: Connect) -> None:
    async with connect() as ari:
        with ari.events.of_channel("c1") as inbox:
            for cause in range(200):
                await odd.event("acd", "ChannelDestroyed", channel=CHANNEL, cause=cause)
            causes = [(await inbox.first(ChannelDestroyed)).cause for _ in range(200)]

    assert causes == list(range(200))


def test_delays_grow_are_bounded_and_vary() -> None:
    backoff = Backoff(random.Random(1), first_s=0.1, cap_s=2.0)
    delays = [backoff.delay_s() for _ in range(10)]

    assert 0.05 <= delays[0] <= 0.1
    assert all(1.0 <= delay <= 2.0 for delay in delays[5:])
    assert len(set(delays)) == 10
    backoff.reset()
    assert backoff.delay_s() <= 0.1


def test_the_same_source_gives_the_same_delays() -> None:
    make = partial(Backoff, first_s=0.1)

    assert make(random.Random(3)).delay_s() == make(random.Random(3)).delay_s()


async def test_events_are_asked_for_once_commands_can_be_sent(odd: OddAsterisk, connect: Connect) -> None:
    """A caller of whom it hears before cannot be claimed, and would be offered to it in vain."""
    odd.held.add("cmd0-acd")
    answered: asyncio.Queue[int] = asyncio.Queue()

    async def resync(ari: Ari) -> None:
        await ari.channels.answer(channelId="c1")
        answered.put_nowait(ari.events.connections)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(odd.release("cmd0-acd"))
        async with connect(command_sockets=1, on_connected=resync) as ari:
            assert await answered.get() == 1
            assert ari.connected
            assert [await odd.opened.get(), await odd.opened.get()] == ["cmd0-acd", "acd"]


async def test_who_can_send_nothing_is_not_connected(odd: OddAsterisk, connect: Connect) -> None:
    async with connect(command_sockets=1) as ari:
        odd.upgrade_status = 503
        await odd.sockets["cmd0-acd"].close()
        assert await odd.refused.get() == "cmd0-acd"

        assert ari.events.connected.is_set()
        assert not ari.connected
