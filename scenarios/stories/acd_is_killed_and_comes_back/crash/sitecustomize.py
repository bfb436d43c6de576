"""Put on an ACD's PYTHONPATH by stories: at a named point of a call the process is killed, or put to sleep, by itself.

``STORY_SIGNAL_AT=join:KILL`` sends SIGKILL when Asterisk is about to be asked to join caller and agent, the first time;
``store.ring:STOP`` sends SIGSTOP when the store has just committed that a phone is about to be dialled.
The product has no such switch; this reaches into it from outside.
"""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any


def _arm(point: str, number: signal.Signals) -> None:
    from stasis_app.asterisk.calls import AsteriskCalls
    from stasis_app.redis_store import RedisStore

    owner, _, method = point.rpartition(".")
    place: Any = RedisStore if owner == "store" else AsteriskCalls
    original: Callable[..., Awaitable[Any]] = getattr(place, method)
    flag = Path(os.environ["STORY_FLAG"])

    @functools.wraps(original)
    async def struck(*arguments: Any, **named: Any) -> Any:
        if place is AsteriskCalls and _first_time(flag):
            os.kill(os.getpid(), number)
        answer = await original(*arguments, **named)
        if place is RedisStore and _first_time(flag):
            os.kill(os.getpid(), number)
        return answer

    setattr(place, method, struck)


def _first_time(flag: Path) -> bool:
    try:
        flag.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


if "STORY_SIGNAL_AT" in os.environ and os.environ.get("NOTIFY_SOCKET"):
    _point, _, _name = os.environ["STORY_SIGNAL_AT"].partition(":")
    _arm(_point, signal.Signals[f"SIG{_name}"])
