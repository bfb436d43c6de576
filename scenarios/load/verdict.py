"""Joins what SIPp saw, what the engine told and what was left, and says whether every caller was treated right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from acd.call import EndReason
from acd.events import AnyEvent, CallEnded, CallQueued
from scenarios.load.latencies import latencies
from scenarios.load.meters import growth_mib_per_h
from scenarios.load.ranks import percentile
from scenarios.load.run import Run
from scenarios.load.seen import CallerEnd, OfferEnd, SeenCall

__all__ = ["Finding", "verdict"]

MOST_TOLD = 5
SAME_MOMENT_S = 0.05
"""Callers who come, or are offered, closer together than this may be so in either order: their INVITEs are on different
threads of Asterisk."""
CROSSED_S = 0.5
"""What one side did so shortly before the other may not have been known to the other: they crossed on the wire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One promise, and whether the run kept it."""

    name: str
    promise: str
    kept: bool
    count: int = 0
    """How often it was broken."""
    examples: Sequence[str] = ()

    @property
    def sentence(self) -> str:
        """The promise, and what became of it."""
        if self.kept:
            return self.promise
        told = "; ".join(self.examples[:MOST_TOLD])
        return f"{self.promise}: broken {self.count} times: {told}" if self.count else f"{self.promise}: {told}"


def verdict(run: Run) -> Sequence[Finding]:
    """Everything that was looked at, kept or not."""
    findings = [
        _found("accounted", "Every caller is accounted for once, by SIPp and by the engine", _unaccounted(run)),
        _found("lost", "No caller was dropped or left without an end", _lost(run), allowed=run.plan.rules.lost_at_most),
        _found("doubled", "No phone had two calls, and no caller two agents", _doubled(run)),
        _found("fair", "Among callers who ask for the same, who came first was offered first", _unfair(run)),
        _found("left", "Nothing is left: no channel, bridge, call, offer, reservation or key", iter(run.left)),
        _found("sipp", "SIPp's scenarios went as they are written", iter(run.complaints)),
        *_rules(run),
    ]
    if run.broken_off and not run.plan.until_it_breaks:
        findings.append(_found("whole", "The run went on to its end", iter((run.broken_off,))))
    return findings


def _found(name: str, promise: str, broken: Iterator[str], *, allowed: int = 0) -> Finding:
    told = list(broken)
    return Finding(name=name, promise=promise, kept=len(told) <= allowed, count=len(told), examples=told[:MOST_TOLD])


# --- every caller once ------------------------------------------------------------------------------------------------


def _unaccounted(run: Run) -> Iterator[str]:
    """Planned against SIPp, SIPp against the engine's events."""
    calls = run.traffic.calls
    if not run.broken_off:
        yield from (
            f"{call.number} was planned and never dialled" for call in run.plan.calls if call.number not in calls
        )
    yield from (f"a phone rang for {stray.number or 'nobody'}, who never dialled" for stray in run.traffic.strays)
    if run.events is None:
        return
    told = _Told(run.events)
    for number, call in calls.items():
        yield from told.faults_of(number, call)
    for number in told.queued.keys() - calls.keys():
        yield f"the engine knows {number}, who never dialled"


class _Told:
    """What the engine's events say of each caller."""

    def __init__(self, events: Sequence[AnyEvent]) -> None:
        self.queued: Counter[str] = Counter()
        self.ends: dict[str, list[CallEnded]] = defaultdict(list)
        for event in events:
            if isinstance(event, CallQueued):
                # With an agent, it is one whom a failed connection sent back into the line.
                self.queued[event.call.caller_number] += event.agent is None
            elif isinstance(event, CallEnded):
                self.ends[event.call.caller_number].append(event)

    def faults_of(self, number: str, call: SeenCall) -> Iterator[str]:
        ends = self.ends.get(number, [])
        if not self.queued[number]:
            if call.agent_at is not None or call.end is not CallerEnd.REFUSED:
                yield f"{number} was never known to the engine ({call.end})"
        elif len(ends) != 1 or self.queued[number] > 1:
            yield f"{number} was queued {self.queued[number]} times and ended {len(ends)} times"
        else:
            yield from self._disagreement(number, call, ends[0].call.end_reason)

    def _disagreement(self, number: str, call: SeenCall, reason: EndReason | None) -> Iterator[str]:
        talked_s = 0.0 if call.agent_at is None or call.ended_at is None else call.ended_at - call.agent_at
        served = call.end in {CallerEnd.HUNG_UP_ON, CallerEnd.HUNG_UP} and talked_s > CROSSED_S
        if served and reason is not EndReason.COMPLETED:
            yield f"{number} talked to an agent by SIP, and the engine says {reason}"
        if reason is EndReason.COMPLETED and all(offer.answered_at is None for offer in call.offers):
            yield f"{number} had no agent by SIP, and the engine says {reason}"


