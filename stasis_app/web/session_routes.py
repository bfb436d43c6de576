"""Logging in and out, and whether this process is fit for calls."""

from __future__ import annotations

import asyncio
from importlib.metadata import version

from stasis_app.web.asked import Asked, Reply
from stasis_app.web.bodies import LogIn
from stasis_app.web.problems import Problem
from stasis_app.web.views import HealthView, SessionView

VERSION = version("stasis-acd")


async def log_in(asked: Asked) -> Reply:
    """Exchange name and password for a session."""
    wish = asked.sent(LogIn)
    key = (asked.request.remote or "", wish.name)
    wait_s = asked.kept.log_ins.admit(key, asyncio.get_running_loop().time())
    if wait_s:
        raise Problem(
            429,
            "too-many-tries",
            f"too many tries to log in as {wish.name}: wait {wait_s} s",
            headers={"Retry-After": str(wait_s)},
        )
    user = await asked.services.users.check_password(wish.name, wish.password)
    if user is None:
        raise Problem(401, "log-in-wrong", "name or password is wrong")
    asked.kept.log_ins.forget(key)
    token = asked.kept.sessions.issue(user.name, user.stamp, now=asked.services.clock.now())
    return Reply(content=_view(asked, user.name, user.role.value, user.agent), status=201, set_session=token)


async def log_out(asked: Asked) -> Reply:
    """End the session; the agent's status stays as it is."""
    if asked.session is not None:
        asked.kept.sessions.end(asked.session, now=asked.services.clock.now())
    return Reply(status=204, set_session="")


async def show_session(asked: Asked) -> SessionView:
    """Who is logged in."""
    return _view(asked, asked.who.name, asked.who.role.value, asked.who.agent)


async def show_health(asked: Asked) -> Reply:
    """Answers 200 if calls can be served now, else 503 with what is missing."""
    checks = await asked.services.health()
    ready = not any(checks.values())
    return Reply(content=HealthView(ready=ready, checks=checks, version=VERSION), status=200 if ready else 503)


def _view(asked: Asked, name: str, role: str, agent: str | None) -> SessionView:
    profile = asked.configuration.agents.get(agent or "")
    return SessionView(name=name, role=role, agent=agent, shown_as=profile.shown_as if profile else name)
