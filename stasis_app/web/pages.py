"""The built pages, and the headers that keep a browser from doing anything else with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

STATIC = Path(__file__).parent / "static"
NOT_BUILT = "The pages are not built: run `npm ci && npm run build` in console/, or use the API alone.\n"


def security_headers(phone_websockets: Iterable[str]) -> Mapping[str, str]:
    """What every answer carries. Pages may load from us alone, and connect to us and to these WebSockets."""
    connect = " ".join(["'self'", *sorted({_origin(url) for url in phone_websockets})])
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "media-src": "'self' blob:",
        "connect-src": connect,
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    }


def add_pages(application: web.Application, folder: Path = STATIC) -> None:
    """Serve ``index.html`` at ``/`` and the built assets, whose names change with their contents."""
    index = folder / "index.html"

    async def page(_request: web.Request) -> web.StreamResponse:
        if not index.is_file():
            return web.Response(status=503, text=NOT_BUILT)
        return web.FileResponse(index, headers={"Cache-Control": "no-cache"})

    application.router.add_get("/", page)
    if (folder / "assets").is_dir():
        application.router.add_static("/assets", folder / "assets")


def cache_control(path: str) -> str:
    """How long an answer may be kept: built assets for ever, everything else not at all."""
    return "public, max-age=31536000, immutable" if path.startswith("/assets/") else "no-store"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
