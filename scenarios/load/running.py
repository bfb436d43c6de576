"""Throws a profile at an engine in a lab of its own, and keeps what it came to."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from scenarios.lab.sipp import Endpoint
from scenarios.load.conductor import Conductor, Moment
from scenarios.load.engine import Engine
from scenarios.load.engines import ENGINES
from scenarios.load.engines.target import Target
from scenarios.load.plan import Plan
from scenarios.load.results import Results, results_of

__all__ = ["run_at_target", "run_plan", "write_results"]

RTP_TIMEOUT_S = 5
"""After so long without a packet a caller who sent some is taken for gone."""


async def run_plan(plan: Plan, engine: str, watcher: Callable[[Moment], None]) -> Results:
    """The first Ctrl-C ends the run in order, and what there is is judged; a second one at once."""
    doing = f"starting {engine} on a fresh Asterisk"
    return await _judged(doing, ENGINES[engine](plan, lab={"rtp_timeout_s": RTP_TIMEOUT_S}), watcher)


async def run_at_target(plan: Plan, endpoint: Endpoint, watcher: Callable[[Moment], None]) -> Results:
    """The plan's callers alone, at a system that is there already."""
    return await _judged("looking for the target", Target(plan, endpoint), watcher)


async def _judged(doing: str, engine: Engine, watcher: Callable[[Moment], None]) -> Results:
    stop = asyncio.Event()
    with _Interrupts(stop):
        watcher(Moment(at=-1.0, doing=doing))  # whoever reads this may interrupt at once
        async with engine as system:
            run = await Conductor(system.plan, system, watcher, stop).run()
    return await asyncio.to_thread(results_of, run)


class _Interrupts:
    """While it is entered, a first signal sets the event and a second cancels the task."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._task = asyncio.current_task()

    def __enter__(self) -> None:
        for number in _SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._heard)

    def __exit__(self, *_error: object) -> None:
        for number in _SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)

    def _heard(self) -> None:
        if self._stop.is_set() and self._task is not None:
            self._task.cancel()
        self._stop.set()


_SIGNALS: Sequence[signal.Signals] = (signal.SIGINT, signal.SIGTERM)


def write_results(results: Results, path: Path) -> None:
    """As JSON, for programs and for comparing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results)) + b"\n")
