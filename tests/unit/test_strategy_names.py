"""What integrators import from `acd` is there, and is what the page on strategies imports."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import acd

DOCS = Path(__file__).parents[2] / "docs"


def test_every_public_name_is_there_once() -> None:
    assert len(set(acd.__all__)) == len(acd.__all__)
    assert all(hasattr(acd, name) for name in acd.__all__)


def test_the_page_on_strategies_imports_public_names_alone() -> None:
    page = (DOCS / "strategies.md").read_text(encoding="utf-8")
    imported = {
        name.name
        for body in re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        for node in ast.walk(ast.parse(body))
        if isinstance(node, ast.ImportFrom) and node.module == "acd"
        for name in node.names
    }

    assert imported >= {"Candidate", "Queue", "SortKey", "Ranking", "Situation", "Width", "Between", "asked_for"}
    assert imported <= set(acd.__all__)
