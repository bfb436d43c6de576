"""Draws the race as one picture: how soon a phone rings once its agent is free, by engine and size of the centre."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from scenarios.load.race.cases import Kind
from scenarios.load.race.turns import Turn

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]

COLOURS = {"native": "#0072b2", "app_queue": "#d55e00", "floor": "#009e73"}
NAMES = {"native": "stasis-acd", "app_queue": "app_queue", "floor": "bare application"}
INK = "#6b7280"
"""Read on a light page and on a dark one."""


def draw(turns: Sequence[Turn], path: Path) -> None:
    """An SVG whose bars go from p50 to p99, on a logarithmic axis; nothing where no such case was run."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    line = [one for one in turns if one.kind is Kind.LINE]
    cases = list(dict.fromkeys(one.case for one in line))
    if not cases:
        return
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "race", "font.family": "sans-serif"}):
        figure = Figure(figsize=(8, 0.8 + 0.9 * len(cases)), layout="constrained")
        axes = figure.add_subplot()
        for place, case in enumerate(reversed(cases)):
            _bars(axes, [one for one in line if one.case == case], place)
        _frame(axes, cases)
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(handles[::-1], labels[::-1], loc="outside lower center", ncols=3, frameon=False, labelcolor=INK)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", transparent=True, metadata={"Date": None})


def _bars(axes: Axes, turns: Sequence[Turn], place: int) -> None:
    """A bar for each engine; the first place names them for the legend."""
    for row, engine in enumerate(("floor", "native", "app_queue")):
        of = [one.invited_ms for one in turns if one.engine == engine]
        if not of:
            continue
        p50, p99 = median(one.p50 for one in of), median(one.p99 for one in of)
        at, colour = place + 0.25 * (row - 1), COLOURS[engine]
        label = NAMES[engine] if place == 0 else None
        axes.plot([p50, p99], [at, at], color=colour, linewidth=5, solid_capstyle="butt", label=label)
        axes.plot([p50], [at], "o", color=colour, markersize=7)
        axes.annotate(f"  {p50:.0f} to {p99:.0f} ms", (p99, at), va="center", fontsize=8, color=INK)


def _frame(axes: Axes, cases: Sequence[str]) -> None:
    axes.set_xscale("log")
    axes.set_xlim(1, 8_000)
    axes.set_xticks([1, 10, 100, 1_000], ["1 ms", "10 ms", "100 ms", "1 s"])
    axes.set_yticks(range(len(cases)), list(reversed(cases)))
    axes.set_title("Agent hangs up → the phone rings again, while callers wait (p50 to p99)", fontsize=10, color=INK)
    axes.grid(axis="x", color=INK, alpha=0.3)
    axes.tick_params(colors=INK, which="both", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
