"""The command tree: our own commands, and those that installed packages mount by entry point."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperGroup

from stasis_app.cli.connection import CommandFailed

GROUP = "stasis_acd.commands"


class Commands(TyperGroup):
    """Turns failures into one sentence and an exit status, and loads mounted commands only when they are named."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # typer's own context
        """Ours in the order of the source, then the mounted ones."""
        return [*super().list_commands(ctx), *sorted(_mounted())]

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        """One of ours, or a mounted one."""
        own = super().get_command(ctx, cmd_name)
        entry = None if own else _mounted().get(cmd_name)
        return _loaded(entry) if entry else own

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command; a CommandFailed is told on standard error."""
        try:
            return super().invoke(ctx)
        except CommandFailed as failure:
            sys.stderr.write(f"stasis-acd: {failure.sentence}\n")
            for line in failure.lines:
                sys.stderr.write(f"  {line}\n")
            raise typer.Exit(failure.status) from None


def _mounted() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _loaded(entry: EntryPoint) -> Any:
    try:
        mounted = entry.load()
    except (ImportError, AttributeError) as error:
        return _unusable(entry, str(error))
    if not isinstance(mounted, typer.Typer):
        return _unusable(entry, f"{entry.value} is no typer application")
    command = typer.main.get_command(mounted)
    command.name = entry.name
    return command


def _unusable(entry: EntryPoint, why: str) -> Any:
    stand_in = typer.Typer(add_completion=False)

    @stand_in.command(
        entry.name,
        help="(cannot be loaded)",
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    )
    def fail() -> None:
        raise CommandFailed(f"the command {entry.name} cannot be loaded: {why}; install what it needs, or remove it")

    return typer.main.get_command(stand_in)
