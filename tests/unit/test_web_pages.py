"""The pages: served from a folder, kept as long as their names allow, and tied to their own origin."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from stasis_app.web.pages import STATIC, add_pages, cache_control, security_headers

CONSOLE = Path(__file__).parents[2] / "console"


async def test_the_page_and_its_assets_are_served(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Desk</title>")
    (tmp_path / "assets" / "index-1.js").write_text("export {};")
    application = web.Application()
    add_pages(application, tmp_path)
    async with TestClient(TestServer(application)) as client:
        page = await client.get("/")
        script = await client.get("/assets/index-1.js")
        outside = await client.get("/assets/%2e%2e/index.html")

        assert page.headers["Cache-Control"] == "no-cache"
        assert "Desk" in await page.text()
        assert script.content_type in {"text/javascript", "application/javascript"}
        assert outside.status in {403, 404}


async def test_without_built_pages_it_says_how_to_build_them(tmp_path: Path) -> None:
    application = web.Application()
    add_pages(application, tmp_path)
    async with TestClient(TestServer(application)) as client:
        answer = await client.get("/")

        assert answer.status == 503
        assert "npm" in await answer.text()


def test_only_built_assets_are_kept() -> None:
    assert "immutable" in cache_control("/assets/index-1.js")
    assert cache_control("/api/v1/session") == cache_control("/") == "no-store"


def test_pages_may_connect_to_the_phones_servers_and_nowhere_else() -> None:
    urls = ["wss://pbx-2.example:8089/ws", "wss://pbx-1.example:8089/ws", "wss://pbx-1.example:8089/ws"]
    policy = security_headers(urls)["Content-Security-Policy"]

    assert "connect-src 'self' wss://pbx-1.example:8089 wss://pbx-2.example:8089;" in policy


def test_the_page_needs_nothing_inline_and_nothing_from_elsewhere() -> None:
    pages = [CONSOLE / "index.html", *([STATIC / "index.html"] if STATIC.exists() else [])]
    for page in pages:
        content = page.read_text(encoding="utf-8")

        assert "style=" not in content, page
        assert "<style" not in content, page
        assert "http:" not in content, page
        assert "https:" not in content, page
        assert content.count("<script") == content.count('<script type="module"'), page
        assert content.count("<script") == content.count("></script>"), page


@pytest.mark.parametrize("file", ["package.json", "package-lock.json"])
def test_the_console_names_no_registry_and_exact_versions(file: str) -> None:
    content = (CONSOLE / file).read_text(encoding="utf-8")

    assert '"resolved"' not in content
    if file == "package.json":
        assert "^" not in content
        assert "~" not in content
