"""Two queues, one agent for one of them and one for both: first come, first served, by who has been idle longest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.agent import AgentProfile
from acd.configuration import Configuration
from acd.queue import Queue
from acd.strategy import Candidate, SortKey
from tests.simulation.measured import LONG, STANDARD_ERRORS, agree, callers, pool, simulated
from tests.simulation.queueing_theory import NGraph

TALK_S = 100.0
"""The unit of time; long against the milliseconds in which the store counts."""
LOADS = {"a": 0.4, "b": 0.3}


class LastAgentFirst:
    """Anything but the longest idle."""

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return -int(agent.id.removeprefix("agent-"))


def n_graph() -> Configuration:
    return replace(
        pool(0, "a", "b"),
        agents={
            "agent-1": AgentProfile(id="agent-1", queues={"a": 0}),
            "agent-2": AgentProfile(id="agent-2", queues={"a": 0, "b": 0}),
        },
    )


@pytest.mark.timeout(3600 if LONG else 120)
def test_first_come_first_served_and_longest_idle_as_the_exact_chain_says() -> None:
    exact = NGraph(rate_a=LOADS["a"], rate_b=LOADS["b"]).solve()
    run = simulated(
        n_graph(), [callers(queue, load=load, talk_s=TALK_S) for queue, load in LOADS.items()], LONG or 8_000
    )

    flows = (("a1", "a", "agent-1"), ("a2", "a", "agent-2"), ("b2", "b", "agent-2"))
    figures = {
        f"{queue} to {agent}, calls a second": (run.flow(queue, agent), exact[key] / TALK_S)
        for key, queue, agent in flows
    }
    agree(
        figures
        | {
            "mean wait in a": (run.mean(lambda call: call.waited, of="a"), exact["line_a"] / LOADS["a"] * TALK_S),
            "mean wait in b": (run.mean(lambda call: call.waited, of="b"), exact["line_b"] / LOADS["b"] * TALK_S),
            "agent 1 at work": (run.at_work(1, only="agent-1"), exact["a1"]),
            "agent 2 at work": (run.at_work(1, only="agent-2"), exact["a2"] + exact["b2"]),
        }
    )


@pytest.mark.timeout(120)
def test_another_rule_for_agents_is_told_apart() -> None:
    """The figures see what the rule is: a strategy that prefers agent 2 is far off."""
    exact = NGraph(rate_a=LOADS["a"], rate_b=LOADS["b"]).solve()
    run = simulated(
        n_graph(),
        [callers(queue, load=load, talk_s=TALK_S) for queue, load in LOADS.items()],
        4_000,
        strategies={"a": LastAgentFirst(), "b": LastAgentFirst()},
    )
    assert run.flow("a", "agent-1").off_by(exact["a1"] / TALK_S) > 3 * STANDARD_ERRORS
    assert run.at_work(1, only="agent-1").off_by(exact["a1"]) > 3 * STANDARD_ERRORS


def test_the_chain_gives_what_is_known_of_it() -> None:
    exact = NGraph(rate_a=0.4, rate_b=0.3).solve()
    assert exact["a1"] == pytest.approx(0.26415, abs=2e-5)
    assert exact["a2"] == pytest.approx(0.13585, abs=2e-5)
    assert exact["b2"] == pytest.approx(0.3, abs=1e-5)
    assert exact["line_a"] / 0.4 == pytest.approx(0.1151, rel=1e-3)
    assert exact["line_b"] / 0.3 == pytest.approx(0.6497, rel=1e-3)
