"""How answers look on a terminal: calm tables, durations instead of times, and JSON where a machine reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

Row = Mapping[str, Any]
Column = tuple[str, Callable[[Row], str]]

STATUS_STYLE = {
    "ready": "green",
    "on_break": "yellow",
    "logged_out": "dim",
    "idle": "green",
    "reserved": "cyan",
    "talking": "blue",
    "wrap_up": "magenta",
}


def console() -> Console:
    """Standard output as it is now: wide enough for a table when it is no terminal."""
    made = Console(highlight=False, soft_wrap=False)
    return made if made.is_terminal else Console(highlight=False, width=160)


def print_json(content: object) -> None:
    """The API's own answer, indented."""
    print(json.dumps(content, indent=2, ensure_ascii=False))  # noqa: T201 - this is what --json asks for


def print_table(title: str, columns: Iterable[Column], rows: Iterable[Row], *, empty: str) -> None:
    """A table, or one sentence if there is nothing to show."""
    shown = list(rows)
    if not shown:
        console().print(empty)
        return
    chosen = list(columns)
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", header_style="dim")
    for heading, _ in chosen:
        table.add_column(heading, justify="right" if heading.endswith("#") else "left", overflow="fold")
    for row in shown:
        table.add_row(*[cell(row) for _, cell in chosen])
    console().print(table)


def say(sentence: str) -> None:
    """One plain sentence."""
    console().print(sentence, markup=False)


def text(name: str) -> Callable[[Row], str]:
    """A field as it is; nothing if it is missing."""
    return lambda row: escape(str(row[name])) if row.get(name) not in (None, "") else ""


def word(name: str) -> Callable[[Row], str]:
    """A state, in words and in its colour."""

    def cell(row: Row) -> str:
        value = str(row.get(name) or "")
        style = STATUS_STYLE.get(value)
        shown = escape(value.replace("_", " "))
        return f"[{style}]{shown}[/]" if style else shown

    return cell


def since(name: str, now: int) -> Callable[[Row], str]:
    """How long ago a time was."""
    return lambda row: duration(now - int(row[name])) if row.get(name) and now else ""


def lasting(name: str) -> Callable[[Row], str]:
    """A field that is milliseconds."""
    return lambda row: duration(int(row.get(name) or 0))


def clock(name: str) -> Callable[[Row], str]:
    """A time in the reader's own time zone."""
    return lambda row: moment(int(row[name])) if row.get(name) else ""


def moment(at: int) -> str:
    """A time in the reader's own time zone."""
    return f"{datetime.fromtimestamp(at / 1000, tz=UTC).astimezone():%Y-%m-%d %H:%M:%S}"


def duration(milliseconds: int) -> str:
    """``0:05``, ``12:30``, ``1:02:03``."""
    seconds = max(0, milliseconds) // 1000
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
