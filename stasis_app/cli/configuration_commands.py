"""Commands about the configuration: look at it, look through a file, see what it would change, apply it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from acd.errors import InvalidConfiguration
from acd.lint import remarks_of
from stasis_app import configuration_file
from stasis_app.cli.connection import CommandFailed, ask
from stasis_app.cli.options import AsJson, place_of
from stasis_app.cli.show import clock, print_json, print_table, say, text

configuration = typer.Typer(no_args_is_help=True, help="Look at the configuration in force.")

File = Annotated[Path, typer.Argument(metavar="FILE", help="TOML; - for standard input.", allow_dash=True)]


def apply(context: typer.Context, file: File, as_json: AsJson = False) -> None:
    """Replace the whole configuration by a file; nothing of it is applied if it has a fault."""
    answer = ask(place_of(context), "PUT", "/configuration", text=_content(file))
    if as_json:
        print_json(answer.content)
        return
    say(f"version {answer.content['version']} is in force")
    _warn(answer.content["remarks"])


def plan(context: typer.Context, file: File, as_json: AsJson = False) -> None:
    """What applying a file would change, and what deserves a second look in it. Nothing is applied."""
    answer = ask(place_of(context), "POST", "/configuration/plan", text=_content(file))
    if as_json:
        print_json(answer.content)
        return
    changes = answer.content["changes"]
    for change in changes:
        sys.stdout.write(f"{change}\n")
    if not changes:
        say(f"nothing would change: it says the same as version {answer.content['version']}")
    _warn(answer.content["remarks"])


def lint(
    file: File,
    strict: Annotated[bool, typer.Option("--strict", help="End with status 1 if there are remarks.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look through a file without asking any server: faults, and what is allowed but can hardly be meant."""
    try:
        read = configuration_file.read(_decoded(file))
    except InvalidConfiguration as error:
        many = len(error.faults)
        raise CommandFailed(
            f"{file} has {many} fault{'' if many == 1 else 's'}", lines=tuple(str(fault) for fault in error.faults)
        ) from None
    remarks = [{"place": one.place, "sentence": one.sentence, "remedy": one.remedy} for one in remarks_of(read)]
    if as_json:
        print_json(remarks)
    elif not remarks:
        say("no remarks")
    else:
        for line in _lines(remarks):
            sys.stdout.write(f"{line}\n")
    if strict and remarks:
        raise typer.Exit(1)


def _content(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise CommandFailed(f"{file} cannot be read: {error.strerror}") from None


def _decoded(file: Path) -> str:
    try:
        return _content(file).decode("utf-8")
    except UnicodeDecodeError as error:
        raise CommandFailed(f"{file} is not UTF-8 text: byte {error.start} is wrong; save it as UTF-8") from None


def _warn(remarks: Sequence[Mapping[str, Any]]) -> None:
    for line in _lines(remarks):
        sys.stderr.write(f"warning: {line}\n")


def _lines(remarks: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{one['place']}: {one['sentence']}; {one['remedy']}" for one in remarks]


@configuration.command()
def show(
    context: typer.Context,
    version: Annotated[int | None, typer.Option(help="An earlier version.")] = None,
    as_json: AsJson = False,
) -> None:
    """The version in force as TOML, to be edited and applied again."""
    answer = ask(place_of(context), "GET", "/configuration", query={"version": version})
    if as_json:
        print_json(answer.content)
        return
    sys.stdout.write(answer.content["toml"])


@configuration.command()
def versions(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many versions.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Who applied what when, the latest first."""
    answer = ask(place_of(context), "GET", "/configuration/versions", query={"limit": limit})
    if as_json:
        print_json(answer.content)
        return
    columns = [("Version #", text("version")), ("Applied", clock("applied_at")), ("By", text("author"))]
    print_table("Versions", columns, answer.content, empty="nothing was applied yet: `stasis-acd apply FILE`")