def _lost(run: Run) -> Iterator[str]:
    """Neither served, nor refused with a code, nor gone of their own will."""
    for number, call in run.traffic.calls.items():
        if call.end is CallerEnd.HUNG_UP_ON and call.agent_at is None:
            yield f"{number} was hung up on after {_waited(call)} without an agent"
        elif call.end is CallerEnd.UNFINISHED and call.ended_at is None:
            yield f"{number} has no end"
        elif call.end is CallerEnd.UNFINISHED and run.overdue:
            yield f"{number} still waited after {_waited(call)}"


def _waited(call: SeenCall) -> str:
    return "some time" if call.ended_at is None else f"{call.ended_at - call.invited_at:.1f} s"


# --- one call at a time -----------------------------------------------------------------------------------------------


def _doubled(run: Run) -> Iterator[str]:
    for phone, offers in run.traffic.phones.items():
        busy_until, with_whom = 0.0, ""
        for offer in offers:
            if offer.invited_at < busy_until:
                yield f"phone {phone} was called for {offer.number} while it was with {with_whom}"
            end = float("inf") if offer.ended_at is None else offer.ended_at
            if offer.answered_at is None and offer.end is OfferEnd.CANCELLED:
                end -= SAME_MOMENT_S  # the CANCEL was on its way
            if end > busy_until:
                busy_until, with_whom = end, offer.number
    for number, call in run.traffic.calls.items():
        talks = sorted(_talks(call))
        for (_, first_end, first), (began, _, second) in pairwise(talks):
            if began < first_end:
                yield f"{number} had {first} and {second} at once"


def _talks(call: SeenCall) -> Iterator[tuple[float, float, str]]:
    """From when until when which phone had the caller: not one that answered late, and was hung up on at once."""
    for offer in call.offers:
        if offer.answered_at is None or offer.end is OfferEnd.CANCELLED:
            continue
        end = float("inf") if offer.ended_at is None else offer.ended_at
        if offer is call.answer or offer.end is not OfferEnd.HUNG_UP_ON or end - offer.answered_at > CROSSED_S:
            yield offer.answered_at, end, offer.phone


# --- in order ---------------------------------------------------------------------------------------------------------


def _unfair(run: Run) -> Iterator[str]:
    """By packets: who came first among those who ask for the same in the same queue gets the first offer first."""
    groups: dict[object, list[SeenCall]] = defaultdict(list)
    for number, call in run.traffic.calls.items():
        planned = run.plan.by_number.get(number)
        if planned is not None and (call.offers or call.ended_at is not None):
            groups[planned.queue, planned.requires, planned.prefers, planned.priority].append(call)
    for calls in groups.values():
        yield from _inversions(sorted(calls, key=lambda call: call.invited_at))


def _inversions(calls: Sequence[SeenCall]) -> Iterator[str]:
    """A later caller was offered to somebody while an earlier one still waited for a first offer."""
    unoffered: list[SeenCall] = []
    for time, call, is_offer in _course(calls):
        if not is_offer:
            unoffered.append(call)
            continue
        unoffered = [one for one in unoffered if one is not call and _still_there(one, time)]
        overtaken = [one for one in unoffered if _taken_notice_of(one) < call.invited_at and _waits_on(one, time)]
        if overtaken:
            first = overtaken[0]
            yield f"{call.number} was offered before {first.number}, who had come {_ahead(first, call)} earlier"


