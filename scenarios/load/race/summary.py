"""What the race came to: each engine's turns together, the ratios between engines, and how far the aims are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from scenarios.load.race.cases import Kind
from scenarios.load.race.turns import Turn

__all__ = ["AIMS", "Aim", "summary_of", "tell"]

MAIN_CASE = "100 agents, 200 waiting"
FLOOR_MUST_HOLD_PER_S = 100.0
FLOOR_CPU_MS_AT_MOST = 1.0


@dataclass(frozen=True, slots=True)
class Aim:
    """A mark that a figure of the summary is held against."""

    at_least: float | None = None
    at_most: float | None = None

    def __str__(self) -> str:
        return f"at least {self.at_least:g}" if self.at_least is not None else f"at most {self.at_most:g}"

    def is_met_by(self, value: float) -> bool:
        """Whether the figure is good enough."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


AIMS: Mapping[str, Aim] = {
    "free_to_invite_p50_ratio": Aim(at_least=40),
    "free_to_invite_p50_ratio_500": Aim(at_least=30),
    "free_to_invite_p99_ratio": Aim(at_least=25),
    "free_to_invite_p50_vs_floor": Aim(at_most=2),
    "free_to_invite_p99_vs_floor": Aim(at_most=2),
    "caller_came_p99_vs_app_queue": Aim(at_most=1.3),
    "cps_native_vs_floor": Aim(at_least=0.85),
    "acd_cpu_ms_per_call": Aim(at_most=3),
    "acd_cpu_vs_floor": Aim(at_most=4),
    "redis_cpu_ms_per_call": Aim(at_most=1),
    "surge_lost": Aim(at_most=0),
    "surge_back_to_normal_s": Aim(at_most=10),
    "floor_cpu_ms_per_call": Aim(at_most=FLOOR_CPU_MS_AT_MOST),
    "cps_floor": Aim(at_least=FLOOR_MUST_HOLD_PER_S),
}


def summary_of(turns: Sequence[Turn]) -> dict[str, Any]:
    """Figures by the names that they are asked for; those whose turns were not run are left out."""
    said: dict[str, Any] = {"shape": MAIN_CASE}
    _line(said, turns, MAIN_CASE, "")
    _line(said, turns, "500 agents, 200 waiting", "_500")
    _line(said, turns, "20 agents, 40 waiting", "_20")
    _came(said, turns)
    _rates(said, turns)
    _costs(said, turns)
    said |= exponents_of(turns)
    for one in turns:
        if one.kind is Kind.SURGE:
            said["surge_lost"] = one.unserved
            said["surge_back_to_normal_s"] = one.back_to_normal_s
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in said.items()}


def _line(said: dict[str, Any], turns: Sequence[Turn], case: str, suffix: str) -> None:
    p50 = {engine: _middle(t.invited_ms.p50 for t in of) for engine, of in _of(turns, case).items()}
    p99 = {engine: _middle(t.invited_ms.p99 for t in of) for engine, of in _of(turns, case).items()}
    if "native" not in p50:
        return
    said[f"free_to_invite_p50_ms{suffix}"], said[f"free_to_invite_p99_ms{suffix}"] = p50["native"], p99["native"]
    if "app_queue" in p50:
        said[f"free_to_invite_p50_ratio{suffix}"] = _ratio(p50["app_queue"], p50["native"])
        said[f"free_to_invite_p99_ratio{suffix}"] = _ratio(p99["app_queue"], p99["native"])
    if "floor" in p50:
        said[f"free_to_invite_p50_vs_floor{suffix}"] = _ratio(p50["native"], p50["floor"])
        said[f"free_to_invite_p99_vs_floor{suffix}"] = _ratio(p99["native"], p99["floor"])


def _came(said: dict[str, Any], turns: Sequence[Turn]) -> None:
    for kind, name in ((Kind.IDLE, "caller_came"), (Kind.MISSED, "offer_missed")):
        of = _of([one for one in turns if one.kind is kind])
        p99 = {engine: _middle(one.invited_ms.p99 for one in several) for engine, several in of.items()}
        p50 = {engine: _middle(one.invited_ms.p50 for one in several) for engine, several in of.items()}
        if "native" in p99 and "app_queue" in p99:
            said[f"{name}_p50_vs_app_queue"] = _ratio(p50["native"], p50["app_queue"])
            said[f"{name}_p99_vs_app_queue"] = _ratio(p99["native"], p99["app_queue"])
        if "native" in p99 and "floor" in p99:
            said[f"{name}_p99_vs_floor"] = _ratio(p99["native"], p99["floor"])


