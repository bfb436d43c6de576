"""The conformance kit for strategies: what ours pass, what the command line runs, what an integrator's pytest calls.

from acd.testing import check_strategy

def test_it_keeps_the_contract() -> None:
    assert check_strategy(lambda: GoldFirst(skill="billing")).broken == ()
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from acd.errors import StrategyFault
from acd.queue import Queue
from acd.skills import asked_for
from acd.strategy import DECISION_LIMIT_S, Situation, Strategy
from acd.testing.strategy_answers import Raised, Unsound, answered, forms_of, key_of, wrong_widths
from acd.testing.strategy_trials import Trial, people, trials
from acd.testing.strategy_watch import Forbidden, Observed, quickest_s, spied_on, untouched

SIZES = (10, 100, 1_000, 7_000)
ANSWER_LIMIT_S = 1.0
"""After which a single answer is cut off: ten times what is allowed, since a test machine may be busy."""

CutOff = Callable[[float, str], AbstractContextManager[None]]
"""Raises StrategyFault inside the block once it has run for so many seconds."""


class Verdict(StrEnum):
    """What came of a check."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_TRIED = "not tried"
    """Another fault was in the way, or there is nothing to try."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and what came of it."""

    check: str
    verdict: Verdict
    sentence: str = ""
    """What is wrong, and the remedy; or why it was not tried; empty where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the strategy took over so many candidates: one answer by rank, or all their keys."""

    candidates: int
    seconds: float

    @property
    def us_each(self) -> float:
        """Microseconds per candidate."""
        return self.seconds * 1e6 / self.candidates


@dataclass(frozen=True, slots=True)
class StrategyReport:
    """Everything that the kit found."""

    findings: Sequence[Finding]
    timings: Sequence[Timing]

    @property
    def broken(self) -> tuple[str, ...]:
        """A sentence for each promise that is not kept; empty if the strategy may go live."""
        return tuple([found.sentence for found in self.findings if found.verdict is Verdict.BROKEN])


class _Broken(Exception):
    """The promise of this check is not kept."""


class _NotTried(Exception):
    """There is nothing that this check could say."""


@dataclass(slots=True)
class _Subject:
    """The strategy under examination."""

    make: Callable[[], Strategy]
    queue: Queue
    attributes: Mapping[str, str]
    cut_off: CutOff
    limit_s: float
    timings: list[Timing] = field(default_factory=list)
    observed: Observed = field(default_factory=Observed)
    trials: Sequence[Trial] = ()

    def __post_init__(self) -> None:
        self.trials = trials(self.queue, self.attributes)

    def answer(self, strategy: Strategy, trial: Trial) -> Sequence[str]:
        """The order it gives, checked. Raises Raised, Unsound, Forbidden, or StrategyFault where it was cut off."""
        with self.cut_off(self.limit_s, _name(strategy)):
            return answered(strategy, trial)


def check_strategy(
    make: Callable[[], Strategy],
    *,
    queue: Queue | None = None,
    attributes: Mapping[str, str] | None = None,
    cut_off: CutOff | None = None,
) -> StrategyReport:
    """Try the strategy in every situation of ``acd.testing.strategy_trials``, watched.

    ``make``: gives a new instance each time. ``queue``: as it will be configured; one that requires billing otherwise.
    ``attributes``: of the call, as your call flow sets them. ``cut_off``: such as
    ``stasis_app.runaway_guard.cut_off_after``; without one a strategy that never returns hangs the test.
    """
    subject = _Subject(
        make=make,
        queue=queue or Queue(name="support", requires="billing >= 30"),
        attributes=MappingProxyType(dict(attributes or {})),
        cut_off=cut_off or (lambda _limit_s, _name: nullcontext()),
        limit_s=ANSWER_LIMIT_S,
    )
    findings: list[Finding] = []
    with untouched(subject.observed):
        for name, check in CHECKS.items():
            hopeless = any(found.verdict is Verdict.BROKEN for found in findings[:2])
            findings.append(Finding(name, Verdict.NOT_TRIED) if hopeless else _finding(name, check, subject))
    return StrategyReport(findings, subject.timings)


