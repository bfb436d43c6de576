"""What the demo looks at besides events: CPU time of the servers, and what is left when all is over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

import psutil

from acd.agent import AgentActivity
from acd.ports import Snapshot
from scenarios.centre import Centre

__all__ = ["CpuMeter", "Processes", "left_in_store"]

END_LIMIT_S = 3.0
BUSY = {AgentActivity.RESERVED, AgentActivity.TALKING}


class CpuMeter:
    """CPU time of some processes since it was made."""

    def __init__(self, centre: Centre) -> None:
        children = {"ACD": centre.acd.child, "Asterisk": centre.lab.asterisk.child, "Redis": centre.lab.redis.child}
        self._processes = {name: psutil.Process(child.pid) for name, child in children.items()}
        self._begun = self._used()

    def spent_ms(self) -> Mapping[str, float]:
        """User and system time of each, in milliseconds of one core."""
        return {name: 1000 * (used - self._begun[name]) for name, used in self._used().items()}

    def _used(self) -> dict[str, float]:
        times = {name: process.cpu_times() for name, process in self._processes.items()}
        return {name: found.user + found.system for name, found in times.items()}


class Processes:
    """Everything that this process started, as of now: orphans among them are found again later."""

    def __init__(self) -> None:
        self._seen = psutil.Process().children(recursive=True)

    async def still_running(self) -> list[str]:
        """Those that do not end within a moment, and any that came since."""
        there = {process.pid: process for process in (*self._seen, *psutil.Process().children(recursive=True))}
        _, alive = await asyncio.to_thread(psutil.wait_procs, list(there.values()), END_LIMIT_S)
        return [_described(process) for process in alive]


def _described(process: psutil.Process) -> str:
    try:
        return f"process {process.pid} ({process.name()})"
    except psutil.NoSuchProcess:
        return f"process {process.pid}"


def left_in_store(snapshot: Snapshot) -> Iterable[str]:
    """Calls, offers and agents' reservations in the live state."""
    yield from (f"call {call} in Redis" for call in snapshot.calls)
    yield from (f"offer {offer} in Redis" for offer in snapshot.offers)
    for agent in snapshot.agents.values():
        if agent.offer or agent.activity in BUSY:
            yield f"{agent.id} is {agent.activity} in Redis"
