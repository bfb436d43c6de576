"""Tells in the terminal what a run came to: the verdict first, then the figures that people ask for."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scenarios.load.results import Results, Spread

__all__ = ["tell"]


def tell(results: Results, console: Console) -> None:
    """The verdict and the figures of one run."""
    console.print(
        f"\n[bold]{escape(results.title or results.profile)}[/bold] on {results.engine}, seed {results.seed}, "
        f"{results.lasted_s:g} s"
    )
    console.print(_callers(results))
    console.print(_times(results))
    console.print(_costs(results))
    if results.steps:
        console.print(_steps(results))
    if results.broken_off:
        console.print(f"Broken off: {escape(results.broken_off)}")
    for finding in results.verdict:
        mark = "[green]✓[/green]" if finding.kept else "[red]✗[/red]"
        console.print(f"  {mark} {escape(finding.sentence)}", soft_wrap=True)
    if not results.generator.valid:
        console.print(
            "  [yellow]![/yellow] The generator was the bottleneck: its share of a core was "
            f"{results.generator.cpu_share:.0%}, timers {results.generator.timer_lag_p99_ms:g} ms late"
        )


def _callers(results: Results) -> Table:
    callers = results.callers
    table = Table(
        "planned",
        "dialled",
        "answered",
        "gave up",
        "refused",
        "dropped",
        "vanished",
        "no end",
        f"within {results.service_level_s:g} s",
        "calls/s",
        title="Callers",
        title_justify="left",
    )
    counts = (
        callers.planned,
        callers.dialled,
        callers.answered,
        callers.gave_up,
        callers.refused,
        callers.dropped,
        callers.vanished,
        callers.unfinished,
    )
    table.add_row(*map(str, counts), f"{results.service_level:.1%}", f"{results.calls_per_s:g}")
    return table


def _times(results: Results) -> Table:
    table = Table("", "count", "p50", "p95", "p99", "worst", title="Times", title_justify="left")
    rows: tuple[tuple[str, Spread, str], ...] = (
        ("wait for an agent", results.wait_s, "s"),
        ("gave up after", results.gave_up_after_s, "s"),
        ("agent free → phone invited", results.agent_free_ms, "ms"),
        ("caller came → phone invited", results.caller_came_ms, "ms"),
        ("offer missed → next invited", results.offer_missed_ms, "ms"),
        ("event written → read", results.event_lag_ms, "ms"),
    )
    for name, spread, unit in rows:
        if spread.count:
            times = (spread.p50, spread.p95, spread.p99, spread.worst)
            table.add_row(name, str(spread.count), *(f"{time:.1f} {unit}" for time in times))
    return table


def _costs(results: Results) -> Table:
    table = Table(
        "process", "CPU a call", "of a core", "memory at most", "growth an hour", title="Costs", title_justify="left"
    )
    for name, cost in results.costs.items():
        growth = "" if cost.growth_mib_per_h is None else f"{cost.growth_mib_per_h:g} MiB"
        table.add_row(name, f"{cost.cpu_ms_a_call:.2f} ms", f"{cost.cpu_share:.0%}", f"{cost.rss_mib:g} MiB", growth)
    return table


def _steps(results: Results) -> Table:
    table = Table("calls/s", "calls", "answered", "held", "agent free p99", title="Ramp", title_justify="left")
    for step in results.steps:
        held = "yes" if step.held else "no"
        table.add_row(f"{step.per_s:g}", str(step.calls), str(step.answered), held, f"{step.agent_free_p99_ms:.0f} ms")
    return table
