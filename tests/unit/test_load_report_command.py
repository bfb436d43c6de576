"""`stasis-acd load report`: files become a page, and files that are none are told about all at once."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from scenarios.load import commands, report
from scenarios.load.report_reading import read_results
from scenarios.load.results import Results
from scenarios.load.running import write_results
from stasis_app.cli import app
from tests.unit.load_results import nobody_called, results


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["load", "report", *map(str, arguments)])


def quick(**changed: Any) -> Results:
    """What takes no time to draw."""
    return replace(nobody_called(), **changed)


def kept(path: Path, made: Results | None = None) -> Path:
    write_results(made or quick(), path)
    return path


def test_one_run_becomes_its_page_beside_it(tmp_path: Path) -> None:
    made = run(kept(tmp_path / "small.json"))

    assert made.exit_code == 0
    assert made.stdout == f"Report: {tmp_path}/small.html\n"
    assert "A small help desk" in (tmp_path / "small.html").read_text()


def test_a_run_leaves_its_page_beside_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run_plan(*_: object) -> Results:
        return quick(title="What was run", passed=False)

    monkeypatch.setattr(commands, "run_plan", run_plan)
    monkeypatch.setattr(commands, "shortages", lambda *_: ())
    made = CliRunner().invoke(app, ["load", "run", "smoke", "--output", str(tmp_path / "new")])
    page, figures = tmp_path / "new" / "smoke-native.html", tmp_path / "new" / "smoke-native.json"

    assert made.exit_code == 1, made.output
    assert made.stdout.splitlines()[-1] == f"Report: {page}, figures: {figures}"
    assert "What was run" in page.read_text()
    assert read_results(figures).title == "What was run"


def test_several_become_a_comparison(tmp_path: Path) -> None:
    first, second = kept(tmp_path / "a.json"), kept(tmp_path / "b.json", quick(engine="floor"))
    beside, named = run(first, second), run(second, first, "-o", tmp_path / "new" / "page.html")

    assert beside.exit_code == named.exit_code == 0
    assert "floor against native" in (tmp_path / "comparison.html").read_text()
    assert "native against floor" in (tmp_path / "new" / "page.html").read_text()


def test_results_survive_the_file(tmp_path: Path) -> None:
    again = read_results(kept(tmp_path / "small.json", results()))

    assert (again.callers, again.wait_s, again.costs) == (results().callers, results().wait_s, results().costs)


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    good = json.loads(kept(tmp_path / "good.json", results()).read_text())
    bad = {
        "text": "?",
        "other": '{"a": 1}',
        "older": json.dumps({name: good[name] for name in good if name not in {"steps", "offers"}} | {"extra": 1}),
        "wrong": json.dumps(good | {"callers": good["callers"] | {"dialled": "many"}}),
        "uneven": json.dumps(good | {"series": good["series"] | {"waiting": [1]}}),
    }
    for name, content in bad.items():
        (tmp_path / f"{name}.json").write_text(content)
    failed = run(tmp_path / "gone.json", tmp_path / "good.json", tmp_path, *(tmp_path / f"{name}.json" for name in bad))
    told = failed.stderr.replace(f"{tmp_path}/", "").replace(str(tmp_path), "FOLDER").splitlines()

    assert failed.exit_code == 1
    assert failed.stdout == ""
    assert not list(tmp_path.glob("*.html"))
    assert told[:4] == [
        "stasis-acd: 7 of 8 files hold no results",
        "  gone.json: there is no such file",
        "  FOLDER cannot be read: Is a directory",
        "  text.json is no JSON: JSON is malformed: invalid character (byte 0); name a file that `load run` wrote",
    ]
    assert told[4] == "  other.json is JSON, but no results of a run: name a file that `load run` wrote"
    assert told[5].startswith("  older.json is not what this version reads; another version of the kit wrote it")
    assert told[6:8] == ["    it lacks steps, offers", "    it has extra, which this version does not know"]
    assert told[9] == "    Expected `int`, got `str` - at `$.callers.dialled`"
    assert told[11] == "    series.waiting has 1 points, and series.at has 4"


def test_one_bad_file_is_one_sentence(tmp_path: Path) -> None:
    failed = run(tmp_path / "gone.json")

    assert failed.stderr == f"stasis-acd: {tmp_path}/gone.json: there is no such file\n"


def test_results_are_not_overwritten_by_their_report(tmp_path: Path) -> None:
    file = kept(tmp_path / "small.json")
    before = file.read_bytes()
    failed = run(file, "-o", file)

    assert failed.exit_code == 1
    assert "holds the results themselves: name another file with -o" in failed.stderr
    assert file.read_bytes() == before


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    file = kept(tmp_path / "small.json")

    assert "cannot be written: it is a folder" in run(file, "-o", tmp_path).stderr
    assert "cannot be written: " in run(file, "-o", file / "page.html").stderr


def test_what_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "LIBRARIES", ("a_library_of_nobody",))
    failed = run(kept(tmp_path / "small.json"))

    assert failed.stderr == "stasis-acd: the report needs a_library_of_nobody: pip install 'stasis-acd[load]'\n"


def test_no_other_command_waits_for_the_plots() -> None:
    script = "import sys, scenarios.load.commands; print({'matplotlib', 'numpy', 'jinja2'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert told.stdout == "set()\n"
