"""A session with a server that misbehaves on demand."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from stasis_app.ari import Ari
from tests.unit.ari.odd_asterisk import Connect, OddAsterisk


@pytest_asyncio.fixture
async def odd() -> AsyncIterator[OddAsterisk]:
    async with OddAsterisk.running() as server:
        yield server


@pytest.fixture
def connect(odd: OddAsterisk) -> Connect:
    settings: dict[str, Any] = {"app": "acd", "limit_s": 2.0, "source": random.Random(7), "command_sockets": 2}
    return lambda **changes: Ari.connect(odd.url, "acd", "secret", **{**settings, **changes})
