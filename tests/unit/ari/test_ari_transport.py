"""The ways to Asterisk, against a server that misbehaves as the real one cannot be made to."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from structlog.testing import capture_logs

from stasis_app.ari import (
    Ari,
    AriRefused,
    AriTimeout,
    AriUnavailable,
    AsteriskTooOld,
    ServerError,
    UnreadableReply,
)
from stasis_app.ari.backoff import Backoff
from stasis_app.ari.generated_events import ChannelDestroyed, StasisEnd
from stasis_app.ari.http_pool import KEEP_ALIVE_S, HttpPool
from stasis_app.ari.operation import Operation
from tests.unit.ari.odd_asterisk import OddAsterisk

Connect = Callable[..., AbstractAsyncContextManager[Ari]]
CHANNEL = {"id": "c1"}


@pytest_asyncio.fixture
async def odd() -> AsyncIterator[OddAsterisk]:
    async with OddAsterisk.running() as server:
        yield server


@pytest.fixture
def connect(odd: OddAsterisk) -> Connect:
    settings: dict[str, Any] = {"app": "acd", "limit_s": 2.0, "source": random.Random(7), "command_sockets": 2}
    return lambda **changes: Ari.connect(odd.url, "acd", "secret", **{**settings, **changes})


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


async def test_a_command_that_is_not_answered_ends_in_time(odd: OddAsterisk, connect: Connect) -> None:
    async with connect() as ari:
        odd.answers_commands = False
        with pytest.raises(AriTimeout, match=r"channels\.answer: no answer from Asterisk within 0\.1 s"):
            await ari.bound(limit_s=0.1).channels.answer(channelId="c1")


async def test_a_late_answer_reaches_nobody_else(odd: OddAsterisk, connect: Connect) -> None:
    async with connect(command_sockets=1) as ari:
        odd.answers_commands = False
        with pytest.raises(AriTimeout):
            await ari.bound(limit_s=0.05).channels.answer(channelId="c1")
        app, late = await odd.commands.get()
        async with asyncio.TaskGroup() as tasks:
            current = tasks.create_task(ari.channels.get(channelId="c2"))
            _, request = await odd.commands.get()
            await odd.answer(app, late, 500)
            await odd.answer(app, request, 200, '{"id": "c2"}')

        assert current.result().id == "c2"


async def test_answers_are_matched_whatever_their_order(odd: OddAsterisk, connect: Connect) -> None:
    async with connect(command_sockets=1) as ari:
        odd.answers_commands = False
        async with asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(ari.channels.get(channelId=f"c{number}")) for number in range(5)]
            requests = [await odd.commands.get() for _ in asked]
            for app, request in reversed(requests):
                name = request["uri"].removeprefix("channels/")
                await odd.answer(app, request, 200, json.dumps({"id": name}))

        assert [one.result().id for one in asked] == [f"c{number}" for number in range(5)]


async def test_one_key_stays_on_its_socket_and_others_avoid_it(odd: OddAsterisk, connect: Connect) -> None:
    async with connect(command_sockets=3) as ari:
        odd.answers_commands = False
        used: dict[str, set[str]] = {}
        requests = []
        async with asyncio.TaskGroup() as tasks:
            for number in range(4):
                for key in ("one", "two", "three"):
                    tasks.create_task(ari.bound(key).channels.ring(channelId=f"{key}.{number}"))
            order: dict[str, list[str]] = {}
            for _ in range(12):
                app, request = await odd.commands.get()
                requests.append((app, request))
                key, number = request["uri"].split("/")[1].split(".")
                used.setdefault(key, set()).add(app)
                order.setdefault(key, []).append(number)
            for app, request in requests:
                await odd.answer(app, request)

        assert [len(apps) for apps in used.values()] == [1, 1, 1]
        assert len(set.union(*used.values())) == 3
        assert order == {key: ["0", "1", "2", "3"] for key in ("one", "two", "three")}


async def test_a_socket_that_owes_an_answer_is_avoided_even_after_the_time_limit(
    odd: OddAsterisk, connect: Connect
) -> None:
    async with connect(command_sockets=2) as ari:
        odd.answers_commands = False
        with pytest.raises(AriTimeout):
            await ari.bound("slow", limit_s=0.05).channels.answer(channelId="c1")
        stuck, _ = await odd.commands.get()
        odd.answers_commands = True
        for _ in range(3):
            await ari.bound("slow").channels.answer(channelId="c1")

        assert {(await odd.commands.get())[0] for _ in range(3)} == {"cmd0-acd", "cmd1-acd"} - {stuck}


async def test_a_lost_command_says_that_it_may_have_taken_effect(odd: OddAsterisk, connect: Connect) -> None:
    async with connect(command_sockets=1) as ari:
        odd.answers_commands = False
        async with asyncio.TaskGroup() as tasks:
            lost = tasks.create_task(_failure(ari.channels.answer(channelId="c1")))
            app, _ = await odd.commands.get()
            await odd.sockets[app].close()

        assert isinstance(failure := lost.result(), AriUnavailable)
        assert failure.sent


async def test_what_can_be_repeated_is_asked_again_by_http(odd: OddAsterisk, connect: Connect) -> None:
    async def channel(_: web.Request) -> web.Response:
        return web.json_response({"id": "c1"})

    odd.overrides["GET", "channels/c1"] = channel
    async with connect(command_sockets=1) as ari:
        odd.answers_commands = False
        async with asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(ari.channels.get(channelId="c1"))
            app, _ = await odd.commands.get()
            await odd.sockets[app].close()

        assert asked.result().id == "c1"


async def test_a_command_socket_comes_back(odd: OddAsterisk, connect: Connect) -> None:
    async with connect(command_sockets=1) as ari:
        for _ in range(2):
            await odd.opened.get()
        await odd.sockets["cmd0-acd"].close()
        assert await odd.opened.get() == "cmd0-acd"
        await ari.reachable()

        await ari.channels.answer(channelId="c1")


async def test_nonsense_on_a_command_socket_is_passed_over(odd: OddAsterisk, connect: Connect) -> None:
    async with connect(command_sockets=1) as ari:
        await odd.say("cmd0-acd", "nonsense")
        await odd.event("cmd0-acd", "RESTResponse", request_id="no such", status_code=500)
        await odd.event("cmd0-acd", "CallBroadcast", channel=CHANNEL)

        await ari.channels.answer(channelId="c1")


async def test_a_request_that_no_frame_holds_is_refused_here(connect: Connect) -> None:
    async with connect() as ari:
        with pytest.raises(AriRefused, match=r"413.*65535 fit"):
            await ari.channels.setChannelVars(channelId="c1", variables={"X": "x" * 70_000})
        await ari.channels.answer(channelId="c1")


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


async def test_an_answer_of_another_shape_is_told(odd: OddAsterisk, connect: Connect) -> None:
    async def nonsense(_: web.Request) -> web.Response:
        return web.json_response("nonsense")

    odd.overrides["GET", "channels"] = nonsense
    async with connect() as ari:
        with pytest.raises(UnreadableReply):
            await ari.channels.list()


async def test_an_http_request_that_is_not_answered_ends_in_time(odd: OddAsterisk, connect: Connect) -> None:
    async def never(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    odd.overrides["GET", "channels"] = never
    async with connect() as ari:
        with pytest.raises(AriTimeout):
            await ari.bound(limit_s=0.1).channels.list()


async def test_an_idle_connection_is_given_up_before_asterisk_closes_it(odd: OddAsterisk) -> None:
    """Asterisk's own limit is 15 s, unless it is configured."""
    ping = Operation("asterisk.ping", "GET", "asterisk/ping", type(None))
    async with HttpPool.open(odd.url, "a", "b", keep_alive_s=0.05) as http:
        for pause in (0, 0, 0.2):
            await asyncio.sleep(pause)
            await http.ask(ping, ping.request((), {}), limit_s=1)

    first, second, after_a_pause = odd.peers
    assert first == second != after_a_pause
    assert KEEP_ALIVE_S == 10


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


async def _failure(command: Any) -> Exception | None:
    try:
        await command
    except AriUnavailable as failure:
        return failure
    return None
