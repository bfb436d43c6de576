"""A recorded day as a CSV, as a telephone system or a spreadsheet gives it: read whole, or with every fault at once."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from acd.errors import Fault
from scenarios.load.arrivals import ReplayedCall

__all__ = ["COLUMNS", "compressed", "read_day"]

COLUMNS = ("at_s", "time", "queue", "talk_s", "patience_s", "priority")
"""What a file may have; one of the first two it must have."""
CLOCK = re.compile(r"(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d):(?P<s>[0-5]\d(?:\.\d+)?)")
LONGEST_S = 86_400.0
MOST_MINUTES = 1_440.0
MOST_FAULTS = 20
"""Of a file that is wrong in each line the first lines say enough."""


@dataclass(slots=True)
class _Line:
    """One line, taken apart by column."""

    place: str
    cells: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)

    def fault(self, column: str, value: object, remedy: str) -> None:
        self.faults.append(Fault(place=f"{self.place}, {column}", value=value, remedy=remedy))

    def number(self, column: str, low: float, high: float) -> float | None:
        """A number in this range; None where the cell is empty or wrong."""
        said = self.cells.get(column, "")
        if not said:
            return None
        try:
            value = float(said)
        except ValueError:
            value = high + 1
        if low <= value <= high:
            return value
        self.fault(column, said, f"write a number, {low:g} to {high:g}")
        return None

    def moment(self) -> float:
        """Seconds, of the day where the file gives the time of day."""
        if "at_s" in self.cells:
            if not self.cells["at_s"]:
                self.fault("at_s", "", "write when it came, in seconds")
            return self.number("at_s", 0, LONGEST_S) or 0.0
        clock = CLOCK.fullmatch(self.cells["time"])
        if clock is None:
            self.fault("time", self.cells["time"], "write the time of day as HH:MM:SS")
            return 0.0
        return int(clock["h"]) * 3600 + int(clock["m"]) * 60 + float(clock["s"])


def read_day(path: Path, place: str, queues: Collection[str], faults: list[Fault]) -> tuple[ReplayedCall, ...]:
    """The calls of this file in order of time, for these queues; a time of day counts from the first call.

    What is wrong is added to ``faults``, at ``place`` with the number of the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        faults.append(Fault(place=place, value=str(path), remedy=f"byte {error.start} is not UTF-8; save it as UTF-8"))
        return ()
    except OSError as error:
        faults.append(Fault(place=place, value=str(path), remedy=f"{error.strerror}; name a file that can be read"))
        return ()
    rows = csv.reader(text.splitlines())
    header = [cell.strip() for cell in next(rows, [])]
    wrong = list(_faults_of_header(f"{place}, line 1", header))
    if wrong:
        faults += wrong
        return ()
    found: list[Fault] = []
    calls = list(_calls(place, header, rows, queues, found))
    if not calls and not found:
        found.append(Fault(place=place, value=str(path), remedy="it holds no call: write one line for each"))
    faults += found[:MOST_FAULTS]
    if len(found) > MOST_FAULTS:
        remedy = "the same kinds of faults, most likely: mend the first ones and look again"
        faults.append(Fault(place=place, value=f"{len(found) - MOST_FAULTS} more faults", remedy=remedy))
    first = min((call.at for call in calls), default=0.0) if "time" in header else 0.0
    return tuple(sorted((replace(call, at=call.at - first) for call in calls), key=lambda call: call.at))


def compressed(calls: tuple[ReplayedCall, ...], factor: float) -> tuple[ReplayedCall, ...]:
    """The same day in less time: callers come, talk and lose patience so much faster, so as many are busy at once."""

    def faster(time: float | None) -> float | None:
        return None if time is None else time / factor

    return tuple(
        replace(call, at=call.at / factor, talk_s=faster(call.talk_s), patience_s=faster(call.patience_s))
        for call in calls
    )


def _faults_of_header(place: str, header: list[str]) -> Iterator[Fault]:
    for name in header:
        if name not in COLUMNS:
            yield Fault(place=place, value=name, remedy=f"no such column; known: {', '.join(COLUMNS)}")
        elif header.count(name) > 1:
            yield Fault(place=place, value=name, remedy="it stands here twice: keep one")
    if ("at_s" in header) == ("time" in header):
        yield Fault(place=place, value=",".join(header), remedy="name exactly one of the columns at_s and time")


def _calls(
    place: str, header: list[str], rows: Iterator[list[str]], queues: Collection[str], faults: list[Fault]
) -> Iterator[ReplayedCall]:
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        line = _Line(f"{place}, line {number}", dict(zip(header, map(str.strip, row), strict=False)))
        if len(row) == len(header):
            yield _call(line, queues)
        else:
            line.faults.append(
                Fault(place=line.place, value=",".join(row), remedy=f"write {len(header)} cells, as in line 1")
            )
        faults += line.faults


def _call(line: _Line, queues: Collection[str]) -> ReplayedCall:
    queue = line.cells.get("queue") or None
    if queue is not None and queue not in queues:
        line.fault("queue", queue, f"no such queue; known: {', '.join(queues)}")
    return ReplayedCall(
        at=line.moment(),
        queue=queue,
        talk_s=line.number("talk_s", 0, LONGEST_S),
        patience_s=line.number("patience_s", 0, LONGEST_S),
        priority=line.number("priority", -MOST_MINUTES, MOST_MINUTES),
    )
