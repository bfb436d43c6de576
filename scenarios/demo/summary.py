"""What a run came to: figures, the reason of one call, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from acd.call import Call
from acd.events import AnyEvent
from acd.offer import OfferOutcome
from acd.reports import EndedRecords, Summary, agent_times, summarise
from scenarios.demo.board import named, who
from scenarios.demo.plan import QUEUES
from scenarios.demo.verdict import Finding, SippCall

LEVELS = {name: queue.service_level_s for name, queue in QUEUES.items()}


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that is told at the end. Times are milliseconds of the store."""

    events: Sequence[AnyEvent]
    begun: int
    ended: int
    placed: Sequence[SippCall]
    cpu_ms: Mapping[str, float]
    peak: str
    """Why the caller who waited longest still waited, when the line was longest."""
    browser_packets: tuple[int, int]
    picture: str
    findings: Sequence[Finding]


def tell(report: Report, console: Console) -> None:
    """Print it."""
    records = EndedRecords()
    for event in report.events:
        records.apply(event)
    console.print()
    console.print(calls_table(records))
    console.print()
    said = Table.grid(padding=(0, 2))
    for label, words in facts(report, records):
        said.add_row("", Text(label, style="dim", no_wrap=True), Text(words))
    console.print(said)
    console.print()
    for finding in report.findings:
        mark, style = ("✓", "bold green") if finding.kept else ("✗", "bold red")
        console.print(Text.assemble((f"  {mark} ", style), finding.promise))
        for fault in finding.faults[:20]:
            console.print(Text(f"      {fault}", style="red"))
        if len(finding.faults) > 20:
            console.print(Text(f"      and {len(finding.faults) - 20} more", style="red"))
    console.print()


def calls_table(records: EndedRecords) -> Table:
    """A row for each queue, and one for all."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
    headings = (
        "Queue",
        "calls",
        "answered",
        "gave up",
        "service level",
        "ASA",
        "wait p50",
        "p90",
        "max",
        "longest line",
    )
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "Queue" else "right", no_wrap=True)
    calls = list(records.calls.values())
    for name, queue in QUEUES.items():
        mine = [call for call in calls if call.queue == name]
        offers = [offer for offer in records.offers.values() if offer.queue == name]
        table.add_row(*row(queue.shown_as, summarise(mine, offers, service_levels_s=LEVELS)))
    table.add_section()
    table.add_row(*row("All", records.summary(service_levels_s=LEVELS)), style="bold")
    return table


def row(title: str, figures: Summary) -> tuple[str, ...]:
    level = figures.service_level_with_abandoned
    return (
        f"  {title}",
        str(figures.offered),
        str(figures.answered),
        str(figures.abandoned),
        "-" if level is None else f"{level:.0%} in 5 s",
        f"{figures.asa_ms / 1000:.1f} s",
        f"{figures.wait.p50 / 1000:.1f} s",
        f"{figures.wait.p90 / 1000:.1f} s",
        f"{figures.wait.max / 1000:.1f} s",
        str(figures.longest_line),
    )


def facts(report: Report, records: EndedRecords) -> list[tuple[str, str]]:
    """Label and words, in the order in which a reader wants them."""
    figures = records.summary(service_levels_s=LEVELS)
    latency = figures.offer_latency
    outcomes = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in _by_count(figures))
    times = agent_times(report.events, start=report.begun, end=report.ended).values()
    staffed, handling = sum(t.staffed_ms for t in times), sum(t.handling_ms for t in times)
    calls = max(1, figures.offered)
    cpu = ", ".join(f"{name} {spent / calls:.1f} ms" for name, spent in report.cpu_ms.items())
    lines = [
        ("Offer latency", f"p50 {latency.p50} ms, p90 {latency.p90} ms, p99 {latency.p99} ms, max {latency.max} ms"),
        ("", f"from caller and agent both free to the phone dialled, {latency.count} offers"),
        ("Offers", outcomes or "none"),
        ("Occupancy", f"{handling / staffed:.0%}" if staffed else "nobody worked"),
        ("CPU a call", cpu),
        ("Sound", sound(report)),
    ]
    if reason := longest_answered(records):
        lines.append(("Why", reason))
    if report.peak:
        lines.append(("At the peak", report.peak))
    if report.picture:
        lines.append(("Agent's page", report.picture))
    return lines


def _by_count(figures: Summary) -> list[tuple[OfferOutcome, int]]:
    return sorted(figures.offers_by_outcome.items(), key=lambda entry: -entry[1])


def sound(report: Report) -> str:
    """Who heard what."""
    listened = [placed for placed in report.placed if placed.music_packets is not None]
    music = sum(1 for placed in listened if placed.music_packets)
    agents = sum(1 for placed in listened if placed.agents_heard)
    sent, received = report.browser_packets
    page = f"; the browser's phone sent {sent} packets and received {received}" if received else ""
    return f"{len(listened)} callers listened: {music} heard music, {agents} the tone of their agent's SIP phone{page}"


def longest_answered(records: EndedRecords) -> str:
    """The reason of the offer that ended the longest wait."""
    answered = [call for call in records.calls.values() if call.connected_at is not None and call.offer]
    if not answered:
        return ""
    call = max(answered, key=_waited)
    offer = records.offers.get(call.offer or "")
    if offer is None:
        return ""
    return f"{who(call)} waited {_waited(call) / 1000:.1f} s and got {named(offer.agent)}: {offer.why}"


def _waited(call: Call) -> int:
    return (call.connected_at or 0) - call.queued_at
