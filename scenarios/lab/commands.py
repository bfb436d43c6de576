"""The commands `stasis-acd lab ...`: a private call centre to try things on, up until it is told."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from scenarios.lab import supervisor
from scenarios.lab.namespace import PartFailed
from scenarios.lab.supervisor import StandingLab

__all__ = ["app"]

app = typer.Typer(help="A private Asterisk and Redis to try things on.", no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True)

Number = Annotated[int | None, typer.Argument(help="Which lab, when there are several.")]


@app.command()
def up(
    asterisks: Annotated[int, typer.Option(min=1, max=50, help="How many Asterisk servers.")] = 1,
    phones: Annotated[int, typer.Option(min=0, max=5000, help="How many SIP phones.")] = 12,
) -> None:
    """Start a lab and leave it running."""
    with tempfile.NamedTemporaryFile(prefix="stasis-acd-lab-", suffix=".log", delete=False) as log:
        path = Path(log.name)
    names = tuple(str(1001 + number) for number in range(phones))
    try:
        lab = supervisor.start_detached(asterisks=asterisks, phones=names, log=path)
    except PartFailed as failed:
        fail(str(failed))
    finally:
        path.unlink()
    show(lab)
    out.print(f"  an ACD on it:    set -a; . {lab.settings}; set +a; stasis-acd serve")


@app.command()
def status() -> None:
    """Show the labs that are up."""
    labs = supervisor.standing_labs()
    if not labs:
        out.print("No lab is up.")
    for lab in labs:
        show(lab)


@app.command()
def down(number: Number = None) -> None:
    """End a lab and all that is in it."""
    labs = supervisor.standing_labs()
    chosen = [lab for lab in labs if number in {None, lab.number}]
    known = ", ".join(str(lab.number) for lab in labs)
    if not labs:
        fail("No lab is up.")
    if not chosen:
        fail(f"There is no lab {number}; up: {known}.")
    if len(chosen) > 1:
        fail(f"Several labs are up ({known}): say which, as in `stasis-acd lab down {chosen[0].number}`.")
    asyncio.run(supervisor.stop(chosen[0]))
    out.print(f"Lab {chosen[0].number} has ended.")


def show(lab: StandingLab) -> None:
    out.print(f"Lab {lab.number} is up, in {lab.folder}")
    for what, where in lab.addresses.items():
        out.print(f"  {what:<16} {where}")


def fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
