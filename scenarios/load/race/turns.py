"""One turn of the race: one engine under one case's traffic on a fresh Asterisk, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scenarios.load.conductor import Conductor, Moment, Run
from scenarios.load.engines import ENGINES
from scenarios.load.latencies import Waited, latencies
from scenarios.load.meters import Sample
from scenarios.load.race.cases import Case, Kind, plan_of_case
from scenarios.load.results import Generator, Spread, generator_of
from scenarios.load.seen import CallerEnd, SeenCall

__all__ = ["ENGINE_OF_TURN", "Turn", "turn"]

ENGINE_OF_TURN: Mapping[str, str] = {"A": "native", "B": "app_queue", "C": "floor"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Figures of one turn; what a case does not measure is None or empty."""

    case: str
    kind: Kind
    grows: str = ""
    size: int = 0
    """Of what grows, in a growth series."""
    engine: str
    calls: int
    unserved: int
    """Callers who had no agent, or no normal end."""
    refused: int
    invited_ms: Spread
    """The case's own latency, from packets."""
    cpu_ms_a_call: Mapping[str, float]
    """By process, while it was measured."""
    cpu_share: Mapping[str, float]
    rss_mib: Mapping[str, float]
    held_per_s: float | None = None
    """The highest rate at which every call was served and ended normally."""
    drained_s: float | None = None
    """From the first of many callers until the last of them had an agent."""
    back_to_normal_s: float | None = None
    """After a surge: until callers who come have an agent within a second again."""
    left: Sequence[str] = ()
    broken_off: str = ""
    generator: Generator


async def turn(case: Case, engine: str, watcher: Callable[[Moment], None]) -> Turn:
    """Returns when everything of it has ended."""
    plan = plan_of_case(case)
    async with ENGINES[engine](plan) as system:
        run = await Conductor(plan, system, watcher).run()
    return await asyncio.to_thread(_figures, case, run)


def _figures(case: Case, run: Run) -> Turn:
    calls = list(run.traffic.calls.values())
    begins, ends = _window(case, run)
    samples = [sample for sample in run.samples if begins <= sample.at <= ends]
    ended = sum(1 for call in calls if call.ended_at and begins <= call.ended_at - run.began_at <= ends)
    spent = _spent(samples)
    passed = samples[-1].at - samples[0].at if len(samples) > 1 else 1.0
    return Turn(
        case=case.name,
        kind=case.kind,
        grows=case.grows,
        size=int(getattr(case, case.grows)) if case.grows else 0,
        engine=run.engine,
        calls=len(calls),
        unserved=sum(1 for call in calls if not _served(call) and call.end is not CallerEnd.REFUSED),
        refused=sum(1 for call in calls if call.end is CallerEnd.REFUSED),
        invited_ms=Spread.of(
            one.seconds * 1000 for one in _waits(case, run) if begins <= one.at - run.began_at <= ends
        ),
        cpu_ms_a_call={name: round(1000 * seconds / max(1, ended), 3) for name, seconds in spent.items()},
        cpu_share={name: round(seconds / passed, 4) for name, seconds in spent.items()},
        rss_mib={name: round(use.rss / (1 << 20), 1) for name, use in (samples[-1].use if samples else {}).items()},
        held_per_s=_held(run) if case.steps else None,
        drained_s=_drained(run) if case.kind is Kind.BACKLOG else None,
        back_to_normal_s=_back_to_normal(run) if case.kind is Kind.SURGE else None,
        left=tuple(run.left),
        broken_off=run.broken_off,
        generator=generator_of(run),
    )


def _window(case: Case, run: Run) -> tuple[float, float]:
    """Seconds of the run between which it is measured."""
    last = run.plan.calls[-1].at
    if case.kind in {Kind.LINE, Kind.GROWTH}:
        return case.begins_at, last
    if case.kind is Kind.WAITING:
        return last + 2, run.plan.duration_s
    return 1.0, run.lasted_s if case.kind is Kind.BACKLOG else last


def _waits(case: Case, run: Run) -> Sequence[Waited]:
    found = latencies(run.plan, run.traffic, run.began_at)
    if case.kind is Kind.MISSED:
        return found.offer_missed
    return found.caller_came if case.kind in {Kind.IDLE, Kind.MEDIA} else found.agent_free


def _spent(samples: Sequence[Sample]) -> Mapping[str, float]:
    """Seconds of a core that each process took."""
    names = dict.fromkeys(name for sample in samples for name in sample.use)
    known = {name: [sample.use[name].cpu_s for sample in samples if name in sample.use] for name in names}
    return {name: spent[-1] - spent[0] for name, spent in known.items()}


def _served(call: SeenCall) -> bool:
    return call.agent_at is not None and call.end in {CallerEnd.HUNG_UP_ON, CallerEnd.HUNG_UP}


def _held(run: Run) -> float:
    """The last of the steps that were held one after the other."""
    held = 0.0
    for step in run.plan.ramp:
        numbers = [call.number for call in run.plan.calls if step.at <= call.at < step.until]
        seen = [run.traffic.calls.get(number) for number in numbers]
        if not all(call is not None and _served(call) for call in seen):
            break
        held = step.per_s
    return held


def _drained(run: Run) -> float | None:
    times = [call.agent_at for call in run.traffic.calls.values()]
    if any(at is None for at in times):
        return None
    return round(max(at for at in times if at is not None) - min(c.invited_at for c in run.traffic.calls.values()), 2)


def _back_to_normal(run: Run) -> float | None:
    """From the end of the surge to the last caller who waited longer than a second, of those who came after it."""
    over = run.began_at + 21.0
    after = [call for call in run.traffic.calls.values() if call.invited_at >= over]
    late = [call.invited_at - over for call in after if call.agent_at is None or call.agent_at - call.invited_at > 1.0]
    return round(max(late), 2) if late else 0.0
