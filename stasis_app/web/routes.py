"""The one table of what the API offers: path, who may, what is sent, what comes back. Nothing is served beside it."""

from __future__ import annotations

from dataclasses import dataclass

from stasis_app.web import admin_routes, agent_routes, call_routes, live, session_routes, waiting_routes
from stasis_app.web.asked import Handler
from stasis_app.web.bodies import (
    Body,
    CallsQuery,
    CallWish,
    ConfigurationQuery,
    HistoryQuery,
    LogIn,
    MyCallsQuery,
    NewUser,
    PasswordChange,
    StatusWish,
    VersionsQuery,
)
from stasis_app.web.rules import Rule

PREFIX = "/api/v1"
TOML = "application/toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One thing that can be asked for."""

    method: str
    path: str
    """Below ``/api/v1``."""
    rule: Rule
    handler: Handler
    body: type[Body] | None = None
    query: type[Body] | None = None
    text_body: str = ""
    """The content type of a body that is no JSON."""
    socket: bool = False
    """A WebSocket: asked for by a page, so its origin has to be known."""

    @property
    def summary(self) -> str:
        """One sentence: the first line of the handler's docstring."""
        return (self.handler.__doc__ or "").strip().split("\n")[0]


_A = Rule.ANYONE
_S = Rule.SIGNED_IN
_OWN = Rule.OWN_OR_SUPERVISOR
_SUP = Rule.SUPERVISOR
_ADM = Rule.ADMIN


def _route(
    method: str,
    path: str,
    rule: Rule,
    handler: Handler,
    *,
    body: type[Body] | None = None,
    query: type[Body] | None = None,
    text_body: str = "",
    socket: bool = False,
) -> Route:
    return Route(
        method=method,
        path=path,
        rule=rule,
        handler=handler,
        body=body,
        query=query,
        text_body=text_body,
        socket=socket,
    )


ROUTES: tuple[Route, ...] = (
    _route("GET", "/health", _A, session_routes.show_health),
    _route("POST", "/session", _A, session_routes.log_in, body=LogIn),
    _route("GET", "/session", _S, session_routes.show_session),
    _route("DELETE", "/session", _S, session_routes.log_out),
    _route("GET", "/me/desk", _S, agent_routes.show_desk),
    _route("GET", "/me/phone", _S, agent_routes.show_phone),
    _route("GET", "/me/calls", _S, agent_routes.list_own_calls, query=MyCallsQuery),
    _route("PUT", "/me/status", _S, agent_routes.set_own_status, body=StatusWish),
    _route("POST", "/me/wrap-up/end", _S, agent_routes.end_own_wrap_up),
    _route("GET", "/events", _S, live.events, socket=True),
    _route("GET", "/agents", _SUP, agent_routes.list_agents),
    _route("GET", "/agents/{agent}", _OWN, agent_routes.show_agent),
    _route("PUT", "/agents/{agent}/status", _OWN, agent_routes.set_status, body=StatusWish),
    _route("POST", "/agents/{agent}/wrap-up/end", _OWN, agent_routes.end_wrap_up),
    _route("GET", "/agents/{agent}/explain", _SUP, agent_routes.explain_agent),
    _route("GET", "/queues", _SUP, call_routes.list_queues),
    _route("GET", "/queues/{queue}", _SUP, call_routes.show_queue),
    _route("GET", "/calls", _SUP, call_routes.list_calls, query=CallsQuery),
    _route("GET", "/calls/{call}", _SUP, call_routes.show_call),
    _route("PATCH", "/calls/{call}", _SUP, waiting_routes.change_call, body=CallWish),
    _route("DELETE", "/calls/{call}", _SUP, call_routes.hang_up),
    _route("POST", "/calls/{call}/withdraw", _SUP, waiting_routes.withdraw_call),
    _route("GET", "/calls/{call}/explain", _SUP, call_routes.explain_call),
    _route("GET", "/history/calls", _SUP, call_routes.list_past_calls, query=HistoryQuery),
    _route("GET", "/history/calls/{call}", _SUP, call_routes.show_past_call),
    _route("GET", "/configuration", _ADM, admin_routes.show_configuration, query=ConfigurationQuery),
    _route("PUT", "/configuration", _ADM, admin_routes.apply_configuration, text_body=TOML),
    _route("POST", "/configuration/plan", _ADM, admin_routes.plan_configuration, text_body=TOML),
    _route("GET", "/configuration/versions", _ADM, admin_routes.list_versions, query=VersionsQuery),
    _route("GET", "/users", _ADM, admin_routes.list_users),
    _route("POST", "/users", _ADM, admin_routes.add_user, body=NewUser),
    _route("PUT", "/users/{user}/password", _ADM, admin_routes.set_password, body=PasswordChange),
    _route("DELETE", "/users/{user}", _ADM, admin_routes.remove_user),
)
