"""The one command that is no client: it runs the ACD."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from stasis_app.cli.connection import CommandFailed


def serve(
    settings: Annotated[
        Path | None,
        typer.Option(envvar="STASIS_ACD_SETTINGS", help="TOML file; without one, only the environment counts."),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Fail if a part is not there at the start, instead of waiting for it.")
    ] = False,
) -> None:
    """Run the ACD until it is told to end (SIGTERM, Ctrl-C)."""
    # Imported here: the other commands start in a fraction of the time. Modules are no garbage: nothing is collected.
    gc.disable()
    from acd.errors import AcdError
    from stasis_app import app
    from stasis_app.ari import AriError
    from stasis_app.settings import InvalidSettings, load
    from stasis_app.web import KeyFileUnsafe

    gc.freeze()  # or the first collection would go through all of them
    gc.enable()
    try:
        app.serve(load(settings), once=once)
    except InvalidSettings as error:
        first, *others = str(error).splitlines()
        raise CommandFailed(f"the settings cannot be used: {first}", lines=tuple(others)) from None
    except (AcdError, AriError, KeyFileUnsafe, OSError) as error:
        first, *others = (str(error) or type(error).__name__).splitlines()
        raise CommandFailed(first, lines=tuple(others)) from None
