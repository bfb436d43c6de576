"""A load run sends what its plan says, the same each time, and ends in time whatever dies in the middle of it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import psutil
import pytest

from scenarios.lab.namespace import PartFailed
from scenarios.load import conductor, senders, verdict as judging
from scenarios.load.conductor import Conductor
from scenarios.load.engine import Engine
from scenarios.load.engines import Floor, Native
from scenarios.load.plan import AgentChange, Change, Plan
from scenarios.load.run import Moment, Run
from scenarios.load.seen import CallerEnd, SeenCall
from scenarios.load.verdict import verdict
from tests.load_plans import caller, callers, small_plan

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

FAULTS = Path(__file__).with_name("planted_faults")
TALK_S = (0.3, 1.5)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left is not waited for as long as in a real run; and a full machine has long moments."""
    monkeypatch.setattr(judging, "SAME_MOMENT_S", 0.25)
    monkeypatch.setattr(conductor, "SETTLE_LIMIT_S", 2.0)


async def run_on(engine: Engine, watcher: Callable[[Engine, Moment], None] = lambda _engine, _moment: None) -> Run:
    """When this returns, no process of the run is there any more."""
    async with engine:
        folder = engine.lab.folder
        run = await Conductor(engine.plan, engine, lambda moment: watcher(engine, moment)).run()
    assert not folder.exists()
    assert processes_with(folder) == []
    return run


