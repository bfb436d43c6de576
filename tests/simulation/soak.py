"""A million random steps through matcher and store, and what came of them: ``make soak``.

Lives of a few hundred steps, each with a configuration of its own, and every tenth life a piece of a simulated day. A
life that breaks a promise is named with its seed, so that it can be lived again alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from acd.configuration import LineOrder
from acd.simulation import SimulatedCentre, SimulatedDay, VirtualClock
from tests.simulation.promises import Promises
from tests.simulation.random_life import RandomLife
from tests.simulation.seeded_centre import CALLERS, centre_of, habits

STEPS_PER_LIFE = 400
DAY_EVERY = 10
DAY_S = 300.0
GROUPS = ("step", "event", "offer ended", "refused", "invariant", "day")


@dataclass
class Soaked:
    """What was done."""

    seed: str
    steps: int = 0
    lives: int = 0
    seconds: float = 0.0
    counted: Counter[str] = field(default_factory=Counter)


class PromiseBroken(Exception):
    """A life went wrong; the words say how to live it again."""


def soak(steps: int, seed: str, *, on_steps: Callable[[int], None] = lambda steps: None) -> Soaked:
    """Live until so many steps were taken. Raises PromiseBroken."""
    soaked, began = Soaked(seed), time.perf_counter()
    while soaked.steps < steps:
        before = soaked.steps
        live(soaked, soaked.lives, steps - soaked.steps)
        soaked.lives += 1
        on_steps(soaked.steps - before)
    soaked.seconds = time.perf_counter() - began
    return soaked


def live(soaked: Soaked, number: int, most: int = STEPS_PER_LIFE) -> None:
    """One life, the same for the same seed and number."""
    if number % DAY_EVERY == DAY_EVERY - 1:
        _day(soaked, number)
    else:
        _life(soaked, number, min(most, STEPS_PER_LIFE))


def _life(soaked: Soaked, number: int, steps: int) -> None:
    life = RandomLife(Random(f"{soaked.seed}/{number}"), soaked.counted)
    done = 0
    try:
        while done < steps:
            life.step()
            done += 1
        life.end()
    except Exception as broken:
        latest = ", ".join(life.latest)
        raise _broken(soaked.seed, number, f"after {done} steps; the latest: {latest}", broken) from broken
    soaked.steps += done


def _day(soaked: Soaked, number: int) -> None:
    line = LineOrder.STRICT_PRIORITY if number % (2 * DAY_EVERY) == DAY_EVERY - 1 else LineOrder.WAIT_PLUS_PRIORITY
    configuration, strategies = centre_of(line)
    centre = SimulatedCentre(configuration, strategies, VirtualClock())
    promises = Promises(centre, strategies)
    day = SimulatedDay(centre, CALLERS, lambda name: Random(f"{soaked.seed}/{number}/{name}"), habits=habits(DAY_S))
    try:
        day.run(seconds=DAY_S)
        promises.at_the_end()
    except Exception as broken:
        raise _broken(soaked.seed, number, f"in a day, at {centre.clock.now() - day.began_at} ms", broken) from broken
    soaked.steps += promises.counted["steps looked at"]
    soaked.counted.update({f"day: {what}": count for what, count in promises.counted.items()})


def _broken(seed: str, number: int, where: str, error: Exception) -> PromiseBroken:
    return PromiseBroken(
        f"life {number} of seed {seed!r} broke a promise {where}\n{type(error).__name__}: {error}\n"
        f"Live it again: python -m tests.simulation.soak --seed {seed} --life {number}"
    )


def table_of(soaked: Soaked) -> Table:
    table = Table(title=f"{soaked.steps:,} steps in {soaked.lives:,} lives, seed {soaked.seed!r}", title_justify="left")
    table.add_column("what")
    table.add_column("count", justify="right")
    for group in GROUPS:
        rows = sorted((what, count) for what, count in soaked.counted.items() if what.startswith(f"{group}: "))
        for what, count in rows:
            table.add_row(what, f"{count:,}")
        if rows:
            table.add_section()
    for what, count in sorted(soaked.counted.items()):
        if ": " not in what:
            table.add_row(what, f"{count:,}")
    table.add_section()
    table.add_row("seconds", f"{soaked.seconds:,.1f}")
    table.add_row("steps a second", f"{soaked.steps / max(soaked.seconds, 1e-9):,.0f}")
    return table


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--seed", default="", help="any word; without one, another each time")
    parser.add_argument("--life", type=int, help="only this one of the seed's lives")
    asked = parser.parse_args()
    seed, console = asked.seed or f"{time.time_ns() // 1_000_000}", Console()
    try:
        if asked.life is not None:
            live(Soaked(seed), asked.life)
            console.print(f"life {asked.life} of seed {seed!r} kept every promise")
            return 0
        columns = (TextColumn("random steps"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
            task = progress.add_task("", total=asked.steps)
            soaked = soak(asked.steps, seed, on_steps=lambda steps: progress.advance(task, steps))
    except PromiseBroken as broken:
        console.print(str(broken), style="red", markup=False)
        return 1
    console.print(table_of(soaked))
    return 0


if __name__ == "__main__":
    sys.exit(main())
