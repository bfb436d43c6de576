"""`stasis-acd load`: profiles are listed, shown and checked without any server, and faults are sentences."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scenarios.load import commands
from scenarios.load.bundled import bundled_profiles
from scenarios.load.digest import digest_of
from scenarios.load.forecast import forecast_of, loads_of, most_at_once, sparkline
from scenarios.load.machine import Machine, Needs, needs_of, shortages, this_machine
from scenarios.load.plan import Plan
from scenarios.load.planning import plan_of
from scenarios.load.profile_reading import read_profile
from stasis_app.cli import app
from tests.unit.load_profiles import profile, profile_text

PLENTY = Machine(open_files=1_000_000, memory_mib=1_000_000, rtp_ports=10_001)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["load", *arguments])


def bundled(name: str) -> Plan:
    return plan_of(read_profile(bundled_profiles()[name]))


def test_every_bundled_profile_is_listed() -> None:
    rows = json.loads(run("profiles", "--json").stdout)
    table = run("profiles")

    assert [row["name"] for row in rows] == sorted(bundled_profiles())
    assert all(row["calls"] > 0 and row["agents"] > 0 and row["title"] for row in rows)
    assert all(name in table.stdout for name in bundled_profiles())


def test_a_profile_is_shown_with_loads_rules_and_its_digest() -> None:
    shown, again = run("show", "smoke"), run("show", "smoke", "--seed", "2")
    plan = bundled("smoke")

    assert shown.exit_code == 0
    assert f"{len(plan.calls)} calls in 0:30" in shown.stdout
    assert f"Seed 1, digest {digest_of(plan)}" in shown.stdout
    assert "Seed 2, digest" in again.stdout
    assert digest_of(plan) not in again.stdout
    assert "10% decline, 5% busy, 5% not answered, 10% hung up early" in shown.stdout
    assert "answered within 5 s: 70% at least" in shown.stdout
    assert "5 to 150 calls a second, until a caller is lost" in run("show", "find_the_limit").stdout


def test_the_calls_are_written_as_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(run("show", "smoke", "--csv").stdout)))
    plan = bundled("smoke")

    assert [row["number"] for row in rows] == [call.number for call in plan.calls]
    assert [float(row["talk_s"]) for row in rows] == [plan.talk_s[call.talk_bucket] for call in plan.calls]


def test_faults_are_listed_and_nothing_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(profile_text({"rules": "lost_at_most = -1", "agents.desk": "queues = ['dessk']"}))
    for command in ("show", "check"):
        result = run(command, str(path))

        assert result.exit_code == 1
        assert result.stdout == ""
        assert result.stderr.splitlines() == [
            f"stasis-acd: {path} has 2 faults",
            "  agents.desk.queues = 'dessk': no such queue; known: desk",
            "  rules.lost_at_most = -1: write 0 to 1000000",
        ]


def test_a_profile_of_ones_own_has_its_files_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(profile_text())

    assert run("show", str(path)).stdout.startswith("mine\n")


def test_an_unknown_profile_is_answered_with_those_that_there_are(tmp_path: Path) -> None:
    result = run("show", "smoky")

    assert result.exit_code == 1
    assert "there is no profile smoky: name a file, or one of campaign_burst, " in result.stderr
    assert run("show", str(tmp_path)).exit_code == 1


def test_a_machine_that_is_too_small_is_told_by_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "this_machine", lambda: replace(PLENTY, open_files=256))
    refused = run("check", "smoke")
    monkeypatch.setattr(commands, "this_machine", lambda: PLENTY)

    assert refused.exit_code == 1
    assert "this machine has too little for smoke" in refused.stderr
    assert "a process may have 256" in refused.stderr
    assert run("check", "smoke").exit_code == 0


def test_each_shortage_is_a_sentence_with_what_is_needed_and_what_is_there() -> None:
    needs = Needs(channels=100, open_files=1500, memory_mib=700, rtp_ports=200)
    short = list(shortages(needs, Machine(open_files=1499, memory_mib=699, rtp_ports=199)))

    assert [sentence.partition(":")[0] for sentence in short] == ["open files", "memory", "ports"]
    for sentence, figures in zip(short, [("1500", "1499"), ("700", "699"), ("200", "199")], strict=True):
        assert all(figure in sentence for figure in figures)
    assert not list(shortages(needs, Machine(open_files=1500, memory_mib=700, rtp_ports=200)))


def test_this_machine_has_something() -> None:
    here = this_machine()

    assert min(here.open_files, here.memory_mib, here.rtp_ports) > 0


def test_a_longer_line_needs_more() -> None:
    few, many = needs_of(bundled("waiting_400_music")), needs_of(bundled("waiting_1000_silent"))

    assert 400 < few.channels < 600
    assert 1000 < many.channels < 1300
    assert few.memory_mib < many.memory_mib
    assert few.open_files < many.open_files


def test_loads_are_talk_time_over_time() -> None:
    plan = plan_of(profile({"profile": "duration_s = 4000", "callers.everybody": "talk = 6"}))
    (load,) = loads_of(plan)

    assert (load.queue, load.calls, load.agents, load.mean_talk_s) == ("desk", len(plan.calls), 3, 6)
    assert load.erlang == pytest.approx(12, rel=0.05)


def test_too_many_callers_wait_and_give_up() -> None:
    arrivals = "kind = 'constant'\nper_s = 1"
    patient = plan_of(profile({"arrivals": arrivals, "callers.everybody": "talk = 30"}))
    hasty = plan_of(profile({"arrivals": arrivals, "callers.everybody": "talk = 30\npatience = 2"}))
    alone = plan_of(profile({"arrivals": arrivals, "agents.desk": "count = 0\nqueues = ['desk']"}))

    assert forecast_of(patient).abandoned == 0
    assert forecast_of(patient).most_talking == 3
    assert forecast_of(patient).most_waiting > 40
    assert forecast_of(hasty).abandoned > 40
    assert forecast_of(hasty).most_waiting <= 3
    assert forecast_of(alone).most_waiting == forecast_of(alone).most_present == 60


def test_stays_that_follow_one_another_do_not_overlap() -> None:
    assert most_at_once([(0, 1), (1, 2), (1.5, 3), (5, 5)]) == 2
    assert most_at_once([]) == 0


def test_the_row_of_bars_shows_when_most_come() -> None:
    assert sparkline([0, 1, 1, 3, 3, 3, 3], 4, width=4) == "▃▅ █"
    assert sparkline([], 4, width=4) == "    "
