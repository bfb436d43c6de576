"""Runs the whole bench, each part in a process of its own, prints a table and writes build/bench/routing.json."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from scenarios.bench.durable import Durable, durable
from scenarios.bench.population import GROWTH, TWILIO, Scale, Spread
from scenarios.bench.regimes import Plan, Regime, full_line, idle_floor
from scenarios.bench.report import Results, environment, summary, tell
from scenarios.bench.size import Shape, Size, shape, size
from scenarios.bench.strategies import CANDIDATES, STRATEGIES, StrategyRow, strategy_row

OUTPUT = Path("build/bench/routing.json")
PLAN = Plan(decisions=10_000, hard=500, scans=8)
QUICK_PLAN = Plan(decisions=100, hard=20, scans=2)
PLAIN_WIDTH = 140
QUICK_SCALE = Scale(agents=100, queues=5, waiting=1_000)


def main() -> None:
    """Everything, in some minutes on a quiet machine."""
    parser = argparse.ArgumentParser(prog="python -m scenarios.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only see that it runs: the figures mean nothing")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="where to write the JSON (%(default)s)")
    options = parser.parse_args()
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PLAIN_WIDTH)
    results = measure(console, quick=options.quick)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_bytes(msgspec.json.format(msgspec.json.encode(results)) + b"\n")
    tell(console, results)
    console.print(f"Written to {options.output}")


def measure(console: Console, *, quick: bool) -> Results:
    """Every part, one after the other: they would disturb each other."""
    with _progress(console) as run:
        regimes = _regimes(run, quick=quick)
        rows = _strategies(run, quick=quick)
        kept: Size = run(
            "memory of a waiting call", size, QUICK_SCALE if quick else GROWTH[-1], 100 if quick else 10_000
        )
        centre: Shape = run("largest published centre", shape, QUICK_SCALE if quick else TWILIO, 50 if quick else 5_000)
        store: Durable = run("durable decisions", durable, 500 if quick else 20_000, 0.5 if quick else 5.0)
    return Results(
        quick=quick,
        environment=environment(),
        summary=summary(regimes, kept, store),
        regimes=regimes,
        strategies=rows,
        memory=kept,
        largest=centre,
        durable=store,
    )


def _regimes(run: Callable[..., Any], *, quick: bool) -> list[Regime]:
    scales: Sequence[Scale] = (QUICK_SCALE,) if quick else GROWTH
    plan = QUICK_PLAN if quick else PLAN
    return [
        run(f"{name}, {spread}, {scale.name}", regime, scale, spread, plan)
        for name, regime in (("full line", full_line), ("idle floor", idle_floor))
        for spread in Spread
        for scale in scales
    ]


def _strategies(run: Callable[..., Any], *, quick: bool) -> list[StrategyRow]:
    return [
        run(f"{strategy}, {candidates:,} candidates", strategy_row, strategy, candidates, 20 if quick else 1_000)
        for strategy in STRATEGIES
        for candidates in (CANDIDATES[:2] if quick else CANDIDATES)
    ]


@contextmanager
def _progress(console: Console) -> Iterator[Callable[..., Any]]:
    """Runs a part in a fresh process, and says which."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:

        def run(what: str, part: Callable[..., Any], *arguments: object) -> Any:
            task = progress.add_task(what, total=1)
            if not console.is_terminal:
                console.print(what)
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
                result = processes.submit(part, *arguments).result()
            progress.update(task, completed=1, visible=False)
            return result

        yield run


if __name__ == "__main__":
    main()
