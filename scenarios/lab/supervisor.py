"""Keeps a lab up in the background, detached from the terminal that started it."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from scenarios.lab.lab import Lab
from scenarios.lab.namespace import PartFailed
from scenarios.lab.places import places_in_use

__all__ = ["StandingLab", "standing_labs", "start_detached", "stop"]

START_LIMIT_S = 90.0
DESCRIPTION = "lab.json"


@dataclass(frozen=True)
class StandingLab:
    """A lab that a supervisor keeps up. `addresses` is what a person may want to open or dial."""

    number: int
    pid: int
    folder: str
    settings: str
    addresses: dict[str, str] = field(default_factory=dict)


def standing_labs() -> list[StandingLab]:
    """The labs of this user that were started with `up` and are up now."""
    found = (place.folder / DESCRIPTION for place in places_in_use())
    return [StandingLab(**json.loads(path.read_text())) for path in found if path.is_file()]


def start_detached(*, asterisks: int, phones: tuple[str, ...], log: Path) -> StandingLab:
    """Returns when the lab is up. Raises PartFailed with the end of its log when it is not."""
    # It forks, so that the lab is nobody's child and outlives the terminal.
    command = ("setsid", "--fork", sys.executable, "-m", "scenarios.lab.supervisor")
    heard, told = os.pipe()
    try:
        with log.open("wb") as output:
            subprocess.run(
                [*command, str(told), str(asterisks), *phones],
                pass_fds=[told],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=True,
            )
        os.close(told)
        # Its number when it is up, or the end of the pipe when it ended before.
        said, _, _ = select.select([heard], [], [], START_LIMIT_S)
        number = os.read(heard, 16) if said else b""
    finally:
        os.close(heard)
    for lab in standing_labs():
        if str(lab.number).encode() == number:
            return lab
    raise PartFailed(f"The lab did not come up: {log.read_text(errors='replace').strip()}")


async def stop(lab: StandingLab) -> None:
    """Ends a lab with all that is in it; returns when it has ended."""
    over = asyncio.Event()
    try:
        process = os.pidfd_open(lab.pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    loop.add_reader(process, over.set)
    try:
        signal.pidfd_send_signal(process, signal.SIGTERM)
        await over.wait()
    finally:
        loop.remove_reader(process)
        os.close(process)


async def supervise(told: int, asterisks: int, phones: tuple[str, ...]) -> None:
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    async with Lab.start(asterisks=asterisks, phones=phones) as lab:
        describe(lab)
        os.write(told, str(lab.place.number).encode())
        os.close(told)
        await over.wait()


def describe(lab: Lab) -> None:
    settings = lab.folder / "acd.env"
    settings.touch(mode=0o600)
    settings.write_text("".join(f"{k}='{v}'\n" for k, v in lab.acd_settings().items()))
    addresses = {"Redis": lab.redis.url}
    for asterisk in lab.asterisks:
        addresses[asterisk.name] = asterisk.ari_url
        addresses[f"{asterisk.name} SIP"] = f"{asterisk.sip_host}:{asterisk.sip_port}"
    standing = StandingLab(
        number=lab.place.number,
        pid=os.getpid(),
        folder=str(lab.folder),
        settings=str(settings),
        addresses=addresses,
    )
    (lab.folder / DESCRIPTION).write_text(json.dumps(vars(standing)))


if __name__ == "__main__":
    try:
        asyncio.run(supervise(int(sys.argv[1]), int(sys.argv[2]), tuple(sys.argv[3:])))
    except PartFailed as failed:
        sys.exit(str(failed))
