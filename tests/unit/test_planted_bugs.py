"""Each bug of `make planted-bugs` can still be planted: source that moves on takes its bug along."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planted_bugs import Bug
from tests.planted_bugs.bugs import BUGS

TOP = Path(__file__).parents[2]


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_applies(bug: Bug) -> None:
    planted = bug.planted_in(TOP)
    assert planted != (TOP / bug.path).read_text(encoding="utf-8")
    if bug.path.endswith(".py"):
        compile(planted, bug.path, "exec")


def test_no_two_bugs_have_one_name() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS)
