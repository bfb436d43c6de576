"""The page on strategies does what it says: its code runs, its tables are the code's, its faults are those one gets."""

from __future__ import annotations

import importlib
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from acd.configuration import Configuration
from acd.errors import InvalidConfiguration
from acd.queue import Queue
from acd.strategies.aliases import ALIASES
from acd.strategy import Strategy, WideStrategy, Width
from acd.testing import check_strategy
from acd.testing.strategy_checks import CHECKS
from stasis_app import configuration_file
from stasis_app.cli import app
from stasis_app.plugins import StrategyLibrary, strategies_for
from stasis_app.runaway_guard import cut_off_after
from stasis_app.strategy_options import options_of
from tests.unit.strategy_floor import Floor
from tests.unit.strategy_people import agent, order, ranked

PAGE = Path(__file__).parents[2] / "docs" / "strategies.md"
README = PAGE.parents[1] / "README.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
MODULES = {body.split("\n", 1)[0].removeprefix("# "): body for kind, body in BLOCKS if kind == "python"}
CHECK_COMMANDS = [
    line.removeprefix("$ stasis-acd ")
    for kind, body in BLOCKS
    for line in body.splitlines()
    if kind == "console" and line.startswith("$ stasis-acd strategy")
]
QUEUES = [body for kind, body in BLOCKS if kind == "toml" and "[queues." in body]
INSTALLED = {point.name: point for point in entry_points(group="stasis_acd.strategies")}


def section(heading: str) -> str:
    """From this heading to the next of its level or above."""
    level = heading.split(" ", 1)[0]
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in it, headings left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    bodies = [line for place, line in enumerate(lines) if not set(line) <= set("|- ")]
    heads = {lines[place - 1] for place, line in enumerate(lines) if set(line) <= set("|- ")}
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in bodies if line not in heads]


@pytest.fixture(autouse=True)
def beside_the_pages_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, body in MODULES.items():
        (tmp_path / name).write_text(body, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in MODULES:
        sys.modules.pop(name.removesuffix(".py"), None)


def made(name: str, **options: object) -> Strategy:
    return StrategyLibrary().make(name, options)


# --- its code --------------------------------------------------------------------------------------------------------


def test_every_file_on_the_page_has_a_name() -> None:
    assert set(MODULES) == {"senior_first.py", "calm_then_all.py", "test_senior_first.py", "tier_and_own_agent.py"}


@pytest.mark.parametrize("name", ["senior_first:SeniorFirst", "calm_then_all:CalmThenAll"])
def test_the_strategies_on_the_page_keep_the_contract(name: str) -> None:
    library = StrategyLibrary()

    assert check_strategy(lambda: library.make(name, {}), cut_off=cut_off_after).broken == ()


@pytest.mark.parametrize("command", CHECK_COMMANDS)
def test_the_commands_on_the_page_work(command: str) -> None:
    result = CliRunner().invoke(app, shlex.split(command))

    assert result.exit_code == 0, result.output
    assert "keeps every promise" in result.stdout


def test_the_test_on_the_page_passes() -> None:
    importlib.import_module("test_senior_first").test_it_keeps_the_contract()


@pytest.mark.parametrize("block", QUEUES)
def test_the_queues_on_the_page_can_be_applied(block: str) -> None:
    configuration = configuration_file.read(f'{block}\n[skills]\nbilling = "Billing"\n')

    assert set(strategies_for(configuration)) == {"support"}


def test_the_strategy_in_the_readme_works(tmp_path: Path) -> None:
    [body] = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "my_rules.py").write_text(body, encoding="utf-8")
    gold = importlib.import_module("my_rules").GoldToTheBest
    agents = [agent("anna", idle_since=1), agent("ben", idle_since=2, skills={"experience": 9})]
    sys.modules.pop("my_rules")

    assert check_strategy(gold, cut_off=cut_off_after).broken == ()
    assert [order(gold(), *agents, priority=priority) for priority in (0, 5)] == ["anna ben", "ben anna"]


def test_seniors_are_first_and_the_longest_idle_among_them() -> None:
    seniors = [
        replace(each, profile=replace(each.profile, groups=("seniors",)))
        for each in (agent("anna", idle_since=9), agent("ben", idle_since=8))
    ]

    assert order(made("senior_first:SeniorFirst"), agent("carl", idle_since=1), *seniors) == "ben anna carl"


def test_the_widths_on_the_page_are_those_that_ring() -> None:
    strategy = made("calm_then_all:CalmThenAll")
    assert isinstance(strategy, WideStrategy)
    assert list(strategy.widths(Queue(name="q"))) == [Width(0, 2), Width(8, 10)]

    floor = Floor("calm_then_all:CalmThenAll", "anna ben carl dora")
    assert floor.call("c") == ["anna", "ben"]
    floor.pass_s(8)
    assert floor.rung("c") == ["anna", "ben", "carl", "dora"]


