"""A strategy that raises, or never returns: callers are served by longest idle, and after three faults it is off."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.events import AlertKind, AlertRaised
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

STRATEGIES = Path(__file__).parent / "strategies"
CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
strategy = "{strategy}"
"""


@pytest.mark.parametrize(
    ("strategy", "complaint"),
    [
        pytest.param("strategies_that_break:Raises", "raised RuntimeError: out of ideas", id="raises"),
        pytest.param("strategies_that_break:NeverReturns", "took longer than 0.1 s", id="never_returns"),
    ],
)
async def test_a_broken_strategy_is_switched_off(lab: Lab, strategy: str, complaint: str) -> None:
    configuration = CONFIGURATION.format(strategy=strategy) + agents_at("support", anna="1001", ben="1002")
    async with Centre.open(lab, configuration, env={"PYTHONPATH": str(STRATEGIES)}) as centre:
        await centre.phone("1001", Behaviour(ring=0.1))
        await centre.phone("1002", Behaviour(ring=0.1))
        await centre.log_in("ben")
        await centre.log_in("anna")

        talks = [await centre.talk(number) for number in ("1", "2", "3", "4")]
        await centre.events.until(AlertRaised, count=3)
        await centre.nothing_left()

        alerts = centre.events.of(AlertRaised)
        assert [talk.agent.id for talk in talks] == ["ben", "anna", "ben", "anna"]
        assert [alert.alert for alert in alerts] == [
            AlertKind.STRATEGY_FAILED,
            AlertKind.STRATEGY_FAILED,
            AlertKind.STRATEGY_SWITCHED_OFF,
        ]
        assert all(complaint in alert.text and "'support'" in alert.text for alert in alerts)
        assert talks[3].offer.why.startswith(f"longest_idle for {strategy}")
