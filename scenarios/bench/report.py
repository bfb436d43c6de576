"""What the bench came to: the summary that aims are held against, and tables to read."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from itertools import pairwise
from os import cpu_count, getloadavg
from typing import TypedDict

from rich import box
from rich.console import Console
from rich.table import Table

from scenarios.bench.durable import Durable
from scenarios.bench.population import GROWTH
from scenarios.bench.regimes import Regime
from scenarios.bench.size import Shape, Size
from scenarios.bench.strategies import StrategyRow
from scenarios.bench.timing import Figures

AIMS = {
    "decisions_per_s": "at least 50,000",
    "agent_free_p99_us": "at most 100",
    "call_arrives_p99_us": "at most 100",
    "worst_us": "at most 1,000",
    "p50_growth": "at most 8 for each step of ten",
    "bytes_per_waiting_call": "at most 5,120",
    "vs_oracle": "at least 60",
    "durable_per_s": "at least 10,000",
    "durable_vs_raw_script": "at least 0.5",
    "classes": "",
}


class Summary(TypedDict):
    """The worse of the two ways in which agents come by their skills, each time; largest scale, longest idle."""

    decisions_per_s: int
    """In the slower regime; a decision is: apply, propose, settle. What follows is in the rows."""
    agent_free_p99_us: float
    call_arrives_p99_us: float
    worst_us: float
    """The slowest decision of all, those of the hardest agents and callers included."""
    p50_growth: float
    """From one scale to the one ten times as large, the steepest step."""
    bytes_per_waiting_call: int
    """Python and Redis, the event in the stream included."""
    vs_oracle: float
    """Times quicker than looking at everybody."""
    durable_per_s: int
    durable_vs_raw_script: float
    classes: int


class Results(TypedDict):
    """Everything that is written."""

    quick: bool
    environment: dict[str, str]
    summary: Summary
    regimes: list[Regime]
    strategies: list[StrategyRow]
    memory: Size
    largest: Shape
    durable: Durable


def environment() -> dict[str, str]:
    """Where it ran."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": str(cpu_count()),
        "load_average": f"{getloadavg()[0]:.1f}",
    }


def summary(regimes: Sequence[Regime], kept: Size, store: Durable) -> Summary:
    """The figures that aims are stated for."""
    largest = [row for row in regimes if row["scale"] == regimes[-1]["scale"]]
    free = [row for row in largest if row["regime"] == "full line"]
    arrives = [row for row in largest if row["regime"] == "idle floor"]
    return Summary(
        decisions_per_s=min(row["decision"]["per_s"] for row in largest),
        agent_free_p99_us=max(row["decision"]["p99_us"] for row in free),
        call_arrives_p99_us=max(row["decision"]["p99_us"] for row in arrives),
        worst_us=max(max(row["decision"]["worst_us"], row["hard"]["worst_us"]) for row in largest),
        p50_growth=_growth(regimes),
        bytes_per_waiting_call=kept["python"] + kept["redis_with_stream"],
        vs_oracle=min(row["vs_scan"] for row in largest),
        durable_per_s=store["best_per_s"],
        durable_vs_raw_script=store["vs_raw_script"],
        classes=max(row["classes"] for row in largest),
    )


def _growth(regimes: Sequence[Regime]) -> float:
    steepest = 0.0
    for regime, spread in {(row["regime"], row["spread"]) for row in regimes}:
        medians = {
            row["scale"]: row["decision"]["p50_us"]
            for row in regimes
            if (row["regime"], row["spread"]) == (regime, spread)
        }
        for small, large in pairwise(scale.name for scale in GROWTH):
            if medians.get(small) and medians.get(large):
                steepest = max(steepest, medians[large] / medians[small])
    return round(steepest, 2)


def tell(console: Console, results: Results) -> None:
    """The tables."""
    console.print(_regimes(results["regimes"]))
    console.print(_strategies(results["strategies"]))
    _tell_the_rest(console, results)
    table = Table("summary", "measured", "aim", box=box.SIMPLE)
    for name, value in results["summary"].items():
        table.add_row(name, f"{value:,}", AIMS[name])
    console.print(table)
    if results["quick"]:
        console.print("This was a quick run: it shows that the bench works, and its figures mean nothing.")


def _regimes(rows: Sequence[Regime]) -> Table:
    table = Table(box=box.SIMPLE, title="Decisions, longest idle; microseconds")
    for column in ("regime", "skills", "agents x waiting", "classes", "load s", "", "per s", "p50", "p99", "worst"):
        table.add_column(column, justify="left" if column in {"regime", "skills", ""} else "right")
    table.add_column("x scan", justify="right")
    for row in rows:
        first = (row["regime"], row["spread"], row["scale"], f"{row['classes']:,}", f"{row['load_s']:.2f}")
        table.add_row(*first, "decision", *_cells(row["decision"]), f"{row['vs_scan']:,.0f}")
        blank = ("",) * len(first)
        table.add_row(*blank, "hardest", *_cells(row["hard"]))
        table.add_row(*blank, "follow-up", *_cells(row["follow_up"]))
        table.add_row(*blank, "rest of call", *_cells(row["rest_of_call"]))
        table.add_row(*blank, "no decision", *_cells(row["no_decision"]), end_section=True)
    return table


def _strategies(rows: Sequence[StrategyRow]) -> Table:
    table = Table(box=box.SIMPLE, title="Decisions by strategy and free candidates; microseconds")
    for column in ("strategy", "candidates", "per s", "p50", "p99", "worst"):
        table.add_column(column, justify="left" if column == "strategy" else "right")
    for row in rows:
        table.add_row(row["strategy"], f"{row['candidates']:,}", *_cells(row["decision"]))
    return table


def _cells(figures: Figures) -> tuple[str, str, str, str]:
    return (
        f"{figures['per_s']:,}",
        f"{figures['p50_us']:,.1f}",
        f"{figures['p99_us']:,.1f}",
        f"{figures['worst_us']:,.1f}",
    )


def _tell_the_rest(console: Console, results: Results) -> None:
    kept, shape, store = results["memory"], results["largest"], results["durable"]
    console.print(
        f"A waiting call keeps {kept['python']:,} bytes in Python and {kept['redis_with_stream']:,} in Redis, of which"
        f" {kept['redis_record']:,} are its record and the others its event in the stream."
    )
    console.print(
        f"{shape['agents']:,} agents ({shape['logged_in']:,} logged in), {shape['queues']:,} queues and"
        f" {shape['waiting']:,} waiting callers load in {shape['load_s']} s with {shape['python_mib']:,} MiB in Python"
        f" and {shape['redis_mib']:,} MiB in Redis ({shape['classes']:,} classes); then decisions take"
        f" {shape['decision']['p50_us']} us (p99 {shape['decision']['p99_us']})."
    )
    by_processes = ", ".join(f"{rate:,}/s by {count}" for count, rate in store["per_s_by_processes"].items())
    console.print(
        f"Durable: {by_processes} process(es), {store['at_once']} at once in each; the bare script"
        f" {store['bare_script_per_s']:,}/s in batches of {store['bare_batch']} commands,"
        f" {store['reservations_per_command']} reservations each. At {store['half_load_per_s']:,}/s a"
        f" reply comes after {store['half_load_p50_ms']} ms (p99 {store['half_load_p99_ms']}), while Redis wrote"
        f" its file anew {store['half_load_rewrites']} times."
    )
