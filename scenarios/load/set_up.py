"""Keeps the time before the first caller within bounds, and turns whatever goes wrong in it into one sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from scenarios.lab.namespace import PartFailed

__all__ = ["set_up", "set_up_limit_s"]

LIMIT_S = 60.0
LIMIT_PER_AGENT_S = 0.1


def set_up_limit_s(agents: int) -> float:
    """How long phones may take to register, and so many agents to log in."""
    return LIMIT_S + LIMIT_PER_AGENT_S * agents


@asynccontextmanager
async def set_up(agents: int) -> AsyncIterator[None]:
    """Raises PartFailed for whatever an engine raises within, and when it takes too long."""
    limit_s = set_up_limit_s(agents)
    try:
        async with asyncio.timeout(limit_s):
            yield
    except TimeoutError:
        raise PartFailed(f"Phones and agents were not ready within {limit_s:g} s.") from None
    except (AssertionError, aiohttp.ClientError) as error:
        raise PartFailed(f"The agents could not be made ready: {error}") from error