# --- the worked example ----------------------------------------------------------------------------------------------

TIERS = "tier_and_own_agent:TierAndOwnAgent"
OWN, EXPERTS, BEST = "the caller's own agent", "longest idle, experts last", "high tier: the best who is free"


@pytest.mark.parametrize(
    ("call", "expected", "reason"),
    [
        ({}, "carl ben anna", EXPERTS),
        ({"priority": 4.9}, "carl ben anna", EXPERTS),
        ({"priority": 5.0}, "anna ben carl", BEST),
        ({"preferred_agent": "ben"}, "ben carl anna", OWN),
        ({"preferred_agent": "somebody-busy"}, "carl ben anna", EXPERTS),
        ({"caller_number": "+4930123"}, "ben carl anna", OWN),
        ({"caller_number": "+4930123", "preferred_agent": "anna", "priority": 9.0}, "anna ben carl", OWN),
    ],
)
def test_the_worked_example_decides_as_it_says(call: Mapping[str, Any], expected: str, reason: str) -> None:
    strategy = made(TIERS, accounts={"+4930123": "ben"})
    agents = [
        agent("anna", idle_since=1, skills={"billing": 90}),
        agent("ben", idle_since=3, skills={"billing": 70}),
        agent("carl", idle_since=2, skills={"billing": 40}),
    ]

    ranking = ranked(strategy, *agents, requires="billing >= 30", **call)
    assert (" ".join(ranking.agents), ranking.reason) == (expected, reason)
    assert ranked(strategy).agents == []


def test_the_worked_example_decides_a_live_call_and_is_named_in_its_reason() -> None:
    floor = Floor(TIERS, "anna ben")
    [offered] = floor.call("c")
    [offer] = floor.centre.store.world.offers.values()

    assert offered == "anna"
    assert offer.why.startswith(f"{TIERS}: {EXPERTS}")


# --- its tables ------------------------------------------------------------------------------------------------------


def test_every_strategy_is_chosen_from_and_has_its_options_told() -> None:
    chosen = {row[1].strip("`") for row in rows(section("## Choosing one"))}
    told: dict[str, dict[str, tuple[str, str]]] = {}
    for strategy, _, option, takes, default in rows(section("## Options")):
        name = strategy.strip("`") or list(told)[-1]
        told.setdefault(name, {}).update({option.strip("`"): (takes, default)} if option else {})

    ours = {name for name, point in INSTALLED.items() if point.value.startswith("acd.")}
    assert chosen == set(told) == ours
    for name, options in told.items():
        declared = {each.name: each for each in options_of(INSTALLED[name].load())}
        assert set(options) == set(declared), name
        for option, (takes, default) in options.items():
            limits = re.search(r"[\d.]+ to [\d.]+", declared[option].takes)
            assert limits is None or limits[0] in takes
            shown = declared[option].default
            assert default == f"`{_toml(shown)}`", (name, option)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "[]" if value == () else f'"{value}"' if isinstance(value, str) else str(value)


def test_every_name_of_another_system_is_told_with_what_it_means_here() -> None:
    told: dict[str, str] = {}
    for theirs, here, kept, differs in rows(section("## Names from app_queue and mod_callcenter")):
        told |= dict.fromkeys(re.findall(r"`([^`]+)`", theirs), here.strip("`"))
        assert kept
        assert differs

    assert told == {**ALIASES, "random": "random"}


def test_every_check_is_told() -> None:
    assert [row[0] for row in rows(section("## Checking it"))] == list(CHECKS)


def test_the_faults_on_the_page_are_those_that_one_gets(tmp_path: Path) -> None:
    (tmp_path / "vip.py").write_text(
        "from acd import Ranking\nclass Gold:\n  def rank(self, s): return Ranking([s.candidates[0].id])\n"
    )
    queues = {
        "support": Queue(name="support", strategy="senior_first:SeniorFirst", strategy_options={"gruop": "seniors"}),
        "sales": Queue(name="sales", strategy="ring_progressively", strategy_options={"every_s": 0}),
        "vip": Queue(name="vip", strategy="vip:Gold"),
    }
    with pytest.raises(InvalidConfiguration) as refused:
        strategies_for(Configuration(queues=queues))
    sys.modules.pop("vip")

    shown = [line.strip() for line in TEXT.splitlines() if line.startswith("    queues.")]
    assert len(shown) == len(refused.value.faults)
    for line, fault in zip(shown, refused.value.faults, strict=True):
        assert str(fault).startswith(line.removesuffix("…"))


def test_links_lead_somewhere() -> None:
    headings = [heading.lower() for heading in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)]
    anchors = {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        path, _, anchor = target.partition("#")
        assert (PAGE.parent / path).exists() if path else anchor in anchors, target
