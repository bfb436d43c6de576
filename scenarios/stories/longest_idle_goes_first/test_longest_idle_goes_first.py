"""Three agents take three calls in the order in which they became ready; one who comes back from a break is last."""

from __future__ import annotations

import pytest

from acd.events import AgentStatusChanged
from scenarios.centre import Centre, agents_at
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

CONFIGURATION = """
[queues.support]
numbers = ["100"]
wrap_up_s = 0
""" + agents_at("support", anna="1001", ben="1002", carla="1003")


@pytest.mark.smoke
async def test_longest_idle_goes_first(lab: Lab) -> None:
    async with Centre.open(lab, CONFIGURATION) as centre:
        phones = [await centre.phone(name, Behaviour(ring=0.1)) for name in ("1001", "1002", "1003")]
        await centre.log_in("anna", "ben", "carla")

        first_round = [(await centre.talk(number)).agent.id for number in ("1", "2", "3")]
        await centre.status("ben", "on_break", "coffee")
        on_break = (await centre.talk("4")).agent.id
        await centre.status("ben", "ready")
        await centre.events.until(AgentStatusChanged, lambda e: e.previous == "on_break")
        after_it = [(await centre.talk(number)).agent.id for number in ("5", "6", "7")]
        await centre.nothing_left()

        assert first_round == ["anna", "ben", "carla"]
        assert on_break == "anna"
        # Idle since the third call, since the break, since the fourth call: the break counts from its end.
        assert after_it == ["carla", "anna", "ben"]
        assert centre.offered() == [*first_round, on_break, *after_it]
        assert [len(phone.offers) for phone in phones] == [3, 2, 2]