def _rates(said: dict[str, Any], turns: Sequence[Turn]) -> None:
    held = {one.engine: one.held_per_s for one in turns if one.kind is Kind.RATE and one.held_per_s is not None}
    said |= {f"cps_{engine}": per_s for engine, per_s in held.items()}
    if "native" in held and held.get("floor"):
        said["cps_native_vs_floor"] = held["native"] / held["floor"]
    if "native" in held and held.get("app_queue"):
        said["cps_native_vs_app_queue"] = held["native"] / held["app_queue"]


def _costs(said: dict[str, Any], turns: Sequence[Turn]) -> None:
    """From the turns in which agents are busy at a steady rate."""
    line = _of(turns, MAIN_CASE) or _of([one for one in turns if one.kind is Kind.LINE])
    for engine, several in line.items():
        said[f"asterisk_cpu_ms_per_call_{engine}"] = _cpu(several, "asterisk")
    if "native" in line:
        names = {name for one in line["native"] for name in one.cpu_ms_a_call if name.startswith("acd-")}
        said["acd_cpu_ms_per_call"] = sum(_cpu(line["native"], name) for name in names)
        said["redis_cpu_ms_per_call"] = _cpu(line["native"], "redis")
    if "floor" in line:
        said["floor_cpu_ms_per_call"] = _cpu(line["floor"], "floor")
        if said.get("acd_cpu_ms_per_call") and said["floor_cpu_ms_per_call"]:
            said["acd_cpu_vs_floor"] = said["acd_cpu_ms_per_call"] / said["floor_cpu_ms_per_call"]


def exponents_of(turns: Sequence[Turn]) -> dict[str, float]:
    """For each growth series and engine, b in *cost of a call ~ size to the power of b*, all processes together."""
    points: dict[str, list[tuple[float, float]]] = {}
    for one in turns:
        if one.grows:
            cost = sum(ms for name, ms in one.cpu_ms_a_call.items() if name != "sipp")
            points.setdefault(f"growth_{one.grows}_{one.engine}", []).append((log(one.size), log(max(cost, 0.001))))
    return {name: round(_slope(of), 3) for name, of in points.items() if len({x for x, _ in of}) > 1}


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the line of least squares through these."""
    middle_x, middle_y = sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / sum((x - middle_x) ** 2 for x, _ in points)


def _of(turns: Sequence[Turn], case: str = "") -> Mapping[str, Sequence[Turn]]:
    by_engine: dict[str, list[Turn]] = {}
    for one in turns:
        if not case or one.case == case:
            by_engine.setdefault(one.engine, []).append(one)
    return by_engine


def _cpu(turns: Sequence[Turn], name: str) -> float:
    return _middle(one.cpu_ms_a_call.get(name, 0.0) for one in turns)


def _middle(values: Iterable[float]) -> float:
    known = list(values)
    return median(known) if known else 0.0


def _ratio(more: float, less: float) -> float:
    return more / less if less else 0.0


# --- shown ------------------------------------------------------------------------------------------------------------


def tell(console: Console, turns: Sequence[Turn], summary: Mapping[str, Any]) -> None:
    """The table of the race, then the summary beside its aims."""
    table = Table(
        "case", "engine", "calls", "not served", "count", "p50 ms", "p99 ms", "CPU ms a call", "besides", "valid",
        title="The race", title_justify="left",
    )  # fmt: skip
    for one in turns:
        spread = one.invited_ms
        times = (str(spread.count), f"{spread.p50:.1f}", f"{spread.p99:.1f}") if spread.count else ("", "", "")
        cpu = ", ".join(f"{name} {ms:.2f}" for name, ms in one.cpu_ms_a_call.items() if name != "sipp")
        if one.kind is Kind.WAITING:
            cpu = ", ".join(f"{name} {share:.0%}" for name, share in one.cpu_share.items() if name != "sipp")
        valid = "yes" if one.generator.valid else "void"
        table.add_row(one.case, one.engine, str(one.calls), str(one.unserved), *times, cpu, _besides(one), valid)
    console.print(table)
    aims = Table("summary", "measured", "aim", title_justify="left")
    for name, value in summary.items():
        aim = AIMS.get(name)
        met = "" if aim is None or not isinstance(value, (int, float)) else "✓ " if aim.is_met_by(value) else "✗ "
        aims.add_row(name, str(value), f"{met}{aim}" if aim else "")
    console.print(aims)


def _besides(one: Turn) -> str:
    words = []
    if one.held_per_s is not None:
        words.append(f"held {one.held_per_s:g} calls/s")
    if one.drained_s is not None:
        words.append(f"all had an agent after {one.drained_s:.1f} s")
    if one.back_to_normal_s is not None:
        words.append(f"normal after {one.back_to_normal_s:.1f} s")
    if one.refused:
        words.append(f"{one.refused} refused")
    if one.left:
        words.append(f"{len(one.left)} left behind")
    return ", ".join(words)
