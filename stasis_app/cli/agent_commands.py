"""Commands about agents."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.markup import escape

from stasis_app.cli.connection import ask
from stasis_app.cli.options import AsJson, place_of
from stasis_app.cli.show import lasting, print_json, print_table, say, since, text, word

Agent = Annotated[str, typer.Argument(metavar="ID", help="The agent's id.")]

agent = typer.Typer(no_args_is_help=True, help="Change one agent's status.")


def agents(context: typer.Context, as_json: AsJson = False) -> None:
    """Every agent: status, activity, reachability, calls taken and missed."""
    answer = ask(place_of(context), "GET", "/agents")
    if as_json:
        print_json(answer.content)
        return
    columns = [
        ("Agent", text("id")),
        ("Name", text("name")),
        ("Status", word("status")),
        ("Reason", lambda row: escape((row["break_reason"] or "").replace("_", " "))),
        ("For", since("status_since", answer.now)),
        ("Activity", word("activity")),
        ("For", since("activity_since", answer.now)),
        ("Phone", lambda row: "[green]reachable[/]" if row["reachable"] else "[red]unreachable[/]"),
        ("Answered #", text("answered")),
        ("Missed #", text("missed")),
        ("Talked", lasting("talk_ms")),
        ("Queues", lambda row: ", ".join(sorted(row["queues"]))),
    ]
    print_table("Agents", columns, answer.content, empty="no agent is configured")


@agent.command()
def login(
    context: typer.Context,
    agent_id: Agent,
    on_break: Annotated[str | None, typer.Option("--break", metavar="REASON", help="Log in on break.")] = None,
    as_json: AsJson = False,
) -> None:
    """Log an agent in: ready, or on break with --break REASON."""
    _set(context, agent_id, "on_break" if on_break else "ready", on_break, as_json=as_json)


@agent.command()
def ready(context: typer.Context, agent_id: Agent, as_json: AsJson = False) -> None:
    """Let an agent take calls."""
    _set(context, agent_id, "ready", None, as_json=as_json)


@agent.command("break")
def take_break(
    context: typer.Context,
    agent_id: Agent,
    reason: Annotated[str, typer.Argument(help="Why, 1 to 40 characters: lunch, training …")] = "break",
    as_json: AsJson = False,
) -> None:
    """Send an agent on break; a call that is on goes on."""
    _set(context, agent_id, "on_break", reason, as_json=as_json)


@agent.command()
def logout(context: typer.Context, agent_id: Agent, as_json: AsJson = False) -> None:
    """Log an agent out; a call that is on goes on."""
    _set(context, agent_id, "logged_out", None, as_json=as_json)


@agent.command()
def done(context: typer.Context, agent_id: Agent, as_json: AsJson = False) -> None:
    """End an agent's wrap-up."""
    answer = ask(place_of(context), "POST", f"/agents/{quote(agent_id, safe='')}/wrap-up/end")
    _tell(answer.content, as_json=as_json)


def _set(context: typer.Context, agent_id: str, status: str, reason: str | None, *, as_json: bool) -> None:
    body: dict[str, object] = {"status": status}
    if reason is not None:
        body["reason"] = reason
    answer = ask(place_of(context), "PUT", f"/agents/{quote(agent_id, safe='')}/status", body=body)
    _tell(answer.content, as_json=as_json)


def _tell(content: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(content)
        return
    status = content["status"].replace("_", " ")
    reason = f" ({content['break_reason'].replace('_', ' ')})" if content["break_reason"] else ""
    reachable = "" if content["reachable"] or content["status"] == "logged_out" else ", but the phone is unreachable"
    say(f"{content['name']} is {status}{reason}, {content['activity'].replace('_', ' ')}{reachable}")
