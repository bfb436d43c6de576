"""Agents' phones on one Asterisk: pushes WebRTC identities, takes them away, and tells who can be reached.

A pushed identity is three PJSIP objects of one name (auth, aor, endpoint), written over ARI into Asterisk's own
database, so that it outlives Asterisk's restarts and ours. Their secrets are ours; nothing of them is ever logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import structlog

from acd.agent import AgentProfile, PhoneKind
from acd.offer import leg_of
from stasis_app.ari import Ari, AriError, AriRefused, NotFound, Received
from stasis_app.ari.generated_events import MESSAGES, EndpointStateChange

log = structlog.get_logger(__name__)

CLASS = "res_pjsip"
KINDS = ("endpoint", "aor", "auth")
"""In the order of taking away: first the endpoint, so that nothing is served by half an identity."""
IDENTITY_PREFIX = "acd-phone-"
QUIET = tuple(kind.__name__ for kind in MESSAGES if kind is not EndpointStateChange)
"""Everything but the one event that this module lives on."""

UNREAD = frozenset({"disallow"})
"""What Asterisk takes, and does not say back."""
READS_AS = {"yes": "true", "on": "true", "no": "false", "off": "false"}

SOURCES_AT_ONCE = 200
BELIEVED_FOR_S = 60.0
"""Longer than the phones' qualify intervals."""

Reached = Callable[[str, bool], None]
"""Agent id, and whether the phone can be reached."""


def identity_of(agent: str) -> str:
    """SIP user of an agent's pushed phone."""
    return f"{IDENTITY_PREFIX}{agent}"


def endpoint_of(agent: AgentProfile) -> str:
    """What Asterisk is asked to call for this agent."""
    if agent.phone.kind is PhoneKind.PUSHED:
        return f"PJSIP/{identity_of(agent.id)}"
    return agent.phone.target


def objects_of(identity: str, secret: str) -> Mapping[str, Mapping[str, str]]:
    """The PJSIP objects of one pushed phone, by kind."""
    return {
        "auth": {"auth_type": "userpass", "username": identity, "password": secret},
        "aor": {
            "max_contacts": "1",
            "remove_existing": "yes",
            "qualify_frequency": "20",
            "qualify_timeout": "3.0",
            "qualify_2xx_only": "yes",
            "default_expiration": "120",
            "maximum_expiration": "300",
        },
        "endpoint": {
            "aors": identity,
            "auth": identity,
            "context": "acd-agents",
            "disallow": "all",
            "allow": "ulaw,alaw,opus",
            "webrtc": "yes",
            "transport": "transport-ws",
            "device_state_busy_at": "1",
            "direct_media": "no",
            "rtp_timeout": "30",
        },
    }


def reads_as(written: str, read: str) -> bool:
    """Whether Asterisk says back what was written: it has spellings of its own for truth, numbers and lists."""
    try:
        return float(written) == float(read)
    except ValueError:
        return read in (written, READS_AS.get(written), f"({written.replace(',', '|')})")


class AsteriskPhones:
    """The phones of one node. ``watching`` keeps an event stream of its own, which hears of endpoints only."""

    def __init__(self, node: str, ari: Ari, options: Mapping[str, str]) -> None:
        """``options`` are further options of the pushed endpoints, as in pjsip.conf; they win over ours."""
        self.node = node
        self._ari = ari
        self._options = options

    def _objects(self, identity: str, secret: str) -> Mapping[str, Mapping[str, str]]:
        objects = objects_of(identity, secret)
        return {**objects, "endpoint": {**objects["endpoint"], **self._options}}

    async def push(self, secrets: Mapping[str, str]) -> None:
        """Make the pushed identities on this Asterisk exactly these: agent id to secret. Raises AriError."""
        wanted = {identity_of(agent): secret for agent, secret in secrets.items()}
        there = [e.resource for e in await self._ari.endpoints.listByTech(tech="PJSIP")]
        for identity in there:
            if identity.startswith(IDENTITY_PREFIX) and identity not in wanted:
                await self._take_away(identity)
        for identity, secret in wanted.items():
            if not await self._is_as(identity, secret):
                await self._write(identity, secret)

    async def _is_as(self, identity: str, secret: str) -> bool:
        for kind, fields in self._objects(identity, secret).items():
            try:
                found = await self._ari.asterisk.getObject(configClass=CLASS, objectType=kind, id=identity)
            except NotFound:
                return False
            values = {field.attribute: field.value for field in found}
            if not all(reads_as(value, values.get(name, "")) for name, value in fields.items() if name not in UNREAD):
                return False
        return True

    async def _write(self, identity: str, secret: str) -> None:
        for kind, fields in self._objects(identity, secret).items():
            await self._ari.asterisk.updateObject(
                configClass=CLASS,
                objectType=kind,
                id=identity,
                fields=[{"attribute": name, "value": value} for name, value in fields.items()],
            )
        log.info("phone pushed", node=self.node, identity=identity)

    async def _take_away(self, identity: str) -> None:
        """The call ends, the contact goes, and the next REGISTER finds nobody of that name."""
        with suppress(NotFound):
            await self._ari.channels.hangup(channelId=leg_of(identity.removeprefix(IDENTITY_PREFIX)))
        for kind in KINDS:
            with suppress(NotFound):
                await self._ari.asterisk.deleteObject(configClass=CLASS, objectType=kind, id=identity)
        log.info("phone taken away", node=self.node, identity=identity)


