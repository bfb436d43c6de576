"""The profiles that come with the package, and how a profile is named: one of theirs, or a path."""

from __future__ import annotations

from pathlib import Path

from acd.errors import InvalidConfiguration
from scenarios.load.profile import Profile
from scenarios.load.profile_reading import read_profile
from stasis_app.cli.connection import CommandFailed

__all__ = ["bundled_profiles", "load_profile"]

FOLDER = Path(__file__).parent / "profiles"


def bundled_profiles() -> dict[str, Path]:
    """Name to file."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}


def load_profile(said: str) -> Profile:
    """The profile of this name or in this file; raises CommandFailed with every fault of it."""
    known = bundled_profiles()
    path = known.get(said, Path(said))
    if said not in known and not path.is_file():
        raise CommandFailed(f"there is no profile {said}: name a file, or one of {', '.join(known)}")
    try:
        return read_profile(path)
    except InvalidConfiguration as error:
        many = len(error.faults)
        lines = tuple(str(fault) for fault in error.faults)
        raise CommandFailed(f"{said} has {many} fault{'' if many == 1 else 's'}", lines=lines) from None
