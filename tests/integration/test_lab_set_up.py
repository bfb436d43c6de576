"""The set-up must find the machine's own mirror, skip what is done, and say in one sentence what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.lab import asterisk_root, set_up
from scenarios.lab.asterisk_root import CannotSetUp

SET_UP = Path(set_up.__file__)
OWN = """
# a comment
Types: deb
URIs: http://mirror.example/debian
Suites: {suite} {suite}-updates
Components: main
"""
SECURITY = OWN.replace("/debian", "/debian-security").replace("{suite} {suite}-updates", "{suite}-security")
FOREIGN = "deb https://packages.example/tools stable-tools main\n"


@pytest.fixture
def suite(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(asterisk_root, "own_releases", lambda: {"bookworm"})
    return "bookworm"


def sources(folder: Path, **files: str) -> Path:
    (folder / "sources.list.d").mkdir()
    for name, text in files.items():
        (folder / "sources.list.d" / name.replace("_", ".")).write_text(text)
    return folder


def test_the_mirror_is_read_from_deb822_sources(tmp_path: Path, suite: str) -> None:
    text = SECURITY.format(suite=suite) + "\n" + OWN.format(suite=suite)
    folder = sources(tmp_path, debian_sources=text, aaa_list=FOREIGN)

    assert asterisk_root.apt_mirror(folder) == "http://mirror.example/debian"


def test_the_mirror_is_read_from_one_line_sources(tmp_path: Path, suite: str) -> None:
    folder = sources(tmp_path, aaa_list=FOREIGN)
    line = f"deb [arch=amd64 signed-by=/x.gpg] https://mirror.example/debian/ {suite} main contrib\n"
    (folder / "sources.list").write_text(f"# deb http://old.example/debian {suite} main\n{line}")

    assert asterisk_root.apt_mirror(folder) == "https://mirror.example/debian"


def test_a_disabled_source_is_no_mirror(tmp_path: Path, suite: str) -> None:
    folder = sources(tmp_path, debian_sources=OWN.format(suite=suite) + "Enabled: no\n")

    with pytest.raises(CannotSetUp, match=r"No Debian mirror was found in .*sources\.list"):
        asterisk_root.apt_mirror(folder)


def test_what_is_done_is_skipped_in_a_moment() -> None:
    done = subprocess.run([sys.executable, SET_UP], capture_output=True, text=True, check=True, timeout=50)
    again = subprocess.run([sys.executable, SET_UP], capture_output=True, text=True, check=True, timeout=5)

    assert again.stdout == "", done.stdout


def test_a_missing_package_is_named_to_those_who_may_not_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_up, "PROGRAMS", {"no-such-package": ("no-such-program",)})
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(CannotSetUp, match=r"run `sudo apt-get install no-such-package`, then again"):
        set_up.install_packages(set_up.Progress())


def test_a_step_that_fails_says_the_programs_last_words_and_the_remedy() -> None:
    argv = ["/bin/sh", "-c", "echo working; echo the disk is full >&2; exit 3"]

    with pytest.raises(CannotSetUp, match=r"failed \(the disk is full\): make room; all it said is in"):
        set_up.run(argv, remedy="make room")


def test_an_own_asterisk_is_used_when_it_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "asterisk"
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for version, used in (("22.10.1", True), ("22.10.0~dfsg", False), ("23.0.2", True)):
        program.write_text(f"#!/bin/sh\necho Asterisk {version}\n")
        program.chmod(0o755)

        assert (asterisk_root.installed() is not None) is used, version
