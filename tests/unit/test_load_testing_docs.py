"""The description of profiles says what the code does: keys, defaults, ranges, and an example that works."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from scenarios.load.arrivals_reading import ARRIVAL_KINDS
from scenarios.load.bundled import bundled_profiles
from scenarios.load.profile import Profile
from scenarios.load.profile_reading import read_profile
from scenarios.load.profile_section import KINDS
from tests.unit.load_profiles import faults_of_text, profile_text

TEXT = (Path(__file__).parents[2] / "docs" / "load-testing.md").read_text(encoding="utf-8")
REQUIRED = "required"
TALK = "callers.everybody.talk"
LISTS = re.compile(r"known: (?P<keys>.*)")
OF_KINDS = re.compile(r"; of (?P<all>all kinds but )?`(?P<kind>\w+)`|^Of `(?P<first>\w+)`")

TIMES = {
    "fixed": "mean_s = 5",
    "uniform": "from_s = 1\nto_s = 5",
    "exponential": "mean_s = 5",
    "lognormal": "mean_s = 5\ndeviation_s = 2",
    "weibull": "mean_s = 5\nshape = 2",
}
WAYS = {
    "constant": "per_s = 2",
    "poisson": "per_s = 2",
    "curve": "points_s = [[0, 1], [5, 2]]",
    "burst": "per_s = 2\nfor_s = 1\npause_s = 1",
    "ramp": "from_per_s = 2\nto_per_s = 4\nstep_per_s = 1\nstep_s = 5",
    "replay": "file = 'day.csv'",
}
PLACES: dict[str, tuple[str, str]] = {
    "## `[profile]`": ("profile", "duration_s = 60"),
    "## `[callers.KIND]`": ("callers.everybody", "talk = 5"),
    "## `[agents.GROUP]`": ("agents.desk", "count = 3\nqueues = ['desk']"),
    "### `breaks`, `logs_out`, `unreachable`": ("agents.desk.breaks", "every_s = 5\nfor_s = 1"),
    "## `[rules]`": ("rules", "answered_share_at_least = 0.5\nlate_offers_at_most = 3"),
    **{f"### `{kind}`": ("arrivals", f"kind = '{kind}'\n{lines}") for kind, lines in WAYS.items()},
}


def rows_under(heading: str) -> dict[str, list[str]]:
    """The key table under a heading: key to type, range, default, meaning."""
    section = re.split(r"\n#+ ", TEXT.split(f"\n{heading}\n", 1)[1])[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "|" in line]
    return {row[0].strip("`"): row[1:] for row in cells if row[0].startswith("`")}


def with_lines(place: str, lines: str) -> str:
    without = {"callers.everybody": ""} if place == TALK else {}
    return profile_text(without | {place: lines})


def known_keys(place: str, lines: str, folder: Path) -> set[str]:
    """Every key that the reader asks for: it lists them to whoever writes an impossible one."""
    faults = faults_of_text(with_lines(place, f"{lines}\nqqqqqqqqqqqqqqqq = 1"), folder)
    (fault,) = [fault for fault in faults if fault.place == f"{place}.qqqqqqqqqqqqqqqq"]
    found = LISTS.search(fault.remedy)
    assert found
    return set(found["keys"].split(", "))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "day.csv").write_text("at_s\n1\n")
    return tmp_path


@pytest.mark.parametrize("heading", PLACES)
def test_every_key_is_described_and_every_described_key_is_there(heading: str, folder: Path) -> None:
    place, lines = PLACES[heading]

    assert set(rows_under(heading)) == known_keys(place, lines, folder) - ({"kind"} if place == "arrivals" else set())


def test_every_way_of_coming_is_described() -> None:
    assert rows_under("## `[arrivals]`")["kind"][1] == ", ".join(f"`{kind}`" for kind in ARRIVAL_KINDS)
    assert set(WAYS) == set(ARRIVAL_KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_distribution_has_the_keys_that_are_described(kind: str, folder: Path) -> None:
    described = {"kind", "least_s", "most_s"}
    for key, row in rows_under("## How long things take").items():
        of = OF_KINDS.search(row[3])
        if of:
            named = of["kind"] or of["first"]
            described |= {key} if (named == kind) is not bool(of["all"]) else set()

    assert described == known_keys(TALK, f"kind = '{kind}'\n{TIMES[kind]}", folder)


def test_every_default_that_is_described_is_the_real_one(folder: Path) -> None:
    checked = 0
    for heading, (place, lines) in PLACES.items():
        for key, row in rows_under(heading).items():
            if not row[2].startswith("`") or f"\n{key} = " in f"\n{lines}":
                continue
            said = f"{lines}\n{key} = {row[2].strip('`')}"
            assert plain(with_lines(place, said), folder) == plain(with_lines(place, lines), folder), key
            checked += 1

    assert checked >= 20


def plain(text: str, folder: Path) -> Profile:
    return read_profile(text, folder=folder)


def test_what_is_required_is_missed(folder: Path) -> None:
    checked = 0
    for heading, (place, lines) in PLACES.items():
        for key, row in rows_under(heading).items():
            if row[2] == REQUIRED:
                left = "\n".join(line for line in lines.splitlines() if not line.startswith(f"{key} = "))
                missed = [fault.place for fault in faults_of_text(with_lines(place, left), folder)]
                assert missed == [f"{place}.{key}"]
                checked += 1

    assert checked >= 10


def test_every_range_is_the_one_that_is_checked(folder: Path) -> None:
    places = PLACES | {"## How long things take": (TALK, "")}
    checked = 0
    for heading, (place, lines) in places.items():
        for key, row in rows_under(heading).items():
            bounds = re.fullmatch(r"(?:\w+ )?(-?[\d.]+) to (-?[\d.]+)", row[1])
            if bounds is None or "points" in row[0] or "table" in row[0]:
                continue
            kept = of_time(key) if place == TALK else lines
            others = "\n".join(line for line in kept.splitlines() if not line.startswith(f"{key} = "))
            low, high = (float(end) if "." in end else int(end) for end in bounds.groups())
            for value, good in ((low, True), (high, True), (low - 1, False), (high + 1, False)):
                remedies = [
                    fault.remedy
                    for fault in faults_of_text(with_lines(place, f"{others}\n{key} = {value}"), folder)
                    if fault.place == f"{place}.{key}" and " to " in fault.remedy
                ]
                assert bool(remedies) is not good, (key, value, remedies)
            checked += 1

    assert checked >= 30


def of_time(key: str) -> str:
    """A distribution that has this key."""
    return next(
        f"kind = '{kind}'\n{lines}"
        for kind, lines in TIMES.items()
        if f"{key} = " in lines.replace("mean_s", "mean_s" if kind == "exponential" else "-") or key.endswith("st_s")
    )


def test_the_example_works_and_its_faults_are_the_real_ones() -> None:
    example = TEXT.split("```toml\n")[1].split("```")[0]
    shown = re.findall(r"^    (\S+ = .*: .*)$", TEXT, flags=re.MULTILINE)
    wrong = example.replace("mean_s = 60 }", "mean = 60 }").replace('["desk"]', '["dessk"]')
    wrong = wrong.replace("answered_share_at_least = 0.9", "answered_share_at_least = 90")

    assert tomllib.loads(example)
    assert read_profile(example).callers
    assert set(shown) <= {str(fault) for fault in faults_of_text(wrong)}
    assert len(shown) == 3


def test_every_bundled_profile_is_described() -> None:
    table = TEXT.split("| Profile | What it is for |")[1].split("\n\n")[0]

    assert set(re.findall(r"^\| `(\w+)`", table, flags=re.MULTILINE)) == set(bundled_profiles())
