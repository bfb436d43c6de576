"""What a person at the terminal sees while the demo runs; plain lines where there is no terminal."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from acd.agent import Agent, AgentActivity, AgentStatus
from acd.call import Call
from scenarios.demo.board import Board, who
from scenarios.demo.plan import BROWSER_AGENT, CAST, VISITOR

REFRESHES_PER_S = 4
PLAIN_EVERY_S = 5.0
OTHER_LINES = 11
"""Lines of the screen above and below agents and events."""
QUEUE_LINES = 6
BARS = " ▁▂▃▄▅▆▇█"
ACTIVITY = {
    AgentActivity.IDLE: ("free", "green"),
    AgentActivity.RESERVED: ("rings", "cyan"),
    AgentActivity.TALKING: ("talks", "blue"),
    AgentActivity.WRAP_UP: ("wrap-up", "magenta"),
}


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """How the visitor gets to a desk of the demo."""

    url: str
    name: str
    password: str


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Everything that one picture is made of. Times are milliseconds of the store, `elapsed` is seconds."""

    board: Board
    now: int
    elapsed: float
    total: float | None
    phase: str
    seed: int
    invitation: Invitation
    why: str
    cpu: str


class Screen:
    """A live picture on a terminal; elsewhere a line every few seconds."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.line_lengths: deque[int] = deque(maxlen=48)
        self._live: Live | None = None
        self._plain_at = 0.0

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Something before the first call that takes a moment."""
        begun = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(f"{what} …"):
                yield
        else:
            yield
        self.console.print(f"{what}: {time.monotonic() - begun:.1f} s")

    def invite(self, you: Invitation) -> None:
        """Say how to take a call oneself, where it can be copied from later as well."""
        self.console.print(f"The agent's page: {you.url}  name {you.name}  password {you.password}", highlight=False)

    @contextmanager
    def live(self) -> Iterator[None]:
        """While the context lasts the terminal shows the moments."""
        if not self.console.is_terminal:
            yield
            return
        with Live(console=self.console, screen=True, auto_refresh=False) as live:
            self._live = live
            try:
                yield
            finally:
                self._live = None

    def show(self, moment: Moment) -> None:
        """Bring the picture up to date; called a few times a second."""
        if self._live:
            self._live.update(picture(moment, self.line_lengths, self.console.height), refresh=True)
        elif moment.elapsed >= self._plain_at:
            self._plain_at = moment.elapsed + PLAIN_EVERY_S
            self.console.print(plain(moment))

    def sample(self, board: Board) -> None:
        """Once a second: how long the line is."""
        self.line_lengths.append(len(board.waiting))


def plain(moment: Moment) -> str:
    """One line that says how it goes."""
    board, figures = moment.board, moment.board.ended.summary()
    longest = max((call.waited_ms(moment.now) for call in board.waiting), default=0) / 1000
    free = sum(agent.is_available(moment.now) for agent in board.agents.values())
    return (
        f"{moment.elapsed:4.0f} s  {moment.phase:<9} waiting {len(board.waiting):3} (longest {longest:4.1f} s)  "
        f"talking {board.talking:3}  free {free:2}  answered {figures.answered:3}  gave up {figures.abandoned:2}  "
        f"offer latency p50 {figures.offer_latency.p50} ms"
    )


def picture(moment: Moment, line_lengths: deque[int], height: int) -> RenderableType:
    """The whole screen."""
    middle = Table.grid(padding=(0, 2), expand=True)
    middle.add_column(width=50)
    middle.add_column(ratio=1)
    lines = max(len(CAST) + 2, height - OTHER_LINES) - QUEUE_LINES
    middle.add_row(agents_table(moment), Group(queues_table(moment), Text(), *events(moment, lines)))
    return Group(heading(moment), invitation(moment.invitation), Text(), middle, Text(), totals(moment, line_lengths))


def heading(moment: Moment) -> RenderableType:
    line = Table.grid(expand=True)
    line.add_column()
    line.add_column(justify="right")
    clock = _clock(moment.elapsed) if moment.total is None else f"{_clock(moment.elapsed)} of {_clock(moment.total)}"
    title = Text.assemble(("stasis-acd demo", "bold"), ("   real Asterisk, real SIP, real phones, on loopback", "dim"))
    progress = Text.assemble(
        (f"{moment.phase}  ", "bold yellow"), _bar(moment), f"  {clock}  ", (f"seed {moment.seed}", "dim")
    )
    line.add_row(title, progress)
    return line


