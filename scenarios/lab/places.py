"""Gives every lab loopback addresses, ports and a folder that no other lab on the machine uses."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scenarios.lab.namespace import PartFailed

__all__ = ["Place", "address_towards", "free_port", "places_in_use", "take_place"]

MOST_LABS = 250
NETWORK = "127.92"


class Place:
    """What one lab may use: a number, the loopback network 127.92.<number>.0/24 and a folder."""

    def __init__(self, number: int, folder: Path) -> None:
        self.number = number
        self.folder = folder

    def address(self, host: int) -> str:
        return f"{NETWORK}.{self.number}.{host}"


@contextmanager
def take_place(*, keep: bool = False) -> Iterator[Place]:
    """Holds the lowest free number by a lock that the kernel lets go when this process dies.

    The folder is emptied at the start, and removed at the end unless `keep` is set.
    """
    top = all_places()
    top.mkdir(mode=0o700, exist_ok=True)
    for number in range(1, MOST_LABS + 1):
        with (top / f"{number}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            folder = top / str(number)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            try:
                yield Place(number, folder)
            finally:
                if not keep:
                    shutil.rmtree(folder, ignore_errors=True)
            return
    raise PartFailed(f"All {MOST_LABS} labs of this machine are in use: end one of them.")


def all_places() -> Path:
    return Path(tempfile.gettempdir()) / f"stasis-acd-labs-{os.geteuid()}"


def places_in_use() -> list[Place]:
    """The places of this user's labs that are up, also those of other processes."""
    used = []
    for path in sorted(all_places().glob("*.lock"), key=lambda path: int(path.stem)):
        with path.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                used.append(Place(int(path.stem), path.with_suffix("")))
    return used


def free_port(host: str, preferred: int = 0, *, udp: bool = False) -> int:
    """A port of `host` that nothing listens on now: the preferred one when it is free."""
    kind = socket.SOCK_DGRAM if udp else socket.SOCK_STREAM
    for port in (preferred, 0) if preferred else (0,):
        with socket.socket(socket.AF_INET, kind) as probe:
            if not udp:
                # A connection that was closed a minute ago does not keep a port from being used.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise PartFailed(f"There is no free port at {host}.")


def address_towards(remote: tuple[str, int]) -> str:
    """The address of this machine from which packets to `remote` leave; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(remote)
        except OSError as error:
            raise PartFailed(f"There is no way from this machine to {remote[0]}: {error.strerror}.") from None
        return str(probe.getsockname()[0])