def _taken_notice_of(call: SeenCall) -> float:
    """When the system knew of this caller for certain: by its first answer, which a full machine may delay."""
    heard_at = min((at for at in (call.progress_at, call.picked_up_at) if at is not None), default=call.invited_at)
    return max(heard_at, call.invited_at + SAME_MOMENT_S)


def _waits_on(call: SeenCall, time: float) -> bool:
    """Whether it was not offered at this time, nor in the same moment."""
    return not call.offers or call.offers[0].invited_at > time + SAME_MOMENT_S


def _course(calls: Sequence[SeenCall]) -> Iterator[tuple[float, SeenCall, bool]]:
    happenings = [(call.invited_at, 0, place) for place, call in enumerate(calls)]
    happenings += [(call.offers[0].invited_at, 1, place) for place, call in enumerate(calls) if call.offers]
    for time, kind, place in sorted(happenings):
        yield time, calls[place], bool(kind)


def _still_there(call: SeenCall, time: float) -> bool:
    return call.ended_at is None or call.ended_at > time


def _ahead(earlier: SeenCall, later: SeenCall) -> str:
    return f"{(later.invited_at - earlier.invited_at) * 1000:.0f} ms"


# --- the profile's rules ----------------------------------------------------------------------------------------------


def _rules(run: Run) -> Iterator[Finding]:
    rules, calls = run.plan.rules, run.traffic.calls
    count = max(1, len(calls))
    if rules.answered_share_at_least is not None:
        within = sum(1 for call in calls.values() if _answered_within(call, rules.answered_within_s))
        yield _rule("service level", f"{rules.answered_share_at_least:.0%} of callers had an agent within "
                    f"{rules.answered_within_s:g} s", within / count >= rules.answered_share_at_least,
                    f"it was {within / count:.1%}")  # fmt: skip
    if rules.abandoned_share_at_most is not None:
        gone = sum(1 for call in calls.values() if call.end is CallerEnd.GAVE_UP)
        yield _rule("abandoned", f"At most {rules.abandoned_share_at_most:.0%} of callers gave up",
                    gone / count <= rules.abandoned_share_at_most, f"it was {gone / count:.1%}")  # fmt: skip
    yield from _offer_rules(run)
    if rules.memory_growth_mib_per_h_at_most is not None:
        for name in sorted({name for sample in run.samples for name in sample.use} - {"sipp"}):
            growth = growth_mib_per_h(run.samples, name)
            if growth is not None:
                yield _rule("memory", f"{name} grew by at most {rules.memory_growth_mib_per_h_at_most:g} MiB an hour",
                            growth <= rules.memory_growth_mib_per_h_at_most, f"it was {growth:.0f}")  # fmt: skip


def _offer_rules(run: Run) -> Iterator[Finding]:
    rules = run.plan.rules
    found = latencies(run.plan, run.traffic, run.began_at)
    ordered = sorted(w.seconds * 1000 for w in (*found.agent_free, *found.caller_came, *found.offer_missed))
    if rules.late_offers_at_most is not None:
        late = sum(1 for ms in ordered if ms > rules.late_after_ms)
        yield _rule("late", f"At most {rules.late_offers_at_most} offers came later than {rules.late_after_ms:g} ms",
                    late <= rules.late_offers_at_most, f"there were {late}")  # fmt: skip
    if rules.offer_p99_ms_at_most is not None and ordered:
        p99 = percentile(ordered, 99)
        yield _rule("offer p99", f"Of a hundred offers 99 came within {rules.offer_p99_ms_at_most:g} ms",
                    p99 <= rules.offer_p99_ms_at_most, f"it was {p99:.0f} ms")  # fmt: skip


def _answered_within(call: SeenCall, seconds: float) -> bool:
    return call.agent_at is not None and call.agent_at - call.invited_at <= seconds


def _rule(name: str, promise: str, kept: bool, was: str) -> Finding:
    return Finding(name=name, promise=promise, kept=kept, examples=(was,))
