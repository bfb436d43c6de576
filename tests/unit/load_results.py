"""Results of runs that never were, small enough to know each figure of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scenarios.load.results import Callers, Cost, Generator, Results, Spread, Step
from scenarios.load.verdict import Finding

__all__ = ["NOTHING", "nobody_called", "results", "spread"]

NOTHING = Spread.of(())


def spread(p50: float, *, count: int = 40) -> Spread:
    """Twice as much at p95, three times at p99, four times at worst."""
    return Spread(count=count, p50=p50, p95=p50 * 2, p99=p50 * 3, worst=p50 * 4, mean=p50)


def results(**changed: Any) -> Results:
    """A run that failed for its order, and kept everything else."""
    return replace(RUN, **changed)


def nobody_called() -> Results:
    """A run with no call, offer, or course at all."""
    none = Callers(planned=0, dialled=0, answered=0, gave_up=0, refused=0, dropped=0, vanished=0, unfinished=0,
                   refused_by_code={})  # fmt: skip
    return results(
        callers=none, wait_s=NOTHING, gave_up_after_s=NOTHING, agent_free_ms=NOTHING, caller_came_ms=NOTHING,
        offer_missed_ms=NOTHING, event_lag_ms=NOTHING, costs={}, steps=(), series={}, offers=(),
    )  # fmt: skip


RUN = Results(
    profile="small",
    title="A small help desk",
    engine="native",
    seed=7,
    digest="abcdef0123456789",
    began="2026-11-28T11:30:27+00:00",
    lasted_s=31.5,
    machine={"processor": "A processor", "cores": "2", "python": "3.11.7", "load": "0.5"},
    passed=False,
    broken_off="",
    verdict=[
        Finding(name="lost", promise="No caller was dropped", kept=True),
        Finding(name="fair", promise="First come, first offered", kept=False, count=9, examples=("B before A", "D, C")),
        Finding(name="service level", promise="70% in time", kept=True, examples=("it was 91.7%",)),
    ],
    callers=Callers(planned=1300, dialled=1200, answered=1100, gave_up=60, refused=30, dropped=4, vanished=5,
                    unfinished=1, refused_by_code={"503": 30}),
    calls_per_s=38.75,
    service_level=0.917,
    service_level_s=20,
    wait_s=spread(1.25),
    gave_up_after_s=spread(6.0, count=60),
    agent_free_ms=spread(10.0),
    caller_came_ms=spread(20.0),
    offer_missed_ms=NOTHING,
    event_lag_ms=spread(0.5),
    costs={
        "asterisk": Cost(cpu_ms_a_call=8.0, cpu_share=0.31, rss_mib=95.0, growth_mib_per_h=None),
        "acd-1": Cost(cpu_ms_a_call=2.0, cpu_share=0.12, rss_mib=105.0, growth_mib_per_h=1.5),
        "sipp": Cost(cpu_ms_a_call=4.0, cpu_share=0.05, rss_mib=21.0, growth_mib_per_h=None),
    },
    generator=Generator(cpu_share=0.05, timer_lag_p99_ms=2.5, dialled_late_p99_ms=4.0, valid=True),
    steps=[
        Step(per_s=5, calls=50, answered=50, held=True, agent_free_p99_ms=12.0),
        Step(per_s=10, calls=100, answered=98, held=False, agent_free_p99_ms=900.0),
    ],
    series={
        "at": [0.0, 1.0, 2.0, 3.0],
        "arrivals_per_s": [1, 4, 2, 0],
        "waiting": [0, 3, 1, 0],
        "talking": [0, 1, 2, 2],
        **{f"cpu_{name}": [0.0, 0.5, 0.25, 0.1] for name in ("asterisk", "acd-1", "sipp")},
        **{f"rss_{name}": [60.0, 70.0, 80.0, 90.0] for name in ("asterisk", "acd-1", "sipp")},
    },
    offers=[(1.0, 10.0), (2.0, 30.0), (2.5, 0.0)],
)  # fmt: skip
