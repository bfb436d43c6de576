"""The command line: a client of the control API, plus `serve`, which runs the ACD itself."""

from __future__ import annotations

from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer

from stasis_app.cli import (
    admin_commands,
    agent_commands,
    call_commands,
    configuration_commands,
    serve_command,
    waiting_commands,
)
from stasis_app.cli.commands import Commands
from stasis_app.cli.options import place_from
from stasis_app.cli.show import say

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Automatic call distribution on Asterisk: run it, look at it, change it.",
)


@app.callback()
def choose_place(
    context: typer.Context,
    data: Annotated[
        Path, typer.Option(envvar="STASIS_ACD_PROCESS__DATA_FOLDER", help="The data folder of the ACD to ask.")
    ] = Path("build/data"),
    settings: Annotated[
        Path | None, typer.Option(envvar="STASIS_ACD_SETTINGS", help="The settings file of the ACD to ask.")
    ] = None,
    socket: Annotated[
        Path | None, typer.Option(envvar="STASIS_ACD_WEB__SOCKET", help="Its unix socket, if it is elsewhere.")
    ] = None,
    url: Annotated[str, typer.Option(envvar="STASIS_ACD_URL", help="Its address, to ask over the network.")] = "",
    key_file: Annotated[
        Path | None, typer.Option(envvar="STASIS_ACD_KEY_FILE", help="The file that holds its key.")
    ] = None,
) -> None:
    """Automatic call distribution on Asterisk: run it, look at it, change it."""
    if context.invoked_subcommand not in {"serve", "version", "lint"}:
        context.obj = place_from(settings, data, socket, url, key_file)


def version() -> None:
    """The installed version."""
    say(installed_version("stasis-acd"))


app.command()(serve_command.serve)
app.command()(call_commands.status)
app.command()(agent_commands.agents)
app.add_typer(agent_commands.agent, name="agent")
app.command()(call_commands.queues)
app.add_typer(waiting_commands.calls, name="calls")
app.command()(call_commands.hangup)
app.add_typer(call_commands.explain, name="explain")
app.command()(call_commands.history)
app.command()(configuration_commands.lint)
app.command()(configuration_commands.plan)
app.command()(configuration_commands.apply)
app.add_typer(configuration_commands.configuration, name="configuration")
app.add_typer(admin_commands.user, name="user")
app.command()(version)


def main() -> None:
    """The console script."""
    app(prog_name="stasis-acd")