def processes_with(folder: Path) -> Sequence[str]:
    """Programs that were started with a path of this lab."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        if any(str(folder) in word for word in words):
            found.append(" ".join(words))
    return found


def broken(run: Run) -> set[str]:
    return {finding.name for finding in verdict(run) if not finding.kept}


def at_second(second: float, act: Callable[[Engine], None]) -> Callable[[Engine, Moment], None]:
    """Does something once, when the run has lasted so long."""
    done: list[float] = []

    def watch(engine: Engine, moment: Moment) -> None:
        if moment.at >= second and not done:
            done.append(moment.at)
            act(engine)

    return watch


# --- the same traffic -------------------------------------------------------------------------------------------------


def talked_s(call: SeenCall) -> float:
    assert call.answer is not None
    assert call.answer.answered_at is not None
    assert call.answer.ended_at is not None
    return call.answer.ended_at - call.answer.answered_at


async def test_two_runs_of_one_plan_send_the_same() -> None:
    # A distance that no machine swallows, and none that is like another.
    times = (0.0, 0.4, 0.9, 1.3, 2.0, 2.3, 3.0, 3.4)
    plan = small_plan(
        [caller(n, at, talk_bucket=n % 2) for n, at in enumerate(times)], agents=5, talk_s=TALK_S, drain_s=30
    )
    first, second = [await run_on(Floor(plan)) for _ in range(2)]

    for run in (first, second):
        by_time = sorted(run.traffic.calls.values(), key=lambda call: call.invited_at)
        assert [call.number for call in by_time] == [call.number for call in plan.calls]
        talks = [min(TALK_S, key=lambda talk: abs(talk - talked_s(call))) for call in by_time]
        assert talks == [TALK_S[call.talk_bucket] for call in plan.calls]
        starts = [call.invited_at - by_time[0].invited_at for call in by_time]
        # The median: a full machine delays some, and never half of them.
        assert median(abs(start - at) for start, at in zip(starts, times, strict=True)) < 0.1
    apart = [
        second.traffic.calls[number].invited_at - second.began_at - (call.invited_at - first.began_at)
        for number, call in first.traffic.calls.items()
    ]
    assert median(abs(each - median(apart)) for each in apart) < 0.1


# --- ends -------------------------------------------------------------------------------------------------------------


def long_plan(**more: object) -> Plan:
    """Would last for two minutes."""
    return small_plan([*callers(6, every_s=0.2), caller(6, 90.0)], agents=3, **more)  # type: ignore[arg-type]


async def test_when_the_phones_die_the_run_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    banks: list[senders.PhoneBank] = []
    switch_on = senders.PhoneBank.switch_on

    async def switched_on(bank: senders.PhoneBank, talk_s: Sequence[float]) -> None:
        banks.append(bank)
        await switch_on(bank, talk_s)

    monkeypatch.setattr(senders.PhoneBank, "switch_on", switched_on)
    run = await run_on(Floor(long_plan()), at_second(1.5, lambda _engine: banks[0].sipp.child.signal(signal.SIGKILL)))

    assert "phone-1001 ended by itself with status -9" in run.broken_off
    assert run.lasted_s < 60
    assert {"whole", "sipp"} <= broken(run)


@pytest.mark.parametrize("part", ["acd-1", "redis", "asterisk"])
async def test_when_what_serves_calls_dies_the_run_ends_and_says_so(part: str) -> None:
    run = await run_on(Native(long_plan()), at_second(1.5, lambda engine: engine.children[part].signal(signal.SIGKILL)))

    assert run.broken_off
    assert " ended by itself with status " in run.broken_off
    assert run.lasted_s < 60
    assert "whole" in broken(run)


async def test_when_the_bare_application_crashes_its_last_words_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(FAULTS))
    monkeypatch.setenv("PLANTED_FAULT", "dies")
    run = await run_on(Floor(long_plan()))

    assert "The bare application ended by itself with status -6" in run.broken_off
    assert "whole" in broken(run)


async def test_who_is_told_to_stop_ends_in_order_and_blames_nobody() -> None:
    plan = small_plan([*callers(8, every_s=0.1), caller(8, 2.2), caller(9, 90.0)], agents=1, talk_s=(2.0,))
    async with Floor(plan) as engine:
        stop = asyncio.Event()
        watcher = at_second(1.5, lambda _engine: stop.set())
        run = await Conductor(plan, engine, lambda moment: watcher(engine, moment), stop).run()

    assert run.broken_off == "it was told to stop"
    assert broken(run) == {"whole"}
    assert {call.end for call in run.traffic.calls.values()} >= {CallerEnd.UNFINISHED}
    assert caller(9, 0).number not in run.traffic.calls


async def test_who_is_told_to_stop_before_anything_began_begins_nothing() -> None:
    plan = small_plan(callers(5, every_s=0.2))
    async with Floor(plan) as engine:
        stop = asyncio.Event()
        stop.set()
        run = await Conductor(plan, engine, stop=stop).run()

    assert (dict(run.traffic.calls), run.left) == ({}, [])
    assert broken(run) == {"whole"}


async def test_a_ramp_that_breaks_has_done_what_it_was_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conductor, "STALE_S", 2.0)
    plan = small_plan([*callers(6, every_s=0.1), caller(6, 90.0)], agents=1, talk_s=(30.0,), until_it_breaks=True)
    async with Floor(plan) as engine:
        run = await Conductor(plan, engine).run()

    assert run.broken_off.startswith("the ramp broke after")
    assert broken(run) == set()


async def test_without_callers_or_agents_a_run_is_over_at_once() -> None:
    run = await run_on(Floor(small_plan([])))

    assert run.traffic.calls == {}
    assert broken(run) == set()


async def test_a_very_short_run_is_whole() -> None:
    run = await run_on(Floor(small_plan([caller(0, 0.0)], agents=1, talk_s=(0.1,))))

    assert broken(run) == set()
    assert len(run.samples) >= 2


async def test_a_sipp_that_cannot_start_ends_the_run_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senders, "caller_script", lambda **_kind: "<scenario><nonsense/></scenario>")
    engine = Floor(small_plan(callers(3, every_s=0.2)))
    with pytest.raises(PartFailed, match="callers-1 ended with status"):
        await run_on(engine)

    assert processes_with(engine.lab.folder) == []


async def test_agents_who_cannot_be_made_ready_end_the_run_with_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    async def log_in(_engine: Engine, *_agents: str) -> None:
        raise AssertionError("PUT agents/desk-001/status: 404")

    monkeypatch.setattr(Floor, "log_in", log_in)
    with pytest.raises(PartFailed, match="could not be made ready: PUT agents/desk-001/status: 404"):
        await run_on(Floor(small_plan(callers(3, every_s=0.2))))


async def test_a_change_that_fails_ends_the_run_and_is_told() -> None:
    changes = [AgentChange(at=1.0, agent="desk-099", change=Change.UNREACHABLE)]
    run = await run_on(Floor(long_plan(changes=changes)))

    assert run.broken_off.startswith("desk-099 could not do unreachable")
    assert "whole" in broken(run)
