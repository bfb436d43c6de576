"""Runs the coroutines of ports whose implementation never waits, without any event loop."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class HadToWait(Exception):
    """A coroutine that was to be done at once waits for something that is still to come."""


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result. Raises HadToWait if it does not come to its end in one go."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    coroutine.close()
    raise HadToWait(f"{coroutine!r} had to wait")


class NobodyWaits:
    """A ``Wake`` for stores and switches that are only asked what they know already."""

    def set(self) -> None:
        """Nobody is there to be woken."""

    def clear(self) -> None:
        """Nobody is there to be held."""

    async def wait(self) -> None:
        """Raises HadToWait."""
        raise HadToWait("nothing can be waited for without an event loop")
