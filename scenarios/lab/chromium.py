"""Starts headless Chromiums and drives their pages: scripts, clicks, screenshots."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from scenarios.lab.devtools import Devtools, PageFailed
from scenarios.lab.namespace import Child, PartFailed

__all__ = ["Chromium", "Page", "PageFailed"]

START_LIMIT_S = 30.0
LOAD_LIMIT_S = 20.0
CLOSE_LIMIT_S = 3.0
# A microphone that beeps, no questions asked, loopback addresses offered to the PBX, and nothing
# that looks for the world outside.
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--remote-debugging-pipe",
    "--window-size=1280,900",
)
ON_PIPES = 'in=$1 out=$2; shift 2; exec "$@" 3<"$in" 4>"$out"'
CENTRE = """(() => {
  const box = document.querySelector(%s)?.getBoundingClientRect();
  return box && {x: box.x + box.width / 2, y: box.y + box.height / 2};
})()"""
# The page's own state may change without a change of the document, hence the timer.
UNTIL = """new Promise((resolve, reject) => {
  const look = () => { const found = (() => (%s))(); if (found) { stop(); resolve(found); } };
  const watch = new MutationObserver(() => guard(look));
  const timer = setInterval(() => guard(look), 50);
  const limit = setTimeout(() => { stop(); resolve(null); }, %d);
  const stop = () => { watch.disconnect(); clearInterval(timer); clearTimeout(limit); };
  const guard = (act) => { try { act(); } catch (error) { stop(); reject(error); } };
  watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  guard(look);
})"""


class Chromium:
    """One browser with a profile of its own; `folder` holds the profile and the log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._child: Child | None = None
        self._devtools: Devtools | None = None

    @classmethod
    @asynccontextmanager
    async def running(cls, folder: Path) -> AsyncIterator[Chromium]:
        browser = cls(folder)
        try:
            await browser.start()
            yield browser
        finally:
            await browser.stop()

    @property
    def child(self) -> Child:
        if self._child is None:
            raise PartFailed("Chromium was never started.")
        return self._child

    async def start(self) -> None:
        """Returns when the browser takes commands."""
        program = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
        profile = self.folder / "profile"
        profile.mkdir(parents=True, exist_ok=True)
        devtools = Devtools(self.folder)
        await devtools.open()
        self._devtools = devtools
        self._child = await Child.start(
            "Chromium",
            [
                *("/bin/sh", "-c", ON_PIPES, "sh"),
                *(str(devtools.to_browser), str(devtools.from_browser)),
                *(program, *FLAGS, f"--user-data-dir={profile}", "about:blank"),
            ],
            log=self.folder / "chromium.log",
            isolate=True,
        )
        await self._child.until(devtools.ask("Browser.getVersion"), START_LIMIT_S)
        self._child.find_inner()

    async def open(self, url: str) -> Page:
        """A new tab, loaded."""
        assert self._devtools is not None, "start the browser first"
        target = await self._devtools.ask("Target.createTarget", {"url": "about:blank"})
        page = await Page.attach(self._devtools, target["targetId"])
        await page.goto(url)
        return page

    async def stop(self) -> None:
        """Closes the browser as its user would; one that asks back whether to leave a page is ended all the same."""
        if self._devtools and self._child:
            with suppress(PageFailed, TimeoutError):
                async with asyncio.timeout(CLOSE_LIMIT_S):
                    await self._devtools.ask("Browser.close")
            await self._child.terminate()
            self._devtools.close()
            self._devtools = None

    async def kill(self) -> None:
        """Ends it as a power cut would; `start` brings it back with the same profile."""
        await self.child.kill()
        if self._devtools:
            self._devtools.close()
            self._devtools = None


class Page:
    """One tab. `console` holds what its scripts logged and what went wrong in them."""

    def __init__(self, devtools: Devtools, target: str, session: str) -> None:
        self.console: list[str] = []
        self._devtools = devtools
        self._target = target
        self._session = session
        self._loaded = asyncio.Event()
        devtools.sessions[session] = self._hear

    @classmethod
    async def attach(cls, devtools: Devtools, target: str) -> Page:
        attached = await devtools.ask("Target.attachToTarget", {"targetId": target, "flatten": True})
        page = cls(devtools, target, attached["sessionId"])
        for domain in ("Page", "Runtime", "Log"):
            await page.ask(f"{domain}.enable")
        return page

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Any command of the DevTools protocol."""
        return await self._devtools.ask(method, params, self._session)

    def _hear(self, method: str, params: dict[str, Any]) -> None:
        match method:
            case "Page.loadEventFired":
                self._loaded.set()
            case "Runtime.consoleAPICalled":
                said = (str(arg.get("value", arg.get("description"))) for arg in params["args"])
                self.console.append(f"{params['type']}: {' '.join(said)}")
            case "Runtime.exceptionThrown":
                self.console.append(f"exception: {reason(params['exceptionDetails'])}")
            case "Log.entryAdded":
                entry = params["entry"]
                self.console.append(f"{entry['level']}: {entry['text']} {entry.get('url', '')}")
            case _:
                pass

    async def goto(self, url: str) -> None:
        """Returns when the page has loaded."""
        self._loaded.clear()
        answer = await self.ask("Page.navigate", url=url)
        if problem := answer.get("errorText"):
            raise PageFailed(f"{url}: {problem}")
        try:
            async with asyncio.timeout(LOAD_LIMIT_S):
                await self._loaded.wait()
        except TimeoutError:
            raise PageFailed(f"{url} had not loaded after {LOAD_LIMIT_S:g} s.") from None

    async def run(self, script: str) -> Any:
        """The value of a JavaScript expression, awaited if it is a promise."""
        answer = await self.ask(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if details := answer.get("exceptionDetails"):
            raise PageFailed(f"{reason(details)}, in: {script[:200]}")
        return answer["result"].get("value")

    async def until(self, expression: str, *, limit_s: float = 15.0) -> Any:
        """The value of the expression as soon as it is true."""
        found = await self.run(UNTIL % (expression, limit_s * 1000))
        if found is not None:
            return found
        said = "\n".join(f"  {line}" for line in self.console[-10:]) or "  (empty)"
        raise PageFailed(f"{expression} was still not true after {limit_s:g} s. The page's console:\n{said}")

    async def click(self, selector: str) -> None:
        """Clicks the first element that the selector finds, with the mouse."""
        place = await self.until(CENTRE % json.dumps(selector))
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    async def fill(self, selector: str, text: str) -> None:
        """Types the text into a field in place of what it holds."""
        found = json.dumps(selector)
        await self.until(f"document.querySelector({found})")
        await self.run(f"(f => {{ f.focus(); f.select?.(); }})(document.querySelector({found}))")
        await self.ask("Input.insertText", text=text)

    async def text(self, selector: str = "body") -> str:
        """What a reader of the element sees."""
        return str(await self.run(f"document.querySelector({json.dumps(selector)})?.innerText"))

    async def screenshot(self, path: Path) -> None:
        """Writes a PNG of what is on the screen."""
        answer = await self.ask("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(answer["data"]))

    async def close(self) -> None:
        await self._devtools.ask("Target.closeTarget", {"targetId": self._target})
        self._devtools.sessions.pop(self._session, None)


def reason(details: dict[str, Any]) -> str:
    thrown = details.get("exception", {})
    return str(thrown.get("description") or thrown.get("value") or details.get("text"))
