"""One lab for all stories of a run; each story opens a centre of its own on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from scenarios.lab.lab import Lab

SITE = """
; Who dials 7 before the number says in SIP headers what the call asks for.
[acd-callers]
exten => _7.,1,Set(ACD_REQUIRES=${PJSIP_HEADER(read,X-Requires)})
 same => n,Set(ACD_PREFERS=${PJSIP_HEADER(read,X-Prefers)})
 same => n,Set(ACD_AGENT=${PJSIP_HEADER(read,X-Agent)})
 same => n,Set(ACD_AGENT_SECONDS=${PJSIP_HEADER(read,X-Agent-Seconds)})
 same => n,Set(ACD_PRIORITY=${PJSIP_HEADER(read,X-Priority)})
 same => n,Goto(acd-callers,${EXTEN:1},1)

[acd-left]
exten => WITHDRAWN,1,Wait(60)
"""
PHONES = tuple(str(number) for number in range(1001, 1013))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lab() -> AsyncIterator[Lab]:
    """Asterisk and Redis on loopback; callers with audio are ended after 3 s of silence."""
    async with Lab.start(phones=PHONES, rtp_timeout_s=3, extra={"extensions.conf": SITE}) as lab:
        yield lab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is a story and lives on the session's loop, with the lab."""
    for item in items:
        if "scenarios/stories" in str(item.path):
            item.add_marker(pytest.mark.story)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.timeout(90))
