"""The kinds of plots that a report has: courses over time, percentiles, every hand-over, steps of a ramp, costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from matplotlib.axes import Axes

from scenarios.load.report_drawing import INK, colour, dash, dots, log_of_ms, over_time, svg_of
from scenarios.load.report_numbers import NONE, count, milliseconds, seconds
from scenarios.load.report_pieces import Key, Plot, Table
from scenarios.load.results import Spread, Step

__all__ = ["Cloud", "Course", "Level", "Ramp", "Spreads", "courses", "hand_overs", "percentiles", "ramps"]

MANY = 200
"""Points that lie so close that only a thin line shows them."""
MOST_ROWS = 12
"""Of the table that stands for a plot over time."""
_MARKS = (("p50", "o", "●"), ("p95", "D", "◆"), ("p99", "^", "▲"), ("worst", "|", "❙"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One line over time."""

    label: str
    at: Sequence[float]
    """Seconds of the run."""
    values: Sequence[float]
    place: int
    """Of its colour."""
    filled: bool = False
    steps: bool = False
    """A value holds until the next one, as a count does."""

    @property
    def spoken(self) -> str:
        """For who cannot see the line."""
        if not self.values:
            return f"{self.label}: nothing"
        most = max(self.values)
        return f"{self.label}: {fmean(self.values):.3g} on average, {most:.3g} at most, after {self._when(most):.0f} s"

    def _when(self, value: float) -> float:
        return dict(zip(reversed(self.values), reversed(self.at), strict=False)).get(value, 0.0)


def courses(
    name: str, title: str, reads: str, lines: Sequence[Course], shown: Callable[[float], str], *, percent: bool = False
) -> Plot:
    """Lines over the time of the run. ``percent``: the values are shares of 1."""
    until = max((line.at[-1] for line in lines if line.at), default=0.0)

    def draw(axes: Axes) -> None:
        unit = over_time(axes, until, whole=all(line.steps for line in lines))
        for line in lines:
            _draw(axes, line, unit, 100 if percent else 1)
        axes.set_ylim(bottom=0)
        if axes.get_ylim()[1] < 1:
            axes.set_ylim(top=1)
        if percent:
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}%")

    alt = f"{title}, over {until:.0f} s. " + "; ".join(line.spoken for line in lines)
    keys = [Key(line.label, line.place) for line in lines]
    return Plot(
        name=name, title=title, reads=reads, svg=svg_of(name, alt, draw), keys=keys,
        table=_course_table(name, title, lines, shown, until),
    )  # fmt: skip


def _draw(axes: Axes, line: Course, unit: float, times: float) -> None:
    pairs = list(zip(line.at, line.values, strict=False))
    x, y = [at / unit for at, _ in pairs], [value * times for _, value in pairs]
    look = {"color": colour(line.place), "linestyle": dash(line.place)}
    if line.steps:
        axes.step(x, y, where="post", linewidth=1.4 if len(x) < MANY else 0.9, **look)
    else:
        axes.plot(x, y, linewidth=1.8 if len(x) < MANY else 1.1, **look)
    if line.filled:
        axes.fill_between(x, y, step="post" if line.steps else None, color=colour(line.place), alpha=0.2, linewidth=0)


