"""Keeps a lab up in the background, detached from the terminal that started it."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from scenarios.lab.lab import Lab
from scenarios.lab.namespace import NotifySocket, PartFailed
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
    name = f"stasis-acd-lab/{uuid.uuid4().hex}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, log.open("wb") as output:
        ready.bind(f"\0{name}")
        # Not a Child: it is to outlive this process.
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "scenarios.lab.supervisor", str(asterisks), *phones],
            env={**os.environ, "NOTIFY_SOCKET": f"@{name}"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        ended = os.pidfd_open(supervisor.pid)
        said, _, _ = select.select([ready.fileno(), ended], [], [], START_LIMIT_S)
        came_up = ready.fileno() in said
        os.close(ended)
    mine = [lab for lab in standing_labs() if lab.pid == supervisor.pid]
    if not came_up or not mine:
        supervisor.kill()
        raise PartFailed(f"The lab did not come up: {log.read_text(errors='replace').strip()}")
    return mine[0]


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


async def supervise(asterisks: int, phones: tuple[str, ...]) -> None:
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    async with Lab.start(asterisks=asterisks, phones=phones) as lab:
        describe(lab)
        NotifySocket.tell_ready()
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
        asyncio.run(supervise(int(sys.argv[1]), tuple(sys.argv[2:])))
    except PartFailed as failed:
        sys.exit(str(failed))
