"""Runs as a load run would have left them, built for tests from a few times each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from acd.call import Call, CallState, EndReason
from acd.events import AnyEvent, CallEnded, CallQueued
from scenarios.load.messages import joined
from scenarios.load.meters import MIB, Sample, Use
from scenarios.load.plan import Plan
from scenarios.load.run import Run
from scenarios.load.seen import CallerEnd, OfferEnd, SeenCall, SeenOffer
from scenarios.load.verdict import Finding, verdict
from tests.load_plans import callers, small_plan

BEGAN = 1_000_000.0
"""The runs' first second, since the epoch."""


def number(index: int) -> str:
    return f"9{index:06}00"


def call(index: int, at: float, ended: float | None = None, end: CallerEnd | None = None, **more: Any) -> SeenCall:
    """A caller who dialled, and by default was hung up on; times are seconds of the run."""
    ends = end or (CallerEnd.UNFINISHED if ended is None else CallerEnd.HUNG_UP_ON)
    seen = SeenCall(number=number(index), invited_at=BEGAN + at, picked_up_at=BEGAN + at + 0.01, end=ends)
    seen.ended_at = None if ended is None else BEGAN + ended
    for name, value in more.items():
        setattr(seen, name, value)
    return seen


def offer(
    index: int,
    at: float,
    ended: float | None = None,
    *,
    answered: float | None = None,
    phone: str = "1001",
    end: OfferEnd | None = None,
) -> SeenOffer:
    """A phone that rang for this caller; by default its agent hung up, or it was cancelled if nobody answered."""
    usual = OfferEnd.CANCELLED if answered is None else OfferEnd.HUNG_UP
    return SeenOffer(
        sip_id=f"{phone}-{index}-{at}",
        phone=phone,
        number=number(index),
        invited_at=BEGAN + at,
        answered_at=None if answered is None else BEGAN + answered,
        ended_at=None if ended is None else BEGAN + ended,
        end=end or (OfferEnd.UNFINISHED if ended is None else usual),
    )


def served(index: int, at: float, *, rang: float, ended: float, phone: str = "1001") -> tuple[SeenCall, SeenOffer]:
    """One caller with one agent, who answered after a tenth of a second."""
    return call(index, at, ended), offer(index, rang, ended, answered=rang + 0.1, phone=phone)


def events_of(calls: Iterable[SeenCall]) -> list[AnyEvent]:
    """What the product would tell of these."""
    told: list[AnyEvent] = []
    for seen in calls:
        record = Call(id=f"c{seen.number}", queue="desk", caller_number=seen.number)
        reason = EndReason.ABANDONED if seen.agent_at is None else EndReason.COMPLETED
        told.append(CallQueued(at=0, call=record))
        told.append(CallEnded(at=1, call=replace(record, state=CallState.ENDED, end_reason=reason)))
    return told


def run_of(
    *seen: SeenCall | SeenOffer | tuple[SeenCall, SeenOffer],
    plan: Plan | None = None,
    told: bool = True,
    vanished: Mapping[str, float] | None = None,
    sent_away_at: float | None = None,
    **more: Any,
) -> Run:
    """These calls and offers; by default with the plan's callers at the same places, and the product's events."""
    flat = [one for each in seen for one in (each if isinstance(each, tuple) else (each,))]
    calls = {one.number: one for one in flat if isinstance(one, SeenCall)}
    offers = [one for one in flat if isinstance(one, SeenOffer)]
    traffic = joined(
        calls,
        offers,
        vanished={who: BEGAN + at for who, at in (vanished or {}).items()},
        sent_away_at=None if sent_away_at is None else BEGAN + sent_away_at,
    )
    run = Run(
        plan=plan or small_plan(callers(len(calls), every_s=1.0)),
        engine="native",
        began_at=BEGAN,
        lasted_s=20.0,
        traffic=traffic,
        events=events_of(calls.values()) if told else None,
        store_ahead_ms=0.0,
        samples=[],
        left=(),
    )
    return replace(run, **more)


def samples(
    count: int, *, name: str = "acd", cpu_share: float = 0.1, growth: float = 0.0, lag_s: float = 0.0
) -> Sequence[Sample]:
    """One a second; ``growth``: MiB a second."""
    return [
        Sample(at=n, use={name: Use(cpu_s=n * cpu_share, rss=round((100 + growth * n) * MIB))}, lag_s=lag_s)
        for n in range(count)
    ]


SOUND = (
    served(0, 1.0, rang=1.1, ended=4.0),
    served(1, 2.0, rang=2.1, ended=5.0, phone="1002"),
    served(2, 2.5, rang=4.02, ended=6.0),
    (call(3, 4.5, 5.0, CallerEnd.GAVE_UP), offer(3, 4.6, 5.0, phone="1003")),
    call(4, 3.2, 3.3, CallerEnd.REFUSED, code=486),
)


def sound() -> Run:
    """Fresh each time: runs join offers to their calls."""
    copies = [
        (replace(each[0], offers=[]), replace(each[1])) if isinstance(each, tuple) else replace(each, offers=[])
        for each in SOUND
    ]
    return run_of(*copies)


def broken(run: Run) -> dict[str, Finding]:
    """The promises that it did not keep."""
    return {finding.name: finding for finding in verdict(run) if not finding.kept}