def _bar(moment: Moment, width: int = 20) -> Text:
    part = 1.0 if moment.total is None else min(1.0, moment.elapsed / moment.total)
    full = round(width * part)
    return Text.assemble(("━" * full, "yellow"), ("━" * (width - full), "bright_black"))


def invitation(you: Invitation) -> RenderableType:
    words = Text.assemble(
        ("Take a call yourself:  ", "bold"),
        (you.url, "underline cyan"),
        ("   name ", "dim"),
        (you.name, "bold"),
        ("   password ", "dim"),
        (you.password, "bold"),
        ("   then “Start taking calls”", "dim"),
    )
    return Panel(words, box=box.ROUNDED, border_style="bright_black", padding=(0, 1))


def queues_table(moment: Moment) -> Table:
    table = _table("Queue", "waiting", "longest", "talking", "agents", "free")
    for queue in moment.board.queues(moment.now):
        waits = queue.waiting > 0
        table.add_row(
            queue.title,
            Text(str(queue.waiting), style="bold yellow" if waits else "dim"),
            Text(f"{queue.longest_wait / 1000:.1f} s" if waits else "-", style="yellow" if waits else "dim"),
            Text(str(queue.talking), style="blue"),
            str(queue.agents),
            Text(str(queue.available), style="green" if queue.available else "dim"),
        )
    return table


def agents_table(moment: Moment) -> Table:
    table = _table("Agent", "now", "for", "calls", "with", left=(0, 1, 4))
    calls = {call.id: call for call in moment.board.calls.values()}
    for member in CAST:
        agent = moment.board.agents.get(member.id, Agent(id=member.id))
        kind = " ◉" if member.id in {BROWSER_AGENT, VISITOR} else ""
        words, style = _doing(agent, moment.now)
        since = max(agent.activity_since, agent.status_since)
        passed = f"{max(0, moment.now - since) / 1000:.0f} s" if agent.status is AgentStatus.READY else ""
        table.add_row(
            Text.assemble(member.name, (kind, "cyan")),
            Text(words, style=style),
            passed,
            str(agent.answered or ""),
            Text(_partner(agent, calls), style="dim", no_wrap=True, overflow="ellipsis"),
        )
    return table


def _doing(agent: Agent, now: int) -> tuple[str, str]:
    if agent.status is not AgentStatus.READY and agent.activity is AgentActivity.IDLE:
        return ("on break", "yellow") if agent.status is AgentStatus.ON_BREAK else ("logged out", "dim")
    if not agent.reachable:
        return "no phone", "red"
    if agent.activity is AgentActivity.IDLE and agent.cool_until > now:
        return "cools off", "yellow"
    return ACTIVITY[agent.activity]


def _partner(agent: Agent, calls: dict[str, Call]) -> str:
    call = calls.get(agent.call or "")
    return who(call) if call else ""


def events(moment: Moment, lines: int) -> list[Text]:
    """The latest first, each with the second of the demo at which it happened."""
    latest = list(moment.board.lately)[-max(1, lines) :]
    return [
        Text.assemble(
            (f"{moment.elapsed - (moment.now - line.at) / 1000:6.1f}  ", "dim"),
            (line.text, line.style),
            no_wrap=True,
            overflow="ellipsis",
        )
        for line in reversed(latest)
    ]


def totals(moment: Moment, line_lengths: deque[int]) -> RenderableType:
    board = moment.board
    figures = board.ended.summary()
    latency = figures.offer_latency
    top = max(4, max(line_lengths, default=0))
    line = "".join(BARS[round((len(BARS) - 1) * length / top)] for length in line_lengths)
    first = Text.assemble(
        ("Calls ", "dim"),
        f"{figures.offered + len(board.calls)}",
        ("   answered ", "dim"),
        (f"{figures.answered}", "green"),
        ("   gave up ", "dim"),
        (f"{figures.abandoned}", "red" if figures.abandoned else ""),
        ("   offer latency ", "dim"),
        (f"p50 {latency.p50} ms  p99 {latency.p99} ms", "cyan"),
        ("   CPU ", "dim"),
        moment.cpu,
    )
    second = Text.assemble(("Line  ", "dim"), (f"{line:<48}", "yellow"), ("  now ", "dim"), f"{len(board.waiting)}")
    third = Table.grid()
    third.add_row(Text("Why   ", style="dim"), moment.why or "nobody waits")
    return Group(first, second, third)


def _table(*headings: str, left: tuple[int, ...] = (0,)) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0), show_edge=False, header_style="bold")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number in left else "right", no_wrap=True)
    return table


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
