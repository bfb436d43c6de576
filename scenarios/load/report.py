"""The report as one HTML file with everything in it: the page of a run, or of several beside one another."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from scenarios.load.report_reading import read_all_results
from scenarios.load.results import Results
from stasis_app.cli.connection import CommandFailed

__all__ = ["need_report_libraries", "report_command", "report_of", "write_report"]

LIBRARIES = ("jinja2", "matplotlib")


def need_report_libraries() -> None:
    """Raises CommandFailed where what draws the report is not installed."""
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise CommandFailed(f"the report needs {' and '.join(missing)}: pip install 'stasis-acd[load]'")


def report_command(files: Sequence[Path], output: Path | None) -> Path:
    """Reads the runs, writes their page and gives its place; raises CommandFailed with every fault of every file."""
    need_report_libraries()
    page = output or (files[0].with_suffix(".html") if len(files) == 1 else files[0].with_name("comparison.html"))
    if any(page.resolve() == file.resolve() for file in files):
        raise CommandFailed(f"{page} holds the results themselves: name another file with -o")
    write_report(read_all_results(files), page)
    return page


def report_of(runs: Sequence[Results]) -> str:
    """HTML: of one run its page, of several a comparison in which the first is the reference."""
    from scenarios.load.report_page import page_of  # draws: half a second that no other command need wait for

    return page_of(runs)


def write_report(runs: Sequence[Results], path: Path) -> None:
    """Raises CommandFailed where it cannot be written."""
    page = report_of(runs)
    if path.is_dir():
        raise CommandFailed(f"{path} cannot be written: it is a folder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise CommandFailed(f"{path} cannot be written: {error.strerror}") from None
