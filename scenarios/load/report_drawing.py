"""Draws plots as SVG that takes its colours from the page: one drawing is right in light, in dark and on paper."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import matplotlib as mpl
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

__all__ = ["COLOURS", "INK", "SOFT", "colour", "dash", "dots", "log_of_ms", "over_time", "svg_of"]

WIDTH_IN, HEIGHT_IN = 6.6, 3.1
"""At 72 points an inch: narrow enough that its text can be read on a phone."""
COLOURS = 6
INK, SOFT, _GRID = "#010101", "#010102", "#010103"
"""No colours but places for them: the page says which colour ``var(--ink)`` is."""
_VARIABLES = {INK: "--ink", SOFT: "--soft", _GRID: "--grid"} | {f"#0202{n:02x}": f"--line-{n}" for n in range(COLOURS)}
_DASHES: Sequence[Any] = ("solid", (0, (6, 2)), (0, (2, 1.6)), (0, (7, 2, 1.6, 2)))
DOT = 4.0
"""Diameter in points, and the grid of which each cell shows one dot: what lies closer cannot be told apart."""

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "path.simplify": True,
    "font.family": "DejaVu Sans",  # comes with matplotlib: no machine lays the plots out differently
    "font.size": 12,
    "text.color": INK,
    "axes.edgecolor": _GRID,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.xmargin": 0.01,
    "grid.color": _GRID,
    "grid.linewidth": 0.7,
    "xtick.color": _GRID,
    "xtick.labelcolor": SOFT,
    "ytick.color": _GRID,
    "ytick.labelcolor": SOFT,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
    "lines.linewidth": 1.8,
    "lines.solid_joinstyle": "round",
}


def svg_of(name: str, alt: str, draw: Callable[[Axes], None], *, height: float = 1.0) -> Markup:
    """What ``draw`` puts on the axes. ``name`` is unlike that of any other plot of the page: ids are made from it."""
    kept = io.StringIO()
    with mpl.rc_context(_STYLE | {"svg.hashsalt": name}):
        figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN * height), layout="constrained")
        draw(figure.add_subplot())
        figure.savefig(kept, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _inlined(kept.getvalue(), alt)


def colour(place: int) -> str:
    """Of the series at this place; they come round again, with other dashes."""
    return f"#0202{place % COLOURS:02x}"


def dash(place: int) -> Any:
    """The line style of the series at this place, so that colour is not all that tells lines apart."""
    return _DASHES[(place + place // COLOURS) % len(_DASHES)]


def over_time(axes: Axes, until_s: float, *, whole: bool = False) -> float:
    """Makes x the time of the run, from 0 in a unit that suits its length; gives that unit in seconds.

    ``whole``: y has no fractions.
    """
    unit, name = (1.0, "seconds") if until_s <= 240 else (60.0, "minutes") if until_s <= 3 * 3600 else (3600.0, "hours")
    axes.set_xlim(0, max(until_s, 1.0) / unit)
    axes.set_xlabel(f"{name} of the run")
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=whole))
    axes.grid(visible=False, axis="x")
    return unit


def log_of_ms(axes: Axes, which: str, values: Iterable[float]) -> None:
    """Makes the x or y axis logarithmic for these milliseconds."""
    known = [max(value, LEAST_MS) for value in values]
    low, high = min(known, default=1.0), max(known, default=10.0)
    axis = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    (axes.set_xlim if which == "x" else axes.set_ylim)(low / 1.6, high * 1.8)
    steps = (1, 2, 5) if high / low < 100 else (1,)
    axis.set_major_locator(LogLocator(subs=steps, numticks=12))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(lambda ms, _: f"{ms / 1000:g} s" if ms >= 1000 else f"{ms:g} ms")


LEAST_MS = 0.01
"""A logarithmic axis has no zero."""


def dots(axes: Axes, points: Iterable[tuple[float, float]], place: int, *, coarse: float = 1.0) -> None:
    """A cloud of any size: one path, and one dot where several would cover each other. The axes' limits are set."""
    known = [(x, max(y, LEAST_MS)) for x, y in points]
    cell = DOT * coarse
    shown: dict[tuple[int, int], tuple[float, float]] = {}
    for (along, up), point in zip(axes.transData.transform(known).tolist(), known, strict=True):
        shown.setdefault((int(along / cell), int(up / cell)), point)
    xs: list[float] = []
    ys: list[float] = []
    for x, y in shown.values():
        xs += (x, x, float("nan"))
        ys += (y, y, float("nan"))
    # A line of no length with round ends is a dot, at a third of the bytes that a marker takes.
    (line,) = axes.plot(xs, ys, color=colour(place), linewidth=DOT, solid_capstyle="round", alpha=0.75)
    line.get_path().should_simplify = False


# --- from matplotlib's file to a part of the page ---------------------------------------------------------------------

_TAG = re.compile(r"<[^>]+>")
_LEFT_OUT = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>|<style[^>]*>.*?</style>|\s*<defs>\s*</defs>", re.DOTALL)
_GROUP_ID = re.compile(r' id="(?:figure|axes|patch|line2d|text|matplotlib\.axis|xtick|ytick|[A-Za-z]*Collection)_\d+"')
_NUMBER = re.compile(r"(?<![\w#.])-?\d+\.\d{2,}")
_FONT = re.compile(r" font-family: [^;\"]*;")
_SPACES = re.compile(r"\s*\n\s*")
_COLOUR = re.compile("|".join(_VARIABLES))


def _inlined(file: str, alt: str) -> Markup:
    """Without what only a file needs or would reach beyond the drawing: its style sheet is for the whole page."""
    body = _LEFT_OUT.sub("", file[file.index("<svg") :])
    _, _, body = _TAG.sub(_tag, body).partition(">")
    box = f"0 0 {WIDTH_IN * 72:g} {_height(file):g}"
    return Markup(f'<svg viewBox="{box}" role="img" aria-label="{escape(alt)}">{_SPACES.sub("", body)}')  # noqa: S704  # drawn here


def _tag(found: re.Match[str]) -> str:
    tag = _GROUP_ID.sub("", found[0])
    tag = _NUMBER.sub(lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), tag)
    tag = _SPACES.sub(" ", _FONT.sub("", tag))
    return _COLOUR.sub(lambda place: f"var({_VARIABLES[place[0]]})", tag)


def _height(file: str) -> float:
    found = re.search(r'viewBox="0 0 [\d.]+ ([\d.]+)"', file)
    assert found, "matplotlib writes a viewBox"
    return float(found[1])
