"""The plots of several runs on top of one another: a colour for each run, in every plot the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set

from scenarios.load.report_comparison import GENERATOR
from scenarios.load.report_numbers import mib, share
from scenarios.load.report_pieces import Plot
from scenarios.load.report_plots import Cloud, Course, Ramp, Spreads, courses, hand_overs, percentiles, ramps
from scenarios.load.report_run import HAND_OVERS, spread_of
from scenarios.load.report_run_plots import CPU, LATENCIES, MEMORY, OFFERS, RAMP, WAITS, in_pairs
from scenarios.load.results import Results

__all__ = ["comparison_plots"]

Labelled = Sequence[tuple[int, str, Results]]
"""Place of the colour, name, run."""


def comparison_plots(results: Sequence[Results], labels: Sequence[str]) -> Sequence[Plot]:
    """Those for which at least one run has figures."""
    runs = [(place, label, run) for place, (label, run) in enumerate(zip(labels, results, strict=True))]
    waits = [
        Spreads(label="until an agent answered", runs=[(label, run.wait_s, place) for place, label, run in runs]),
        Spreads(label="until they gave up", runs=[(label, run.gave_up_after_s, place) for place, label, run in runs]),
    ]
    clouds = [Cloud(label=label, offers=run.offers, spread=run.agent_free_ms, place=n) for n, label, run in runs]
    found = (
        ramps("ramp", *RAMP, [Ramp(label=label, steps=run.steps, place=place) for place, label, run in runs]),
        _latencies(runs),
        hand_overs("offers", OFFERS[0], f"{OFFERS[1]} Dashed: half of them come sooner.", clouds),
        percentiles("waits", *WAITS, waits),
        _counts(runs, "arrivals_per_s", "Callers arriving", "Calls a second."),
        _counts(runs, "waiting", "Waiting", "Callers who wait for an agent at each moment."),
        _counts(runs, "talking", "Talking", "Callers who talk to an agent at each moment."),
        *_uses(runs),
    )
    return in_pairs(found)


def _latencies(runs: Labelled) -> Plot | None:
    measures = [
        Spreads(label=label, runs=[(name, spread_of(run, field), place) for place, name, run in runs])
        for field, label in HAND_OVERS
    ]
    return percentiles("latencies", *LATENCIES, measures, log_ms=True)


def _counts(runs: Labelled, series: str, title: str, reads: str) -> Plot | None:
    lines = [
        Course(label=label, at=run.series["at"], values=run.series[series], place=place, steps=True)
        for place, label, run in runs
        if run.series.get("at") and series in run.series
    ]
    return courses(series, title, reads, lines, lambda value: f"{value:.1f}") if lines else None


def _uses(runs: Labelled) -> Iterator[Plot | None]:
    """All but the generator together, then each process that more than one run has: like is compared with like."""
    known = Counter(name for _, _, run in runs for name in run.costs)
    shared = [name for name, often in known.items() if often > 1 and name != GENERATOR]
    for kind, (what, reads), shown in (("cpu", CPU, share), ("rss", MEMORY, mib)):
        yield _use(runs, kind, set(known) - {GENERATOR}, f"{what} of all but the generator", reads, shown)
        for place, name in enumerate(shared):
            yield _use(runs, f"{kind}-{place}", {name}, f"{what} of {name}", reads, shown)


def _use(
    runs: Labelled, plot: str, processes: Set[str], title: str, reads: str, shown: Callable[[float], str]
) -> Plot | None:
    kind = plot.partition("-")[0]
    lines = []
    for place, label, run in runs:
        used = [values for name in processes if (values := run.series.get(f"{kind}_{name}"))]
        if used and run.series.get("at"):
            together = [sum(values) for values in zip(*used, strict=False)]
            lines.append(Course(label=label, at=run.series["at"], values=together, place=place))
    return courses(plot, title, reads, lines, shown, percent=kind == "cpu") if lines else None
