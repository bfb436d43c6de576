"""Commands about live calls: who waits, and changing a call while it waits."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.markup import escape

from stasis_app.cli.connection import CommandFailed, ask
from stasis_app.cli.options import AsJson, place_of
from stasis_app.cli.show import Row, clock, print_json, print_table, say, since, text, word

CallId = Annotated[str, typer.Argument(metavar="ID", help="The call's id.")]

calls = typer.Typer(help="Live calls, the longest waiting first; or change one of them.")


@calls.callback(invoke_without_command=True)
def list_calls(
    context: typer.Context,
    queue: Annotated[str | None, typer.Option(help="Only this queue's calls.")] = None,
    as_json: AsJson = False,
) -> None:
    """Live calls, the longest waiting first; or change one of them."""
    if context.invoked_subcommand is not None:
        return
    answer = ask(place_of(context), "GET", "/calls", query={"queue": queue})
    if as_json:
        print_json(answer.content)
        return
    columns = [
        ("Call", text("id")),
        ("Queue", text("queue")),
        ("Caller", lambda row: escape(f"{row['caller_number']} {row['caller_name']}".strip())),
        ("State", word("state")),
        ("For", since("state_since", answer.now)),
        ("In queue since", clock("queued_at")),
        ("Agent", lambda row: row["agent"] or ", ".join(row["offered_to"])),
        ("Asks for", _asks_for),
        ("Priority #", lambda row: f"{row['priority']:g}" if row["priority"] else ""),
        ("Rounds #", text("rounds")),
    ]
    print_table("Calls", columns, answer.content, empty="no call is live")


@calls.command()
def change(
    context: typer.Context,
    call: CallId,
    priority: Annotated[float | None, typer.Option(help="Head start in minutes, besides the queue's own.")] = None,
    queue: Annotated[str | None, typer.Option(help="Wait in this queue.")] = None,
    forget_wait: Annotated[bool, typer.Option("--forget-wait", help="Wait in the other queue from now on.")] = False,
    requires: Annotated[
        str | None, typer.Option(metavar="SKILLS", help="'spanish >= 50 and not trainee'; '' for nobody special.")
    ] = None,
    prefers: Annotated[str | None, typer.Option(metavar="SKILLS", help="Who is asked first, in the same form.")] = None,
    agent: Annotated[str | None, typer.Option(metavar="AGENT", help="The caller's own agent; '' for none.")] = None,
    agent_seconds: Annotated[float | None, typer.Option(help="How long that agent alone is waited for.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change a waiting call; what is not named stays."""
    wishes = {
        "priority": priority,
        "queue": queue,
        "requires": requires,
        "prefers": prefers,
        "preferred_agent": agent,
        "preferred_for_s": agent_seconds,
    }
    body: dict[str, object] = {name: wish for name, wish in wishes.items() if wish is not None}
    if not body:
        raise CommandFailed("say what to change: --priority, --queue, --requires, --prefers, --agent, --agent-seconds")
    if forget_wait:
        body["keep_wait"] = False
    answer = ask(place_of(context), "PATCH", f"/calls/{quote(call, safe='')}", body=body)
    if as_json:
        print_json(answer.content)
        return
    say(_told(answer.content))


@calls.command()
def withdraw(context: typer.Context, call: CallId) -> None:
    """Take a waiting call out of the line; the caller goes on in the dialplan."""
    ask(place_of(context), "POST", f"/calls/{quote(call, safe='')}/withdraw")
    say(f"call {call} has left the line; the caller goes on in the dialplan")


def _asks_for(row: Row) -> str:
    said = [row["asks_for"]] if row["asks_for"] else []
    if row["preferred_agent"]:
        how_long = f" for {row['preferred_for_s']:g} s" if row["preferred_for_s"] else " alone"
        said.append(f"{row['preferred_agent']}{how_long}")
    return escape("; ".join(said))


def _told(row: Any) -> str:
    said = [f"call {row['id']} waits in {row['queue']}"]
    if row["priority"]:
        said.append(f"priority {row['priority']:g}")
    if row["asks_for"]:
        said.append(f"asks for {row['asks_for']}")
    if row["prefers"]:
        said.append(f"prefers {row['prefers']}")
    if row["preferred_agent"]:
        how_long = f" for {row['preferred_for_s']:g} s" if row["preferred_for_s"] else " alone"
        said.append(f"is for {row['preferred_agent']}{how_long}")
    return ", ".join(said)
