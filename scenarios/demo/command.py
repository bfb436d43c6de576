"""The command `stasis-acd demo`: a call centre at work before one's eyes, and a verdict at its end."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from typing import Annotated

import typer
from rich.console import Console

from scenarios.demo.performance import Options, Performance
from scenarios.demo.summary import tell
from scenarios.lab.asterisk_root import CannotSetUp
from scenarios.lab.chromium import PageFailed
from scenarios.lab.namespace import PartFailed
from stasis_app.cli.connection import CommandFailed

__all__ = ["app"]

INTERRUPTED = 130
PLAIN_WIDTH = 140
app = typer.Typer(add_completion=False)


@app.command()
def demo(
    seconds: Annotated[float, typer.Option(min=20, max=3600, help="How long it goes on.")] = 90,
    seed: Annotated[int | None, typer.Option(min=0, help="Draws the same callers again.")] = None,
    keep: Annotated[bool, typer.Option("--keep", envvar="KEEP", help="Go on until Ctrl-C.")] = False,
) -> None:
    """A call centre at work on this machine: real Asterisk, real SIP calls, phones, and a verdict at the end."""
    if seed is None:
        seed = random.randrange(1_000_000)  # noqa: S311  # a plan that can be repeated, no secret
    options = Options(seconds=None if keep else seconds, seed=seed)
    try:
        status = asyncio.run(put_on(options, terminal()))
    except (PartFailed, PageFailed, CannotSetUp, AssertionError, OSError) as failed:
        sentence, *lines = str(failed).splitlines() or [type(failed).__name__]
        raise CommandFailed(f"the demo cannot go on: {sentence}", lines=tuple(lines)) from None
    raise typer.Exit(status)


def terminal() -> Console:
    """Standard output; wide enough for tables where it is no terminal."""
    made = Console(highlight=False)
    return made if made.is_terminal else Console(highlight=False, width=PLAIN_WIDTH)


async def put_on(options: Options, console: Console) -> int:
    """The exit status: 0 if every promise was kept. The first Ctrl-C ends in order, a second at once."""
    performance = Performance(options, console)
    me = asyncio.current_task()
    assert me is not None, "this is a coroutine"

    def interrupt() -> None:
        if performance.playing and not performance.stop.is_set():
            performance.stop.set()
        else:
            me.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupt)
    try:
        report = await performance.run()
    except asyncio.CancelledError:
        sys.stderr.write("The demo was interrupted; all that it had started has ended.\n")
        return INTERRUPTED
    tell(report, console)
    return 0 if all(finding.kept for finding in report.findings) else 1
