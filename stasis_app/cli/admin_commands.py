"""Commands about who may log in."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated
from urllib.parse import quote

import typer

from stasis_app.cli.connection import CommandFailed, ask
from stasis_app.cli.options import AsJson, place_of
from stasis_app.cli.show import print_json, print_table, say, text

user = typer.Typer(no_args_is_help=True, help="Say who may log in to the pages.")

FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


class Role(StrEnum):
    """What a user may do; each may do what the one before may."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


@user.command("list")
def list_users(context: typer.Context, as_json: AsJson = False) -> None:
    """Everybody who may log in."""
    answer = ask(place_of(context), "GET", "/users")
    if as_json:
        print_json(answer.content)
        return
    columns = [("User", text("name")), ("Role", text("role")), ("Agent", text("agent"))]
    print_table("Users", columns, answer.content, empty="nobody may log in yet: `stasis-acd user add NAME`")


@user.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Log-in name; an agent's is the agent's id.")],
    role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.AGENT,
    agent: Annotated[str | None, typer.Option(help="The agent that this person is, if it is not the name.")] = None,
    password_stdin: FromInput = False,
) -> None:
    """Let another person log in; the password is asked for."""
    body: dict[str, object] = {"name": name, "role": role.value, "password": _password(from_input=password_stdin)}
    if agent is not None:
        body["agent"] = agent
    ask(place_of(context), "POST", "/users", body=body)
    say(f"{name} may log in as {role.value}")


@user.command()
def password(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Log-in name.")],
    password_stdin: FromInput = False,
) -> None:
    """Give a user another password; all sessions of this user end."""
    body = {"password": _password(from_input=password_stdin)}
    ask(place_of(context), "PUT", f"/users/{quote(name, safe='')}/password", body=body)
    say(f"{name} has a new password, and is logged out everywhere")


@user.command()
def remove(context: typer.Context, name: Annotated[str, typer.Argument(help="Log-in name.")]) -> None:
    """Let a person log in no more."""
    ask(place_of(context), "DELETE", f"/users/{quote(name, safe='')}")
    say(f"{name} may no longer log in")


def _password(*, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise CommandFailed("there is no terminal to ask for the password: pipe it in and give --password-stdin")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
