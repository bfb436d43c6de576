"""The conformance kit: what ours pass, and what it finds in strategies that keep one promise badly."""

from __future__ import annotations

import logging
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import entry_points
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from acd.queue import Queue
from acd.strategy import Candidate, Ranking, Situation, SortKey, Width
from acd.testing import check_strategy
from acd.testing.strategy_checks import CHECKS, SIZES, Verdict
from acd.testing.strategy_watch import IO_EVENTS
from stasis_app.runaway_guard import cut_off_after

OURS = {point.name: point.load() for point in entry_points(group="stasis_acd.strategies")}


def ids(situation: Situation) -> list[str]:
    return sorted(agent.id for agent in situation.candidates)


class Good:
    def rank(self, situation: Situation) -> Ranking:
        return Ranking(ids(situation), "by name")


def ranks(do: Callable[[Situation], object]) -> Callable[[], Any]:
    """A strategy class with this rank."""
    return type("Theirs", (), {"rank": lambda _self, situation: do(situation)})


def keys(do: Callable[[Candidate, Queue], object]) -> Callable[[], Any]:
    """A strategy class with this key."""
    return type("Theirs", (), {"key": lambda _self, agent, queue: do(agent, queue)})


def after(act: Callable[[], object]) -> Callable[[], Any]:
    """Ranks soundly, and does this besides."""

    def rank(situation: Situation) -> Ranking:
        act()
        return Ranking(ids(situation))

    return ranks(rank)


