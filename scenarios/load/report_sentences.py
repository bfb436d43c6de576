"""What a run came to, in the sentences that a report opens with."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.load.report_numbers import count, milliseconds, seconds, share
from scenarios.load.results import Callers, Results

__all__ = ["ENGINES", "engine_of", "generator_of", "lost", "outcome_of", "verdict_of"]

ENGINES = {
    "native": "this ACD",
    "app_queue": "Asterisk's app_queue",
    "floor": "the bare Stasis application",
}


def engine_of(results: Results) -> str:
    """``this ACD (native)``."""
    said = ENGINES.get(results.engine)
    return f"{said} ({results.engine})" if said else results.engine


def verdict_of(results: Results) -> str:
    """Whether it passed, in a sentence."""
    broken = sum(1 for finding in results.verdict if not finding.kept)
    many = len(results.verdict)
    if results.passed:
        return f"Passed: {'the one promise was' if many == 1 else f'all {many} promises were'} kept."
    return f"Failed: {broken} of {many} promises {'was' if broken == 1 else 'were'} broken."


def lost(callers: Callers) -> int:
    """Neither served, nor refused with a code, nor gone of their own will."""
    return callers.dropped + callers.unfinished


def outcome_of(results: Results) -> str:
    """What became of the callers and how long they waited, for who reads only this."""
    return " ".join(_outcome(results))


def _outcome(results: Results) -> Iterator[str]:
    callers = results.callers
    if not callers.dialled:
        yield "Nobody called."
        return
    ends = [f"{count(callers.answered)} spoke to an agent"]
    ends += [f"{count(number)} {what}" for number, what in (
        (callers.gave_up, "gave up waiting"), (callers.refused, "got a code that refused them"),
        (callers.vanished, "vanished, as planned"),
    ) if number]  # fmt: skip
    gone = lost(callers)
    yield f"Of {count(callers.dialled)} callers {', '.join(ends)}; {count(gone) if gone else 'none'} "
    yield f"{'was' if gone == 1 or not gone else 'were'} lost."
    if results.wait_s.count:
        yield f"Half of those who were answered waited {seconds(results.wait_s.p50)} or less, "
        yield f"95 of 100 {seconds(results.wait_s.p95)} or less."
    if results.agent_free_ms.count:
        yield "While callers waited, half of the phones rang within "
        yield f"{milliseconds(results.agent_free_ms.p50)} after their agents were free."


def generator_of(results: Results) -> str:
    """Whether the sending side could keep up."""
    generator = results.generator
    late = milliseconds(generator.timer_lag_p99_ms)
    took = f"{share(generator.cpu_share)} of a core at its busiest, timers {late} late (p99)"
    if generator.valid:
        return f"The generator kept up: {took}."
    return f"The generator was the bottleneck, so this run says nothing about speed: {took}."
