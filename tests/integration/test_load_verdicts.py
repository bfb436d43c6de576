"""Faults planted into a real system under load: each is caught by its own finding alone, and without one all pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from scenarios.load import conductor, verdict as judging
from scenarios.load.conductor import Conductor
from scenarios.load.engine import Engine
from scenarios.load.engines import Floor
from scenarios.load.plan import Plan
from scenarios.load.rules import Rules
from scenarios.load.run import Run
from scenarios.load.verdict import Finding, verdict
from tests.load_plans import callers, small_plan

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

FAULTS = Path(__file__).with_name("planted_faults")
LATE_AFTER_S, LATE_BY_S = 2.0, 3.0
RULES = Rules(late_offers_at_most=0, late_after_ms=LATE_AFTER_S * 1000)


def quiet_plan(calls: int = 8, **more: Any) -> Plan:
    """Agents are plenty: nobody waits for one."""
    return small_plan(callers(calls, every_s=0.25), agents=5, rules=RULES, **more)


def full_plan() -> Plan:
    """Callers wait in a line for their agents."""
    return small_plan(callers(12, every_s=0.1), agents=3, talk_s=(0.6,), rules=RULES)


STRUCK_LAST = 3
"""So many callers that nobody comes after the one who is struck, and so overtakes."""


async def run_on(engine: Engine) -> Run:
    async with engine:
        return await Conductor(engine.plan, engine).run()


def broken(run: Run) -> dict[str, Finding]:
    return {finding.name: finding for finding in verdict(run) if not finding.kept}


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full machine has long moments."""
    monkeypatch.setattr(judging, "SAME_MOMENT_S", 0.25)


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes the bare application of the next engine a faulty one."""
    monkeypatch.setattr(conductor, "SETTLE_LIMIT_S", 2.0)

    def planted(fault: str) -> None:
        monkeypatch.setenv("PYTHONPATH", str(FAULTS))
        monkeypatch.setenv("PLANTED_FAULT", fault)
        monkeypatch.setenv("PLANTED_DELAY_S", str(LATE_BY_S))

    return planted


async def test_a_sound_system_passes_everything() -> None:
    plan = full_plan()
    run = await run_on(Floor(plan))

    assert broken(run) == {}
    assert len(run.traffic.calls) == len(plan.calls)
    assert all(call.agent_at is not None for call in run.traffic.calls.values())


@pytest.mark.parametrize(
    ("fault", "plan", "caught"),
    [
        ("drops a caller", quiet_plan(), {"lost": 1}),
        ("forgets a caller", quiet_plan(STRUCK_LAST, drain_s=3.0), {"lost": 1, "whole": 1}),
        ("rings who talks", full_plan(), {"doubled": None}),
        ("gives a caller two agents", quiet_plan(), {"doubled": 1}),
        ("serves the last first", full_plan(), {"fair": None}),
        ("leaks a bridge", quiet_plan(), {"left": 1}),
        ("leaks a channel", quiet_plan(), {"left": 1}),
        ("offers late", quiet_plan(STRUCK_LAST), {"late": 0}),
    ],
)
async def test_a_fault_is_caught_by_its_finding_alone(
    fault: str, plan: Plan, caught: Mapping[str, int | None], plant: Callable[[str], None]
) -> None:
    plant(fault)

    found = broken(await run_on(Floor(plan)))

    assert found.keys() == caught.keys(), [finding.sentence for finding in found.values()]
    for name, count in caught.items():
        assert count in {None, found[name].count}, found[name].sentence
    assert all(finding.examples for finding in found.values())
