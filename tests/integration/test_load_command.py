"""`stasis-acd load run` as people use it: a verdict by exit status, figures as JSON, and an end whatever happens."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

import psutil
import pytest

from scenarios.load.report_reading import read_results

pytestmark = [pytest.mark.asterisk, pytest.mark.redis, pytest.mark.timeout(180)]

PROFILE = """
[profile]
title = "A little of everything"
duration_s = 8
drain_s = 30
[arrivals]
kind = "constant"
per_s = 2
[queues.desk]
numbers = ["100"]
ring_timeout_s = 4
wrap_up_s = 0
[callers.patient]
share = 3
talk = { kind = "uniform", from_s = 0.4, to_s = 1.2 }
[callers.hasty]
talk = 1
patience = 0.3
[agents.good]
count = 6
queues = ["desk"]
ring_s = [0.1, 0.5]
[agents.difficult]
count = 2
queues = ["desk"]
rejects = 0.5
"""
COUNTS = ("answered", "gave_up", "refused", "dropped", "vanished", "unfinished")


async def started(folder: Path, profile: str, *more: str) -> Process:
    """The program in a folder of its own, with this profile."""
    (folder / "mine.toml").write_text(profile)
    words = ("load", "run", "mine.toml", *more)
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "stasis_app", *words), cwd=folder, stdout=PIPE, stderr=PIPE, env=environment()
    )


def environment() -> dict[str, str]:
    """Of a wide terminal, so that no sentence is broken."""
    return {**os.environ, "COLUMNS": "200"}


async def ran(folder: Path, profile: str, *more: str) -> tuple[int | None, str, str]:
    """Exit status, and what it said and complained of."""
    program = await started(folder, profile, *more)
    said, complaint = await program.communicate()
    return program.returncode, said.decode(), complaint.decode()


def figures(folder: Path, engine: str) -> Any:
    return json.loads((folder / "build" / "load" / f"mine-{engine}.json").read_bytes())


async def test_a_run_that_passes(tmp_path: Path) -> None:
    status, said, complaint = await ran(tmp_path, PROFILE)
    told = figures(tmp_path, "native")
    callers = told["callers"]

    assert (status, complaint) == (0, ""), said
    assert "figures: build/load/mine-native.json" in said
    assert said.count("✓") == len(told["verdict"])
    assert told["passed"] is True
    assert callers["planned"] == callers["dialled"] == 16
    assert sum(callers[name] for name in COUNTS) == callers["dialled"]
    assert callers["answered"] > 0 < callers["gave_up"]
    assert told["wait_s"]["count"] == callers["answered"]
    assert told["costs"].keys() == {"asterisk", "redis", "acd-1", "sipp"}
    assert sum(told["series"]["arrivals_per_s"]) == callers["dialled"]
    assert read_results(tmp_path / "build" / "load" / "mine-native.json").passed


async def test_a_run_that_fails_its_rules_and_one_of_another_seed(tmp_path: Path) -> None:
    impossible = PROFILE + "[rules]\nanswered_share_at_least = 1\nanswered_within_s = 0\n"
    status, said, _ = await ran(tmp_path, impossible, "--engine", "floor", "--seed", "7", "--output", "elsewhere")
    told = json.loads((tmp_path / "elsewhere" / "mine-floor.json").read_bytes())

    assert status == 1
    assert "✗ 100% of callers had an agent within 0 s: it was 0.0%" in said
    assert [each["name"] for each in told["verdict"] if not each["kept"]] == ["service level"]
    assert (told["passed"], told["seed"], told["engine"]) == (False, 7, "floor")


async def test_every_fault_of_a_profile_is_told_before_anything_starts(tmp_path: Path) -> None:
    wrong = PROFILE.replace("per_s = 2", "per_s = -2").replace("rejects = 0.5", "rejects = 50\nbusi = 0.1")
    wrong = wrong.replace("share = 3", 'share = 3\naudio = "file"\naudio_file = "no.raw"')
    status, said, complaint = await ran(tmp_path, wrong)

    assert (status, said) == (1, "")
    assert complaint.splitlines()[0] == "stasis-acd: mine.toml has 4 faults"
    for place in ("arrivals.per_s = -2", "agents.difficult.rejects = 50", "agents.difficult.busi", "no.raw"):
        assert place in complaint
    assert "Traceback" not in complaint
    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize(
    ("profile", "more", "words"),
    [
        (PROFILE, ("--engine", "quick"), "'quick' is not one of"),
        (PROFILE, ("--seed", "-1"), "greater than or equal to 0"),
        ("[profile", (), "mine.toml has 1 fault"),
        (
            PROFILE.replace("talk = 1", "talk = 1\npriority = 2"),
            ("--engine", "floor"),
            "the run cannot go on: The bare application has one line",
        ),
        (
            PROFILE.replace("duration_s = 8", "duration_s = 60")
            .replace("per_s = 2", "per_s = 1000")
            .replace("talk = 1", "talk = 3600")
            .replace("to_s = 1.2", "to_s = 3600"),
            (),
            "this machine has too little for mine",
        ),
        (PROFILE.replace("per_s = 2", "per_s = 0.001"), (), "nobody would call in 8 s"),
    ],
)
async def test_what_cannot_be_run_is_said_in_a_sentence(
    tmp_path: Path, profile: str, more: tuple[str, ...], words: str
) -> None:
    status, _, complaint = await ran(tmp_path, profile, *more)

    assert status not in {0, None}
    assert words in complaint
    assert "Traceback" not in complaint
    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("doing", ["starting native", "under load"])
async def test_an_interrupt_ends_the_run_in_order(tmp_path: Path, doing: str, number: signal.Signals) -> None:
    program = await started(tmp_path, PROFILE.replace("duration_s = 8", "duration_s = 120"))
    assert program.stdout is not None
    said = b""
    while doing not in (line := (await program.stdout.readline()).decode()):
        assert line, "it ended before"
        said += line.encode()
    parts = psutil.Process(program.pid).children(recursive=True)
    program.send_signal(number)
    rest, complaint = await program.communicate()

    assert program.returncode == 1, complaint
    assert "Broken off: it was told to stop" in rest.decode()
    assert complaint == b""
    assert not [part for part in parts if part.is_running() and part.status() != psutil.STATUS_ZOMBIE]
    assert [each["name"] for each in figures(tmp_path, "native")["verdict"] if not each["kept"]] == ["whole"]