def first_fault(make: Callable[[], Strategy], queue: Queue, *, cut_off: CutOff, limit_s: float) -> str:
    """The quick part, for a strategy that is to go live now: what is wrong with it; empty if nothing is."""
    subject = _Subject(make, queue, {}, cut_off, limit_s)
    for name in (COMES_BACK, ANSWERS, SOUND, WIDTHS, SAME):
        found = _finding(name, CHECKS[name], subject)
        if found.verdict is Verdict.BROKEN:
            return found.sentence
    return ""


def _finding(name: str, check: Callable[[_Subject], None], subject: _Subject) -> Finding:
    try:
        check(subject)
    except _Broken as broken:
        return Finding(name, Verdict.BROKEN, str(broken))
    except _NotTried as why:
        return Finding(name, Verdict.NOT_TRIED, str(why))
    except (Raised, Unsound, Forbidden, StrategyFault):
        return Finding(name, Verdict.NOT_TRIED)
    return Finding(name, Verdict.KEPT)


# --- the checks ------------------------------------------------------------------------------------------------------


def _has_one_form(subject: _Subject) -> None:
    try:
        with subject.cut_off(subject.limit_s, "its constructor"):
            strategy = subject.make()
    except StrategyFault as fault:
        raise _Broken(f"its constructor {fault.what}: do the work in the methods, or less of it") from fault
    except Forbidden:
        raise _Broken(
            f"its constructor touches the world: {subject.observed.touched[0]}; have it given as an option"
        ) from None
    except Exception as error:
        raise _Broken(
            f"its constructor raised {type(error).__name__}: {error}; give it the options it needs"
        ) from error
    forms = forms_of(strategy)
    if len(forms) != 1:
        found = "both key() and rank()" if forms else "neither key(agent, queue) nor rank(situation)"
        raise _Broken(f"it has {found}: write one of them")


def _comes_back(subject: _Subject) -> None:
    strategy = subject.make()
    for trial in subject.trials:
        try:
            subject.answer(strategy, trial)
        except StrategyFault as fault:
            raise _Broken(f"for {trial.label} it {fault.what}: every loop in it needs an end") from fault
        except (Raised, Unsound, Forbidden):
            continue


def _answers_whatever_the_situation(subject: _Subject) -> None:
    strategy = subject.make()
    for trial in subject.trials:
        try:
            subject.answer(strategy, trial)
        except Raised as raised:
            raise _Broken(f"for {trial.label} {raised}: have an answer for that, too") from raised
        except (Unsound, Forbidden):
            continue


def _answers_soundly(subject: _Subject) -> None:
    strategy = subject.make()
    for trial in subject.trials:
        try:
            subject.answer(strategy, trial)
        except Unsound as unsound:
            raise _Broken(f"for {trial.label} {unsound}") from unsound


def _says_sound_widths(subject: _Subject) -> None:
    strategy = subject.make()
    try:
        with subject.cut_off(subject.limit_s, _name(strategy)):
            wrong = wrong_widths(strategy, subject.queue)
    except StrategyFault as fault:
        raise _Broken(f"widths() {fault.what}: every loop in it needs an end") from fault
    if wrong:
        raise _Broken(wrong)


def _answers_the_same_again(subject: _Subject) -> None:
    strategy = subject.make()
    for trial in subject.trials:
        first = subject.answer(strategy, trial)
        if subject.answer(strategy, trial) != first:
            raise _Broken(
                f"for {trial.label} it gave different orders when asked twice: go by the arguments alone, and keep "
                "nothing between two answers"
            )
        if subject.answer(subject.make(), trial) != first:
            raise _Broken(
                f"for {trial.label} a new instance gave another order: keep nothing between two answers; what must be "
                "remembered stands in the agents' records and the call's"
            )


def _goes_by_the_agents_and_not_their_places(subject: _Subject) -> None:
    strategy = subject.make()
    for trial in subject.trials:
        first = subject.answer(strategy, trial)
        if subject.answer(strategy, _turned(trial)) != first:
            raise _Broken(
                f"for {trial.label} it gave another order when they were listed in another: end the sort key with "
                "agent.idle_start(queue) and agent.id, so that ties are told apart by the agents themselves"
            )


