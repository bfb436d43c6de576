"""Registers a SIP account over a WebSocket (RFC 7118) with what the agent's page is given, without a browser."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import md5

import aiohttp
import msgspec

from stasis_app.web.views import PhoneView, RegistrationView

CLOSE = aiohttp.ClientWSTimeout(ws_close=0.2)
"""Asterisk does not answer a Close: nobody waits for it."""


async def registration_of(web: str, name: str, password: str) -> RegistrationView:
    """What the page of this agent is told to register with."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(
        base_url=web, cookie_jar=jar, headers={"Origin": web}, raise_for_status=True
    ) as http:
        await http.post("/api/v1/session", json={"name": name, "password": password})
        async with http.get("/api/v1/me/phone") as answer:
            phone = msgspec.json.decode(await answer.read(), type=PhoneView)
    assert phone.registration is not None
    return phone.registration


async def register(phone: RegistrationView, *, expires_s: int) -> int:
    """The SIP code that the second, authenticated REGISTER got."""
    call = f"{secrets.token_hex(8)}@story.invalid"
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(phone.websocket_url, protocols=("sip",), timeout=CLOSE) as socket,
    ):
        await socket.send_str(request(phone, call, 1, expires_s))
        challenge = await final(socket)
        if status_of(challenge) != 401:
            return status_of(challenge)
        await socket.send_str(request(phone, call, 2, expires_s, credentials(phone, challenge)))
        return status_of(await final(socket))


@asynccontextmanager
async def registered(phone: RegistrationView, *, expires_s: int = 60) -> AsyncIterator[None]:
    """Be there while the context lasts: the socket stays open, and Asterisk's OPTIONS are answered."""
    call = f"{secrets.token_hex(8)}@story.invalid"
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(phone.websocket_url, protocols=("sip",), timeout=CLOSE) as socket,
        asyncio.TaskGroup() as tasks,
    ):
        await socket.send_str(request(phone, call, 1, expires_s))
        await socket.send_str(request(phone, call, 2, expires_s, credentials(phone, await final(socket))))
        assert status_of(await final(socket)) == 200
        answering = tasks.create_task(_answer_options(socket))
        yield
        answering.cancel()


async def _answer_options(socket: aiohttp.ClientWebSocketResponse) -> None:
    async for message in socket:
        asked = message.data if isinstance(message.data, str) else message.data.decode()
        if asked.startswith("OPTIONS"):
            kept = re.findall(
                r"^(?:Via|From|To|Call-ID|CSeq):.*$", asked.replace("\r", ""), re.MULTILINE | re.IGNORECASE
            )
            await socket.send_str("\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]))


def request(phone: RegistrationView, call: str, number: int, expires_s: int, authorization: str = "") -> str:
    address = f"sip:{phone.identity}@{phone.sip_domain}"
    lines = [
        f"REGISTER sip:{phone.sip_domain} SIP/2.0",
        f"Via: SIP/2.0/WS story.invalid;branch=z9hG4bK{secrets.token_hex(8)}",
        "Max-Forwards: 70",
        f"From: <{address}>;tag=story",
        f"To: <{address}>",
        f"Call-ID: {call}",
        f"CSeq: {number} REGISTER",
        f"Contact: <sip:{phone.identity}@story.invalid;transport=ws>;expires={expires_s}",
        *([f"Authorization: {authorization}"] if authorization else []),
        "Content-Length: 0",
    ]
    return "\r\n".join([*lines, "", ""])


def credentials(phone: RegistrationView, challenge: str) -> str:
    """The answer to a digest challenge (RFC 2617, with qop=auth)."""
    asked = dict(re.findall(r'(\w+)="([^"]*)"', re.search(r"WWW-Authenticate: Digest (.*)", challenge)[1]))  # type: ignore[index]
    uri, cnonce = f"sip:{phone.sip_domain}", secrets.token_hex(8)
    secret = digest(f"{phone.identity}:{asked['realm']}:{phone.secret}")
    response = digest(f"{secret}:{asked['nonce']}:00000001:{cnonce}:auth:{digest(f'REGISTER:{uri}')}")
    words = {"username": phone.identity, **asked, "uri": uri, "response": response, "cnonce": cnonce}
    quoted = ", ".join(f'{name}="{value}"' for name, value in words.items() if name != "qop")
    return f"Digest {quoted}, nc=00000001, qop=auth, algorithm=MD5"


def digest(text: str) -> str:
    return md5(text.encode()).hexdigest()


async def final(socket: aiohttp.ClientWebSocketResponse) -> str:
    while status_of(said := await socket.receive_str(timeout=10)) < 200:
        pass
    return said


def status_of(message: str) -> int:
    return int(message.split(" ", 2)[1]) if message.startswith("SIP/2.0") else 0
