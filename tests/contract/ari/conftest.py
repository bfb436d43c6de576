"""A session with a real Asterisk, and far ends that answer, ring, refuse or come back to us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from itertools import count
from typing import Any

import pytest
import pytest_asyncio

from scenarios.lab.asterisk import Asterisk
from stasis_app.ari import Ari
from stasis_app.ari.generated_events import ChannelStateChange, StasisStart
from tests.contract.ari.far_side import FAR_ENDS, Connect, Leg, Wire, clear

_names = count(1)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ari_node(asterisk_node: Asterisk) -> Asterisk:
    """The shared Asterisk, with the far ends in its dialplan."""
    for extension, applications in FAR_ENDS.items():
        for priority, application in enumerate(applications, start=1):
            step = f"{extension},{priority},{application}"
            await asterisk_node.cli(f'dialplan add extension "{step}" into far-end replace')
    return asterisk_node


@pytest.fixture
def app() -> str:
    """An application name that no other test uses."""
    return f"test-{next(_names)}"


@pytest.fixture
def connect(ari_node: Asterisk, app: str) -> Connect:
    """Opens a session with the shared Asterisk; keywords are those of `Ari.connect`."""

    def open_session(url: str = ari_node.ari_url, **changes: Any) -> AbstractAsyncContextManager[Ari]:
        settings = {"app": app, "limit_s": 5.0, **changes}
        return Ari.connect(url, ari_node.ari_user, ari_node.ari_password, **settings)

    return open_session


@pytest_asyncio.fixture
async def ari(connect: Connect) -> AsyncIterator[Ari]:
    """One session; what a test leaves behind is removed."""
    async with connect() as session:
        yield session
        await clear(session)


@pytest.fixture
def leg() -> Leg:
    """Makes a leg to a far end and waits until it has reached a state; answers its id."""
    numbers = count(1)

    async def make(ari: Ari, far_end: str = "answers", *, state: str = "Up", endpoint: str | None = None) -> str:
        endpoint = endpoint or f"Local/{far_end}@far-end/n"
        channel_id = f"{ari.app}-leg-{next(numbers)}"
        with ari.events.of_channel(channel_id) as inbox:
            await ari.channels.create(endpoint=endpoint, app=ari.app, channelId=channel_id)
            await inbox.first(StasisStart)
            await ari.channels.dial(channelId=channel_id, timeout=60)
            while (await inbox.first(ChannelStateChange)).channel.state != state:
                pass
        return channel_id

    return make


@pytest_asyncio.fixture
async def wire(ari_node: Asterisk) -> AsyncIterator[Wire]:
    """A way to Asterisk that can be cut."""
    wire = Wire(ari_node.site.host, ari_node.http_port)
    await wire.mend()
    yield wire
    wire.cut()
