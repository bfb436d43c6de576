"""One suite for every store: whatever it asks holds in memory and in a real Redis."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from acd.testing import STORE_SCENARIOS, Scenario, play
from tests.contract.store_setups import MemorySetup, RedisSetup


@pytest.mark.parametrize("scenario", STORE_SCENARIOS, ids=str)
async def test_memory(scenario: Scenario) -> None:
    await play(scenario, MemorySetup())


@pytest.mark.redis
@pytest.mark.parametrize("scenario", STORE_SCENARIOS, ids=str)
async def test_redis(scenario: Scenario, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        await play(scenario, await RedisSetup.started(tmp_path, stack))
