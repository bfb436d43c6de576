"""Real servers for tests, started once per test process and ended with it, whatever happens."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

import pytest_asyncio
import structlog

from scenarios.lab.asterisk import Asterisk, free_site
from scenarios.lab.places import Place, take_place
from scenarios.lab.redis import Redis

# Commands under test are read by their standard output: no log line may fall in between.
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.__stderr__))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lab_place() -> AsyncIterator[Place]:
    """Addresses and a folder that no other test process uses."""
    with take_place() as place:
        yield place


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def redis_server(lab_place: Place) -> AsyncIterator[Redis]:
    """One private redis-server: `redis_server.url`. Tests share it: use a prefix, or flush first."""
    async with Redis.running(lab_place.folder / "redis", host=lab_place.address(250)) as redis:
        yield redis


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def asterisk_node(lab_place: Place) -> AsyncIterator[Asterisk]:
    """One Asterisk with the shipped configuration and two SIP phones: `asterisk_node.ari_url`."""
    site = free_site(
        lab_place.address(1),
        phones=("1001", "1002"),
        carriers={lab_place.address(100): 30, lab_place.address(101): 0},
    )
    async with Asterisk.running(lab_place.folder / "asterisk", site) as asterisk:
        yield asterisk
