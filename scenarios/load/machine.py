"""Whether this machine has what a plan needs: open files, memory and ports, told before anything starts."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scenarios.lab.asterisk_site import AsteriskSite
from scenarios.load.forecast import forecast_of
from scenarios.load.plan import Plan

__all__ = ["Machine", "Needs", "needs_of", "shortages", "this_machine"]

# Of Asterisk: two sockets of RTP, what wakes the channel, a timer, a file of music; generously.
FILES_PER_CHANNEL = 10
FILES_AT_REST = 500
# Asterisk took 126 to 170 KiB for a waiting caller; SIPp and the ACD keep some of each call, too.
MEMORY_PER_CHANNEL_MIB = 0.3
MEMORY_PER_AGENT_MIB = 0.1
MEMORY_PER_PLANNED_CALL_MIB = 0.002
MEMORY_AT_REST_MIB = 600
MEMORY_PER_BROWSER_MIB = 300
PORTS_PER_CHANNEL = 2
MEMORY_FIGURES = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a plan needs at its worst moment."""

    channels: int
    open_files: int
    """Of one process: Asterisk, which has most."""
    memory_mib: int
    rtp_ports: int
    """UDP ports of Asterisk's address: one for RTP and one for RTCP of each channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What there is."""

    open_files: int
    memory_mib: int
    rtp_ports: int


def needs_of(plan: Plan) -> Needs:
    """What is needed while most callers are there, each with a channel, and agents with theirs."""
    forecast = forecast_of(plan)
    channels = forecast.most_present + min(len(plan.agents), max(forecast.most_present, 1))
    browsers = sum(agent.group.browser for agent in plan.agents)
    memory = (
        MEMORY_AT_REST_MIB
        + channels * MEMORY_PER_CHANNEL_MIB
        + len(plan.agents) * MEMORY_PER_AGENT_MIB
        + len(plan.calls) * MEMORY_PER_PLANNED_CALL_MIB
        + browsers * MEMORY_PER_BROWSER_MIB
    )
    return Needs(
        channels=channels,
        open_files=FILES_AT_REST + channels * FILES_PER_CHANNEL,
        memory_mib=round(memory),
        rtp_ports=channels * PORTS_PER_CHANNEL,
    )


def this_machine() -> Machine:
    """As it is now; what cannot be found out is taken for endless."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    first, last = AsteriskSite(host="", http_port=0, sip_port=0).rtp_ports
    return Machine(
        open_files=10**9 if files == resource.RLIM_INFINITY else files,
        memory_mib=_memory_mib(),
        rtp_ports=last - first + 1,
    )


def _memory_mib() -> int:
    try:
        lines = MEMORY_FIGURES.read_text(encoding="ascii").splitlines()
    except OSError:
        return 10**9
    figures = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}
    return figures.get("MemAvailable", 10**12) // 1024


def shortages(needs: Needs, machine: Machine) -> Iterator[str]:
    """One sentence for each thing of which there is too little: what is needed, what is there, what to do."""
    at_once = f"{needs.channels} channels at once"
    if needs.open_files > machine.open_files:
        yield (
            f"open files: {at_once} need about {needs.open_files}, and a process may have {machine.open_files}; "
            f"raise the limit first: ulimit -n {needs.open_files}"
        )
    if needs.memory_mib > machine.memory_mib:
        yield (
            f"memory: {at_once} need about {needs.memory_mib} MiB, and {machine.memory_mib} MiB are free; "
            "end other programs, or take a smaller profile"
        )
    if needs.rtp_ports > machine.rtp_ports:
        yield (
            f"ports: {at_once} need {needs.rtp_ports} UDP ports for RTP, and one Asterisk of the lab has "
            f"{machine.rtp_ports}; let fewer callers wait or talk at once"
        )
