"""Plants one bug after the other in a copy of the tree, runs the quick suites on it, and says which one caught it."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

from tests.planted_bugs import Bug, Suite
from tests.planted_bugs.bugs import BUGS

TOP = Path(__file__).parents[2]
COPIED = ("acd", "stasis_app", "scenarios", "tests", "dialplan", "docs", "pyproject.toml")
AIM = 0.9
LIMIT_S = 1_200
TESTS_RAN_AND_FAILED = 1

FILES = {
    Suite.TABLES: [
        "tests/unit/test_matcher_line.py",
        "tests/unit/test_matcher_rounds.py",
        "tests/unit/test_matcher_strategies.py",
        "tests/unit/test_matcher_explanation.py",
        "tests/unit/test_strategies.py",
        "tests/unit/test_strategies_of_others.py",
        "tests/unit/test_memory_store.py",
        "tests/unit/test_call_flow_rounds.py",
        "tests/unit/test_distributor.py",
        "tests/unit/test_reports.py",
        "tests/unit/test_transitions.py",
    ],
    Suite.ORACLE: ["tests/unit/test_matcher_in_large_worlds.py", "tests/unit/test_matcher_against_oracle.py"],
    Suite.STORES: ["tests/contract/test_store_conformance.py", "tests/contract/test_store_agreement.py"],
    Suite.LIVES: [
        "tests/simulation/test_production_on_a_virtual_clock.py",
        "tests/simulation/test_seeded_day.py",
        "tests/simulation/test_soak.py",
    ],
}


def main() -> int:
    """The exit status: 0 if at least nine of ten were caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted_bugs", description=__doc__)
    parser.add_argument("word", nargs="?", default="", help="only bugs whose name has this word")
    options = parser.parse_args()
    console = Console(highlight=False)
    bugs = [bug for bug in BUGS if options.word in bug.name]
    if not bugs:
        console.print(f"No bug has {options.word!r} in its name; there are: {', '.join(bug.name for bug in BUGS)}")
        return 2
    with tempfile.TemporaryDirectory(prefix="acd-planted-") as folder:
        copy = _copy_of_tree(Path(folder))
        for suite in Suite:
            words = _failure(copy, suite)
            if words is not None:
                console.print(f"Without any bug the suite {suite} fails already: mend that first.", words, sep="\n")
                return 2
        found = [(bug, *_try(console, copy, bug)) for bug in bugs]
    _tell(console, found)
    caught = sum(suite is not None for _, suite, _ in found)
    return 0 if caught >= AIM * len(found) else 1


def _copy_of_tree(folder: Path) -> Path:
    for name in COPIED:
        source = TOP / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "static"))
        elif source.exists():
            shutil.copy(source, folder / name)
    return folder


def _try(console: Console, copy: Path, bug: Bug) -> tuple[Suite | None, float]:
    sound = (copy / bug.path).read_text(encoding="utf-8")
    began = perf_counter()
    try:
        (copy / bug.path).write_text(bug.planted_in(copy), encoding="utf-8")
        suite = _caught_by(copy, sorted(Suite, key=lambda suite: suite is not bug.near))
    finally:
        (copy / bug.path).write_text(sound, encoding="utf-8")
    taken = perf_counter() - began
    said = f"caught by {suite}" if suite else "NOT CAUGHT"
    console.print(f"{said:<18} {taken:5.0f} s  {bug.name}", soft_wrap=True)
    return suite, taken


def _caught_by(copy: Path, suites: Sequence[Suite]) -> Suite | None:
    """The first of these suites that fails."""
    return next((suite for suite in suites if _failure(copy, suite) is not None), None)


def _failure(copy: Path, suite: Suite) -> str | None:
    """What the suite says last if it fails; None if it passes."""
    options = ("-q", "-x", "-n", "0", "-p", "no:cacheprovider", "-p", "tests.planted_bugs.no_shrinking")
    command = [sys.executable, "-m", "pytest", *options, *FILES[suite]]
    try:
        done = subprocess.run(command, cwd=copy, capture_output=True, check=False, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return "it did not end"
    said = done.stdout.decode() + done.stderr.decode()
    if done.returncode not in {0, TESTS_RAN_AND_FAILED} and b"ERROR" not in done.stdout:
        raise SystemExit(f"the suite {suite} could not be run:\n{said}")
    return "\n".join(said.splitlines()[-20:]) if done.returncode else None


def _tell(console: Console, found: Sequence[tuple[Bug, Suite | None, float]]) -> None:
    table = Table("suite", "caught first")
    for suite in Suite:
        table.add_row(suite, str(sum(caught is suite for _, caught, _ in found)))
    missed = [bug.name for bug, caught, _ in found if caught is None]
    table.add_row("nobody", str(len(missed)))
    console.print(table)
    share = 100 * (len(found) - len(missed)) / len(found)
    console.print(f"{len(found) - len(missed)} of {len(found)} bugs were caught: {share:.0f} %.")
    for name in missed:
        console.print(f"Not caught: {name}")


if __name__ == "__main__":
    sys.exit(main())
