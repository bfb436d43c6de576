"""Runs the race, each turn on a fresh Asterisk, prints a table and writes build/bench/calls.json."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from scenarios.bench.report import environment
from scenarios.demo.command import terminal
from scenarios.load.live import Live
from scenarios.load.race.cases import CASES, QUICK_CASES, Case, growth_cases, plan_of_case
from scenarios.load.race.summary import summary_of, tell
from scenarios.load.race.turns import ENGINE_OF_TURN, Turn, turn

OUTPUT = Path("build/bench/calls.json")


def main() -> None:
    """Half an hour at most."""
    parser = argparse.ArgumentParser(prog="python -m scenarios.load.race", description=__doc__)
    parser.add_argument("word", nargs="?", default="", help="only cases whose name has this word")
    parser.add_argument("--turns", default="", help="in this order instead: A product, B app_queue, C bare application")
    parser.add_argument("--full", action="store_true", help="five times the turns, and growth series; takes hours")
    parser.add_argument("--quick", action="store_true", help="only see that it runs: the figures mean nothing")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="where to write the JSON (%(default)s)")
    options = parser.parse_args()
    growth = list(growth_cases())
    cases = QUICK_CASES if options.quick else (*CASES, *(growth if options.full else ()))
    chosen = [case for case in cases if options.word in case.name]
    if not chosen or set(options.turns) - set(ENGINE_OF_TURN):
        names = ", ".join(case.name for case in (*CASES, *growth))
        parser.error(f"no such case or turn; cases: {names}; turns: letters of {''.join(ENGINE_OF_TURN)}")
    console = terminal()
    turns = asyncio.run(_race(console, chosen, options.turns, 5 if options.full else 1))
    summary = summary_of(turns)
    _write(options.output, turns, summary)
    tell(console, turns, summary)
    console.print(f"Written to {options.output}")


async def _race(console: Console, cases: Sequence[Case], order: str, repetitions: int) -> Sequence[Turn]:
    turns = []
    for case in cases:
        for letter in (order or case.turns) * (1 if case.grows else repetitions):
            engine = ENGINE_OF_TURN[letter]
            console.print(f"{case.name}: {engine}")
            with Live(console, plan_of_case(case)) as live:
                turns.append(await turn(case, engine, live))
    return turns


def _write(path: Path, turns: Sequence[Turn], summary: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    body = {"environment": environment(), "summary": summary, "turns": turns}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(body)) + b"\n")


if __name__ == "__main__":
    main()
