"""Profiles for tests: a small one that is right, and the faults of one that is not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from acd.errors import Fault, InvalidConfiguration
from scenarios.load.profile import Profile
from scenarios.load.profile_reading import read_profile

SECTIONS = {
    "profile": "duration_s = 60",
    "arrivals": 'kind = "poisson"\nper_s = 2',
    "skills": 'german = "German"',
    "queues.desk": 'numbers = ["100"]',
    "callers.everybody": "talk = 5",
    "agents.desk": 'count = 3\nqueues = ["desk"]',
    "rules": "",
}


def profile_text(changed: Mapping[str, str] = MappingProxyType({})) -> str:
    """The small profile, with other lines in some sections."""
    return "\n".join(f"[{name}]\n{lines}\n" for name, lines in (SECTIONS | dict(changed)).items())


def profile(changed: Mapping[str, str] = MappingProxyType({}), *, folder: Path | None = None) -> Profile:
    return read_profile(profile_text(changed), folder=folder, name="small")


def faults_of_text(text: str, folder: Path | None = None) -> tuple[Fault, ...]:
    """Every fault of it; none if it is right."""
    try:
        read_profile(text, folder=folder)
    except InvalidConfiguration as error:
        return error.faults
    return ()


def faults_in(text: str, folder: Path | None = None) -> list[tuple[str, object]]:
    found = faults_of_text(text, folder)
    if not found:
        pytest.fail("it has no fault")
    assert all(fault.remedy for fault in found)
    return [(fault.place, fault.value) for fault in found]
