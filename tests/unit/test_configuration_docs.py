"""The configuration's description says what the code does: same keys, same defaults, same ranges, a working example."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, Field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import Cap, Configuration, LineOrder, faults_of
from acd.errors import InvalidConfiguration
from acd.lint import remarks_of
from acd.queue import CoolOff, Crossing, IdleClock, Metric, Queue, Step, WaitCountsFrom
from acd.skills import requirement
from stasis_app.configuration_file import read

DOCS = Path(__file__).parents[2] / "docs"

SECTIONS: list[tuple[str, type, set[str]]] = [
    ("## `[queues.NAME]`", Queue, {"name", "cool_off"}),
    ("### `[queues.NAME.cool_off]`", CoolOff, set()),
    ("## `[agents.NAME]`", AgentProfile, {"id"}),
    ("### `phone`", Phone, set()),
    ("### `[[queues.NAME.steps]]`", Step, set()),
    ("#### `when`", Crossing, set()),
    ("## `[caps.NAME]`", Cap, {"name"}),
]
REQUIRED = "required"
WORDS: list[tuple[str, str, type[StrEnum]]] = [
    ("### `phone`", "kind", PhoneKind),
    ("## `[pool]`", "line", LineOrder),
    ("## `[queues.NAME]`", "idle_clock", IdleClock),
    ("## `[queues.NAME]`", "wait_counts_from", WaitCountsFrom),
    ("#### `when`", "metric", Metric),
]


def rows_under(heading: str) -> dict[str, list[str]]:
    """The key table under a heading of the description: key to type, range, default, meaning."""
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    section = re.split(r"\n#+ ", text.split(f"{heading}\n", 1)[1])[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "|" in line]
    return {row[0].strip("`"): row[1:] for row in cells if row[0].startswith("`")}


def default_of(each: Field[Any]) -> object:
    if each.default_factory is not MISSING:
        return each.default_factory()
    return REQUIRED if each.default is MISSING else each.default


def as_written(cell: str) -> object:
    if cell == REQUIRED:
        return REQUIRED
    return None if cell == "not set" else tomllib.loads(f"x = {cell.strip('`')}")["x"]


def as_configured(value: object) -> object:
    """A default of the dataclasses in the words of the file."""
    match value:
        case tuple():
            return list(value)
        case Phone(kind=kind):
            return {"kind": kind.value}
        case StrEnum():
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
    queue, agent = Queue(name="q"), AgentProfile(id="a", groups=("g",))
    cap = Cap(name="c", group="g", queue="q", at_most=1)
    change: Any = {key: value}
    match heading, key:
        case "### `[queues.NAME.cool_off]`", _:
            queue = replace(queue, cool_off=replace(queue.cool_off, **change))
        case "### `[[queues.NAME.steps]]`", "lower":
            queue = replace(queue, steps=(Step(after_s=5, lower={"s": int(value)}),))
        case "### `[[queues.NAME.steps]]`", _:
            queue = replace(queue, steps=(replace(Step(after_s=5), **change),))
        case "#### `when`", _:
            crossing = replace(Crossing(metric=Metric.WAITING, at=5.5, back_at=5.5), **change)
            queue = replace(queue, steps=(Step(when=crossing),))
        case "## `[caps.NAME]`", _:
            cap = replace(cap, **({"at_most": None, "keep_free": None} | change))
        case "## `[agents.NAME]`", "queues":
            agent = replace(agent, queues={"q": int(value)})
        case "## `[agents.NAME]`", "skills":
            agent = replace(agent, skills={"s": int(value)})
        case "## `[agents.NAME]`", _:
            agent = replace(agent, **change)
        case _, "requires" | "prefers":
            change = {key: "s" if value == 1 else f"s >= {int(value)}"}
            queue = replace(queue, **change)
        case _:
            queue = replace(queue, **change)
    return Configuration(queues={"q": queue}, agents={"a": agent}, skills={"s": "S"}, caps={"c": cap})


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

    assert checked == 24


@pytest.mark.parametrize(("heading", "key", "words"), WORDS)
def test_every_word_that_a_key_may_have_is_named(heading: str, key: str, words: type[StrEnum]) -> None:
    assert rows_under(heading)[key][1] == ", ".join(f"`{word}`" for word in words)


def test_the_line_has_the_default_that_is_described() -> None:
    assert as_written(rows_under("## `[pool]`")["line"][2]) == Configuration().line.value


def test_what_the_description_shows_of_requirements_and_marks_is_read_as_it_says() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    skills = "[skills]\nbilling = ''\ngerman = ''\nfrench = ''\ntrainee = ''\n[queues.a]\n"
    expression, table = re.findall(r"^    (requires = .*)$", text, flags=re.MULTILINE)
    high, low = (
        read(f"[[queues.a.steps]]\n{line}").queues["a"].steps[0].when
        for line in re.findall(r"^    (when = .*)$", text, flags=re.MULTILINE)
    )

    assert read(skills + expression).queues["a"].requires == requirement(
        "billing >= 50 and (german or french >= 30) and not trainee"
    )
    assert read(skills + table).queues["a"].requires == "billing >= 50 and german"
    assert high is not None
    assert low is not None
    assert [high.is_on(20, was_on=False), high.is_on(11, was_on=True), high.is_on(10, was_on=True)] == [
        True,
        True,
        False,
    ]
    assert [low.is_on(1, was_on=False), low.is_on(2, was_on=True), low.is_on(3, was_on=True)] == [True, True, False]


def test_the_remark_that_the_description_shows_is_a_real_one() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^    warning: (.*)$", text, flags=re.MULTILINE)
    example = (DOCS / "example.toml").read_text(encoding="utf-8").replace("max_wait_s = 600", "max_wait_s = 20")

    assert shown in [str(remark) for remark in remarks_of(read(example))]


def test_the_example_works_and_the_description_quotes_it() -> None:
    example = read(DOCS / "example.toml")
    quoted = (DOCS / "configuration.md").read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    document = tomllib.loads(quoted)

    assert set(example.queues) == {"support", "billing"}
    assert set(example.agents) == {"alice", "bob", "carol"}
    whole = tomllib.loads((DOCS / "example.toml").read_text(encoding="utf-8"))
    assert document["queues"]["billing"] == whole["queues"]["billing"]
    assert document["agents"]["bob"] == whole["agents"]["bob"]
    assert document["caps"] == whole["caps"]
    assert list(remarks_of(example)) == []


def test_the_faults_that_the_description_shows_are_the_real_ones() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    shown = re.findall(r"^    (\S+ = .*: .*)$", text, flags=re.MULTILINE)[:3]
    source = (
        "[queues.support]\nring_timeout = 15\noffer_width = 40\n[queues.billing]\n[agents.bob]\nqueues = ['suport']\n"
    )
    with pytest.raises(InvalidConfiguration) as caught:
        read(source)

    assert [str(fault) for fault in caught.value.faults] == shown