def _turned(trial: Trial) -> Trial:
    asked = trial.situation
    turned = Situation(asked.call, asked.queue, asked.requires, tuple(reversed(asked.candidates)), asked.now)
    return Trial(trial.label, turned)


def _keys_depend_on_their_own_agent(subject: _Subject) -> None:
    if forms_of(subject.make()) != ["key"]:
        raise _NotTried("it ranks")
    strategy, queue = subject.make(), subject.queue
    staff = people(12, queue, asked_for(queue.requires) or {"billing": 30})
    with subject.cut_off(subject.limit_s, _name(strategy)):
        together = [key_of(strategy, agent, queue) for agent in staff]
        alone = [key_of(subject.make(), agent, queue) for agent in reversed(staff)]
    if together != list(reversed(alone)):
        raise _Broken(
            "an agent's key changed with who was asked about before: it may depend on that agent and the queue alone; "
            "write rank(situation) to compare agents"
        )


def _leaves_the_world_alone(subject: _Subject) -> None:
    if subject.observed.wrote:
        raise _Broken(f"{subject.observed.wrote[0]}: what is worth telling goes into Ranking.reason")
    if subject.observed.touched:
        raise _Broken(
            f"it touches the world: {subject.observed.touched[0]}; have it looked up before the call is queued, and "
            "come with the call or as an option"
        )


def _needs_no_clock_and_no_dice(subject: _Subject) -> None:
    strategy, observed = subject.make(), subject.observed
    for trial in subject.trials:
        with suppress(Raised, Unsound), subject.cut_off(subject.limit_s, _name(strategy)), spied_on(observed):
            answered(strategy, trial)
    if observed.read_clock:
        raise _Broken(
            f"{observed.read_clock[0]}: the time of the decision is situation.now, the store's milliseconds; a key may "
            "not depend on it at all"
        )
    if observed.threw_dice:
        raise _Broken(
            f"{observed.threw_dice[0]}: make chance of a digest of call.id, call.rounds and agent.id (hashlib), "
            "which a replay draws again"
        )


def _is_quick(subject: _Subject) -> None:
    if subject.observed.wrote or subject.observed.touched:
        raise _NotTried  # thousands of lines on somebody's terminal tell nothing
    strategy, queue = subject.make(), subject.queue
    wanted = asked_for(queue.requires) or {"billing": 30}
    call = subject.trials[2].situation
    for size in SIZES:
        situation = Situation(call.call, queue, queue.requires, people(size, queue, wanted), call.now)
        trial = Trial(f"{size:,} candidates", situation)
        try:
            with subject.cut_off(3 * subject.limit_s, _name(strategy)):
                taken = quickest_s(3, lambda trial=trial: answered(strategy, trial, check=False))  # type: ignore[misc]
        except StrategyFault as fault:
            raise _Broken(f"for {trial.label} it {fault.what}; live it has {DECISION_LIMIT_S:g} s") from fault
        subject.timings.append(Timing(size, taken))
        if taken > DECISION_LIMIT_S:
            raise _Broken(
                f"for {trial.label} it took {taken:.2f} s, and {DECISION_LIMIT_S:g} s is allowed: look at each "
                "candidate once, and write key(agent, queue) if the call does not matter"
            )


def _name(strategy: Strategy) -> str:
    return type(strategy).__name__


COMES_BACK = "comes back"
ANSWERS = "answers whatever the situation"
SOUND = "gives candidates, each once"
WIDTHS = "says sound widths, if any"
SAME = "gives the same answer again"

CHECKS: Mapping[str, Callable[[_Subject], None]] = MappingProxyType(
    {
        "has one form, key or rank": _has_one_form,
        COMES_BACK: _comes_back,
        ANSWERS: _answers_whatever_the_situation,
        SOUND: _answers_soundly,
        WIDTHS: _says_sound_widths,
        SAME: _answers_the_same_again,
        "breaks ties by the agents": _goes_by_the_agents_and_not_their_places,
        "keys depend on their own agent": _keys_depend_on_their_own_agent,
        "needs no clock and no dice": _needs_no_clock_and_no_dice,
        "answers in time": _is_quick,
        "leaves the world alone": _leaves_the_world_alone,
    }
)
"""What is promised, and how it is looked at. The first two are needed by all others; the last sums up what they saw."""
