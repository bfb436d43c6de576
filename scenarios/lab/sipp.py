"""Runs SIPp processes: ready when their socket is bound, ended by process id, never without a limit."""

from __future__ import annotations

import asyncio
import itertools
import socket
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios.lab.namespace import Child
from scenarios.lab.sip_trace import Fifo, SipTrace

__all__ = ["Endpoint", "Sipp", "Wait", "by_variable", "draws", "scenario", "timed"]

SCENARIOS = Path(__file__).with_name("sipp")
START_LIMIT_S = 10.0
DRAWS = 8  # a time that is drawn takes one of so many values, spread evenly over its range
_numbers = itertools.count(1)

Endpoint = tuple[str, int]
Wait = tuple[float, float] | float | None
"""Seconds: fixed, drawn evenly between two bounds, or None for as long as it takes."""


class ScenarioTemplate(string.Template):
    """SIPp uses `$` and `[...]` for its own variables, so ours are written %{name}."""

    delimiter = "%"


def scenario(name: str, **values: str) -> str:
    """The SIPp scenario of that name in sipp/, with its %{placeholders} filled in."""
    return ScenarioTemplate((SCENARIOS / f"{name}.xml").read_text()).substitute(values)


def timed(label: str, wait: Wait, receives: Sequence[str], *, then: str) -> str:
    """Scenario lines that wait for messages, and go to label `then` after a drawn time.

    All of `receives` but the last are optional.
    """
    times = draws(wait)
    lines = by_variable(label, times, receives, then=then)
    if len(times) == 1:
        return lines
    draw = f'<sample assign_to="{label}" distribution="uniform" min="0" max="{len(times)}"/>'
    return f"<nop><action>{draw}</action></nop>\n  {lines}"


def by_variable(label: str, times: Sequence[float | None], receives: Sequence[str], *, then: str) -> str:
    """The same where a variable named as the label, from 0 up to the number of times, says which time it is.

    SIPp can draw the length of a pause, during which it takes any message for a mistake, but not
    the time-out of a receive. So one branch is written for each time that there may be.
    """
    lines = [f'<label id="{label}"/>']
    if len(times) > 1:
        tests = "".join(
            f'<test assign_to="{label}{n}" variable="{label}" compare="less_than" value="{n + 1}"/>'
            for n in range(len(times))
        )
        lines.append(f"<nop><action>{tests}</action></nop>")
        lines += [f'<nop next="{label}{n}" test="{label}{n}"/>' for n in range(len(times))]
    for n, seconds in enumerate(times):
        limit = "" if seconds is None else f' timeout="{seconds * 1000:.0f}" ontimeout="{then}"'
        lines.append(f'<label id="{label}{n}"/>')
        # SIPp heeds the time-out of the first receive of a row only.
        lines += [line.replace("<recv", f"<recv{limit}") for line in receives]
    return "\n  ".join(lines)


def draws(wait: Wait) -> Sequence[float | None]:
    if not isinstance(wait, tuple):
        return (wait,)
    low, high = wait
    if low == high:
        return (low,)
    return [low + (high - low) * (n + 0.5) / DRAWS for n in range(DRAWS)]


def write_scenario(folder: Path, name: str, xml: str) -> Path:
    """The path, without suffix, of the files of one SIPp."""
    folder.mkdir(parents=True, exist_ok=True)
    base = folder / f"{name}-{next(_numbers)}"
    base.with_suffix(".xml").write_text(xml)
    return base


