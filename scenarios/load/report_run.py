"""What the page of one run says in figures: the big ones for who decides, tables for who wants to know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from scenarios.load.report_numbers import NONE, count, mib, milliseconds, moment, seconds, share
from scenarios.load.report_pieces import Cell, Figure, Table
from scenarios.load.report_sentences import engine_of, generator_of, lost
from scenarios.load.results import Results, Spread

__all__ = ["HAND_OVERS", "figures_of", "spread_of", "tables_of"]

HAND_OVERS: Sequence[tuple[str, str]] = (
    ("agent_free_ms", "agent free → phone rings"),
    ("caller_came_ms", "caller came → phone rings"),
    ("offer_missed_ms", "offer missed → next rings"),
    ("event_lag_ms", "event written → read"),
)


def figures_of(results: Results) -> Sequence[Figure]:
    """The big ones."""
    return list(_figures(results))


def _figures(results: Results) -> Iterator[Figure]:
    callers, wait, free = results.callers, results.wait_s, results.agent_free_ms
    yield Figure(name="Calls", value=count(callers.dialled), note=f"of {count(callers.planned)} planned")
    of_all = share(callers.answered / max(1, callers.dialled))
    yield Figure(name="Answered", value=count(callers.answered), note=f"{of_all}, {results.calls_per_s:g} a second")
    within = f"had an agent within {results.service_level_s:g} s"
    yield Figure(name="Service level", value=share(results.service_level), note=within)
    yield _median("Wait, median", wait, seconds, part="p95", otherwise="nobody was answered")
    yield _median("Agent free → phone rings", free, milliseconds, part="p99", otherwise="never while callers waited")
    gone = lost(callers)
    yield Figure(name="Lost", value=count(gone), note="dropped, or left without an end", tone="bad" if gone else "good")
    if results.steps:
        held = [step.per_s for step in results.steps if step.held]
        yield Figure(name="Held", value=f"{max(held):g}/s" if held else NONE, note="the fastest step without a loss")


def _median(name: str, spread: Spread, shown: Callable[[float], str], *, part: str, otherwise: str) -> Figure:
    if not spread.count:
        return Figure(name=name, value=NONE, note=otherwise)
    within = f"{part.removeprefix('p')} of 100 within {shown(getattr(spread, part))}"
    return Figure(name=name, value=shown(spread.p50), note=within)


# --- tables -----------------------------------------------------------------------------------------------------------


def tables_of(results: Results) -> Sequence[Table]:
    """Everything that the JSON says, but for the points of the plots."""
    return [_callers(results), _times(results), _costs(results), _generator(results), _origin(results)]


def _callers(results: Results) -> Table:
    callers = results.callers
    codes = ", ".join(f"{number} with {code}" for code, number in sorted(callers.refused_by_code.items()))
    ends = (
        ("had an agent", callers.answered, ""),
        ("gave up waiting", callers.gave_up, ""),
        ("refused with a code", callers.refused, codes),
        ("dropped before they had an agent", callers.dropped, ""),
        ("vanished, as planned", callers.vanished, ""),
        ("without an end", callers.unfinished, ""),
        ("planned and never dialled", max(0, callers.planned - callers.dialled), ""),
    )
    rows: list[Sequence[str | Cell]] = []
    for name, number, note in ends:
        of_all = number / max(1, callers.planned)
        rows.append([name, Cell(count(number), note), Cell(share(of_all), bar=min(1.0, of_all))])
    return Table(name="callers", title="What became of the callers", columns=["", "callers", "share"], rows=rows,
                 explained=f"Every planned caller is in one of the rows; {count(callers.planned)} in all.")  # fmt: skip


def _times(results: Results) -> Table:
    rows = []
    waits = (("wait for an agent", results.wait_s), ("gave up after", results.gave_up_after_s))
    for label, spread in waits:
        rows.append([f"{label}, s", count(spread.count), *_exact(spread)])
    for name, label in HAND_OVERS:
        spread = spread_of(results, name)
        rows.append([f"{label}, ms", count(spread.count), *_exact(spread)])
    return Table(
        name="times", title="Times", columns=["", "count", "p50", "p95", "p99", "worst", "mean"], rows=rows,
        explained="p95: of a hundred cases 95 took so long or less. Times of phones are from SIP messages; an event's "
        "lag is from its commit until another process had read it.",
    )  # fmt: skip


def _exact(spread: Spread) -> Sequence[str]:
    """As they were measured."""
    if not spread.count:
        return [NONE] * 5
    times = (spread.p50, spread.p95, spread.p99, spread.worst, spread.mean)
    return [f"{time:,.2f}" for time in times]


def _costs(results: Results) -> Table:
    rows = []
    for name, cost in results.costs.items():
        growth = NONE if cost.growth_mib_per_h is None else mib(cost.growth_mib_per_h)
        rows.append([name, f"{cost.cpu_ms_a_call:,.2f} ms", share(cost.cpu_share), mib(cost.rss_mib), growth])
    columns = ["Process", "CPU a call", "of a core", "memory at most", "growth an hour"]
    return Table(name="costs", title="What it cost", columns=columns, rows=rows,
                 explained="sipp is the generator. Growth is told of runs that are long enough.")  # fmt: skip


def _generator(results: Results) -> Table:
    generator = results.generator
    rows = [
        ["valid", "yes" if generator.valid else "no"],
        ["share of a core, busiest ten seconds", share(generator.cpu_share)],
        ["timers late, p99", f"{generator.timer_lag_p99_ms:g} ms"],
        ["dialled off the plan, p99", f"{generator.dialled_late_p99_ms:g} ms"],
    ]
    return Table(name="generator", title="The generator", columns=["", ""], rows=rows, explained=generator_of(results))


_MACHINE = {"load": "load at the end", "python": "Python"}


def _origin(results: Results) -> Table:
    rows = [
        ["profile", results.profile],
        ["engine", engine_of(results)],
        ["seed", str(results.seed)],
        ["digest of the plan", results.digest],
        ["began", moment(results.began)],
        ["lasted", f"{results.lasted_s:g} s"],
        *([_MACHINE.get(name, name), value] for name, value in results.machine.items()),
    ]
    return Table(name="origin", title="Where it comes from", columns=["", ""], rows=rows,
                 explained="Two runs with one digest had the same traffic.")  # fmt: skip


def spread_of(results: Results, name: str) -> Spread:
    """The spread in this field."""
    found = getattr(results, name)
    assert isinstance(found, Spread), name
    return found
