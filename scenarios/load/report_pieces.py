"""What a page of the report is made of: figures, tables, and plots with their legends and their figures as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

__all__ = ["Cell", "Figure", "Key", "Plot", "Table"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table, where it is more than text."""

    text: str
    note: str = ""
    """Beside it, smaller."""
    tone: str = ""
    """``good``, ``bad``, or nothing; never all that tells them apart."""
    bar: float | None = None
    """A share, drawn as a bar behind the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The first column names the row."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    explained: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A big one, for who reads no tables."""

    name: str
    value: str
    note: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """What one colour or mark of a plot stands for."""

    label: str
    place: int | None = None
    """Of the series, which gives colour and dashes."""
    mark: str = ""
    """A sign instead of a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One drawing, and the same to read aloud."""

    name: str
    title: str
    reads: str
    """What the axes are, and how it is to be read."""
    svg: Markup
    keys: Sequence[Key]
    table: Table
    wide: bool = False
    """Over the whole page, with its table beside it."""
