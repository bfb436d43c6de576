"""A phone that was pushed is watched as soon as Asterisk knows it, however long that takes; nobody is told of that."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from acd.agent import AgentProfile
from stasis_app.asterisk import phones
from stasis_app.asterisk.phones import Reachability, identity_of
from tests.unit.ari.odd_asterisk import OddAsterisk

MIA = AgentProfile(id="mia")


class Known:
    """What Asterisk lists: nothing at first."""

    def __init__(self, odd: OddAsterisk, *, unknown_for: int) -> None:
        self._unknown_for = unknown_for
        self.asked = 0
        odd.overrides["GET", "endpoints"] = self._list

    async def _list(self, _request: web.Request) -> web.Response:
        self.asked += 1
        mia = {"technology": "PJSIP", "resource": identity_of("mia"), "state": "online", "channel_ids": []}
        return web.json_response([mia] if self.asked > self._unknown_for else [])


async def test_one_that_asterisk_lists_later_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phones, "MISSING_S", (0.01,) * 6)
    there = asyncio.Event()

    def reached(agent: str, reachable: bool) -> None:
        assert agent == "mia"
        if reachable:
            there.set()

    async with OddAsterisk.running() as odd:
        known = Known(odd, unknown_for=4)
        async with Reachability("pbx", lambda: [MIA], reached).watching(odd.url, "acd", "secret", app="phones"):
            async with asyncio.timeout(30):
                await there.wait()
            watched = [body for method, path, body in odd.http_requests if path.endswith("/phones/subscription")]

    assert known.asked > 4
    assert any(identity_of("mia") in body for body in watched)


async def test_one_that_asterisk_never_lists_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phones, "MISSING_S", (0.001,) * 3)

    with capture_logs() as logs:
        async with OddAsterisk.running() as odd:
            Known(odd, unknown_for=10**9)
            async with Reachability("pbx", lambda: [MIA], lambda _agent, _reachable: None).watching(
                odd.url, "acd", "secret", app="phones"
            ):
                async with asyncio.timeout(30):
                    while not (named := [entry for entry in logs if "phones" in entry]):  # noqa: ASYNC110
                        await asyncio.sleep(0.005)

    assert named[0]["phones"] == [f"PJSIP/{identity_of('mia')}"]
