"""The command tree itself: help, mounted commands, durations, and failures before any server is asked."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stasis_app.cli import app, commands
from stasis_app.cli.show import duration

RUNNER = CliRunner()


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [(-5, "0:00"), (0, "0:00"), (999, "0:00"), (61_000, "1:01"), (3_599_999, "59:59"), (3_600_000, "1:00:00")],
)
def test_durations_read_like_a_clock(milliseconds: int, shown: str) -> None:
    assert duration(milliseconds) == shown


@pytest.mark.parametrize(
    "command",
    ["serve", "status", "agents", "queues", "calls", "hangup", "history", "apply", "plan", "lint", "version"]
    + [f"agent {verb}" for verb in ("login", "ready", "break", "logout", "done")]
    + [f"user {verb}" for verb in ("add", "password", "list", "remove")]
    + ["explain call", "explain agent", "configuration show", "configuration versions"],
)
def test_every_command_explains_itself(command: str) -> None:
    result = RUNNER.invoke(app, [*command.split(), "--help"])

    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_without_a_server_the_sentence_says_how_to_start_one(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["--data", str(tmp_path), "agents"])

    assert result.exit_code == 3
    assert result.stderr == (
        f"stasis-acd: no ACD answers at {tmp_path}/control.sock: "
        "start one by `stasis-acd serve`, or name its folder by --data\n"
    )


def test_a_settings_file_names_the_place(tmp_path: Path) -> None:
    settings = tmp_path / "acd.toml"
    settings.write_text(f'[process]\ndata_folder = "{tmp_path}/elsewhere"\n')
    found = RUNNER.invoke(app, ["--settings", str(settings), "agents"])
    settings.write_text("[process]\nnmae = 1\n")
    faulty = RUNNER.invoke(app, ["--settings", str(settings), "agents"])

    assert f"{tmp_path}/elsewhere/control.sock" in found.stderr
    assert faulty.exit_code == 1
    assert "process.nmae" in faulty.stderr
    assert "Traceback" not in faulty.output


def test_serve_tells_every_fault_of_its_settings(tmp_path: Path) -> None:
    settings = tmp_path / "acd.toml"
    settings.write_text('[web]\nport = 99999\n[process]\nname = "Not A Name"\n')
    result = RUNNER.invoke(app, ["serve", "--settings", str(settings)])

    assert result.exit_code == 1
    assert "web.port" in result.stderr
    assert "process.name" in result.stderr


def test_a_password_is_no_argument() -> None:
    result = RUNNER.invoke(app, ["user", "add", "ann", "secret password"])

    assert result.exit_code == 2


def test_a_mounted_command_that_cannot_be_loaded_fails_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint(name="broken", value="no.such.module:app", group=commands.GROUP)
    wrong = EntryPoint(name="wrong", value="json:dumps", group=commands.GROUP)
    monkeypatch.setattr(commands, "entry_points", lambda group: [broken, wrong] if group == commands.GROUP else [])
    failed = RUNNER.invoke(app, ["broken", "up", "--fast"])
    no_app = RUNNER.invoke(app, ["wrong"])
    listed = RUNNER.invoke(app, ["--help"])

    assert failed.exit_code == 1
    assert "the command broken cannot be loaded: No module named 'no'" in failed.stderr
    assert "json:dumps is no typer application" in no_app.stderr
    assert "broken" in listed.stdout


def test_a_mounted_command_is_part_of_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    mounted = EntryPoint(name="people", value="stasis_app.cli.admin_commands:user", group=commands.GROUP)
    monkeypatch.setattr(commands, "entry_points", lambda group: [mounted] if group == commands.GROUP else [])
    result = RUNNER.invoke(app, ["people", "add", "--help"])

    assert result.exit_code == 0
    assert "--password-stdin" in result.stdout


REMARKABLE = "[queues.support]\n[agents.ann]\n"


def test_lint_looks_through_a_file_without_a_server(tmp_path: Path) -> None:
    file = tmp_path / "acd.toml"
    file.write_text("[queues.support]\n[agents.ann]\nqueues = ['support']\n")
    clean = RUNNER.invoke(app, ["lint", "--strict", str(file)])
    file.write_text(REMARKABLE)
    told = RUNNER.invoke(app, ["lint", str(file)])
    strict = RUNNER.invoke(app, ["lint", "--strict", str(file)])
    as_json = RUNNER.invoke(app, ["lint", "--json", str(file)])
    piped = RUNNER.invoke(app, ["lint", "-"], input=REMARKABLE)

    assert (clean.exit_code, clean.stdout) == (0, "no remarks\n")
    assert (told.exit_code, strict.exit_code, piped.exit_code) == (0, 1, 0)
    assert told.stdout == strict.stdout == piped.stdout
    assert told.stdout == (
        "queues.support: nobody serves it: no agent takes its calls, and no step borrows any;"
        " name it among the queues of some agents\n"
        "agents.ann.queues: no queue's calls ever reach this agent; name the queues whose calls the agent takes\n"
    )
    assert [each["place"] for each in json.loads(as_json.stdout)] == ["queues.support", "agents.ann.queues"]


def test_lint_tells_every_fault_of_a_file_that_could_not_be_applied(tmp_path: Path) -> None:
    file = tmp_path / "acd.toml"
    file.write_text("[queues.a]\noffer_width = 40\nrequires = 'german or'\n")
    faulty = RUNNER.invoke(app, ["lint", str(file)])
    file.write_bytes(b"[queues.\xff]")
    broken = RUNNER.invoke(app, ["lint", str(file)])
    missing = RUNNER.invoke(app, ["lint", str(tmp_path / "nothing.toml")])

    assert faulty.exit_code == broken.exit_code == missing.exit_code == 1
    assert faulty.stderr.splitlines() == [
        f"stasis-acd: {file} has 2 faults",
        "  queues.a.requires = 'german or': a skill is expected at the end",
        "  queues.a.offer_width = 40: write 1 to 20",
    ]
    assert broken.stderr == f"stasis-acd: {file} is not UTF-8 text: byte 8 is wrong; save it as UTF-8\n"
    assert "cannot be read: No such file" in missing.stderr
