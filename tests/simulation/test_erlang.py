"""The production routing, on a virtual clock, must make lines as long as the formulas of Erlang say."""

from __future__ import annotations

import pytest

from tests.simulation.measured import (
    LONG,
    STANDARD_ERRORS,
    Run,
    agree,
    callers,
    only_long,
    pool,
    simulated,
)
from tests.simulation.queueing_theory import ErlangA, ErlangC

TALK_S = 180.0
PATIENCE_S = 120.0
TARGET_S = 20.0


def against_erlang_c(run: Run, theory: ErlangC) -> None:
    agree(
        {
            "share that waits": (run.share(lambda call: call.waited > 0), theory.waits),
            "mean wait": (run.mean(lambda call: call.waited), theory.mean_wait_s),
            "answered in 20 s": (
                run.share(lambda call: call.waited <= TARGET_S),
                theory.answered_within(TARGET_S),
            ),
            "occupancy": (run.at_work(theory.agents), theory.load / theory.agents),
        }
    )


def against_erlang_a(run: Run, theory: ErlangA) -> None:
    agree(
        {
            "share that waits": (run.share(lambda call: call.waited > 0), theory.waits),
            "share that gives up": (run.share(lambda call: call.agent is None), theory.gives_up),
            "mean wait": (run.mean(lambda call: call.waited), theory.mean_wait_s),
            "occupancy": (run.at_work(theory.agents), theory.occupancy),
        }
    )


@pytest.mark.timeout(3600 if LONG else 120)
def test_erlang_c_twelve_agents() -> None:
    theory = ErlangC(agents=12, load=10, talk_s=TALK_S)
    run = simulated(pool(12, "q"), [callers("q", load=10, talk_s=TALK_S)], LONG or 6_000)
    against_erlang_c(run, theory)
    one_more = ErlangC(agents=13, load=10, talk_s=TALK_S)
    assert run.share(lambda call: call.waited > 0).off_by(one_more.waits) > STANDARD_ERRORS, "the test sees enough"


@only_long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("agents", "load"), [(100, 95.0), (1000, 960.0)])
def test_erlang_c_many_agents(agents: int, load: float) -> None:
    theory = ErlangC(agents=agents, load=load, talk_s=TALK_S)
    run = simulated(pool(agents, "q"), [callers("q", load=load, talk_s=TALK_S)], LONG)
    against_erlang_c(run, theory)


@pytest.mark.timeout(3600 if LONG else 120)
def test_erlang_a_twelve_agents() -> None:
    theory = ErlangA(agents=12, load=10, talk_s=TALK_S, patience_s=PATIENCE_S)
    run = simulated(pool(12, "q"), [callers("q", load=10, talk_s=TALK_S, patience_s=PATIENCE_S)], LONG or 6_000)
    against_erlang_a(run, theory)


@pytest.mark.timeout(3600 if LONG else 120)
def test_erlang_a_more_callers_than_a_hundred_agents_can_serve() -> None:
    theory = ErlangA(agents=100, load=105, talk_s=TALK_S, patience_s=PATIENCE_S)
    run = simulated(pool(100, "q"), [callers("q", load=105, talk_s=TALK_S, patience_s=PATIENCE_S)], LONG or 6_000)
    against_erlang_a(run, theory)


@only_long
@pytest.mark.timeout(7200)
def test_erlang_a_a_thousand_agents() -> None:
    theory = ErlangA(agents=1000, load=1020, talk_s=TALK_S, patience_s=PATIENCE_S)
    run = simulated(pool(1000, "q"), [callers("q", load=1020, talk_s=TALK_S, patience_s=PATIENCE_S)], LONG)
    against_erlang_a(run, theory)


def test_the_formulas_give_what_the_tables_say() -> None:
    """The published vectors, so that a slip in a formula cannot agree with a slip in the routing."""
    by_agents = {
        (12, 10.0): (0.449388, 40.4449, 0.640158),
        (100, 95.0): (0.506457, 18.2324, 0.709419),
        (1000, 960.0): (0.133692, 0.601613, 0.998430),
    }
    for (agents, load), expected in by_agents.items():
        theory = ErlangC(agents=agents, load=load, talk_s=TALK_S)
        found = (theory.waits, theory.mean_wait_s, theory.answered_within(TARGET_S))
        assert found == pytest.approx(expected, rel=5e-6)
    with_patience = {
        (12, 10.0): (0.279807, 0.0615974, 7.39169, 0.782002),
        (100, 105.0): (0.637138, 0.0710584, 8.52701, 0.975389),
        (1000, 1020.0): (0.671947, 0.0259126, 3.10951, 0.993569),
    }
    for (agents, load), waits in with_patience.items():
        patient = ErlangA(agents=agents, load=load, talk_s=TALK_S, patience_s=PATIENCE_S)
        shown = (patient.waits, patient.gives_up, patient.mean_wait_s, patient.occupancy)
        assert shown == pytest.approx(waits, rel=5e-6)
