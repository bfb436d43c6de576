"""`stasis-acd strategy`: what is installed, and whether one's own may go live; no server is asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from stasis_app.cli import app

MINE = """
from acd import Ranking

class ByName:
    def __init__(self, *, backwards: bool = False, first: str = "") -> None:
        self.backwards = backwards

    def rank(self, situation):
        return Ranking(sorted((agent.id for agent in situation.candidates), reverse=self.backwards))

class GoldOnly:
    def rank(self, situation):
        assert situation.call.attributes.get("tier", "gold") == "gold", situation.call.attributes["tier"]
        return Ranking([])

class Twice:
    def rank(self, situation):
        return Ranking([agent.id for agent in situation.candidates] * 2)

class Endless:
    def key(self, agent, queue):
        while True:
            pass
"""


@pytest.fixture(autouse=True)
def beside_their_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "mine_of_this_test.py").write_text(MINE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    sys.modules.pop("mine_of_this_test", None)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["strategy", *arguments])


def check(name: str, *arguments: str) -> Result:
    return run("check", f"mine_of_this_test:{name}", *arguments)


def test_the_list_shows_every_strategy_with_its_options_and_other_names() -> None:
    result = run("list", "--json")
    rows = {row["name"]: row for row in json.loads(result.stdout)}

    assert result.exit_code == 0
    assert rows["fixed_order"]["aliases"] == ["linear", "sequentially-by-agent-order", "top-down"]
    assert rows["ring_progressively"] == {
        "name": "ring_progressively",
        "form": "key, widths",
        "summary": "In the order of longest idle, one phone more each every_s seconds of the offer round, up to most.",
        "options": [
            {"name": "every_s", "takes": "a number, 0.5 to 300", "default": 10, "needed": False},
            {"name": "most", "takes": "a whole number, 1 to 100", "default": 20, "needed": False},
        ],
        "aliases": ["ring-progressively"],
    }
    assert rows["most_skilled"]["form"] == "rank"
    assert all(row["summary"] for row in rows.values())


def test_the_list_is_a_table_for_people() -> None:
    result = run("list")

    assert "every_s: a number, 0.5 to 300 (usually 10)" in result.stdout
    assert "by_skill: true or false (usually false)" in result.stdout
    assert "agent-with-least-talk-time" in result.stdout


def test_a_good_strategy_is_said_to_be_good_with_its_times() -> None:
    result = check("ByName", "--option", "backwards=true", "--option", "first=anna")

    assert result.exit_code == 0, result.output
    assert "mine_of_this_test:ByName keeps every promise" in result.stdout
    assert "7,000" in result.stdout
    assert "µs per candidate" in result.stdout
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Twice", "rank() answered 'agent-0' twice: name each candidate once"),
        ("Endless", "took longer than 1 s and was cut off"),
    ],
)
def test_a_check_that_fails_is_a_sentence_and_the_exit_status(name: str, words: str) -> None:
    result = check(name)

    assert result.exit_code == 1
    assert words in " ".join(result.stdout.split())
    assert result.stderr == f"stasis-acd: mine_of_this_test:{name} is not ready for callers: 1 check failed\n"


def test_machines_read_the_report_as_json() -> None:
    result = check("Twice", "--json")
    report = json.loads(result.stdout)

    assert result.exit_code == 1
    assert report["kept"] is False
    assert {"check": "comes back", "verdict": "kept", "sentence": ""} in report["checks"]
    assert [timing["candidates"] for timing in report["timings"]] == [10, 100, 1_000, 7_000]


def test_calls_have_the_attributes_that_are_given() -> None:
    assert check("GoldOnly", "--attribute", "tier=gold").exit_code == 0
    refused = check("GoldOnly", "--attribute", "tier=silver")

    assert refused.exit_code == 1
    assert "AssertionError: silver" in refused.stdout


def test_every_wrong_option_is_told_before_anything_is_tried() -> None:
    result = check("ByName", "--option", "backwards=1", "--option", "frist=anna")

    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "stasis-acd: mine_of_this_test:ByName cannot be used",
        "  backwards: write true or false",
        "  frist: no such option; did you mean first?",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no_such_file:Strategy"], "No module named 'no_such_file'"),
        (["mine_of_this_test:Nobody"], "has no attribute 'Nobody'"),
        (["longest_idel"], "did you mean longest_idle?"),
        (["longest_idle", "--option", "most"], "--option most: write --option name=value"),
        (["longest_idle", "--attribute", "=gold"], "--attribute =gold: write --attribute name=value"),
        (["longest_idle", "--requires", "billing >="], "--requires "),
    ],
)
def test_what_was_written_wrongly_is_answered_in_a_sentence(arguments: list[str], words: str) -> None:
    result = run("check", *arguments)

    assert result.exit_code == 1
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_names_of_other_systems_and_lists_as_options_are_understood() -> None:
    result = run("check", "linear", "--option", 'order=["anna", "ben"]', "--requires", "german >= 50 or french")

    assert result.exit_code == 0, result.output
