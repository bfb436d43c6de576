"""Commands about strategies: which there are, and whether one's own keeps the contract. They ask no server."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from acd.errors import Fault, InvalidRequirement
from acd.queue import Queue
from acd.skills import Requirement, requirement
from acd.strategies.aliases import ALIASES
from acd.strategy import DECISION_LIMIT_S, WideStrategy
from acd.testing.strategy_checks import StrategyReport, Verdict, check_strategy
from stasis_app.cli.connection import CommandFailed
from stasis_app.cli.options import AsJson
from stasis_app.cli.show import Row, print_json, print_table, say, text
from stasis_app.plugins import StrategyLibrary, StrategyUnusable
from stasis_app.runaway_guard import cut_off_after
from stasis_app.strategy_options import options_of

strategy = typer.Typer(no_args_is_help=True, help="See which strategies there are, and check your own.")

_VERDICTS = {Verdict.KEPT: "[green]kept[/]", Verdict.BROKEN: "[red]broken[/]", Verdict.NOT_TRIED: "[dim]not tried[/]"}


@strategy.command("list")
def list_strategies(as_json: AsJson = False) -> None:
    """Every installed strategy, with its options and the names that other systems have for it."""
    library = StrategyLibrary()
    rows = [_row(name, library) for name in sorted(library.installed)]
    if as_json:
        print_json(rows)
        return
    columns = [
        ("Strategy", text("name")),
        ("Form", text("form")),
        ("Asks first", text("summary")),
        ("Options", lambda row: escape("\n".join([_shown(each) for each in row["options"]]))),
        ("Also known as", lambda row: "\n".join(row["aliases"])),
    ]
    print_table("Strategies", columns, rows, empty="no strategy is installed: the package's entry points are missing")


@strategy.command("check")
def check(
    name: Annotated[str, typer.Argument(metavar="STRATEGY", help="module:Class, or the name of an installed one.")],
    option: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="An option of the strategy.")] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="An attribute of the call, as your call flow sets it."),
    ] = None,
    requires: Annotated[str, typer.Option(help="What the queue asks for.")] = "billing >= 30",
    as_json: AsJson = False,
) -> None:
    """Run the conformance kit on a strategy. Fails if one of its checks does."""
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)  # a file beside you, such as mine.py, is found as mine:Class
    options = {key: _value(value) for key, value in _pairs(option or (), "--option")}
    attributes = dict(_pairs(attribute or (), "--attribute"))
    library = StrategyLibrary()
    try:
        library.make(name, options)
    except StrategyUnusable as unusable:
        raise CommandFailed(f"{name} cannot be used", lines=tuple(_line(each) for each in unusable.faults)) from None
    report = check_strategy(
        lambda: library.make(name, options),
        queue=Queue(name="support", strategy=name, strategy_options=options, requires=_requirement(requires)),
        attributes=attributes,
        cut_off=cut_off_after,
    )
    _print_report(name, report, as_json=as_json)
    if report.broken:
        number = len(report.broken)
        raise CommandFailed(f"{name} is not ready for callers: {number} {'check' if number == 1 else 'checks'} failed")


def _print_report(name: str, report: StrategyReport, *, as_json: bool) -> None:
    findings = [{"check": each.check, "verdict": each.verdict, "sentence": each.sentence} for each in report.findings]
    timings = [
        {"candidates": each.candidates, "ms": each.seconds * 1e3, "us_each": each.us_each} for each in report.timings
    ]
    if as_json:
        print_json({"strategy": name, "kept": not report.broken, "checks": findings, "timings": timings})
        return
    checks = [
        ("It", text("check")),
        ("", lambda row: _VERDICTS[row["verdict"]]),
        ("What is wrong, and what to do", text("sentence")),
    ]
    print_table(f"Checks of {name}", checks, findings, empty="")
    columns = [
        ("Candidates #", lambda row: f"{row['candidates']:,}"),
        ("ms per decision #", lambda row: f"{row['ms']:.3f}"),
        ("µs per candidate #", lambda row: f"{row['us_each']:.2f}"),
        ("of what is allowed #", lambda row: f"{row['ms'] / 10 / DECISION_LIMIT_S:.1f} %"),
    ]
    if timings:
        print_table("Time", columns, timings, empty="")
    if not report.broken:
        say(f"{name} keeps every promise")


def _row(name: str, library: StrategyLibrary) -> Row:
    try:
        made_by = library.class_of(name)
    except StrategyUnusable as unusable:
        return {"name": name, "form": "", "summary": unusable.faults[0].remedy, "options": [], "aliases": []}
    options = [
        {
            "name": each.name,
            "takes": each.takes or "anything",
            "default": list(each.default) if isinstance(each.default, tuple) else each.default,
            "needed": each.is_needed,
        }
        for each in options_of(made_by)
    ]
    return {
        "name": name,
        "form": ("key" if hasattr(made_by, "key") else "rank") + (", widths" if _is_wide(made_by) else ""),
        "summary": _summary(made_by),
        "options": options,
        "aliases": sorted(alias for alias, ours in ALIASES.items() if ours == name),
    }


def _summary(made_by: type) -> str:
    first = (made_by.__doc__ or "").split("\n\n", maxsplit=1)[0]
    return " ".join(first.replace("``", "").replace("*", "").split())


def _is_wide(made_by: type) -> bool:
    return issubclass(made_by, WideStrategy)


def _shown(option: Row) -> str:
    default = str(option["default"]).lower() if isinstance(option["default"], bool) else option["default"]
    usual = "needed" if option["needed"] else "" if default in (None, []) else f"usually {default}"
    return f"{option['name']}: {option['takes']}" + (f" ({usual})" if usual else "")


def _pairs(given: Iterable[str], flag: str) -> Iterable[tuple[str, str]]:
    for each in given:
        key, sign, value = each.partition("=")
        if not sign or not key.strip():
            raise CommandFailed(f"{flag} {each}: write {flag} name=value")
        yield key.strip(), value.strip()


def _value(written: str) -> Any:
    """As in the configuration's file; a text may do without its quotes."""
    try:
        return tomllib.loads(f"value = {written}")["value"]
    except tomllib.TOMLDecodeError:
        return written


def _requirement(written: str) -> Requirement:
    try:
        return requirement(written)
    except InvalidRequirement as wrong:
        raise CommandFailed(f"--requires {wrong}") from None


def _line(fault: Fault) -> str:
    place = fault.place.removeprefix("strategy_options.")
    return fault.remedy if place == "strategy" else f"{place}: {fault.remedy}"
