"""The commands `stasis-acd load ...`: which profiles there are, what one would send, and runs with their verdicts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from scenarios.demo.command import terminal
from scenarios.lab.asterisk_root import CannotSetUp
from scenarios.lab.namespace import PartFailed
from scenarios.load.arrivals import expected_calls
from scenarios.load.bundled import bundled_profiles, load_profile
from scenarios.load.engine import NotSupported
from scenarios.load.engines.target import MOST_PER_S, TargetRefused, endpoint_of, within
from scenarios.load.live import Live
from scenarios.load.machine import needs_of, shortages, this_machine
from scenarios.load.plan import EngineName
from scenarios.load.planning import plan_of
from scenarios.load.report import need_report_libraries, report_command, write_report
from scenarios.load.running import run_at_target, run_plan, write_results
from scenarios.load.show_plan import show_calls, show_plan
from scenarios.load.show_results import tell
from stasis_app.cli.connection import CommandFailed
from stasis_app.cli.options import AsJson
from stasis_app.cli.show import duration, print_json, print_table, say, text

__all__ = ["app"]

app = typer.Typer(help="Throw realistic traffic at the ACD, and see what becomes of it.", no_args_is_help=True)

ProfileName = Annotated[str, typer.Argument(metavar="PROFILE", help="A bundled profile, or the path of a TOML file.")]
Seed = Annotated[int | None, typer.Option(min=0, help="Another seed than the profile's: other traffic, as likely.")]


@app.command()
def profiles(as_json: AsJson = False) -> None:
    """Every bundled profile, and how much it sends."""
    rows = []
    for name in bundled_profiles():
        profile = load_profile(name)
        rows.append(
            {
                "name": name,
                "title": profile.title,
                "duration_s": profile.duration_s,
                "calls": round(expected_calls(profile.arrivals, profile.duration_s)),
                "agents": sum(kind.count for kind in profile.agents),
                "engine": profile.engine.value,
            }
        )
    if as_json:
        print_json(rows)
        return
    columns = [
        ("Profile", text("name")),
        ("What it is", text("title")),
        ("Lasts #", lambda row: duration(round(row["duration_s"] * 1000))),
        ("Calls, about #", text("calls")),
        ("Agents #", text("agents")),
    ]
    print_table("Profiles", columns, rows, empty="none is installed: the package is not whole")


@app.command()
def show(
    profile: ProfileName,
    seed: Seed = None,
    csv: Annotated[bool, typer.Option("--csv", help="Every call, as CSV.")] = False,
) -> None:
    """What a profile would send, worked out in full; nothing is sent."""
    plan = plan_of(load_profile(profile), seed=seed)
    if csv:
        show_calls(plan)
    else:
        show_plan(plan)


@app.command()
def check(profile: ProfileName, seed: Seed = None) -> None:
    """Whether a profile is right, and whether this machine has enough for it. Fails if not."""
    plan = plan_of(load_profile(profile), seed=seed)
    needs = needs_of(plan)
    short = tuple(shortages(needs, this_machine()))
    if short:
        raise CommandFailed(f"this machine has too little for {plan.name}", lines=short)
    say(
        f"{plan.name} can be run here: at its worst about {needs.channels} channels, {needs.open_files} open files, "
        f"{needs.memory_mib} MiB and {needs.rtp_ports} ports for RTP"
    )


@app.command()
def run(
    profile: ProfileName,
    engine: Annotated[EngineName | None, typer.Option(help="Another engine than the profile's.")] = None,
    seed: Seed = None,
    output: Annotated[Path, typer.Option(help="Folder for the report and its figures.")] = Path("build/load"),
    target: Annotated[
        str, typer.Option(metavar="sip:ADDRESS:PORT", help="A SIP system of your own: only the callers are played.")
    ] = "",
    i_own_this_system: Annotated[
        bool, typer.Option("--i-own-this-system", help="A target that is not on this machine is yours to load.")
    ] = False,
    most_per_s: Annotated[
        float, typer.Option(min=0.1, max=1000, help="Calls a second at a target, at most.")
    ] = MOST_PER_S,
) -> None:
    """Throw a profile at an engine, in a lab of its own on loopback, or its callers at a target. Fails if the verdict
    does."""
    plan = plan_of(load_profile(profile), seed=seed)
    if target and engine is not None:
        raise CommandFailed("either --engine or --target: a target is an engine of its own")
    if target:
        plan = within(plan, most_per_s)
    short = tuple(shortages(needs_of(plan), this_machine()))
    if short:
        raise CommandFailed(f"this machine has too little for {plan.name}", lines=short)
    need_report_libraries()
    console = terminal()
    chosen = "target" if target else (engine or plan.engine).value
    try:
        with Live(console, plan) as live:
            if target:
                work = run_at_target(plan, endpoint_of(target, owned=i_own_this_system), live)
            else:
                work = run_plan(plan, chosen, live)
            results = asyncio.run(work)
    except (PartFailed, TargetRefused, NotSupported, CannotSetUp, OSError) as failed:
        sentence, *lines = str(failed).splitlines() or [type(failed).__name__]
        raise CommandFailed(f"the run cannot go on: {sentence}", lines=tuple(lines)) from None
    except asyncio.CancelledError:
        raise CommandFailed("the run was interrupted; all that it had started has ended") from None
    kept = output / f"{plan.name}-{chosen}.json"
    write_results(results, kept)
    tell(results, console)
    page = kept.with_suffix(".html")
    write_report([results], page)
    typer.echo(f"Report: {page}, figures: {kept}")
    raise typer.Exit(0 if results.passed else 1)


@app.command()
def report(
    results: Annotated[list[Path], typer.Argument(metavar="RESULTS.json", help="What `load run` has written.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The HTML file; else beside the first results."),
    ] = None,
) -> None:
    """One HTML file: of one run its report, of several a comparison with the first."""
    typer.echo(f"Report: {report_command(results, output)}")
