"""Bugs that are planted on purpose, one at a time, to see which suite of tests catches each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Suite(StrEnum):
    """The quick suites, the quickest first."""

    TABLES = "tables"
    """Examples of single rules: unit tests of matcher, strategies, stores, flow, reports."""
    ORACLE = "oracle"
    """The matcher against the oracle."""
    STORES = "stores"
    """The conformance of both stores, and their agreement."""
    LIVES = "lives"
    """Random lives and days in simulation."""


@dataclass(frozen=True, kw_only=True)
class Bug:
    """One change of the source that must not go unnoticed."""

    name: str
    path: str
    """From the top of the repository."""
    was: str
    """Occurs there once."""
    becomes: str
    near: Suite = Suite.TABLES
    """Where it is looked for first."""

    def planted_in(self, top: Path) -> str:
        """The file with the bug; raises ValueError if the source has changed so that it cannot be planted."""
        source = (top / self.path).read_text(encoding="utf-8")
        found = source.count(self.was)
        if found != 1:
            raise ValueError(
                f"{self.name}: {self.was!r} is {found} times in {self.path}: plant it where it belongs now"
            )
        return source.replace(self.was, self.becomes)
