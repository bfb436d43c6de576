"""What a decision costs by strategy and by the number of agents who are free to take the call."""

from __future__ import annotations

from random import Random
from typing import TypedDict

from acd.agent import AgentProfile
from acd.call import Call
from acd.configuration import Configuration
from acd.queue import Queue
from scenarios.bench.centre import Centre, Times, ready
from scenarios.bench.population import LONGEST_WAIT_MS, NOW, SEED
from scenarios.bench.timing import Figures, collect_as_the_service_does, figures
from stasis_app.plugins import strategies_for

STRATEGIES = {
    "longest idle": "longest_idle",
    "most skilled": "most_skilled",
    "a stranger by key": "scenarios.bench.stranger:FewestMinutes",
    "a stranger by rank": "scenarios.bench.stranger:NotTwice",
}
CANDIDATES = (10, 100, 1_000, 7_000)


class StrategyRow(TypedDict):
    """One strategy over so many candidates."""

    strategy: str
    candidates: int
    decision: Figures


def strategy_row(strategy: str, candidates: int, decisions: int) -> StrategyRow:
    """Calls arrive at one queue with so many free agents; whoever gets one is free again before the next."""
    draw = Random(SEED)  # noqa: S311  # the same agents each time, no secret
    configuration = Configuration(
        version=1,
        queues={"q": Queue(name="q", strategy=STRATEGIES[strategy])},
        agents={
            name: AgentProfile(id=name, queues={"q": draw.randint(0, 1)}, skills={"s": draw.randint(1, 100)})
            for name in (f"a{number:04}" for number in range(candidates))
        },
        skills={"s": "s"},
    )
    centre = Centre(configuration, strategies_for(configuration))
    centre.load([ready(agent, NOW - draw.randint(0, LONGEST_WAIT_MS)) for agent in configuration.agents], [])
    collect_as_the_service_does()
    for number in range(decisions + decisions // 10):
        if number == decisions // 10:
            centre.times = Times()
        call = Call(id=f"c{number}", queue="q", requires="s", queued_at=centre.now, arrived_at=centre.now)
        for proposal in centre.call_arrives(call):
            centre.runs_its_course(proposal)
            centre.agent_becomes_free(proposal.agents[0])
    return StrategyRow(strategy=strategy, candidates=candidates, decision=figures(centre.times.decisions))
