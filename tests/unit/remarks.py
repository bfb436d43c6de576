"""Small centres to remark on."""

from __future__ import annotations

from acd.lint import Remark, remarks_of
from stasis_app.configuration_file import read

SKILLS = "[skills]\ngerman = ''\nbilling = ''\n"
TEAM = """
[agents.ann]
skills = { german = 80, billing = 50 }
queues = ["support", "sales"]
groups = ["team"]
[agents.bob]
skills = { german = 30 }
queues = { support = 1 }
groups = ["team"]
[agents.cid]
skills = { billing = 10 }
queues = ["sales"]
groups = ["reserve"]
"""
"""Two for support, two for sales; ann is the only one of both."""


def remarks_in(text: str) -> list[Remark]:
    return list(remarks_of(read(SKILLS + text)))


def of_support(keys: str, *, team: str = TEAM) -> list[Remark]:
    """Remarks on a support queue with these keys, beside a plain one for sales."""
    return remarks_in(f"{team}\n[queues.sales]\n[queues.support]\n{keys}")


def step(keys: str) -> str:
    return f"[[queues.support.steps]]\n{keys}\n"
