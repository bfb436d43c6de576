"""Makes agents do what a plan says that they do besides taking calls: breaks, going home, phones that are gone."""

from __future__ import annotations

from collections.abc import Iterable

from scenarios.load.engine import Engine
from scenarios.load.plan import AgentChange, Change
from scenarios.load.senders import PhoneBank

__all__ = ["make"]


async def make(change: AgentChange, engine: Engine, banks: Iterable[PhoneBank]) -> None:
    """Returns when it is done; raises what the engine raises, LookupError for an agent or a phone that is not there."""
    match change.change:
        case Change.BREAK:
            await engine.take_break(change.agent)
        case Change.READY:
            await engine.ready(change.agent)
        case Change.LOG_OUT:
            await engine.log_out(change.agent)
        case Change.UNREACHABLE:
            await _register(change.agent, engine, banks, expires_s=0)
        case Change.REACHABLE:
            await _register(change.agent, engine, banks)


async def _register(agent: str, engine: Engine, banks: Iterable[PhoneBank], **more: int) -> None:
    phones = [planned.phone for planned in engine.plan.agents if planned.id == agent]
    bank = next((bank for bank in banks if phones and phones[0] in bank.phones.names), None)
    if bank is None:
        raise LookupError(f"no SIP phone of {agent} is switched on")
    await bank.phones.register(names=phones[:1], **more)
