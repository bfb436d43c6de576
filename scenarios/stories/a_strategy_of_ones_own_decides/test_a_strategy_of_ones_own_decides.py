"""A strategy from a file beside the ACD, named in the configuration as module:Class, decides who gets whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

STRATEGIES = Path(__file__).parent / "strategies"
CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
strategy = "{strategy}"
{options}
"""


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("strategy", "options", "order"),
    [
        pytest.param("of_our_own:LastName", "", ["carla", "ben", "anna"], id="by_key"),
        pytest.param(
            "of_our_own:BySubject",
            'strategy_options = { subjects = { 1 = "ben", 2 = "carla" } }',
            ["ben", "carla", "anna"],
            id="by_rank",
        ),
    ],
)
async def test_a_strategy_of_ones_own_decides(lab: Lab, strategy: str, options: str, order: list[str]) -> None:
    configuration = CONFIGURATION.format(strategy=strategy, options=options)
    configuration += agents_at("support", anna="1001", ben="1002", carla="1003")
    async with Centre.open(lab, configuration, env={"PYTHONPATH": str(STRATEGIES)}) as centre:
        for name in ("1001", "1002", "1003"):
            await centre.phone(name, Behaviour(ring=0.1))
        for agent in ("anna", "ben", "carla"):
            await centre.log_in(agent)

        callers, talks = [], []
        for number in ("1", "2", "3"):
            callers.append(await lab.caller("100", from_user=number))
            talks.append(await centre.connected(number))
        for caller in callers:
            await caller.hang_up()
        await centre.nothing_left()

        assert [talk.agent.id for talk in talks] == order
        assert all(strategy in talk.offer.why for talk in talks)
