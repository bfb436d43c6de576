"""The command tree itself: help, mounted commands, durations, and failures before any server is asked."""

from __future__ import annotations

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
    ["serve", "status", "agents", "queues", "calls", "hangup", "history", "apply", "version"]
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
