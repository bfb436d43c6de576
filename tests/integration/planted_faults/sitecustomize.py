"""Put on the bare application's PYTHONPATH by tests: one fault of ``PLANTED_FAULT`` is built into it as it starts.

The application has no such switch. It runs as ``__main__``, which is not there yet when this is read: so the fault is
planted when it hands itself to its event loop.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any

STRUCK = 3
"""The caller, or the leg, whom most faults strike: the third to come."""


def _replaced(owner: Any, name: str, by: Callable[..., Any]) -> None:
    """``by`` is given the original first, then what that would have been given."""
    original = getattr(owner, name)
    setattr(owner, name, functools.wraps(original)(lambda *given, **named: by(original, *given, **named)))


def _third() -> Callable[[], bool]:
    """True for its third call alone."""
    seen: list[None] = []

    def is_third() -> bool:
        seen.append(None)
        return len(seen) == STRUCK

    return is_third


def _drops_a_caller(floor: Any) -> None:
    """One caller is answered, and hung up on at once."""
    is_third = _third()

    def came(original: Any, self: Any, call: Any) -> None:
        if not is_third():
            original(self, call)
            return
        self._ask("POST", f"channels/{call.channel}/answer")
        self._ask("DELETE", f"channels/{call.channel}")

    _replaced(floor, "_caller_came", came)


def _forgets_a_caller(floor: Any) -> None:
    """One caller is answered, and never put into the line."""
    is_third = _third()

    def line_up(original: Any, self: Any, call: Any) -> None:
        if not is_third():
            original(self, call)

    _replaced(floor, "_line_up", line_up)


def _rings_who_talks(floor: Any) -> None:
    """One agent is taken for idle while talking."""
    is_third = _third()

    def connect(original: Any, self: Any, leg: Any) -> None:
        original(self, leg)
        if is_third():
            self._idle.appendleft(leg.agent)
            self._match()

    _replaced(floor, "_connect", connect)


def _gives_a_caller_two_agents(floor: Any) -> None:
    """One caller who has an agent is offered to another, and gets that one besides."""
    is_third = _third()
    both: list[Any] = []

    def connect(original: Any, self: Any, leg: Any) -> None:
        if leg.call in both:
            self._ask("POST", f"bridges/{leg.call.bridge}/addChannel", channel=leg.channel)
            return
        original(self, leg)
        if is_third():
            both.append(leg.call)
            self._offer(leg.call, self._idle.popleft())

    _replaced(floor, "_connect", connect)


def _serves_the_last_first(floor: Any) -> None:
    """Whoever came last is first in the line."""

    def line_up(original: Any, self: Any, call: Any) -> None:
        call.place = -abs(call.place)
        original(self, call)

    _replaced(floor, "_line_up", line_up)


def _leaks_a_bridge(floor: Any) -> None:
    """One bridge is not destroyed."""
    is_third = _third()

    def ask(original: Any, self: Any, method: str, uri: str, *more: Any, **named: Any) -> None:
        if method != "DELETE" or not uri.startswith("bridges/") or not is_third():
            original(self, method, uri, *more, **named)

    _replaced(floor, "_ask", ask)


def _leaks_a_channel(floor: Any) -> None:
    """One channel more than is needed is made, and nobody ends it."""
    is_third = _third()

    def offer(original: Any, self: Any, call: Any, agent: Any) -> None:
        original(self, call, agent)
        if is_third():
            self._ask("POST", "channels/create", endpoint=agent.endpoint, app="floor", channelId="leaked")

    _replaced(floor, "_offer", offer)


def _offers_late(floor: Any) -> None:
    """One caller waits a while though agents are idle."""
    is_third = _third()

    def came(original: Any, self: Any, call: Any) -> None:
        if not is_third():
            original(self, call)
            return
        import asyncio

        self._ask("POST", f"channels/{call.channel}/answer")
        asyncio.get_running_loop().call_later(float(os.environ["PLANTED_DELAY_S"]), original, self, call)

    _replaced(floor, "_caller_came", came)


def _dies(floor: Any) -> None:
    """The program ends in the middle of the third call."""
    is_third = _third()

    def connect(original: Any, self: Any, leg: Any) -> None:
        if is_third():
            os.abort()
        original(self, leg)

    _replaced(floor, "_connect", connect)


FAULTS = {
    "drops a caller": _drops_a_caller,
    "forgets a caller": _forgets_a_caller,
    "rings who talks": _rings_who_talks,
    "gives a caller two agents": _gives_a_caller_two_agents,
    "serves the last first": _serves_the_last_first,
    "leaks a bridge": _leaks_a_bridge,
    "leaks a channel": _leaks_a_channel,
    "offers late": _offers_late,
    "dies": _dies,
}


def _plant(fault: str) -> None:
    import uvloop

    def run(original: Any, main: Any, *more: Any, **named: Any) -> Any:
        import __main__

        FAULTS[fault](__main__.Floor)
        return original(main, *more, **named)

    _replaced(uvloop, "run", run)


if os.environ.get("PLANTED_FAULT") and "FLOOR_APP" in os.environ:
    _plant(os.environ["PLANTED_FAULT"])
