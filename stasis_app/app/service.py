"""The service on connected parts: sessions with the store, calls' flows, history, phones, and the control API."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import structlog

from acd.agent import Agent, PhoneKind
from acd.call import Call, CallState, EndedBy, EndReason
from acd.configuration import Configuration
from acd.errors import Fault, StoreUnavailable
from acd.events import AlertKind
from acd.matcher import Matcher
from acd.ports import PhoneCredentials, Refused
from acd.queue import WaitCountsFrom
from stasis_app.agent_desk import AgentDesk
from stasis_app.app.explaining import MatcherExplainer
from stasis_app.app.parts import Parts
from stasis_app.app.session import RETRY_S, Session
from stasis_app.app.web_services import WebFeed
from stasis_app.ari import AriError
from stasis_app.asterisk.phones import identity_of
from stasis_app.call_flow import CallFlows, FlowWorld
from stasis_app.clock import StoreClock
from stasis_app.database import HistoryFold
from stasis_app.deadlines import Deadlines
from stasis_app.distributor import Distributor
from stasis_app.event_feed import EventFeed
from stasis_app.plugins import strategies_for
from stasis_app.reconcile import Reconciler
from stasis_app.settings import AsteriskSettings
from stasis_app.undriven import UndrivenCalls
from stasis_app.web import ControlApi, IceServer, Services, WebOptions

log = structlog.get_logger(__name__)

LONGEST_ALERT = 1_000
HISTORY_GATHER_S = 0.5
"""How much later than the event history may be: pages show it, calls do not wait for it."""


class _Stopping(Exception):
    """Ends the task group of a process that was asked to stop."""


class Service:
    """Everything that runs in one process."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._name = parts.settings.process.name
        self._clock = StoreClock()
        self._tasks = asyncio.TaskGroup()
        worlds = {
            name: FlowWorld(
                process=self._name,
                store=parts.store,
                switch=node.calls,
                clock=self._clock,
                configuration=self._current,
                store_ready=self._store_ready,
            )
            for name, node in parts.nodes.items()
        }
        configuration = parts.configuration.current
        self._flows = CallFlows(self._tasks, worlds)
        self._matcher = Matcher(configuration, strategies_for(configuration))
        self._feed = EventFeed(parts.store)
        self._distributor = Distributor(parts.store, self._feed, self._matcher, process=self._name)
        self._session = self._new_session()
        parts.configuration.on_change(self._configure)

    def _new_session(self) -> Session:
        parts = self._parts
        agents: dict[str, Agent] = {}
        return Session(
            process=self._name,
            lease_ms=parts.settings.process.lease_ms,
            store=parts.store,
            clock=self._clock,
            feed=self._feed,
            distributor=self._distributor,
            deadlines=Deadlines(parts.store, self._feed, active=self._distributor.leading),
            reconciler=Reconciler(
                process=self._name,
                store=parts.store,
                switches={name: node.calls for name, node in parts.nodes.items()},
                configuration=self._current,
                journal=parts.database.history.journal_statuses,
                known=lambda: agents,
                driven=self._flows.records,
                start=self._flows.start,
            ),
            flows=self._flows,
            undriven=UndrivenCalls(self._feed, process=self._name, drives=self._flows.drives, start=self._flows.start),
            configuration=parts.configuration,
            reach=parts.reach,
            agents=agents,
        )

    def _current(self) -> Configuration:
        return self._parts.configuration.current

    async def run(self, stopping: asyncio.Event) -> None:
        """Serve until asked to stop. Calls stay in Asterisk as they are; whoever comes next finds them there."""
        api = ControlApi(self._services(), self._web_options())
        try:
            async with self._tasks as tasks:
                tasks.create_task(self._session.run(), name="session")
                tasks.create_task(self._fold_history(), name="history")
                tasks.create_task(self._push_phones(), name="phones")
                async with api.serving() as served:
                    log.info("listening", process=self._name, port=served.port, socket=str(served.socket))
                    tasks.create_task(self._tell_ready(), name="ready")
                    await _end_with(stopping)
        except* _Stopping:
            with contextlib.suppress(StoreUnavailable):
                await self._parts.store.leave(self._name)

    # --- what happens on the switches ---------------------------------------------------------------------------------

    @property
    def accepts_callers(self) -> bool:
        """Whether new callers may be claimed: without a store the dialplan's net serves them better."""
        return self._session.ready.is_set()

    def caller_entered(self, call: Call, age_ms: int) -> None:
        """A caller whom this process claimed, so long after reaching Asterisk."""
        now = self._clock.now()
        arrived_at = now - age_ms
        queue = self._current().queues[call.queue]
        queued_at = arrived_at if queue.wait_counts_from is WaitCountsFrom.ARRIVAL else now
        log.debug("caller", call=call.id, queue=call.queue, number=call.caller_number)
        self._flows.start(replace(call, arrived_at=arrived_at, queued_at=queued_at), fresh=True)

    async def bad_wishes(self, call: Call, faults: Sequence[Fault]) -> None:
        """What the dialplan asked for cannot be used: the call goes on without it, and somebody mends the dialplan."""
        said = "; ".join(map(str, faults))
        text = f"the caller on channel {call.id} to {call.queue} was queued without what the dialplan asked for: {said}"
        log.warning("bad wishes from the dialplan", channel=call.id, queue=call.queue, faults=said)
        with contextlib.suppress(StoreUnavailable):
            await self._parts.store.raise_alert(AlertKind.BAD_WISHES, text[:LONGEST_ALERT])

    async def unknown_queue(self, channel: str, entry: str) -> None:
        """A caller asked for what is not configured: say what would mend it."""
        known = ", ".join(sorted(self._current().queue_of_number)) or "none is configured"
        text = f"a caller dialled {entry!r}, which names no queue and no queue's number; known: {known}"
        log.warning("unknown queue", channel=channel, entry=entry)
        with contextlib.suppress(StoreUnavailable):
            await self._parts.store.raise_alert(AlertKind.UNKNOWN_QUEUE, text)

    async def node_is_back(self, node: str) -> None:
        """The connection to an Asterisk was lost and is there again: events were missed."""
        log.warning("asterisk is back", node=node)
        self._flows.look_again(node)
        await self._session.ready.wait()
        with contextlib.suppress(StoreUnavailable):  # a new session looks for itself
            await self._session.reconciler.resume_own()
        await self._push_phones()

    async def _store_ready(self) -> None:
        await self._session.store_ready()

    # --- tasks --------------------------------------------------------------------------------------------------------

    async def _tell_ready(self) -> None:
        await self._session.ready.wait()
        log.info("ready", process=self._name)
        _tell_service_manager()

    async def _fold_history(self) -> None:
        fold = HistoryFold(self._parts.store, self._parts.database, gather_s=HISTORY_GATHER_S)
        while True:
            await self._session.ready.wait()
            await self._distributor.leading.wait()  # one process of the pool is enough; two would do it twice
            try:
                await fold.run()
            except StoreUnavailable as away:
                log.info("history waits for the store", reason=str(away))
                await asyncio.sleep(RETRY_S)

    async def _configure(self, configuration: Configuration) -> None:
        self._distributor.configure(configuration, strategies_for(configuration))
        await self._push_phones()

    async def _push_phones(self) -> None:
        """Make every Asterisk's pushed phones what the configuration says."""
        pushed = [a.id for a in self._current().agents.values() if a.phone.kind is PhoneKind.PUSHED]
        secrets = await self._parts.database.phones.phone_secrets(pushed)
        for name, node in self._parts.nodes.items():
            try:
                await node.phones.push(secrets)
                await node.reachability.refresh()
            except AriError as error:
                log.warning("phones could not be pushed; they will be when it is back", node=name, error=str(error))

    # --- for the control API ------------------------------------------------------------------------------------------

    def _services(self) -> Services:
        parts = self._parts
        return Services(
            store=parts.store,
            clock=self._clock,
            desk=AgentDesk(parts.store, self._current),
            configuration=parts.configuration,
            users=parts.database.accounts,
            history=parts.database.history,
            explainer=MatcherExplainer(self._matcher, self._clock),
            feed=WebFeed(self._feed),
            phone_of=self._phone_of,
            hang_up=self._hang_up,
            health=self._health,
        )

    def _web_options(self) -> WebOptions:
        settings = self._parts.settings
        return WebOptions(
            data_folder=settings.process.data_folder,
            host=settings.web.host,
            port=settings.web.port,
            socket=settings.control_socket,
            phone_websockets=tuple(_websocket_url(one) for one in settings.asterisk),
            ice_servers=tuple(
                IceServer(urls=one.urls, username=one.username, credential=one.credential.get_secret_value())
                for one in settings.web.ice_servers
            ),
            auto_answer=settings.web.auto_answer,
            serve_pages=settings.web.serve_pages,
            public_origins=settings.web.public_origins,
        )

    async def _phone_of(self, agent: str) -> PhoneCredentials | None:
        profile = self._current().agents.get(agent)
        if profile is None or profile.phone.kind is not PhoneKind.PUSHED:
            return None
        asterisk = self._parts.settings.asterisk[0]
        url = _websocket_url(asterisk)
        return PhoneCredentials(
            identity=identity_of(agent),
            secret=await self._parts.database.phones.phone_secret(agent),
            node=asterisk.name,
            websocket_url=url,
            sip_domain=asterisk.sip_domain or urlsplit(url).hostname or "",
        )

    async def _hang_up(self, call_id: str) -> bool:
        """By a supervisor: the owner hears of the committed end, and ends the channels."""
        call = await self._parts.store.call(call_id)
        if call is None:
            return False
        talked = call.state is CallState.CONNECTED
        reason = EndReason.COMPLETED if talked else EndReason.ENDED_BY_SUPERVISOR
        wrap_up_ms = self._current().wrap_up_ms(call.queue, call.agent)
        ended = await self._parts.store.end_call(
            call.id, reason, owner=call.owner, by=EndedBy.SYSTEM, wrap_up_ms=wrap_up_ms
        )
        return not isinstance(ended, Refused)

    async def _health(self) -> Mapping[str, str]:
        parts = {
            f"ari:{name}": "" if node.connected else "no connection to this Asterisk; trying again"
            for name, node in self._parts.nodes.items()
        }
        ready = self._session.ready.is_set()
        parts["store"] = "" if ready else "Redis does not answer, or its state is being rebuilt"
        return parts


async def _end_with(stopping: asyncio.Event) -> None:
    """Ends the task group that it is awaited in, once the process is asked to stop."""
    await stopping.wait()
    raise _Stopping


def _websocket_url(asterisk: AsteriskSettings) -> str:
    """Where browsers register: as configured, or Asterisk's own HTTP server."""
    if asterisk.websocket_url:
        return asterisk.websocket_url
    parts = urlsplit(asterisk.url)
    return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}/ws"


def _tell_service_manager() -> None:
    """``READY=1`` to whoever started us with NOTIFY_SOCKET (sd_notify(3)): systemd, or a lab."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.sendto(b"READY=1", f"\0{address[1:]}" if address.startswith("@") else address)
