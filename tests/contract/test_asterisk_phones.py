"""Pushed phones on a real Asterisk are exactly what was asked for, and what is so already is left alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from acd.agent import AgentProfile
from scenarios.lab.asterisk import Asterisk
from scenarios.stories.browser_agent_taken_away.websocket_registration import registered
from stasis_app.ari import Ari
from stasis_app.asterisk.phones import AsteriskPhones, Reachability, identity_of
from stasis_app.web.views import RegistrationView

pytestmark = pytest.mark.asterisk

OPTIONS = {"bind_rtp_to_media_address": "yes", "rtp_timeout": "45", "allow": "alaw,ulaw"}


@pytest_asyncio.fixture
async def ari(asterisk_node: Asterisk) -> AsyncIterator[Ari]:
    """A session; no pushed phone is left behind."""
    node = asterisk_node
    async with Ari.connect(node.ari_url, node.ari_user, node.ari_password, app="test-phones") as ari:
        yield ari
        await AsteriskPhones("pbx", ari, {}).push({})


async def pushed(phones: AsteriskPhones, secrets: Mapping[str, str]) -> list[str]:
    """Push; answers the identities that were written for it."""
    with capture_logs() as logged:
        await phones.push(secrets)
    return sorted(entry["identity"] for entry in logged if entry["event"] == "phone pushed")


async def test_only_what_changed_is_written(ari: Ari) -> None:
    phones = AsteriskPhones("pbx", ari, OPTIONS)
    mia, ben = identity_of("mia"), identity_of("ben")

    assert await pushed(phones, {"mia": "one", "ben": "two"}) == [ben, mia]
    assert await pushed(phones, {"mia": "one", "ben": "two"}) == []
    assert await pushed(phones, {"mia": "other", "ben": "two"}) == [mia]
    assert await pushed(AsteriskPhones("pbx", ari, OPTIONS | {"rtp_timeout": "50"}), {"mia": "other"}) == [mia]


async def test_a_phone_that_is_not_asked_for_is_taken_away(ari: Ari, asterisk_node: Asterisk) -> None:
    phones = AsteriskPhones("pbx", ari, {})
    await phones.push({"mia": "one", "ben": "two"})
    await phones.push({"ben": "two"})

    for kind in ("endpoints", "aors", "auths"):
        there = re.findall(r"acd-phone-\w+", await asterisk_node.cli(f"pjsip list {kind}"))
        assert set(there) == {identity_of("ben")}


async def test_a_phone_that_was_taken_away_and_comes_back_is_heard_of(ari: Ari, asterisk_node: Asterisk) -> None:
    """Asterisk keeps what was subscribed to the endpoint that is gone, also when the process starts anew."""
    node, phones = asterisk_node, AsteriskPhones("pbx", ari, {})
    agents: list[AgentProfile] = []
    there = asyncio.Event()

    def reached(agent: str, reachable: bool) -> None:
        if reachable:
            there.set()

    async def comes(secret: str) -> None:
        agents.append(AgentProfile(id="mia"))
        await phones.push({"mia": secret})
        await reachability.refresh()
        there.clear()
        phone = RegistrationView(
            identity=identity_of("mia"), secret=secret, sip_domain=node.sip_host, websocket_url=node.websocket_url,
            node="pbx", display_name="Mia",
        )  # fmt: skip
        async with registered(phone), asyncio.timeout(40):
            await there.wait()

    async def goes() -> None:
        agents.clear()
        await phones.push({})
        await reachability.refresh()

    for start in ("first", "second"):
        reachability = Reachability("pbx", lambda: agents, reached)
        async with reachability.watching(node.ari_url, node.ari_user, node.ari_password, app="test-phones-watched"):
            await comes(f"{start} one")
            await goes()
            await comes(f"{start} two")
        agents.clear()
        await phones.push({})
