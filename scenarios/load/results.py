"""What a run came to, in figures: what the report shows, what is kept as JSON, and what runs are compared by."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from scenarios.load.digest import digest_of
from scenarios.load.latencies import Latencies, latencies
from scenarios.load.meters import MIB, cpu_ms, growth_mib_per_h
from scenarios.load.over_time import series_of
from scenarios.load.ranks import percentile
from scenarios.load.run import Run
from scenarios.load.seen import CallerEnd, SeenCall
from scenarios.load.verdict import Finding, verdict

__all__ = ["Callers", "Cost", "Generator", "Results", "Spread", "Step", "generator_of", "results_of"]

MOST_GENERATOR_SHARE = 0.6
"""Of a core: a generator that takes more may be what limits the rate."""
MOST_GENERATOR_LAG_MS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How durations are spread."""

    count: int
    p50: float
    p95: float
    p99: float
    worst: float
    mean: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """All zero where there are none."""
        ordered = sorted(values)
        if not ordered:
            return cls(count=0, p50=0.0, p95=0.0, p99=0.0, worst=0.0, mean=0.0)
        p50, p95, p99 = (round(percentile(ordered, percent), 3) for percent in (50, 95, 99))
        mean = round(fmean(ordered), 3)
        return cls(count=len(ordered), p50=p50, p95=p95, p99=p99, worst=round(ordered[-1], 3), mean=mean)


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """What became of them: every caller is in exactly one of the counts after ``dialled``."""

    planned: int
    dialled: int
    answered: int
    """By an agent, whoever hung up afterwards."""
    gave_up: int
    refused: int
    dropped: int
    """Hung up on before they had an agent."""
    vanished: int
    unfinished: int
    refused_by_code: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one process took."""

    cpu_ms_a_call: float
    cpu_share: float
    """Of one core, over the whole run."""
    rss_mib: float
    """At its highest."""
    growth_mib_per_h: float | None
    """Over the second half; None where the run is too short to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """Whether the side that sends the traffic could keep up: a run in which it could not says nothing."""

    cpu_share: float
    """Of one core, all SIPp processes together, over the busiest ten seconds."""
    timer_lag_p99_ms: float
    """How late our own timers were."""
    dialled_late_p99_ms: float
    """How far callers dialled from their planned times, once the start of SIPp is taken off."""
    valid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a ramp."""

    per_s: float
    calls: int
    answered: int
    held: bool
    """Every caller of it had an agent and a normal end."""
    agent_free_p99_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One run. Times are seconds unless their names say otherwise."""

    profile: str
    title: str
    engine: str
    seed: int
    digest: str
    """Of the plan: two runs with one digest sent the same."""
    began: str
    lasted_s: float
    machine: Mapping[str, str]
    passed: bool
    broken_off: str
    verdict: Sequence[Finding]
    callers: Callers
    calls_per_s: float
    """Answered, from the first to the last caller's INVITE."""
    service_level: float
    """Share of callers who had an agent within ``service_level_s``."""
    service_level_s: float
    wait_s: Spread
    """Until an agent answered, of those who had one."""
    gave_up_after_s: Spread
    agent_free_ms: Spread
    caller_came_ms: Spread
    offer_missed_ms: Spread
    event_lag_ms: Spread
    """From an event's commit until another process had read it from the stream."""
    costs: Mapping[str, Cost]
    generator: Generator
    steps: Sequence[Step]
    series: Mapping[str, Sequence[float]]
    """By name, a value for each point of time in ``at``; ``cpu_…`` in shares of a core, ``rss_…`` in MiB."""
    offers: Sequence[tuple[float, float]]
    """Second of the run and milliseconds of each hand-over to an agent who became free."""


def results_of(run: Run) -> Results:
    """Judged and counted."""
    findings = verdict(run)
    found = latencies(run.plan, run.traffic, run.began_at)
    calls = list(run.traffic.calls.values())
    rules = run.plan.rules
    waits = [waited for call in calls if (waited := _waited_s(call)) is not None]
    in_time = sum(1 for waited in waits if waited <= rules.answered_within_s)
    return Results(
        profile=run.plan.name,
        title=run.plan.title,
        engine=run.engine,
        seed=run.plan.seed,
        digest=digest_of(run.plan),
        began=datetime.fromtimestamp(run.began_at, UTC).isoformat(timespec="seconds"),
        lasted_s=round(run.lasted_s, 1),
        machine=_machine(),
        passed=all(finding.kept for finding in findings),
        broken_off=run.broken_off,
        verdict=findings,
        callers=_callers(run, calls),
        calls_per_s=round(_rate(calls), 2),
        service_level=round(in_time / max(1, len(calls)), 4),
        service_level_s=rules.answered_within_s,
        wait_s=Spread.of(waits),
        gave_up_after_s=Spread.of(
            call.ended_at - call.invited_at for call in calls if call.end is CallerEnd.GAVE_UP and call.ended_at
        ),
        agent_free_ms=Spread.of(one.seconds * 1000 for one in found.agent_free),
        caller_came_ms=Spread.of(one.seconds * 1000 for one in found.caller_came),
        offer_missed_ms=Spread.of(one.seconds * 1000 for one in found.offer_missed),
        event_lag_ms=Spread.of(run.event_lags_ms),
        costs=_costs(run, len(calls)),
        generator=generator_of(run),
        steps=_steps(run, found),
        series=series_of(run),
        offers=[(round(one.at - run.began_at, 3), round(one.seconds * 1000, 3)) for one in found.agent_free],
    )


