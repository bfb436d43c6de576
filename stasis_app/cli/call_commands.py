"""Commands about queues and calls, now and past."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from stasis_app.cli.connection import Answer, CommandFailed, ask
from stasis_app.cli.options import AsJson, place_of
from stasis_app.cli.show import (
    Column,
    clock,
    lasting,
    moment,
    print_json,
    print_table,
    say,
    text,
    word,
)

explain = typer.Typer(no_args_is_help=True, help="Say why a call waits, or why an agent gets none.")

QUEUE_COLUMNS: tuple[Column, ...] = (
    ("Queue", text("name")),
    ("Title", text("title")),
    ("Waiting #", text("waiting")),
    ("Longest", lasting("longest_wait_ms")),
    ("Talking #", text("talking")),
    ("Available #", text("available")),
    ("On break #", text("on_break")),
    ("Logged in #", text("agents")),
    ("Strategy", text("strategy")),
    ("Numbers", lambda row: ", ".join(row["numbers"])),
)


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Whether calls can be served, and every queue at a glance. Fails if they cannot."""
    place = place_of(context)
    health = ask(place, "GET", "/health", accept=frozenset({503}))
    if health.status == 503 and "checks" not in health.content:
        raise CommandFailed(health.content.get("detail", "the ACD is not ready"))
    missing = tuple(f"{part}: {sentence}" for part, sentence in health.content["checks"].items() if sentence)
    queues = Answer(content=[], now=0, status=0) if missing else ask(place, "GET", "/queues")
    if as_json:
        print_json({"health": health.content, "queues": queues.content})
    elif not missing:
        parts = ", ".join(health.content["checks"])
        say(f"ready for calls; version {health.content['version']}" + (f"; {parts} are up" if parts else ""))
        print_table("Queues", QUEUE_COLUMNS, queues.content, empty="no queue is configured: `stasis-acd apply FILE`")
    if missing:
        raise CommandFailed("calls cannot be served now", lines=missing)


def queues(context: typer.Context, as_json: AsJson = False) -> None:
    """Every queue: who waits, who talks, who is there to answer."""
    answer = ask(place_of(context), "GET", "/queues")
    if as_json:
        print_json(answer.content)
        return
    print_table("Queues", QUEUE_COLUMNS, answer.content, empty="no queue is configured: `stasis-acd apply FILE`")


def hangup(context: typer.Context, call: Annotated[str, typer.Argument(metavar="CALL", help="The call's id.")]) -> None:
    """End a caller's call."""
    ask(place_of(context), "DELETE", f"/calls/{quote(call, safe='')}")
    say(f"call {call} is being ended")


@explain.command("call")
def explain_call(
    context: typer.Context,
    call: Annotated[str, typer.Argument(metavar="ID", help="The call's id.")],
    as_json: AsJson = False,
) -> None:
    """Why this caller waits, and which agent comes next."""
    _tell(ask(place_of(context), "GET", f"/calls/{quote(call, safe='')}/explain"), "agents", as_json=as_json)


@explain.command("agent")
def explain_agent(
    context: typer.Context,
    agent: Annotated[str, typer.Argument(metavar="ID", help="The agent's id.")],
    as_json: AsJson = False,
) -> None:
    """Why this agent gets no call, or which call comes next."""
    _tell(ask(place_of(context), "GET", f"/agents/{quote(agent, safe='')}/explain"), "calls", as_json=as_json)


def history(
    context: typer.Context,
    call: Annotated[str | None, typer.Argument(metavar="[CALL]", help="One call, with its legs and offers.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many calls.")] = 20,
    queue: Annotated[str | None, typer.Option(help="Only this queue's calls.")] = None,
    agent: Annotated[str | None, typer.Option(help="Only this agent's calls.")] = None,
    as_json: AsJson = False,
) -> None:
    """Calls that ended, the latest first; or one of them with everything that was done for it."""
    place = place_of(context)
    if call is not None:
        detail = ask(place, "GET", f"/history/calls/{quote(call, safe='')}")
        print_json(detail.content) if as_json else _show_past_call(detail)
        return
    answer = ask(place, "GET", "/history/calls", query={"limit": limit, "queue": queue, "agent": agent})
    if as_json:
        print_json(answer.content)
        return
    columns = [
        ("Ended", clock("ended_at")),
        ("Call", text("id")),
        ("Queue", text("queue")),
        ("Caller", text("caller_number")),
        ("Result", word("end_reason")),
        ("By", text("ended_by")),
        ("Agent", text("agent")),
        ("Waited", lasting("waited_ms")),
        ("Talked", lasting("talked_ms")),
    ]
    print_table("Past calls", columns, answer.content, empty="history has no such calls")


def _show_past_call(detail: Answer) -> None:
    call = detail.content["call"]
    say(
        f"{call['caller_number'] or 'an unknown caller'} to {call['queue']}, arrived {moment(call['arrived_at'])}: "
        f"{call['end_reason'].replace('_', ' ')} by {call['ended_by']}"
    )
    offers = [
        ("Offer", text("id")),
        ("Agent", text("agent")),
        ("Round #", text("round")),
        ("Made", clock("made_at")),
        ("Outcome", word("outcome")),
        ("Latency ms #", text("latency_ms")),
        ("Why", text("why")),
    ]
    print_table("Offers", offers, detail.content["offers"], empty="it was offered to nobody")
    legs = [
        ("Channel", text("channel")),
        ("Whose", lambda row: row["agent"] or row["role"]),
        ("Node", text("node")),
        ("Began", clock("started_at")),
        ("Answered", clock("answered_at")),
        ("Ended", clock("ended_at")),
        ("Cause #", text("cause")),
        ("SIP #", text("sip_code")),
    ]
    print_table("Legs", legs, detail.content["legs"], empty="history has no legs of it")


def _tell(answer: Answer, of_what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(answer.content)
        return
    for sentence in answer.content["sentences"]:
        say(sentence)
    rows = [{"reason": reason, "count": count} for reason, count in answer.content["reasons"].items()]
    if rows:
        print_table("Held back", [("Reason", word("reason")), (f"{of_what} #", text("count"))], rows, empty="")
    if answer.content["candidates"]:
        say(f"next: {', '.join(answer.content['candidates'])}")
