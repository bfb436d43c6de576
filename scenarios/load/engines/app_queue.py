"""Asterisk's own app_queue at its best, and nothing beside it: the peer that the product is raced against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

from scenarios.lab.lab import Lab
from scenarios.load.engine import Engine, NotSupported
from scenarios.load.plan import Plan

__all__ = ["AppQueue", "AppQueueSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppQueueSettings:
    """How each queue is configured; by default as it serves fastest."""

    strategy: str = "leastrecent"
    autofill: bool = True
    """Serve as many callers at once as there are free agents."""
    ringinuse: bool = False
    retry_s: int = 1
    """Asterisk makes 5 of a 0."""
    wrapuptime_s: int = 0
    """Of agents who have none in the plan."""
    timeoutrestart: bool = False
    maxlen: int = 0
    """Most callers who may wait; 0 for no limit."""


class AppQueue(Engine):
    """One queue of Asterisk's for each of the plan, entered by the number dialled at the carrier."""

    name: ClassVar[str] = "app_queue"

    def __init__(
        self, plan: Plan, *, settings: AppQueueSettings | None = None, lab: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(plan, lab=lab)
        self._settings = settings or AppQueueSettings()
        configuration = plan.configuration
        if self._wishes() or configuration.caps or any(queue.requires for queue in self.queues.values()):
            raise NotSupported("app_queue has no skills, no caps, no priorities in minutes: use a plan without them.")
        if self._browsers():
            raise NotSupported("app_queue gives no browser its phone: use a plan with SIP phones alone.")

    def _lab(self, **site: Any) -> AbstractAsyncContextManager[Lab]:
        # The fall-back queue would cost app_queue at every change of a phone, and serves nobody here.
        extra = {"queues.conf": "\n".join(self._queues()), "extensions.conf": "\n".join(self._entries())}
        return super()._lab(redis=False, in_fallback=False, extra=extra, **site)

    def _queues(self) -> Iterator[str]:
        chosen = self._settings
        for name, queue in self.queues.items():
            yield f"\n[{name}]"
            yield f"strategy={chosen.strategy}"
            yield f"autofill={_word(chosen.autofill)}"
            yield f"ringinuse={_word(chosen.ringinuse)}"
            yield f"retry={chosen.retry_s}"
            yield f"wrapuptime={chosen.wrapuptime_s}"
            yield f"timeout={round(queue.ring_timeout_s)}"
            yield f"timeoutrestart={_word(chosen.timeoutrestart)}"
            yield f"maxlen={chosen.maxlen}"
            yield f"musicclass={queue.music_class}"
            yield "joinempty=yes"
            yield "leavewhenempty=no"
            for agent in self.plan.agents:
                if name in agent.queues:
                    # Paused until they log in: a member who is added later can have no wrap-up of its own.
                    fields = (agent.queues[name], agent.id, "", _word(chosen.ringinuse), round(agent.wrap_up_s), "yes")
                    yield f"member => PJSIP/{agent.phone},{','.join(map(str, fields))}"

    def _entries(self) -> Iterator[str]:
        yield "\n[acd-callers]"
        for number, queue in self._numbers().items():
            longest = round(self.queues[queue].max_wait_s) or ""
            # At once, as the others do: otherwise Answer waits half a second for a caller who sends no audio.
            yield f"exten => {number},1,Answer(,i)"
            yield f" same => n,Queue({queue},,,,{longest})"
            yield " same => n,Hangup()"
        yield ""

    async def _start(self) -> None:
        """Asterisk is all there is."""

    async def ready(self, agent: str) -> None:
        await self._pause(agent, "unpause")

    async def take_break(self, agent: str) -> None:
        await self._pause(agent, "pause")

    async def log_out(self, agent: str) -> None:
        """Paused as well: who is removed loses the wrap-up, and gets no calls either way."""
        await self._pause(agent, "pause")

    async def _pause(self, agent: str, command: str) -> None:
        said = await self.lab.asterisk.cli(f"queue {command} member PJSIP/{self._phone(agent)}")
        assert said.lower().startswith(f"{command}d interface"), said


def _word(wanted: bool) -> str:
    return "yes" if wanted else "no"
