"""The configuration's description says what the code does: same keys, same defaults, same ranges, a working example."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, Field, fields, replace
from pathlib import Path
from typing import Any

import pytest

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import Configuration, faults_of
from acd.errors import InvalidConfiguration
from acd.queue import CoolOff, Queue
from stasis_app.configuration_file import read

DOCS = Path(__file__).parents[2] / "docs"

SECTIONS: list[tuple[str, type, set[str]]] = [
    ("## `[queues.NAME]`", Queue, {"name", "cool_off"}),
    ("### `[queues.NAME.cool_off]`", CoolOff, set()),
    ("## `[agents.NAME]`", AgentProfile, {"id"}),
    ("### `phone`", Phone, set()),
]


def rows_under(heading: str) -> dict[str, list[str]]:
    """The key table under a heading of the description: key to type, range, default, meaning."""
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    section = re.split(r"\n#+ ", text.split(f"{heading}\n", 1)[1])[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "|" in line]
    return {row[0].strip("`"): row[1:] for row in cells if row[0].startswith("`")}


def default_of(each: Field[Any]) -> object:
    return each.default if each.default_factory is MISSING else each.default_factory()


def as_written(cell: str) -> object:
    return None if cell == "not set" else tomllib.loads(f"x = {cell.strip('`')}")["x"]


def as_configured(value: object) -> object:
    """A default of the dataclasses in the words of the file."""
    match value:
        case tuple():
            return list(value)
        case Phone(kind=kind):
            return {"kind": kind.value}
        case PhoneKind():
            return value.value
        case _:
            return value


@pytest.mark.parametrize(("heading", "record", "elsewhere"), SECTIONS)
def test_every_key_is_described_with_its_default(heading: str, record: type, elsewhere: set[str]) -> None:
    described = {key: as_written(row[2]) for key, row in rows_under(heading).items()}
    real = {each.name: as_configured(default_of(each)) for each in fields(record) if each.name not in elsewhere}
    if record is AgentProfile:
        assert described.pop("queues") == []  # the short form of a table
        assert real.pop("queues") == {}

    assert described == real


def with_value(heading: str, key: str, value: float) -> Configuration:
    queue, agent = Queue(name="q"), AgentProfile(id="a")
    change: Any = {key: value}
    if heading == "### `[queues.NAME.cool_off]`":
        queue = replace(queue, cool_off=replace(queue.cool_off, **change))
    elif key == "queues":
        agent = replace(agent, queues={"q": int(value)})
    elif key == "skills":
        agent = replace(agent, skills={"s": int(value)})
    elif key == "requires":
        queue = replace(queue, requires={"s": int(value)})
    elif heading == "## `[agents.NAME]`":
        agent = replace(agent, **change)
    else:
        queue = replace(queue, **change)
    return Configuration(queues={"q": queue}, agents={"a": agent}, skills={"s": "S"})


def test_every_range_is_the_one_that_is_checked() -> None:
    checked = 0
    for heading, _, _ in SECTIONS:
        for key, row in rows_under(heading).items():
            bounds = re.fullmatch(r"(-?\d+) to (-?\d+)", row[1])
            if bounds is None:
                continue
            low, high = int(bounds[1]), int(bounds[2])
            for good in (low, high):
                assert not list(faults_of(with_value(heading, key, good))), (key, good)
            for bad in (low - 1, high + 1):
                assert list(faults_of(with_value(heading, key, bad))), (key, bad)
            checked += 1

    assert checked == 14


def test_the_kinds_of_phones_are_all_named() -> None:
    assert rows_under("### `phone`")["kind"][1] == ", ".join(f"`{kind}`" for kind in PhoneKind)


def test_the_example_works_and_the_description_quotes_it() -> None:
    example = read(DOCS / "example.toml")
    quoted = (DOCS / "configuration.md").read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    document = tomllib.loads(quoted)

    assert set(example.queues) == {"support", "billing"}
    assert set(example.agents) == {"alice", "bob", "carol"}
    whole = tomllib.loads((DOCS / "example.toml").read_text(encoding="utf-8"))
    assert document["queues"]["billing"] == whole["queues"]["billing"]
    assert document["agents"]["bob"] == whole["agents"]["bob"]


def test_the_faults_that_the_description_shows_are_the_real_ones() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    shown = re.findall(r"^    (\S+ = .*: .*)$", text, flags=re.MULTILINE)[:3]
    source = (
        "[queues.support]\nring_timeout = 15\noffer_width = 40\n[queues.billing]\n[agents.bob]\nqueues = ['suport']\n"
    )
    with pytest.raises(InvalidConfiguration) as caught:
        read(source)

    assert [str(fault) for fault in caught.value.faults] == shown