def _course_table(name: str, title: str, lines: Sequence[Course], shown: Callable[[float], str], until: float) -> Table:
    """Averages over a dozen equal parts of the run."""
    width = max(1.0, until / MOST_ROWS)
    rows = []
    for part in range(MOST_ROWS):
        low, high = part * width, (part + 1) * width
        cells = [[value for at, value in zip(line.at, line.values, strict=False) if low <= at < high] for line in lines]
        if any(cells):
            rows.append([f"{low:.0f} to {high:.0f} s", *(shown(fmean(cell)) if cell else NONE for cell in cells)])
    columns = ["Time", *(line.label for line in lines)]
    return Table(name=f"{name}-table", title=f"{title}, on average", columns=columns, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spreads:
    """One measure, of one run or several."""

    label: str
    runs: Sequence[tuple[str, Spread, int]]
    """The run's name, its figures, and the place of its colour."""

    @property
    def known(self) -> Sequence[tuple[str, Spread, int]]:
        """Those in which it happened at all."""
        return [run for run in self.runs if run[1].count]


@dataclass(frozen=True, slots=True)
class Level:
    """What a time is measured against."""

    at: float
    label: str


def percentiles(
    name: str, title: str, reads: str, measures: Sequence[Spreads], *, log_ms: bool = False, level: Level | None = None
) -> Plot | None:
    """From the median to the worst case, a line for each; none where nothing was measured."""
    found = [measure for measure in measures if measure.known]
    if not found:
        return None
    shown = milliseconds if log_ms else seconds
    lines = sum(len(measure.known) for measure in found)

    def draw(axes: Axes) -> None:
        if log_ms:
            spreads = [spread for measure in found for _, spread, _ in measure.known]
            log_of_ms(axes, "x", [time for spread in spreads for time in (spread.p50, spread.worst)])
        _draw_percentiles(axes, found, shown)
        if level is not None:
            axes.axvline(level.at, color=INK, linewidth=1, linestyle=(0, (3, 3)))
        if not log_ms:
            axes.set_xlim(left=0)
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} s")
        if level is not None:
            on_the_right = level.at < axes.get_xlim()[1] / 2
            axes.annotate(level.label, (level.at, 0.01), (4 if on_the_right else -4, 0), color=INK,
                          ha="left" if on_the_right else "right", xycoords=("data", "axes fraction"),
                          textcoords="offset points")  # fmt: skip

    table = _percentile_table(name, title, found, shown)
    alt = f"{title}. " + "; ".join(f"{row[0]}: p50 {row[2]}, p99 {row[4]}, worst {row[5]}" for row in table.rows)
    runs = {label: place for measure in found for label, _, place in measure.known if label}
    keys = [Key(label, place) for label, place in runs.items()] + [Key(label, mark=sign) for label, _, sign in _MARKS]
    height = (0.55 * len(found) + 0.3 * lines + 0.55) / 3.1
    return Plot(
        name=name, title=title, reads=reads, svg=svg_of(name, alt, draw, height=max(1.0, height)), keys=keys,
        table=table,
    )  # fmt: skip


def _draw_percentiles(axes: Axes, measures: Sequence[Spreads], shown: Callable[[float], str]) -> None:
    down = 0.0
    for measure in measures:
        one = measure.known[0][1] if len(measure.runs) == 1 else None
        told = f":  p50 {shown(one.p50)},  p99 {shown(one.p99)}" if one else ""
        axes.annotate(measure.label + told, (0.01, -down), xycoords=("axes fraction", "data"), va="center", color=INK)
        down += 0.6
        for _, spread, place in measure.known:
            times = [getattr(spread, mark) for mark, _, _ in _MARKS]
            axes.plot(times, [-down] * len(times), color=colour(place), linewidth=1.4)
            for time, (_, marker, _) in zip(times, _MARKS, strict=True):
                axes.plot([time], [-down], marker=marker, color=colour(place), markersize=10 if marker == "|" else 6.5)
            down += 0.6
        down += 0.6
    axes.set_ylim(0.35 - down, 0.5)
    axes.yaxis.set_visible(False)
    axes.grid(visible=False, axis="y")


