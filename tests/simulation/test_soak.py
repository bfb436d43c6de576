"""A short soak for every test run: ``make soak`` does the same for a million steps."""

from __future__ import annotations

import pytest

from acd.events import EVENT_TYPES
from acd.matcher import Matcher
from acd.ports import Refusal
from tests.simulation.soak import PromiseBroken, soak

STEPS = 6_000
NOT_HERE = {"CallTakenOver", "LegEnded", "EpochBegun", "AlertRaised"}
"""Of no concern to the matcher, or of stores that are rebuilt."""


@pytest.mark.timeout(300)
def test_random_lives_keep_every_promise() -> None:
    soaked = soak(STEPS, "every run")

    assert soaked.steps >= STEPS
    told = {what.removeprefix("event: ") for what in soaked.counted if what.startswith("event: ")}
    assert told >= EVENT_TYPES.keys() - NOT_HERE
    refused = {what.removeprefix("refused: ") for what in soaked.counted if what.startswith("refused: ")}
    assert refused >= {Refusal.NOBODY_FREE, Refusal.WRONG_STATE, Refusal.UNKNOWN, Refusal.LEASE_OVER}
    assert soaked.counted["invariant: decisions equal to the oracle's"] > 200


def test_a_broken_promise_is_told_with_what_it_takes_to_see_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Matcher, "propose", lambda self, now: [])
    with pytest.raises(PromiseBroken, match=r"life 0 of seed 'x' .*\n.*\n.*--seed x --life 0"):
        soak(STEPS, "x")
