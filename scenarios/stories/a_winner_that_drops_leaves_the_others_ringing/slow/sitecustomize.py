"""Put on an ACD's PYTHONPATH by the story: the first time that caller and agent are joined takes so many seconds.

The product has no such switch; this reaches into it from outside.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acd.call import Call


def _slow_down_the_first_join(seconds: float) -> None:
    from stasis_app.asterisk.calls import AsteriskCalls

    original = AsteriskCalls.join
    left = [seconds]

    async def join(self: AsteriskCalls, call: Call, leg: str) -> None:
        if left:
            await asyncio.sleep(left.pop())
        await original(self, call, leg)

    AsteriskCalls.join = join  # type: ignore[method-assign]


if "STORY_FIRST_JOIN_S" in os.environ and os.environ.get("NOTIFY_SOCKET"):
    _slow_down_the_first_join(float(os.environ["STORY_FIRST_JOIN_S"]))
