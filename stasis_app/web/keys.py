"""The two keys in the data folder: one signs sessions, one lets the command line in."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

KEY_BYTES = 32


class KeyFileUnsafe(Exception):
    """A key file that others can read, or that holds no key."""


def load_or_make(path: Path) -> str:
    """The key in this file, 64 hexadecimal digits; made if there is none. Raises KeyFileUnsafe, OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _make(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyFileUnsafe(f"{path} can be read by others: delete it, or make it 0600 if nobody read it")
    key = path.read_text(encoding="ascii", errors="replace").strip()
    if len(key) < 2 * KEY_BYTES:
        raise KeyFileUnsafe(f"{path} holds no key of {2 * KEY_BYTES} digits: delete it, and a new one is made at start")
    return key


def _make(path: Path) -> None:
    # Written whole under another name first: two processes that start together end up with the same, complete key.
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
