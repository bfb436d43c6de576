"""A whole call centre on loopback addresses of its own: what demos, stories and load runs start from."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from scenarios.lab.acd import Acd, Ready, answers
from scenarios.lab.asterisk import Asterisk, free_site
from scenarios.lab.callers import Caller, Callers
from scenarios.lab.chromium import Chromium
from scenarios.lab.phones import Phone, Phones
from scenarios.lab.places import Place, address_towards, free_port, take_place
from scenarios.lab.redis import Redis
from scenarios.lab.sip_trace import SipTrace
from scenarios.lab.sipp import Endpoint, Sipp

__all__ = ["Lab"]

# The last part of each address in the lab's network; Asterisk number k has k.
TALKING_CARRIER = 100
SILENT_CARRIER = 101
PHONES = 110
ACDS = 200
REDIS = 250
HEALTH = "/api/v1/health"
P = TypeVar("P", bound=Phones)


async def start_all(servers: Sequence[Asterisk | Redis]) -> None:
    """Side by side; the first failure ends the others and is the one that is raised."""
    try:
        async with asyncio.TaskGroup() as starting:
            for server in servers:
                starting.create_task(server.start())
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None


class Lab:
    """Asterisk servers, Redis, ACD processes, callers, phones and browsers that end together.

    Callers who send audio come from one carrier, whose calls Asterisk ends after `rtp_timeout_s` of
    silence; callers who send none come from another, where it does not.
    """

    def __init__(self, place: Place, parts: AsyncExitStack, *, redis: Redis | None) -> None:
        self.place = place
        self.folder: Path = place.folder
        self.asterisks: list[Asterisk] = []
        self._parts = parts
        self._redis = redis
        self._numbers = itertools.count(1)
        self._callers: list[Caller] = []

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        *,
        asterisks: int = 1,
        redis: bool = True,
        phones: Sequence[str] = ("1001", "1002", "1003"),
        rtp_timeout_s: int = 30,
        keep: bool = False,
        **site: Any,
    ) -> AsyncIterator[Lab]:
        """Returns when every server is ready; ends everything that was started in the lab.

        `phones` are the SIP accounts that every Asterisk knows. `site` are further fields of
        AsteriskSite. With `keep` the folder with all logs is left behind.
        """
        with take_place(keep=keep) as place:
            async with AsyncExitStack() as parts:
                server = Redis(place.folder / "redis", host=place.address(REDIS)) if redis else None
                lab = cls(place, parts, redis=server)
                for number in range(1, asterisks + 1):
                    lab._add_asterisk(number, phones, rtp_timeout_s, site)
                servers: list[Asterisk | Redis] = [*lab.asterisks]
                if server:
                    servers.append(server)
                for part in servers:
                    parts.push_async_callback(part.stop)
                await start_all(servers)
                yield lab

    def _add_asterisk(self, number: int, phones: Sequence[str], rtp_timeout_s: int, site: Mapping[str, Any]) -> None:
        address = self.place.address
        carriers = {address(TALKING_CARRIER): rtp_timeout_s, address(SILENT_CARRIER): 0}
        settings = free_site(
            address(number),
            carriers=carriers,
            phones=tuple(phones),
            entity=f"02:00:00:00:{self.place.number:02x}:{number:02x}",
            **site,
        )
        name = f"asterisk-{number}"
        self.asterisks.append(Asterisk(self.folder / name, settings, name))

    @property
    def asterisk(self) -> Asterisk:
        """The first, or only, Asterisk."""
        return self.asterisks[0]

    @property
    def redis(self) -> Redis:
        assert self._redis is not None, "this lab was started without Redis"
        return self._redis

    async def acd(
        self,
        name: str = "acd-1",
        *,
        argv: Sequence[str] = ("serve",),
        env: Mapping[str, str] | None = None,
        ready: Ready | None = None,
    ) -> Acd:
        """Starts an ACD process on all of the lab's servers; `env` adds to its settings or wins.

        It is ready when its health address says so, unless `ready` is given.
        """
        settings = {**self.acd_settings(name), **(env or {})}
        web = f"http://{settings['STASIS_ACD_WEB__HOST']}:{settings['STASIS_ACD_WEB__PORT']}"
        acd = Acd(
            self.folder / name,
            argv=argv,
            env=settings,
            ready=ready or answers(web + HEALTH),
            name=name,
        )
        acd.web = web
        self._parts.push_async_callback(acd.stop)
        await acd.start()
        return acd

    def acd_settings(self, name: str = "acd-1") -> dict[str, str]:
        """The environment that points an ACD process at this lab."""
        host = self.place.address(ACDS)
        nodes = [
            {
                "name": asterisk.name,
                "url": asterisk.ari_url,
                "user": asterisk.ari_user,
                "password": asterisk.ari_password,
                "websocket_url": asterisk.websocket_url,
                # Otherwise the browsers' audio would be received on every address of the machine.
                "phone_options": {"media_address": asterisk.sip_host, "bind_rtp_to_media_address": "yes"},
            }
            for asterisk in self.asterisks
        ]
        return {
            "STASIS_ACD_PROCESS__NAME": name,
            "STASIS_ACD_PROCESS__DATA_FOLDER": str(self.folder / name / "data"),
            "STASIS_ACD_DATABASE__URL": f"sqlite:///{self.folder / 'acd.sqlite3'}",
            "STASIS_ACD_REDIS__URL": self.redis.url,
            "STASIS_ACD_ASTERISK": json.dumps(nodes),
            "STASIS_ACD_WEB__HOST": host,
            "STASIS_ACD_WEB__PORT": str(free_port(host, 8080)),
        }

    async def caller(
        self,
        exten: str,
        *,
        from_user: str = "5551000",
        patience_s: float | None = None,
        talk_s: float | None = None,
        rtp: bool = False,
        headers: Mapping[str, str] | None = None,
        asterisk: int = 0,
    ) -> Caller:
        """Dials; gives up after `patience_s` without an answer, hangs up `talk_s` after it.

        Without either the caller stays until hung up on, or until the story says otherwise.
        """
        caller = await Caller.dial(
            exten,
            from_user=from_user,
            folder=self.folder / "sip",
            local=self._free(TALKING_CARRIER if rtp else SILENT_CARRIER),
            asterisk=self._sip(asterisk),
            patience_s=patience_s,
            talk_s=talk_s,
            rtp=rtp,
            headers=headers,
        )
        self._callers.append(caller)
        self._parts.push_async_callback(caller.vanish)
        return caller

    @property
    def callers_traces(self) -> list[SipTrace]:
        """What each caller since the lab was cleared has said and heard."""
        return [caller.trace for caller in self._callers]

    async def clear(self) -> None:
        """As at the start, for the next who comes: every server is up, and nobody is on the line."""
        servers: list[Asterisk | Redis] = [*self.asterisks, *([self._redis] if self._redis else [])]
        for server in servers:
            server.thaw()
            if server.child.status is not None:
                await server.start()
        for caller in self._callers:
            await caller.vanish()
        self._callers.clear()
        for asterisk in self.asterisks:
            await asterisk.cli("channel request hangup all")
            await asterisk.idle()

    async def callers(self, exten: str, *, calls: int, rate: float, asterisk: int = 0, **more: Any) -> Callers:
        """Places many calls at `rate` a second; `more` is what Callers.dial takes."""
        callers = await Callers.dial(
            exten,
            calls=calls,
            rate=rate,
            folder=self.folder / "sip",
            local=self._free(SILENT_CARRIER),
            asterisk=self._sip(asterisk),
            **more,
        )
        self._parts.push_async_callback(callers.vanish)
        return callers

    def phone(self, name: str, *, asterisk: int = 0) -> Phone:
        """The phone of one SIP account, not switched on yet."""
        return self._ended_with_lab(Phone(name, **self._phone_line(asterisk)))

    def phones(self, names: Sequence[str], *, asterisk: int = 0, limit_s: float = 900) -> Phones:
        """The phones of many SIP accounts in one SIPp process, not switched on yet."""
        return self._ended_with_lab(Phones(names, **self._phone_line(asterisk), limit_s=limit_s))

    async def sipp_callers(
        self, name: str, xml: str, *, rtp: bool, remote: Endpoint | None = None, **more: Any
    ) -> Sipp:
        """Callers by a scenario of one's own, with audio or without; `more` is what Sipp.start takes.

        They dial the lab's Asterisk, or `remote`: from the address by which that is reached, where it is not loopback.
        """
        if remote is None or remote[0].startswith("127."):
            local = self._free(TALKING_CARRIER if rtp else SILENT_CARRIER)
        else:
            host = address_towards(remote)
            local = (host, free_port(host, udp=True))
        folder = self.folder / "sip"
        sipp = await Sipp.start(name, xml, folder=folder, local=local, remote=remote or self._sip(0), **more)
        self._parts.push_async_callback(sipp.kill)
        return sipp

    def _ended_with_lab(self, phones: P) -> P:
        self._parts.push_async_callback(phones.vanish)
        return phones

    def _phone_line(self, asterisk: int) -> dict[str, Any]:
        return {
            "password": self.asterisks[asterisk].site.phone_password,
            "folder": self.folder / "sip",
            "local": self._free(PHONES),
            "asterisk": self._sip(asterisk),
        }

    async def chromium(self) -> Chromium:
        """A headless browser with a profile of its own."""
        browser = Chromium(self.folder / f"chromium-{next(self._numbers)}")
        self._parts.push_async_callback(browser.stop)
        await browser.start()
        return browser

    def _sip(self, asterisk: int) -> Endpoint:
        server = self.asterisks[asterisk]
        return (server.sip_host, server.sip_port)

    def _free(self, host: int) -> Endpoint:
        address = self.place.address(host)
        return (address, free_port(address, udp=True))
