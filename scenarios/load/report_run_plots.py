"""The plots of one run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from scenarios.load.report_numbers import mib, share
from scenarios.load.report_pieces import Plot
from scenarios.load.report_plots import Cloud, Course, Level, Ramp, Spreads, courses, hand_overs, percentiles, ramps
from scenarios.load.report_run import HAND_OVERS, spread_of
from scenarios.load.results import Results, Spread

__all__ = ["CPU", "LATENCIES", "MEMORY", "OFFERS", "RAMP", "WAITS", "in_pairs", "plots_of"]

# What plots are called, and how they are read; the same in the comparison.
RAMP = ("Faster, step by step", "How soon phones rang (99 of 100) at each rate, logarithmic.")
WAITS = ("How long callers waited", "From the half who waited least to the longest wait.")
OFFERS = ("Each hand-over", "From an agent's end of call to the next INVITE, with callers waiting; logarithmic.")
LATENCIES = ("How soon phones rang and events were read", "Logarithmic: ten times as long is one step to the right.")
CPU = ("CPU", "Shares of one core.")
MEMORY = ("Memory", "Resident MiB.")


def plots_of(results: Results) -> Sequence[Plot]:
    """Those for which the run has figures."""
    arriving = {"arrivals_per_s": "arriving"}
    present = {"waiting": "waiting for an agent", "talking": "talking to one"}
    waits = [("until an agent answered", results.wait_s), ("until they gave up", results.gave_up_after_s)]
    level = Level(results.service_level_s, f"service level: {results.service_level_s:g} s")
    phones = [(label, spread_of(results, name)) for name, label in HAND_OVERS]
    found = (
        ramps("ramp", *RAMP, [Ramp(label="", steps=results.steps, place=0)]),
        _course(results, "arrivals", "Callers arriving", "Calls a second.", arriving),
        _course(results, "present", "Waiting and talking", "Callers who are there at each moment.", present),
        percentiles("waits", *WAITS, _alone(waits), level=level),
        hand_overs("offers", *OFFERS, [Cloud(label="", offers=results.offers, spread=results.agent_free_ms, place=0)]),
        percentiles("latencies", *LATENCIES, _alone(phones), log_ms=True),
        _uses(results, "cpu", *CPU),
        _uses(results, "rss", *MEMORY),
    )
    return in_pairs(found)


def in_pairs(found: Iterable[Plot | None]) -> Sequence[Plot]:
    """Those that there are, two beside each other: where one would be alone, the latencies take a row of their own."""
    plots = [plot for plot in found if plot is not None]
    if len(plots) % 2 == 0:
        return plots
    wide = [replace(plot, wide=True) for plot in plots if plot.name == "latencies"]
    return [*wide, *(plot for plot in plots if plot.name != "latencies")]


def _alone(spreads: Sequence[tuple[str, Spread]]) -> Sequence[Spreads]:
    """Those of one run, each in a colour of its own."""
    return [Spreads(label=label, runs=[("", spread, place)]) for place, (label, spread) in enumerate(spreads)]


def _course(results: Results, name: str, title: str, reads: str, series: dict[str, str]) -> Plot | None:
    at = results.series.get("at", ())
    lines = [
        Course(label=label, at=at, values=results.series[key], place=place, filled=len(series) == 1, steps=True)
        for place, (key, label) in enumerate(series.items())
        if key in results.series
    ]
    return courses(name, title, reads, lines, lambda value: f"{value:.1f}") if at and lines else None


def _uses(results: Results, kind: str, title: str, reads: str) -> Plot | None:
    at = results.series.get("at", ())
    names = [key for key in results.series if key.startswith(f"{kind}_")]
    lines = [
        Course(label=key.removeprefix(f"{kind}_"), at=at, values=results.series[key], place=place)
        for place, key in enumerate(names)
    ]
    if not at or not lines:
        return None
    return courses(kind, title, reads, lines, share if kind == "cpu" else mib, percent=kind == "cpu")
