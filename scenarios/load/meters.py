"""Watches what a run costs: processor time and memory of each process, and how late our own timers are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import psutil

__all__ = ["Meter", "Sample", "Use", "cpu_ms", "growth_mib_per_h"]

EVERY_S = 1.0
MIB = 1 << 20
SHORTEST_FOR_GROWTH_S = 60.0
"""Below this, what a process takes while it warms up looks like growth."""


@dataclass(frozen=True, slots=True)
class Use:
    """One process at one time."""

    cpu_s: float
    """User and system time since its start, with that of children that have ended."""
    rss: int
    """Bytes of memory."""


@dataclass(frozen=True, slots=True)
class Sample:
    """All processes at one time."""

    at: float
    """Seconds of the run."""
    use: Mapping[str, Use]
    lag_s: float
    """How late this very sample was: what our own timers are late by when the machine is full."""


@dataclass(slots=True)
class Meter:
    """Samples named processes once a second. ``generators`` tells the process ids of SIPp as they come and go."""

    processes: Callable[[], Mapping[str, int]]
    generators: Callable[[], Iterable[int]]
    samples: list[Sample] = field(default_factory=list)
    _known: dict[int, psutil.Process] = field(default_factory=dict)
    _sipp: dict[int, float] = field(default_factory=dict)
    """Processor time of each SIPp, kept when it has ended."""

    async def watch(self, began: float) -> None:
        """Until cancelled; ``began`` is the run's first second by the event loop's clock."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self.look(loop.time() - began, lag_s=loop.time() - due)
            due += EVERY_S
            await asyncio.sleep(max(0.0, due - loop.time()))

    def look(self, at: float, *, lag_s: float = 0.0) -> None:
        """Take a sample now."""
        use = {name: found for name, pid in self.processes().items() if (found := self._use(pid)) is not None}
        rss = 0
        for pid in self.generators():
            found = self._use(pid)
            if found is not None:
                self._sipp[pid] = found.cpu_s
                rss += found.rss
        use["sipp"] = Use(sum(self._sipp.values()), rss)
        self.samples.append(Sample(at, use, lag_s))

    def _use(self, pid: int) -> Use | None:
        try:
            process = self._known.setdefault(pid, psutil.Process(pid))
            with process.oneshot():
                times = process.cpu_times()
                return Use(times.user + times.system, process.memory_info().rss)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            return None


def cpu_ms(samples: Sequence[Sample], name: str) -> float:
    """Processor time of this process between the first sample and the last that knew it, milliseconds of one core."""
    known = [sample.use[name] for sample in samples if name in sample.use]
    return 1000 * (known[-1].cpu_s - known[0].cpu_s) if known else 0.0


def growth_mib_per_h(samples: Sequence[Sample], name: str) -> float | None:
    """How fast the process's memory grew over the second half of the run, by least squares; None for a short run."""
    points = [(sample.at, sample.use[name].rss / MIB) for sample in samples if name in sample.use]
    points = points[len(points) // 2 :]
    if len(points) < 2 or points[-1][0] - points[0][0] < SHORTEST_FOR_GROWTH_S:
        return None
    middle_at = sum(at for at, _ in points) / len(points)
    middle = sum(size for _, size in points) / len(points)
    across = sum((at - middle_at) * (size - middle) for at, size in points)
    return 3600 * across / sum((at - middle_at) ** 2 for at, _ in points)