def widths(answer: object) -> Callable[[], Any]:
    """Ranks soundly, with these widths."""
    return type("Theirs", (Good,), {"widths": lambda _self, _queue: answer})


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_built_in_strategies_keep_every_promise(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acd.testing.strategy_checks.DECISION_LIMIT_S", 2)  # whatever else the machine does
    monkeypatch.setattr("acd.testing.strategy_checks.ANSWER_LIMIT_S", 20)
    report = check_strategy(OURS[name], cut_off=cut_off_after, attributes={"tier": "gold"})

    assert report.broken == ()
    assert [found.check for found in report.findings] == list(CHECKS)
    assert {found.sentence for found in report.findings} <= {"", "it ranks"}
    assert [timing.candidates for timing in report.timings] == list(SIZES)
    assert all(timing.us_each > 0 for timing in report.timings)


class Remembers:
    """Another order at each asking, from the first instance on."""

    asked = count()

    def rank(self, situation: Situation) -> Ranking:
        order = ids(situation)
        turn = next(self.asked) % max(1, len(order))
        return Ranking(order[turn:] + order[:turn])


class KeyOfTheOneBefore:
    def __init__(self) -> None:
        self.last = 0

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        before, self.last = self.last, agent.live.answered
        return before


class EachInstanceAnother:
    made = count()

    def __init__(self) -> None:
        self.turned = next(self.made) % 2 == 0

    def rank(self, situation: Situation) -> Ranking:
        return Ranking(sorted(ids(situation), reverse=self.turned))


def never(*_: object) -> object:
    while True:
        pass


def swallows(_: Situation) -> Ranking:
    while True:
        try:
            time.sleep(0.001)
        except Exception:  # noqa: BLE001  that is the point
            continue


def quadratic(situation: Situation) -> Ranking:
    order = ids(situation)
    return Ranking(sorted(order, key=lambda one: sum([other < one for other in order])))


def in_place(situation: Situation) -> Ranking:
    situation.candidates.sort(key=lambda agent: agent.id)  # type: ignore[attr-defined]
    return Ranking(ids(situation))


FAULTS: Sequence[tuple[str, Callable[[], Any], str, str]] = [
    ("both", type("Both", (Good,), {"key": lambda *_: 0}), "has one form, key or rank", "both key() and rank()"),
    ("neither", type("Neither", (), {}), "has one form, key or rank", "neither key(agent, queue) nor rank"),
    ("constructor", lambda: dict[str, str]()["tier"], "has one form, key or rank", "raised KeyError: 'tier'"),
    ("reading constructor", lambda: Path(os.devnull).read_text(), "has one form, key or rank", "touches the world"),
    ("endless constructor", never, "has one form, key or rank", "constructor took longer than"),
    ("endless", ranks(never), "comes back", "for no candidates at all it took longer than"),
    ("endless key", keys(never), "comes back", "cut off: every loop in it needs an end"),
    ("stubborn", ranks(swallows), "comes back", "took longer than"),
    ("raises", ranks(lambda s: Ranking([s.call.attributes["tier"]])), "answers whatever the situation", "KeyError"),
    ("raises on nobody", ranks(lambda s: Ranking([s.candidates[0].id])), "answers whatever the situation", "for no"),
    ("exits", ranks(lambda _: exit(1)), "answers whatever the situation", "tried to end the process"),
    ("key raises", keys(lambda a, _: a.skills["billing"]), "answers whatever the situation", "who never had a call"),
    ("nothing", ranks(lambda _: None), "gives candidates, each once", "answered None: return a Ranking"),
    ("a text", ranks(lambda s: Ranking("".join(ids(s)))), "gives candidates, each once", "a list of their ids"),
    ("a generator", ranks(lambda s: Ranking(a for a in ids(s))), "gives candidates, each once", "a list"),  # type: ignore[arg-type]
    ("records", ranks(lambda s: Ranking(list(s.candidates))), "gives candidates, each once", "agents' ids"),  # type: ignore[arg-type]
    ("stranger", ranks(lambda s: Ranking([*ids(s), "bob"])), "gives candidates, each once", "'bob', who is no cand"),
    ("twice", ranks(lambda s: Ranking(ids(s) * 2)), "gives candidates, each once", "'agent-0' twice"),
    ("no reason", ranks(lambda s: Ranking(ids(s), None)), "gives candidates, each once", "for the reason"),  # type: ignore[arg-type]
    ("in place", ranks(in_place), "gives candidates, each once", "changed the list of candidates"),
    ("nan", keys(lambda *_: float("nan")), "gives candidates, each once", "not NaN"),
    ("a list for a key", keys(lambda *_: [1]), "gives candidates, each once", "key() of agent-0 answered [1]"),
    ("mixed", keys(lambda a, _: a.id if a.live.missed_at else 1), "gives candidates, each once", "cannot be compared"),
    ("no widths", widths(()), "says sound widths, if any", "begin with Width(after_s=0"),
    ("late width", widths([Width(1, 1)]), "says sound widths, if any", "begin with Width(after_s=0"),
    ("widths down", widths([Width(0, 3), Width(5, 2)]), "says sound widths, if any", "must go up"),
    ("widths again", widths([Width(0, 1), Width(0, 2)]), "says sound widths, if any", "must go up"),
    ("no phone", widths([Width(0, 0)]), "says sound widths, if any", "1 to 100 phones"),
    ("too many", widths([Width(0, 101)]), "says sound widths, if any", "1 to 100 phones"),
    ("half a phone", widths([Width(0, 1.5)]), "says sound widths, if any", "1 to 100 phones"),  # type: ignore[arg-type]
    ("a number", widths([3]), "says sound widths, if any", "answered 3"),
    ("no list", widths(None), "says sound widths, if any", "widths() raised TypeError"),
    ("remembers", Remembers, "gives the same answer again", "different orders when asked twice"),
    ("each another", EachInstanceAnother, "gives the same answer again", "a new instance gave another order"),
    ("as listed", ranks(lambda s: Ranking([a.id for a in s.candidates])), "breaks ties by the agents", "agent.id"),
    ("the one before", KeyOfTheOneBefore, "keys depend on their own agent", "that agent and the queue alone"),
    ("clock", after(time.time), "needs no clock and no dice", "it calls time.time()"),  # noqa: TID251
    ("clock ns", after(time.monotonic_ns), "needs no clock and no dice", "it calls time.monotonic_ns()"),
    ("now", after(lambda: datetime.now(UTC)), "needs no clock and no dice", "it calls datetime.now()"),  # noqa: TID251
    ("random", after(lambda: random.randint(1, 2)), "needs no clock and no dice", "the random module"),
    ("urandom", after(lambda: os.urandom(1)), "needs no clock and no dice", "random bytes"),
    ("hash", keys(lambda a, _: hash(a.id)), "needs no clock and no dice", "it calls hash()"),
    ("slow", ranks(quadratic), "answers in time", "7,000 candidates"),
    ("opens", after(lambda: Path(os.devnull).read_text()), "leaves the world alone", f"it opens '{os.devnull}'"),
    ("connects", after(lambda: socket.create_connection(("127.0.0.1", 9))), "leaves the world alone", "does socket."),
    ("runs", after(lambda: subprocess.run(["true"])), "leaves the world alone", "it does subprocess.Popen"),
    ("threads", after(lambda: threading.Thread(target=int).start()), "leaves the world alone", "it starts a thread"),
    ("logs", after(lambda: logging.getLogger("x").error("!")), "leaves the world alone", "it writes to a log"),
    ("prints", after(lambda: print("!")), "leaves the world alone", "it calls print()"),  # noqa: T201
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "check", "words"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_a_promise_that_is_not_kept_is_told_in_one_sentence_with_the_remedy(
    make: Callable[[], Any], check: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("acd.testing.strategy_checks.ANSWER_LIMIT_S", 0.3)
    monkeypatch.setattr("acd.testing.strategy_checks.SIZES", (10, 7_000) if check == "answers in time" else (10,))
    report = check_strategy(make, cut_off=cut_off_after)

    [found] = [finding for finding in report.findings if finding.check == check]
    assert found.verdict is Verdict.BROKEN
    assert words in found.sentence
    assert found.sentence in report.broken
    assert "\n" not in found.sentence


def test_what_the_strategy_may_do_is_no_fault() -> None:
    """A seeded generator, a time that was given, an import, memory files, an order that leaves some out."""

    def rank(situation: Situation) -> Ranking:
        import colorsys

        assert colorsys.ONE_THIRD
        order = ids(situation)
        random.Random(situation.call.id).shuffle(order)
        assert datetime.fromtimestamp(situation.now / 1000, tz=UTC).year > 2000
        return Ranking(order[: len(order) // 2])

    assert check_strategy(ranks(rank), cut_off=cut_off_after).broken == ()


def test_the_queue_and_the_calls_attributes_are_those_that_were_given() -> None:
    seen: set[tuple[str, str]] = set()

    def rank(situation: Situation) -> Ranking:
        seen.add((situation.queue.name, situation.call.attributes.get("tier", "")))
        return Ranking(ids(situation))

    check_strategy(ranks(rank), queue=Queue(name="gold_line"), attributes={"tier": "gold"})

    assert seen == {("gold_line", "gold"), ("gold_line", "")}


def test_after_the_first_two_checks_nothing_is_tried_with_a_strategy_that_never_returns() -> None:
    began = time.monotonic()
    report = check_strategy(ranks(never), cut_off=cut_off_after)

    assert time.monotonic() - began < 5
    assert [found.verdict for found in report.findings[2:]] == [Verdict.NOT_TRIED] * (len(CHECKS) - 2)
    assert len(report.broken) == 1


def test_the_watch_ends_with_the_check() -> None:
    check_strategy(after(lambda: Path(os.devnull).read_text()))

    assert "open" in IO_EVENTS
    assert Path(os.devnull).read_text(encoding="utf-8") == ""
    assert signal.getsignal(signal.SIGALRM) is not None


def test_another_threads_work_goes_on_while_a_strategy_is_watched() -> None:
    """The audit hook hears the whole process; only what happens below the watch counts."""
    begin, done = threading.Event(), threading.Event()
    read: list[str] = []

    def work() -> None:
        begin.wait()
        read.append(Path(os.devnull).read_text(encoding="utf-8"))
        done.set()

    def rank(situation: Situation) -> Ranking:
        begin.set()
        done.wait(5)
        return Ranking(ids(situation))

    thread = threading.Thread(target=work)
    thread.start()
    report = check_strategy(ranks(rank))
    thread.join()

    assert read == [""]
    assert not [sentence for sentence in report.broken if "touches the world" in sentence]
