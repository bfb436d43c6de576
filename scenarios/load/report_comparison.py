"""The page that compares runs: each figure beside that of the first run, and the same plots on top of one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scenarios.load.report_numbers import NONE, count, mib, milliseconds, moment, ratio, seconds, share
from scenarios.load.report_pieces import Cell, Table
from scenarios.load.report_run import HAND_OVERS, spread_of
from scenarios.load.report_sentences import engine_of, lost
from scenarios.load.results import Results, Spread

__all__ = ["GENERATOR", "caveats", "comparison_tables", "labels_of", "origins"]

ABOUT_THE_SAME = 0.05
"""Ratios closer to 1 than this are not called better or worse."""
GENERATOR = "sipp"
"""The process that sends the traffic and is no part of what is measured."""


def labels_of(runs: Sequence[Results]) -> Sequence[str]:
    """What tells the runs apart: the engine, and the profile and seed where they differ; else a number."""
    parts: list[Sequence[str]] = [[run.engine for run in runs]]
    if len({run.profile for run in runs}) > 1:
        parts.insert(0, [run.profile for run in runs])
    if len({run.seed for run in runs}) > 1:
        parts.append([f"seed {run.seed}" for run in runs])
    told = [" ".join(names) for names in zip(*parts, strict=True)]
    often, seen = Counter(told), Counter[str]()
    labels = []
    for name in told:
        seen[name] += 1
        labels.append(f"{name} ({seen[name]})" if often[name] > 1 else name)
    return labels


def caveats(runs: Sequence[Results], labels: Sequence[str]) -> Iterator[str]:
    """Why the figures may not be comparable, each reason a sentence."""
    first = runs[0]
    others = [label for run, label in zip(runs, labels, strict=True) if run.digest != first.digest]
    if others:
        yield f"The traffic was not the same: the plan of {_and(others)} has another digest than that of {labels[0]}."
    for name in ("processor", "cores"):
        if len({run.machine.get(name) for run in runs}) > 1:
            yield (
                f"The machines were not the same: {name} "
                + ", ".join(
                    f"{run.machine.get(name, 'unknown')} ({label})" for run, label in zip(runs, labels, strict=True)
                )
                + "."
            )
    void = [label for run, label in zip(runs, labels, strict=True) if not run.generator.valid]
    if void:
        yield f"The generator was the bottleneck in {_and(void)}: its speed says nothing."
    broken = [label for run, label in zip(runs, labels, strict=True) if run.broken_off]
    if broken:
        yield f"Broken off: {_and(broken)}."


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# --- tables -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Measure:
    name: str
    of: Callable[[Results], float | None]
    """None where the run has no such figure."""
    shown: Callable[[float], str]
    better: int = 0
    """1: more is better; -1: less is better; 0: neither."""


def comparison_tables(runs: Sequence[Results], labels: Sequence[str]) -> Sequence[Table]:
    """Side by side, with ratios to the first run."""
    groups = (
        ("callers", "Callers", _CALLERS),
        ("times", "Times", list(_times())),
        ("costs", "CPU a call and memory", list(_costs(runs))),
        ("generator", "The generator", _GENERATOR),
    )
    first = f"{labels[0]} (reference)"
    tables = []
    for name, title, measures in groups:
        rows: list[Sequence[str | Cell]] = [
            [measure.name, *_cells(measure, runs)] for measure in measures if any(map(measure.of, runs))
        ]
        tables.append(Table(name=name, title=title, columns=["", first, *labels[1:]], rows=rows))
    return [table for table in tables if table.rows]


def _cells(measure: _Measure, runs: Sequence[Results]) -> Iterator[Cell]:
    reference = measure.of(runs[0])
    for place, run in enumerate(runs):
        value = measure.of(run)
        if value is None:
            yield Cell(NONE)
        elif place and reference:
            same_traffic = run.digest == runs[0].digest
            yield _compared(measure, value, value / reference, judged=same_traffic)
        else:
            yield Cell(measure.shown(value))


def _compared(measure: _Measure, value: float, times: float, *, judged: bool) -> Cell:
    """``judged``: it may be called better or worse, as it may not where the traffic was another."""
    same = abs(times - 1) <= ABOUT_THE_SAME
    if same or not judged or not measure.better:
        return Cell(measure.shown(value), ratio(times))
    good = (times > 1) is (measure.better > 0)
    return Cell(measure.shown(value), f"{ratio(times)} {'better' if good else 'worse'}", "good" if good else "bad")


_CALLERS = [
    _Measure("dialled", lambda run: run.callers.dialled, count),
    _Measure("answered", lambda run: run.callers.answered, count, 1),
    _Measure("answered a second", lambda run: run.calls_per_s, lambda value: f"{value:g}", 1),
    _Measure("service level", lambda run: run.service_level, share, 1),
    _Measure("gave up", lambda run: run.callers.gave_up, count, -1),
    _Measure("refused", lambda run: run.callers.refused, count, -1),
    _Measure("lost", lambda run: lost(run.callers), count, -1),
    _Measure("fastest step held", lambda run: max((s.per_s for s in run.steps if s.held), default=None),
             lambda value: f"{value:g}/s", 1),
]  # fmt: skip
_GENERATOR = [
    _Measure("share of a core", lambda run: run.generator.cpu_share, share),
    _Measure("timers late, p99", lambda run: run.generator.timer_lag_p99_ms, milliseconds),
    _Measure("dialled off the plan, p99", lambda run: run.generator.dialled_late_p99_ms, milliseconds),
]


def _times() -> Iterator[_Measure]:
    times = [("wait_s", "wait", seconds), *((name, label, milliseconds) for name, label in HAND_OVERS)]
    for name, label, shown in times:
        for part in ("p50", "p95", "p99"):
            yield _Measure(f"{label}, {part}", _part(name, part), shown, -1)


def _part(name: str, part: str) -> Callable[[Results], float | None]:
    def of(run: Results) -> float | None:
        spread: Spread = spread_of(run, name)
        return float(getattr(spread, part)) if spread.count else None

    return of


def _costs(runs: Sequence[Results]) -> Iterator[_Measure]:
    yield _Measure("CPU of all but the generator", _cpu_in_all, milliseconds, -1)
    names = list(dict.fromkeys(name for run in runs for name in run.costs))
    for name in names:
        yield _Measure(f"CPU of {name}", _cost(name, "cpu_ms_a_call"), milliseconds, 0 if name == GENERATOR else -1)
    for name in names:
        yield _Measure(f"memory of {name}", _cost(name, "rss_mib"), mib, 0 if name == GENERATOR else -1)


def _cpu_in_all(run: Results) -> float | None:
    costs = [cost.cpu_ms_a_call for name, cost in run.costs.items() if name != GENERATOR]
    return sum(costs) if costs else None


def _cost(process: str, field: str) -> Callable[[Results], float | None]:
    def of(run: Results) -> float | None:
        cost = run.costs.get(process)
        return None if cost is None else float(getattr(cost, field))

    return of


def origins(runs: Sequence[Results], labels: Sequence[str]) -> Table:
    """What each run was."""
    facts: Mapping[str, Callable[[Results], str]] = {
        "verdict": lambda run: "passed" if run.passed else "failed",
        "profile": lambda run: run.profile,
        "engine": engine_of,
        "seed": lambda run: str(run.seed),
        "digest of the plan": lambda run: run.digest[:12],
        "began": lambda run: moment(run.began),
        "lasted": lambda run: f"{run.lasted_s:g} s",
        "processor": lambda run: run.machine.get("processor", NONE),
        "cores": lambda run: run.machine.get("cores", NONE),
        "load at the end": lambda run: run.machine.get("load", NONE),
    }
    rows = [[name, *(fact(run) for run in runs)] for name, fact in facts.items()]
    return Table(name="origin", title="Where the runs come from", columns=["", *labels], rows=rows)
