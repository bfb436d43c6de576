"""Options that many commands share, and where the ACD is found by them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stasis_app.cli.connection import CommandFailed, Place

AsJson = Annotated[bool, typer.Option("--json", help="Print what the API answers, for machines.")]


def place_from(settings: Path | None, data: Path, socket: Path | None, url: str, key_file: Path | None) -> Place:
    """The ACD that these options mean; raises CommandFailed for a settings file that cannot be used."""
    if settings is not None:
        # Imported here: reading settings costs more than all the rest of a command.
        from stasis_app.settings import InvalidSettings, load

        try:
            loaded = load(settings)
        except InvalidSettings as error:
            raise CommandFailed(
                f"the settings in {settings} cannot be used", lines=tuple(str(error).splitlines())
            ) from None
        return Place(socket=socket or loaded.control_socket, key_file=key_file or loaded.key_file, url=url)
    return Place(socket=socket or data / "control.sock", key_file=key_file or data / "control.key", url=url)


def place_of(context: typer.Context) -> Place:
    """The ACD that this command line means."""
    place = context.find_root().obj
    assert isinstance(place, Place)
    return place
