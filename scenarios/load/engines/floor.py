"""The bare Stasis application as an engine: what no call distribution over ARI can be faster than."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar

import msgspec

from scenarios.lab.lab import Lab
from scenarios.lab.namespace import Child, NotifySocket
from scenarios.load.engine import Engine, NotSupported
from scenarios.load.floor_app import APPLICATION, CALLER, Told
from scenarios.load.plan import Change, Plan
from stasis_app.asterisk.node import UNHEARD

__all__ = ["Floor"]

START_LIMIT_S = 20.0
BY_AGENTS = (Change.BREAK, Change.READY, Change.LOG_OUT)


class Floor(Engine):
    """One line, one set of agents, one process. Agents come when they log in, all at once, and stay."""

    name: ClassVar[str] = "floor"

    def __init__(self, plan: Plan, *, lab: Mapping[str, Any] | None = None) -> None:
        super().__init__(plan, lab=lab)
        queues = self.queues.values()
        if len({(queue.ring_timeout_s, queue.music_class) for queue in queues}) != 1:
            raise NotSupported("The bare application has one line: all queues must ring as long, with the same music.")
        if self._wishes() or len({tuple(sorted(agent.queues.items())) for agent in plan.agents}) > 1:
            raise NotSupported("The bare application has one line: neither wishes, nor agents of different queues.")
        if self._browsers():
            raise NotSupported("The bare application gives no browser its phone: use a plan with SIP phones alone.")
        if any(change.change in BY_AGENTS for change in plan.changes):
            raise NotSupported(
                "Agents of the bare application come at the beginning and stay: use a plan without breaks."
            )
        self._queue = next(iter(queues))
        self._app: Child

    def _lab(self, **site: Any) -> AbstractAsyncContextManager[Lab]:
        entries = [f"exten => {n},1,Stasis({APPLICATION},{CALLER})\n same => n,Hangup()\n" for n in self._numbers()]
        extra = {"extensions.conf": "\n[acd-callers]\n" + "".join(entries)}
        return super()._lab(redis=False, in_fallback=False, extra=extra, **site)

    async def _start(self) -> None:
        asterisk = self.lab.asterisk
        told = Told(
            url=asterisk.ari_url,
            user=asterisk.ari_user,
            password=asterisk.ari_password,
            agents=tuple((f"PJSIP/{agent.phone}", agent.wrap_up_s) for agent in self.plan.agents),
            ring_timeout_s=round(self._queue.ring_timeout_s),
            music_class="" if self._silent else self._queue.music_class,
            quiet=UNHEARD,
        )
        async with NotifySocket.listen() as notify:
            self._app = await Child.start(
                "The bare application",
                [sys.executable, "-m", "scenarios.load.floor_app"],
                log=self.lab.folder / "floor.log",
                env={"FLOOR_APP": msgspec.json.encode(told).decode(), **notify.env},
            )
            self._parts.push_async_callback(self._app.terminate)
            await self._app.until(notify.ready.wait(), START_LIMIT_S)

    @property
    def children(self) -> Mapping[str, Child]:
        return {**super().children, "floor": self._app}

    async def log_in(self, *agents: str) -> None:
        if agents:
            raise NotSupported("Agents of the bare application come all at once.")
        self._app.signal(signal.SIGUSR1)

    async def ready(self, agent: str) -> None:
        raise NotSupported("Agents of the bare application are always ready.")

    async def take_break(self, agent: str) -> None:
        raise NotSupported("Agents of the bare application take no breaks.")

    async def log_out(self, agent: str) -> None:
        raise NotSupported("Agents of the bare application do not log out.")