class Reachability:
    """Which agents' phones answer on one node, told from events; read anew after every connection.

    An Asterisk that was started anew remembers the phones' contacts and calls them offline until it has asked each, up
    to a qualify interval later: so phones of the PBX that answered before are believed to be there meanwhile. (Browsers
    register again: their sockets broke.)
    """

    def __init__(self, node: str, agents: Callable[[], Iterable[AgentProfile]], reached: Reached) -> None:
        self.node = node
        self._agents = agents
        self._reached = reached
        self._ari: Ari | None = None
        self._watched: set[str] = set()
        self._agent_at: dict[str, str] = {}
        self._online: set[str] = set()
        self._life = ""
        self._believed: set[str] = set()
        """Not asked yet by an Asterisk that was started anew."""
        self._doubts = asyncio.Event()
        self._heard: dict[str, bool] = {}
        """What events said since the last list was asked for: newer than whatever that list says."""
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def watching(self, url: str, user: str, password: str, *, app: str) -> AsyncIterator[None]:
        """Watch while the context lasts. Raises AriError if the first connection fails."""
        async with Ari.connect(
            url, user, password, app=app, command_sockets=0, quiet=QUIET, on_connected=self._begin
        ) as ari:
            self._ari = ari
            ari.events.on(EndpointStateChange, self._changed)
            await self.refresh()
            async with asyncio.TaskGroup() as tasks:
                doubting = tasks.create_task(self._doubt_all_in_time())
                yield
                doubting.cancel()

    async def _begin(self, ari: Ari) -> None:
        self._ari = ari
        self._watched.clear()
        await self.refresh()

    async def _see_life(self, ari: Ari) -> None:
        status = (await ari.asterisk.getInfo(only=("status",))).status
        life = status.startup_time if status else ""
        if self._life not in ("", life):
            of_the_pbx = {endpoint_of(a) for a in self._agents() if a.phone.kind is PhoneKind.ENDPOINT}
            self._believed = self._online & of_the_pbx
            self._doubts.set()
        self._life = life

    def doubt(self, agent: AgentProfile) -> None:
        """This phone could not be called: what is believed without a sign is believed no longer."""
        endpoint = endpoint_of(agent)
        if endpoint in self._believed:
            self._believed.discard(endpoint)
            self._reached(agent.id, False)

    async def _doubt_all_in_time(self) -> None:
        while True:
            await self._doubts.wait()
            self._doubts.clear()
            await asyncio.sleep(BELIEVED_FOR_S)
            self._believed.clear()
            with suppress(AriError):  # its next connection begins with a refresh
                await self.refresh()

    async def refresh(self) -> None:
        """Watch the endpoints of the agents as configured now, and tell how each of them is."""
        if self._ari is None:
            return
        async with self._lock:
            agents = {endpoint_of(agent): agent for agent in self._agents()}
            self._agent_at = {e: a.id for e, a in agents.items() if a.phone.kind is not PhoneKind.DIAL}
            await self._see_life(self._ari)
            online = await self._list(self._ari)
            await self._unwatch(self._watched - agents.keys())
            fresh = [endpoint for endpoint in agents if endpoint in online and endpoint not in self._watched]
            if fresh:  # a phone may have registered before it was watched: watch first, then look
                await self._watch(fresh)
                online = await self._list(self._ari)
            for endpoint, agent in agents.items():
                self._note(endpoint, online=online.get(endpoint, False))
                there = endpoint in self._online or endpoint in self._believed
                self._reached(agent.id, there or agent.phone.kind is PhoneKind.DIAL)

    def _note(self, endpoint: str, *, online: bool) -> None:
        if online:
            self._online.add(endpoint)
            self._believed.discard(endpoint)
        else:
            self._online.discard(endpoint)

    async def _list(self, ari: Ari) -> Mapping[str, bool]:
        self._heard.clear()
        listed = {f"{e.technology}/{e.resource}": e.state == "online" for e in await ari.endpoints.list()}
        return listed | self._heard

    async def _unwatch(self, endpoints: Iterable[str]) -> None:
        """End every subscription to these. Asterisk counts them, keeps them beyond our connection and beyond the end of
        the endpoint, and takes one to an endpoint that is gone for one to the next of that name, of which nothing is
        heard then."""
        assert self._ari is not None
        unwanted = set(endpoints)
        self._watched -= unwanted
        while unwanted:
            application = await self._ari.applications.get(applicationName=self._ari.app)
            kept = sorted(unwanted.intersection(application.endpoint_ids))
            if not kept:
                return
            for start in range(0, len(kept), SOURCES_AT_ONCE):
                some = kept[start : start + SOURCES_AT_ONCE]
                await self._ari.events.unwatch(*(f"endpoint:{endpoint}" for endpoint in some))

    async def _watch(self, endpoints: Sequence[str]) -> None:
        assert self._ari is not None
        try:
            await self._unwatch(endpoints)
            await self._ari.events.watch(*(f"endpoint:{endpoint}" for endpoint in endpoints))
            self._watched.update(endpoints)
        except AriRefused as refused:
            log.warning("endpoints cannot be watched", node=self.node, refused=str(refused))

    def _changed(self, event: Received) -> None:
        assert isinstance(event, EndpointStateChange)
        endpoint = f"{event.endpoint.technology}/{event.endpoint.resource}"
        online = self._heard[endpoint] = event.endpoint.state == "online"
        if (agent := self._agent_at.get(endpoint)) is not None:
            self._note(endpoint, online=online)
            self._reached(agent, online or endpoint in self._believed)
