"""Reads what runs have left as JSON, and says of everything else why it is none: all faults of all files at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path

import msgspec

from scenarios.load.results import Results
from stasis_app.cli.connection import CommandFailed

__all__ = ["read_all_results", "read_results"]

_FIELDS = tuple(field.name for field in fields(Results))
OURS = {"profile", "engine", "digest"}
"""What has these was written by some version of the kit."""


def read_all_results(files: Sequence[Path]) -> Sequence[Results]:
    """The runs in the order of the files; raises CommandFailed."""
    runs, faults = [], []
    for file in files:
        try:
            runs.append(read_results(file))
        except CommandFailed as failed:
            faults.append((failed.sentence, *failed.lines))
    if len(faults) == 1:
        raise CommandFailed(faults[0][0], lines=faults[0][1:])
    if faults:
        told = tuple(line for fault in faults for line in (fault[0], *(f"  {detail}" for detail in fault[1:])))
        raise CommandFailed(f"{len(faults)} of {len(files)} files hold no results", lines=told)
    return runs


def read_results(file: Path) -> Results:
    """One run; raises CommandFailed with all that is wrong with the file."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise CommandFailed(f"{file}: there is no such file") from None
    except OSError as error:
        raise CommandFailed(f"{file} cannot be read: {error.strerror}") from None
    try:
        loose = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{file} is no JSON: {error}; name a file that `load run` wrote") from None
    if not isinstance(loose, dict) or not loose.keys() >= OURS:
        raise CommandFailed(f"{file} is JSON, but no results of a run: name a file that `load run` wrote")
    faults = tuple(_faults(loose))
    if faults:
        remedy = "another version of the kit wrote it, or something changed it: run the profile again"
        raise CommandFailed(f"{file} is not what this version reads; {remedy}", lines=faults)
    return msgspec.convert(loose, Results)


def _faults(loose: dict[str, object]) -> Iterator[str]:
    missing = [name for name in _FIELDS if name not in loose]
    unknown = [name for name in loose if name not in _FIELDS]
    if missing:
        yield f"it lacks {', '.join(missing)}"
    if unknown:
        yield f"it has {', '.join(unknown)}, which this version does not know"
    if missing:
        return
    try:
        results = msgspec.convert(loose, Results)
    except msgspec.ValidationError as error:
        yield str(error)
        return
    points = len(results.series.get("at", ()))
    for name, values in results.series.items():
        if len(values) != points:
            yield f"series.{name} has {len(values)} points, and series.at has {points}"