def _percentile_table(name: str, title: str, measures: Sequence[Spreads], shown: Callable[[float], str]) -> Table:
    rows = [
        [f"{measure.label}, {label}" if label else measure.label, count(spread.count),
         *(shown(getattr(spread, mark)) for mark, _, _ in _MARKS), shown(spread.mean)]
        for measure in measures for label, spread, _ in measure.known
    ]  # fmt: skip
    columns = ["", "count", *(label for label, _, _ in _MARKS), "mean"]
    return Table(name=f"{name}-table", title=title, columns=columns, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """Every hand-over of one run."""

    label: str
    offers: Sequence[tuple[float, float]]
    """Second of the run, milliseconds."""
    spread: Spread
    place: int


def hand_overs(name: str, title: str, reads: str, clouds: Sequence[Cloud]) -> Plot | None:
    """A dot for each, on a logarithmic axis; None if there was none."""
    found = [cloud for cloud in clouds if cloud.offers]
    if not found:
        return None
    until = max(at for cloud in found for at, _ in cloud.offers)

    def draw(axes: Axes) -> None:
        unit = over_time(axes, until)
        log_of_ms(axes, "y", [ms for cloud in found for _, ms in cloud.offers])
        coarse = 1.0 if len(found) == 1 else 1.3
        for cloud in found:
            dots(axes, ((at / unit, ms) for at, ms in cloud.offers), cloud.place, coarse=coarse)
        for cloud in found:
            for which, part in (("p50", cloud.spread.p50), ("p99", cloud.spread.p99)):
                if part and (len(found) == 1 or which == "p50"):
                    ink = INK if len(found) == 1 else colour(cloud.place)
                    axes.axhline(part, color=ink, linewidth=1.2, linestyle=dash(1 if which == "p50" else 2))
                    if len(found) == 1:
                        axes.annotate(f"{which}\n{milliseconds(part)}", (1, part), (4, 0), color=INK, va="center",
                                      xycoords=("axes fraction", "data"), textcoords="offset points")  # fmt: skip

    measure = Spreads(label=title, runs=[(cloud.label, cloud.spread, cloud.place) for cloud in found])
    table = _percentile_table(name, title, [measure], milliseconds)
    alt = f"{title}: " + "; ".join(
        f"{cloud.label or 'all'}: {len(cloud.offers)} hand-overs, p50 {milliseconds(cloud.spread.p50)}, "
        f"p99 {milliseconds(cloud.spread.p99)}" for cloud in found
    )  # fmt: skip
    keys = [Key(cloud.label, cloud.place, mark="●") for cloud in found if cloud.label]
    return Plot(name=name, title=title, reads=reads, svg=svg_of(name, alt, draw), keys=keys, table=table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """The steps of one run."""

    label: str
    steps: Sequence[Step]
    place: int


def ramps(name: str, title: str, reads: str, found: Sequence[Ramp]) -> Plot | None:
    """How soon phones rang at each rate, and from where on callers were lost; None without a ramp."""
    shown = [ramp for ramp in found if ramp.steps]
    if not shown:
        return None

    def draw(axes: Axes) -> None:
        log_of_ms(axes, "y", [step.agent_free_p99_ms for ramp in shown for step in ramp.steps])
        for ramp in shown:
            rates = [step.per_s for step in ramp.steps]
            times = [max(step.agent_free_p99_ms, 0.01) for step in ramp.steps]
            axes.plot(rates, times, color=colour(ramp.place), linestyle=dash(ramp.place))
            for rate, time, step in zip(rates, times, ramp.steps, strict=True):
                mark, size = ("o", 7) if step.held else ("X", 10)
                axes.plot([rate], [time], marker=mark, markersize=size, color=colour(ramp.place) if step.held else INK)
        axes.set_xlabel("calls a second")
        axes.grid(visible=False, axis="x")

    several = [[f"{ramp.label}, {step.per_s:g}" if ramp.label else f"{step.per_s:g}", count(step.calls),
                count(step.answered), "yes" if step.held else "no", milliseconds(step.agent_free_p99_ms)]
               for ramp in shown for step in ramp.steps]  # fmt: skip
    columns = ["Calls a second", "calls", "answered", "held", "agent free → phone rings, p99"]
    table = Table(name=f"{name}-table", title=title, columns=columns, rows=several)
    alt = f"{title}. " + "; ".join(f"{row[0]} a second: held {row[3]}, p99 {row[4]}" for row in several)
    keys = [Key(ramp.label, ramp.place) for ramp in shown if ramp.label]
    keys += [Key("held", mark="●"), Key("not held", mark="✖")]
    return Plot(name=name, title=title, reads=reads, svg=svg_of(name, alt, draw), keys=keys, table=table)
