"""Serves the table of routes: who asks, may they, is what they send right; then the route; always a clear answer."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import structlog
from aiohttp import WSCloseCode, web

from acd.errors import AcdError
from stasis_app.database import Role
from stasis_app.web.asked import Asked, Kept, Reply
from stasis_app.web.bodies import decoded, from_query
from stasis_app.web.keys import load_or_make
from stasis_app.web.pages import add_pages, cache_control, security_headers
from stasis_app.web.problems import Problem, problem_of
from stasis_app.web.routes import PREFIX, ROUTES, Route
from stasis_app.web.rules import Identity, Rule, allowed
from stasis_app.web.services import Services, WebOptions
from stasis_app.web.sessions import COOKIE, SECURE_COOKIE, Session, Sessions

MAX_BODY = 2 * 1024 * 1024
"""Bytes: a configuration of thousands of agents fits."""
SAFE_METHODS = frozenset({"GET", "HEAD"})

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where the API is served."""

    host: str
    port: int
    socket: Path


class ControlApi:
    """The control API and the pages, on a loopback port and a unix socket."""

    def __init__(self, services: Services, options: WebOptions) -> None:
        """Read or make the keys in the data folder; raises KeyFileUnsafe, OSError."""
        self._services = services
        self._options = options
        self._socket = options.socket or options.data_folder / "control.sock"
        self._headers = security_headers(options.phone_websockets)
        self._origins = {origin.rstrip("/") for origin in options.public_origins}
        self._public_https = any(origin.startswith("https://") for origin in self._origins)
        self._kept = Kept(
            sessions=Sessions(load_or_make(options.data_folder / "session.key"), hours=options.session_hours),
            local_key=load_or_make(options.data_folder / "control.key"),
        )
        self.application = self._build()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Served]:
        """Serve while the context lasts; then close the live sockets and stop. Raises OSError if it cannot listen."""
        runner = web.AppRunner(self.application, access_log=None, handle_signals=False, shutdown_timeout=2.0)
        await runner.setup()
        inode = None
        try:
            await web.TCPSite(runner, self._options.host, self._options.port).start()
            await web.UnixSite(runner, self._socket).start()
            self._socket.chmod(0o600)
            inode = self._socket.stat().st_ino
            port = next(int(address[1]) for address in runner.addresses if isinstance(address, tuple))
            yield Served(host=self._options.host, port=port, socket=self._socket)
        finally:
            await runner.cleanup()
            # Another process may have taken the path over meanwhile: then the file is its own.
            with suppress(FileNotFoundError):
                if inode is not None and self._socket.stat().st_ino == inode:
                    self._socket.unlink()

    def _build(self) -> web.Application:
        application = web.Application(client_max_size=MAX_BODY, middlewares=[self._answer_always])
        for route in ROUTES:
            application.router.add_route(route.method, PREFIX + route.path, self._serve(route))
        if self._options.serve_pages:
            add_pages(application)
        application.on_response_prepare.append(self._add_headers)
        application.on_shutdown.append(self._close_sockets)
        return application

    async def _add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        for name, value in self._headers.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", cache_control(request.path))
        response.headers["Server"] = "stasis-acd"  # not which libraries, in which versions
        if request.path.startswith(PREFIX):
            response.headers["Acd-Time"] = str(self._services.clock.now())

    async def _close_sockets(self, _application: web.Application) -> None:
        for socket in list(self._kept.sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"this process ends")

    @web.middleware
    async def _answer_always(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            return await handler(request)
        except Problem as problem:
            return problem.response()
        except AcdError as error:
            known = problem_of(error)
            if known.status == 500:
                log.exception("request failed", method=request.method, path=request.path)
            return known.response()
        except web.HTTPException as error:
            return _problem_of_http(request, error).response()
        except Exception:
            log.exception("request failed", method=request.method, path=request.path)
            return Problem(500, "internal", "something failed on our side; the log has it").response()

    def _serve(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            identity, session = await self._identify(request)
            self._authorise(route, request, identity, session)
            asked = Asked(
                services=self._services,
                options=self._options,
                kept=self._kept,
                request=request,
                path=request.match_info,
                identity=identity,
                session=session,
                body=decoded(await _json_bytes(request), route.body) if route.body else None,
                query=from_query(request.query, route.query) if route.query else None,
            )
            if route.text_body and request.content_type != route.text_body:
                raise Problem(415, "content-type", f"send the body as {route.text_body}, not {request.content_type}")
            return self._finish(request, await route.handler(asked))

        return serve

    async def _identify(self, request: web.Request) -> tuple[Identity | None, Session | None]:
        authorization = request.headers.get("Authorization")
        if authorization is not None:
            scheme, _, key = authorization.partition(" ")
            known = hmac.compare_digest(key.strip().encode(), self._kept.local_key.encode())
            if scheme.lower() != "bearer" or not known:
                raise Problem(
                    401, "key-wrong", "the key is not this ACD's: read it from control.key in its data folder"
                )
            return Identity(name="local", role=Role.ADMIN, by_key=True), None
        token = request.cookies.get(self._cookie_name(request))
        session = self._kept.sessions.read(token, now=self._services.clock.now()) if token else None
        if session is None:
            return None, None
        user = await self._services.users.user(session.user)
        if user is None or user.stamp != session.stamp:
            return None, None
        return Identity(name=user.name, role=user.role, agent=user.agent), session

    def _authorise(
        self, route: Route, request: web.Request, identity: Identity | None, session: Session | None
    ) -> None:
        if route.method not in SAFE_METHODS or (route.socket and session is not None):
            self._check_origin(request, needed=route.socket)
        if allowed(route.rule, identity, agent=request.match_info.get("agent")):
            return
        if identity is None:
            raise Problem(401, "log-in-needed", "log in first: there is no session, or it has ended")
        needed = "admin" if route.rule is Rule.ADMIN else "supervisor"
        raise Problem(
            403, "forbidden", f"{identity.name} has the role {identity.role.value}; this needs the role {needed}"
        )

    def _check_origin(self, request: web.Request, *, needed: bool) -> None:
        origin = request.headers.get("Origin")
        if origin is None and not needed:
            return
        if origin is not None and (origin in self._origins or urlsplit(origin).netloc == request.host):
            return
        raise Problem(403, "origin-foreign", f"requests from pages of {origin or 'an unknown origin'} are refused")

    def _finish(self, request: web.Request, result: object) -> web.StreamResponse:
        if isinstance(result, web.StreamResponse):
            return result
        reply = result if isinstance(result, Reply) else Reply(content=result, status=204 if result is None else 200)
        response = web.Response(status=reply.status)
        if reply.content is not None:
            response = web.Response(
                status=reply.status, body=msgspec.json.encode(reply.content), content_type="application/json"
            )
        if reply.set_session is not None:
            self._set_cookie(request, response, reply.set_session)
        return response

    def _set_cookie(self, request: web.Request, response: web.Response, token: str) -> None:
        response.set_cookie(
            self._cookie_name(request),
            token,
            max_age=self._kept.sessions.lifetime_s if token else 0,
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self._is_https(request),
        )

    def _is_https(self, request: web.Request) -> bool:
        return request.secure or self._public_https

    def _cookie_name(self, request: web.Request) -> str:
        return SECURE_COOKIE if self._is_https(request) else COOKIE


async def _json_bytes(request: web.Request) -> bytes:
    if request.content_type != "application/json":
        raise Problem(415, "content-type", f"send the body as application/json, not {request.content_type}")
    return await request.read()


def _problem_of_http(request: web.Request, error: web.HTTPException) -> Problem:
    match error:
        case web.HTTPNotFound():
            return Problem(404, "no-such-path", f"there is nothing at {request.path}; the API begins with {PREFIX}")
        case web.HTTPMethodNotAllowed():
            allow = ", ".join(sorted(error.allowed_methods))
            detail = f"{request.method} is not possible at {request.path}; possible: {allow}"
            return Problem(405, "method", detail, headers={"Allow": allow})
        case web.HTTPRequestEntityTooLarge():
            return Problem(413, "too-large", f"the body is larger than {MAX_BODY} bytes")
        case _:
            return Problem(error.status, "http", error.reason)
