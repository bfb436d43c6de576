"""Beyond statistics: every single caller waits exactly as long as first come, first served makes that one wait."""

from __future__ import annotations

from heapq import heapify, heapreplace
from random import Random

import pytest

from acd.call import Call, EndReason
from acd.simulation import Callers, SimulatedCentre, SimulatedDay, VirtualClock
from acd.strategies.longest_idle import LongestIdle
from tests.simulation.measured import callers, pool

AGENTS, CALLS, SEED = 12, 3_000, 5


def by_the_book(stream: Callers, began_at: int) -> dict[str, tuple[int, bool]]:
    """Wait in milliseconds, and whether answered: each takes the agent who is free first, or gives up."""
    arrivals, dice = stream.arrivals(Random(f"{SEED}/arrivals q")), Random(f"{SEED}/callers q")
    free_at = [0] * AGENTS
    heapify(free_at)
    expected = {}
    for number in range(1, CALLS + 1):
        came = began_at + round(next(arrivals) * 1000)
        talk = round(stream.talk(dice) * 1000)
        patience = round(stream.patience(dice) * 1000) if stream.patience is not None else None
        wait = max(0, free_at[0] - came)
        answered = patience is None or wait < patience
        if answered:
            heapreplace(free_at, came + wait + talk)
        else:
            wait = patience or 0
        expected[f"q-{number}"] = (wait, answered)
    return expected


@pytest.mark.parametrize("patience_s", [None, 120.0])
def test_every_caller_waits_as_long_as_the_book_says(patience_s: float | None) -> None:
    stream = callers("q", load=11.0, talk_s=180.0, patience_s=patience_s)
    centre = SimulatedCentre(pool(AGENTS, "q"), {"q": LongestIdle()}, VirtualClock())
    waits: dict[str, tuple[int, bool]] = {}

    def ended(call: Call) -> None:
        waits[call.id] = (call.waited_ms(call.ended_at or 0), call.end_reason is EndReason.COMPLETED)

    day = SimulatedDay(centre, [stream], lambda name: Random(f"{SEED}/{name}"), ended=ended)
    day.run(calls=CALLS)

    expected = by_the_book(stream, day.began_at)
    assert waits == expected
    assert sum(wait > 0 for wait, _ in waits.values()) > CALLS / 4