def _machine() -> Mapping[str, str]:
    model = next((line.partition(":")[2].strip() for line in _cpu_lines() if line.startswith("model name")), "unknown")
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def _cpu_lines() -> Sequence[str]:
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ()


def _waited_s(call: SeenCall) -> float | None:
    """Until an agent answered; None if none did."""
    at = call.agent_at
    return None if at is None else max(0.0, at - call.invited_at)


def _rate(calls: Sequence[SeenCall]) -> float:
    if len(calls) < 2:
        return 0.0
    times = sorted(call.invited_at for call in calls)
    return sum(1 for call in calls if call.agent_at is not None) / max(1.0, times[-1] - times[0])


def _callers(run: Run, calls: Sequence[SeenCall]) -> Callers:
    kinds: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    for call in calls:
        if call.agent_at is not None:
            kinds["answered"] += 1
        elif call.end is CallerEnd.REFUSED:
            kinds["refused"] += 1
            codes[str(call.code)] += 1
        else:
            ends = {
                CallerEnd.GAVE_UP: "gave_up",
                CallerEnd.HUNG_UP_ON: "dropped",
                CallerEnd.VANISHED: "vanished",
            }
            kinds[ends.get(call.end, "unfinished")] += 1
    return Callers(
        planned=len(run.plan.calls),
        dialled=len(calls),
        answered=kinds["answered"],
        gave_up=kinds["gave_up"],
        refused=kinds["refused"],
        dropped=kinds["dropped"],
        vanished=kinds["vanished"],
        unfinished=kinds["unfinished"],
        refused_by_code=dict(codes),
    )


def _costs(run: Run, calls: int) -> Mapping[str, Cost]:
    costs = {}
    for name in dict.fromkeys(name for sample in run.samples for name in sample.use):
        spent = cpu_ms(run.samples, name)
        growth = growth_mib_per_h(run.samples, name)
        costs[name] = Cost(
            cpu_ms_a_call=round(spent / max(1, calls), 3),
            cpu_share=round(spent / 1000 / max(0.001, run.lasted_s), 4),
            rss_mib=round(max(sample.use[name].rss for sample in run.samples if name in sample.use) / MIB, 1),
            growth_mib_per_h=None if growth is None else round(growth, 1),
        )
    return costs


def generator_of(run: Run) -> Generator:
    """Whether the generator could keep up."""
    calls = run.traffic.calls.values()
    share = _busiest(run)
    lag = Spread.of(sample.lag_s * 1000 for sample in run.samples).p99
    off = [call.invited_at - run.began_at - run.plan.by_number[call.number].at for call in calls]
    usual = Spread.of(off).p50
    late = Spread.of(abs(one - usual) * 1000 for one in off).p99
    valid = share <= MOST_GENERATOR_SHARE and lag <= MOST_GENERATOR_LAG_MS
    return Generator(
        cpu_share=round(share, 3), timer_lag_p99_ms=round(lag, 2), dialled_late_p99_ms=round(late, 2), valid=valid
    )


def _busiest(run: Run, window: int = 10) -> float:
    uses = [(sample.at, sample.use["sipp"].cpu_s) for sample in run.samples if "sipp" in sample.use]
    pairs = zip(uses, uses[window:] or uses[-1:], strict=False)
    return max(((later[1] - at[1]) / max(0.001, later[0] - at[0]) for at, later in pairs), default=0.0)


def _steps(run: Run, found: Latencies) -> Sequence[Step]:
    steps = []
    for step in run.plan.ramp:
        numbers = {call.number for call in run.plan.calls if step.at <= call.at < step.until}
        seen = [run.traffic.calls[number] for number in numbers if number in run.traffic.calls]
        answered = [call for call in seen if call.agent_at is not None and call.end is not CallerEnd.UNFINISHED]
        waits = Spread.of(one.seconds * 1000 for one in found.agent_free if one.number in numbers)
        held = len(answered) == len(numbers)
        steps.append(
            Step(per_s=step.per_s, calls=len(seen), answered=len(answered), held=held, agent_free_p99_ms=waits.p99)
        )
    return steps
