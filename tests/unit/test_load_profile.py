"""A load profile is read as it is written, and whatever is wrong in it is told at once, at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.configuration import NAME
from scenarios.load.arrivals import Curve, Poisson, Ramp, Replay
from scenarios.load.bundled import bundled_profiles
from scenarios.load.distributions import Bounded, Exponential, Fixed
from scenarios.load.plan import Change
from scenarios.load.profile_reading import read_profile
from tests.unit.load_profiles import faults_in, profile, profile_text

RIGHT_CSV = "time,queue,talk_s,patience_s,priority\n09:00:10,desk,20,,\n09:00:00,,,30,5\n"
WRONG: list[tuple[dict[str, str], str, object]] = [
    ({"profile": ""}, "profile.duration_s", None),
    ({"profile": "duration_s = 0"}, "profile.duration_s", 0),
    ({"profile": "duration_s = inf"}, "profile.duration_s", float("inf")),
    ({"profile": "duration_s = 60\nseed = -1"}, "profile.seed", -1),
    ({"profile": "duration_s = 60\nseed = 1.5"}, "profile.seed", 1.5),
    ({"profile": "duration_s = 60\nengine = 'mine'"}, "profile.engine", "mine"),
    ({"profile": "duration_s = 60\nlength = 3"}, "profile.length", 3),
    ({"profile": 'duration_s = 60\ntitle = "a\\nb"'}, "profile.title", "a\nb"),
    ({"arrivals": ""}, "arrivals.kind", None),
    ({"arrivals": "kind = 'flood'"}, "arrivals.kind", "flood"),
    ({"arrivals": "kind = 'poisson'"}, "arrivals.per_s", None),
    ({"arrivals": "kind = 'poisson'\nper_s = 'many'"}, "arrivals.per_s", "many"),
    ({"arrivals": "kind = 'poisson'\nper_s = nan"}, "arrivals.per_s", None),
    ({"arrivals": "kind = 'poisson'\nper_s = 0"}, "arrivals.per_s", 0),
    ({"arrivals": "kind = 'constant'\nper_s = 0.001"}, "arrivals", {"kind": "constant", "per_s": 0.001}),
    ({"arrivals": "kind = 'poisson'\nper_s = 2\nfor_s = 3"}, "arrivals.for_s", 3),
    ({"arrivals": "kind = 'curve'"}, "arrivals", {"kind": "curve"}),
    ({"arrivals": "kind = 'curve'\npoints_s = [[0, 1]]"}, "arrivals.points_s", [[0, 1]]),
    ({"arrivals": "kind = 'curve'\npoints_s = [[5, 1], [5, 2]]"}, "arrivals.points_s", [[5, 1], [5, 2]]),
    ({"arrivals": "kind = 'curve'\npoints_share = [[0, 1], [2, 1]]"}, "arrivals.points_share", [[0, 1], [2, 1]]),
    ({"arrivals": "kind = 'curve'\npoints_share = [[0, 0], [1, 0]]"}, "arrivals.points_share", [[0, 0], [1, 0]]),
    (
        {"arrivals": "kind = 'ramp'\nfrom_per_s = 5\nto_per_s = 2\nstep_per_s = 1\nstep_s = 1"},
        "arrivals.to_per_s",
        2,
    ),
    (
        {"arrivals": "kind = 'ramp'\nfrom_per_s = 5\nto_per_s = 50\nstep_per_s = 1\nstep_s = 10"},
        "arrivals.to_per_s",
        50,
    ),
    (
        {"arrivals": "kind = 'ramp'\nfrom_per_s = 5\nto_per_s = 'for ever'\nstep_per_s = 1\nstep_s = 10"},
        "arrivals.to_per_s",
        "for ever",
    ),
    ({"arrivals": "kind = 'replay'"}, "arrivals.file", None),
    ({"arrivals": "kind = 'replay'\nfile = 'none.csv'"}, "arrivals.file", "none.csv"),
    ({"callers.everybody": ""}, "callers.everybody.talk", None),
    ({"callers.everybody": "talk = -1"}, "callers.everybody.talk", -1),
    ({"callers.everybody": "talk = { kind = 'normal' }"}, "callers.everybody.talk.kind", "normal"),
    ({"callers.everybody": "talk = { mean_s = 5 }"}, "callers.everybody.talk.kind", None),
    ({"callers.everybody": "talk = { kind = 'lognormal', mean_s = 5 }"}, "callers.everybody.talk.deviation_s", None),
    (
        {"callers.everybody": "talk = { kind = 'uniform', from_s = 5, to_s = 2 }"},
        "callers.everybody.talk.to_s",
        2,
    ),
    (
        {"callers.everybody": "talk = { kind = 'exponential', mean_s = 5, least_s = 9, most_s = 2 }"},
        "callers.everybody.talk.most_s",
        2,
    ),
    ({"callers.everybody": "talk = 5\nshare = 0"}, "callers", 0),
    ({"callers.everybody": "talk = 5\nqueues = ['dessk']"}, "callers.everybody.queues", "dessk"),
    ({"callers.everybody": "talk = 5\nqueues = []"}, "callers.everybody.queues", []),
    ({"callers.everybody": "talk = 5\nqueues = { desk = -1 }"}, "callers.everybody.queues.desk", -1),
    ({"queues.desk": ""}, "callers.everybody.queues", "desk"),
    ({"callers.everybody": "talk = 5\nvanishes = 0.5"}, "callers.everybody.vanishes_after", None),
    ({"callers.everybody": "talk = 5\nvanishes = 2\nvanishes_after = 1"}, "callers.everybody.vanishes", 2),
    ({"callers.everybody": "talk = 5\nrequires = 'french'"}, "callers.everybody.requires", "french"),
    ({"callers.everybody": "talk = 5\nrequires = 'german and'"}, "callers.everybody.requires", "german and"),
    ({"callers.everybody": "talk = 5\npriority = 2000"}, "callers.everybody.priority", 2000),
    ({"callers.everybody": "talk = 5\naudio = 'file'"}, "callers.everybody.audio_file", None),
    (
        {"callers.everybody": "talk = 5\naudio = 'file'\naudio_file = 'none.ulaw'"},
        "callers.everybody.audio_file",
        "none.ulaw",
    ),
    ({"callers.everybody": "talk = 5\naudio_file = 'x'"}, "callers.everybody.audio_file", "x"),
    ({"callers.everybody": "talk = 5\nkeys = '1'"}, "callers.everybody.keys", "1"),
    ({"agents.desk": "count = 6000"}, "agents.desk.count", 6000),
    ({"agents.desk": "queues = ['dessk']"}, "agents.desk.queues", "dessk"),
    ({"agents.desk": "queues = { desk = 100 }"}, "agents.desk.queues.desk", 100),
    ({"agents.desk": "skills = { german = 200 }"}, "agents.desk.skills.german", 200),
    ({"agents.desk": "skills = { german = [80, 20] }"}, "agents.desk.skills.german", [80, 20]),
    ({"agents.desk": "skills = { german = 1.5 }"}, "agents.desk.skills.german", 1.5),
    ({"agents.desk": "skills = { french = 5 }"}, "agents.desk.skills", "french"),
    ({"agents.desk": "ring_s = [5, 1]"}, "agents.desk.ring_s", [5, 1]),
    ({"agents.desk": "rejects = 0.5\nbusy = 0.4\nno_answer = 0.2"}, "agents.desk.rejects", 1.1),
    ({"agents.desk": "breaks = { every_s = 0, for_s = 1 }"}, "agents.desk.breaks.every_s", 0),
    (
        {"agents.desk": "breaks = { every_s = { kind = 'exponential', mean_s = 0.01 }, for_s = 1 }"},
        "agents.desk.breaks.every_s",
        {"kind": "exponential", "mean_s": 0.01},
    ),
    ({"agents.desk": "breaks = { every_s = 10 }"}, "agents.desk.breaks.for_s", None),
    ({"agents.desk": "breaks = 5"}, "agents.desk.breaks", 5),
    ({"agents.desk": "count = 30\nbrowser = true"}, "agents", 30),
    ({"queues.desk": "numbers = ['100']\nring_timeout_s = 0"}, "queues.desk.ring_timeout_s", 0),
    ({"rules": "answered_share_at_least = 90"}, "rules.answered_share_at_least", 90),
    ({"rules": "late_after_ms = 90"}, "rules.late_after_ms", 90),
    ({"rules": "lost_at_most = 0.5"}, "rules.lost_at_most", 0.5),
    ({"surprise": "x = 1"}, "surprise", {"x": 1}),
]


@pytest.mark.parametrize(("changed", "place", "value"), WRONG)
def test_each_fault_is_told_once_with_its_place_and_value(changed: dict[str, str], place: str, value: object) -> None:
    (found,) = faults_in(profile_text(changed))

    assert found[0] == place
    if "nan" not in str(changed):  # which is equal to nothing, not even to itself
        assert found[1] == pytest.approx(value) if isinstance(value, float) else found[1] == value


def test_a_profile_has_queues_and_callers() -> None:
    profile_alone = "[profile]\nduration_s = 60\n[arrivals]\nkind = 'poisson'\nper_s = 2\n"

    assert faults_in(profile_alone) == [("queues", None), ("callers", None)]
    assert faults_in(f"{profile_alone}[queues]\n[callers.all]\ntalk = 5") == [("queues", {})]


def test_all_faults_are_told_at_once() -> None:
    text = profile_text(
        {
            "profile": "duration_s = -5",
            "callers.everybody": "talk = { kind = 'exponential', mean = 60 }",
            "agents.desk": "queues = ['dessk']\nbusy = 3",
            "rules": "answered_share_at_least = 90",
        }
    )

    assert {place for place, _ in faults_in(text)} == {
        "profile.duration_s",
        "callers.everybody.talk.mean_s",
        "callers.everybody.talk.mean",
        "agents.desk.queues",
        "agents.desk.busy",
        "rules.answered_share_at_least",
    }


def test_a_profile_is_read_as_it_is_written() -> None:
    read = profile(
        {
            "callers.everybody": "talk = 5\nqueues = { desk = 2 }\nrequires = { german = 50 }\n"
            "patience = { kind = 'exponential', mean_s = 60, most_s = 90 }",
            "agents.desk": "queues = ['desk']\nskills = { german = [20, 80] }\nring_s = 3\n"
            "logs_out = { every_s = 50, for_s = 5 }",
        }
    )

    (callers,), (agents,) = read.callers, read.agents
    assert read.name == "small"
    assert read.arrivals == Poisson(per_s=2.0)
    assert callers.talk == Fixed(5)
    assert callers.queues == {"desk": 2.0}
    assert callers.requires == "german >= 50"
    assert callers.patience == Bounded(of=Exponential(mean_s=60.0), most_s=90)
    assert agents.skills == {"german": (20, 80)}
    assert list(agents.group.ring_s) == [3, 3]
    assert [(absence.begins, absence.ends) for absence in agents.absences] == [(Change.LOG_OUT, Change.READY)]


def test_a_curve_by_parts_follows_the_duration_and_one_by_seconds_does_not() -> None:
    parts = profile({"arrivals": "kind = 'curve'\npoints_share = [[0, 1], [0.5, 3]]"}).arrivals
    seconds = profile({"arrivals": "kind = 'curve'\npoints_s = [[0, 1], [5, 3]]"}).arrivals

    assert parts == Curve(points=((0.0, 1.0), (30.0, 3.0)))
    assert seconds == Curve(points=((0.0, 1.0), (5.0, 3.0)))


def test_a_ramp_may_have_no_end() -> None:
    lines = "kind = 'ramp'\nfrom_per_s = 5\nto_per_s = 'until it breaks'\nstep_per_s = 1\nstep_s = 10"
    ramp = profile({"arrivals": lines}).arrivals

    assert isinstance(ramp, Ramp)
    assert ramp.to_per_s is None


def test_a_recorded_day_is_read_in_order_of_time_and_compressed_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text(RIGHT_CSV, encoding="utf-8")
    replay = profile({"arrivals": "kind = 'replay'\nfile = 'day.csv'\ncompress = 10"}, folder=tmp_path).arrivals

    assert isinstance(replay, Replay)
    first, second = replay.calls
    assert (first.at, first.queue, first.talk_s, first.patience_s, first.priority) == (0, None, None, 3, 5)
    assert (second.at, second.queue, second.talk_s, second.patience_s, second.priority) == (1, "desk", 2, None, None)


@pytest.mark.parametrize(
    ("content", "places"),
    [
        ("", ["arrivals.file, line 1"]),
        ("at_s,time\n", ["arrivals.file, line 1"]),
        ("at_s,at_s\n", ["arrivals.file, line 1", "arrivals.file, line 1"]),
        ("at_s,agent\n", ["arrivals.file, line 1"]),
        ("at_s\n", ["arrivals.file"]),
        (
            "at_s\n-1\nx\n\n5,3\n",
            ["arrivals.file, line 2, at_s", "arrivals.file, line 3, at_s", "arrivals.file, line 5"],
        ),
        ("time\n25:00:00\n", ["arrivals.file, line 2, time"]),
        (
            "at_s,queue,talk_s\n,dessk,long\n",
            ["arrivals.file, line 2, queue", "arrivals.file, line 2, at_s", "arrivals.file, line 2, talk_s"],
        ),
        ("at_s\n60\n", ["arrivals.file"]),
        ("at_s\n" + "x\n" * 500, [*[f"arrivals.file, line {line}, at_s" for line in range(2, 22)], "arrivals.file"]),
    ],
)
def test_a_wrong_recording_is_told_by_line_and_column(tmp_path: Path, content: str, places: list[str]) -> None:
    (tmp_path / "day.csv").write_text(content, encoding="utf-8")
    text = profile_text({"arrivals": "kind = 'replay'\nfile = 'day.csv'"})

    assert [place for place, _ in faults_in(text, tmp_path)] == places


def test_a_recording_that_is_no_text_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_bytes(b"at_s\n\xff\n")
    text = profile_text({"arrivals": "kind = 'replay'\nfile = 'day.csv'"})

    assert [place for place, _ in faults_in(text, tmp_path)] == ["arrivals.file"]


@pytest.mark.parametrize("text", ["profile = 5", "callers = []", "agents = 'x'", "arrivals = 1\nrules = []", "[", ""])
def test_whatever_is_no_profile_is_answered_with_faults(text: str) -> None:
    assert faults_in(text)


@pytest.mark.parametrize("name", sorted(bundled_profiles()))
def test_each_bundled_profile_is_right_and_says_what_it_is_for(name: str) -> None:
    path = bundled_profiles()[name]
    read = read_profile(path)

    assert NAME.fullmatch(name)
    assert read.name == name
    assert read.title
    assert path.read_text(encoding="utf-8").startswith("# ")
