"""Requests and their answers, with a server that misbehaves as the real one cannot be made to."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from stasis_app.ari import (
    AriRefused,
    AriTimeout,
    AriUnavailable,
    UnreadableReply,
)
from stasis_app.ari.http_pool import KEEP_ALIVE_S, HttpPool
from stasis_app.ari.operation import Operation
from tests.unit.ari.odd_asterisk import Connect, OddAsterisk


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
        await odd.event("cmd0-acd", "CallBroadcast", channel={"id": "c1"})

        await ari.channels.answer(channelId="c1")


async def test_a_request_that_no_frame_holds_is_refused_here(connect: Connect) -> None:
    async with connect() as ari:
        with pytest.raises(AriRefused, match=r"413.*65535 fit"):
            await ari.channels.setChannelVars(channelId="c1", variables={"X": "x" * 70_000})
        await ari.channels.answer(channelId="c1")


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


async def _failure(command: Any) -> Exception | None:
    try:
        await command
    except AriUnavailable as failure:
        return failure
    return None