class Figures:
    """SIPp's counters, of which it writes a line every second; only the latest is kept."""

    def __init__(self, begun: asyncio.Event) -> None:
        """`begun` is set with the first of them."""
        self._begun = begun
        self._names: list[str] = []
        self._rest = b""
        self._line = ""

    def feed(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if lines and not self._names:
            self._names = lines[0].decode(errors="replace").split(";")
        if lines:
            self._line = lines[-1].decode(errors="replace")
        self._begun.set()

    @property
    def latest(self) -> dict[str, str]:
        """By the names that SIPp gives them."""
        return dict(zip(self._names, self._line.split(";"), strict=False))


@dataclass(frozen=True)
class Sipp:
    """One SIPp process. `trace` stays empty when it was started without."""

    child: Child
    trace: SipTrace
    address: Endpoint
    pipes: tuple[Fifo, ...]
    figures: Figures
    deadline: asyncio.TimerHandle
    summary: Path
    """A line for each message, if it was asked for."""

    @classmethod
    async def start(
        cls,
        name: str,
        xml: str,
        *,
        folder: Path,
        local: Endpoint,
        remote: Endpoint,
        limit_s: float,
        options: Mapping[str, object] | None = None,
        flags: Sequence[str] = (),
        traced: bool = True,
        summarized: bool = False,
        on_log: Callable[[bytes], None] | None = None,
    ) -> Sipp:
        """Starts SIPp and returns when its socket is bound. It is killed after `limit_s` seconds.

        `traced` keeps every message in memory, which costs; `summarized` writes a line for each to a file. `on_log`
        is given what the scenario logs.
        """
        base = write_scenario(folder, name, xml)
        trace = SipTrace(name)
        bound = asyncio.Event()
        figures = Figures(bound)
        pipes = [Fifo(base.with_suffix(".stat"), figures.feed)]
        wanted: dict[str, object] = {
            "sf": base.with_suffix(".xml"),
            "i": local[0],
            "p": local[1],
            "stf": pipes[0].path,
            "fd": 1,
            **(options or {}),
        }
        if traced:
            pipes.append(Fifo(base.with_suffix(".sip"), trace.feed))
            wanted["message_file"] = pipes[1].path
            flags = ["-trace_msg", *flags]
        summary = base.with_suffix(".messages")
        if summarized:
            wanted["shortmessage_file"] = summary
            flags = ["-trace_shortmsg", *flags]
        if on_log:
            pipes.append(Fifo(base.with_suffix(".said"), on_log))
            wanted["log_file"] = pipes[-1].path
            flags = ["-trace_logs", *flags]
        argv = ["sipp", f"{remote[0]}:{remote[1]}", "-nostdin", "-trace_stat", *flags]
        argv += [part for key, value in wanted.items() for part in (f"-{key}", str(value))]
        child = await Child.start(name, argv, log=base.with_suffix(".log"), cwd=folder)
        loop = asyncio.get_running_loop()
        deadline = loop.call_later(limit_s, child.expire, f"took longer than {limit_s:g} s")
        sipp = cls(child, trace, local, tuple(pipes), figures, deadline, summary)
        try:
            # SIPp opens its statistics when its sockets are bound, and not before.
            await child.until(bound.wait(), START_LIMIT_S)
        except BaseException:
            await sipp.kill()
            raise
        return sipp

    def statistics(self) -> dict[str, str]:
        """SIPp's own counters as of a second ago, or of its end; by the names that it gives them."""
        return self.figures.latest

    async def wait(self) -> int:
        """Returns the exit status: 0 when every call went as the scenario says."""
        status = await self.child.wait()
        self._end()
        return status

    async def kill(self) -> None:
        """Ends it without a word to the other side, as a crash or a cut cable would."""
        await self.child.kill()
        self._end()

    def _end(self) -> None:
        self.deadline.cancel()
        for pipe in self.pipes:
            pipe.close()
        self.trace.end()

    def nudge(self, call_id: str, method: str = "INFO") -> None:
        """Makes a scenario go on: it takes a request of `call_id` with this method as its cue.

        The cue comes from a socket of the lab; the scenario goes on talking to its peer.
        """
        host, port = self.address
        cue = (
            f"{method} sip:cue@{host} SIP/2.0",
            f"Via: SIP/2.0/UDP {host};branch=z9hG4bKcue{next(_numbers)}",
            f"From: <sip:lab@{host}>;tag=lab",
            f"To: <sip:cue@{host}>",
            f"Call-ID: {call_id}",
            f"CSeq: 1 {method}",
            "Content-Length: 0",
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
            channel.sendto("\r\n".join((*cue, "", "")).encode(), (host, port))
