"""Days of a small centre with everything that routing knows: after every step the promises hold."""

from __future__ import annotations

import os
from random import Random

import pytest

from acd.configuration import LineOrder
from acd.events import AnyEvent, WrapUpEnded
from acd.simulation import SimulatedCentre, SimulatedDay, VirtualClock
from tests.simulation.promises import Promises
from tests.simulation.seeded_centre import CALLERS, centre_of, habits

HOURS = float(os.environ.get("SIMULATION_HOURS", "0.5"))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("seed", "line"), [(1, LineOrder.WAIT_PLUS_PRIORITY), (2, LineOrder.STRICT_PRIORITY)])
def test_the_promises_hold_after_every_step_of_a_day(seed: int, line: LineOrder) -> None:
    configuration, strategies = centre_of(line)
    centre = SimulatedCentre(configuration, strategies, VirtualClock())
    promises = Promises(centre, strategies)
    day = SimulatedDay(centre, CALLERS, lambda name: Random(f"{seed}/{name}"), habits=habits(HOURS * 3600))

    day.run(seconds=HOURS * 3600)

    promises.at_the_end()
    assert not centre.matcher.troubles
    counted = promises.counted
    print({name: counted[name] for name in sorted(counted)})  # noqa: T201  # pytest shows it with a failure, or with -s
    assert day.over == day.arrived == counted["CallEnded"] > 50 * HOURS
    happened = {"call completed", "call abandoned", "StepSwitched", "callers behind, alike", "decisions compared"}
    happened |= {f"offer {outcome}" for outcome in ("no_answer", "rejected", "dropped")}
    assert {name for name in happened if not counted[name]} == set(), "a day in which too little happened"


def test_the_same_seed_is_the_same_day() -> None:
    def story(seed: int) -> list[str]:
        configuration, strategies = centre_of(LineOrder.WAIT_PLUS_PRIORITY)
        centre = SimulatedCentre(configuration, strategies, VirtualClock())
        told: list[str] = []
        centre.heard_by.append(lambda event: told.append(repr(event)))
        SimulatedDay(centre, CALLERS, lambda name: Random(f"{seed}/{name}"), habits=habits(600)).run(seconds=600)
        return told

    assert story(7) == story(7)
    assert story(7) != story(8)


def test_a_matcher_that_misses_news_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    configuration, strategies = centre_of(LineOrder.WAIT_PLUS_PRIORITY)
    centre = SimulatedCentre(configuration, strategies, VirtualClock())
    Promises(centre, strategies)
    apply = centre.matcher.apply

    def deaf(event: AnyEvent) -> None:
        if not isinstance(event, WrapUpEnded):
            apply(event)

    monkeypatch.setattr(centre.matcher, "apply", deaf)
    day = SimulatedDay(centre, CALLERS, lambda name: Random(f"1/{name}"), habits=habits(3600))
    with pytest.raises(AssertionError, match="who gets whom"):
        day.run(seconds=3600)
