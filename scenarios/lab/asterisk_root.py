"""Provides the Asterisk that the lab runs: the machine's own, or a private root folder built once.

Standard library only: the set-up runs this before any virtual environment exists.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MINIMUM_VERSION", "AsteriskInstall", "CannotSetUp", "build", "cache_folder", "find"]

MINIMUM_VERSION = (22, 10, 1)
"""First version with claimed broadcasts, and with two security fixes that touch ARI."""

PACKAGES = ("asterisk", "asterisk-core-sounds-en", "asterisk-moh-opsound-wav")
SUITES = ("forky", "sid")
MUSIC_FORMATS = ("ulaw", "alaw", "g722")
FAILED = "(mmdebstrap|apt-get .*) failed"  # lines that only say so
RECIPE = 1  # raise it when what build() does to the root changes, so that old roots are left alone
CONVERTER_CONF = "[directories]\n" + "".join(
    f"ast{name}dir => /mnt\n" for name in ("etc", "run", "log", "spool", "db", "key", "varlib")
)
CONVERTER_MODULES = "[modules]\nautoload=no\n" + "".join(
    f"load => {name}.so\n"
    for name in (
        *("res_convert", "format_wav", "format_pcm"),
        *("codec_ulaw", "codec_alaw", "codec_g722", "codec_resample"),
    )
)
CONVERTER = """
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount --bind "$2" "$1/mnt"
exec chroot "$1" /usr/sbin/asterisk -f -C /mnt/asterisk.conf
"""


class CannotSetUp(Exception):
    """One sentence for the user: what is missing and what to do about it."""


@dataclass(frozen=True)
class AsteriskInstall:
    """Where Asterisk is: `root` is the folder to change root into, or None for the machine's own."""

    root: Path | None
    program: str
    data: str
    modules: str


def cache_folder() -> Path:
    """What is costly to build and shared by all checkouts of this user."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "stasis-acd"


def root_folder(suite: str) -> Path:
    key = hashlib.sha256(repr((RECIPE, PACKAGES, MUSIC_FORMATS)).encode()).hexdigest()[:12]
    return cache_folder() / f"asterisk-{suite}-{key}"


def find() -> AsteriskInstall | None:
    """The Asterisk to run, or None when it has yet to be built."""
    own = installed()
    if own:
        return own
    for suite in SUITES:
        root = root_folder(suite)
        if root.is_dir():
            modules = next(root.glob("usr/lib/*/asterisk/modules"))
            return AsteriskInstall(
                root=root,
                program="/usr/sbin/asterisk",
                data="/usr/share/asterisk",
                modules=f"/{modules.relative_to(root)}",
            )
    return None


def installed() -> AsteriskInstall | None:
    """The machine's own Asterisk, if it is new enough."""
    program = shutil.which("asterisk", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if not program:
        return None
    said = subprocess.run([program, "-V"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"(\d+)\.(\d+)\.(\d+)", said)
    if not version or tuple(map(int, version.groups())) < MINIMUM_VERSION:
        return None
    places = [*Path("/usr/lib").glob("*/asterisk/modules"), Path("/usr/lib/asterisk/modules")]
    modules = next((str(place) for place in places if place.is_dir()), "")
    shares = ("/usr/share/asterisk", "/var/lib/asterisk")
    data = next((share for share in shares if Path(share, "documentation").is_dir()), shares[1])
    return AsteriskInstall(root=None, program=program, data=data, modules=modules)


def build() -> AsteriskInstall:
    """Builds the root folder under a temporary name and renames it when whole.

    Raises CannotSetUp when neither suite could be had.
    """
    mirror = apt_mirror()
    faults: list[str] = []
    for suite in SUITES:
        target = root_folder(suite)
        target.parent.mkdir(parents=True, exist_ok=True)
        for interrupted in target.parent.glob(f"{target.name}.*"):
            remove(interrupted)
        scratch = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
        try:
            bootstrap(suite, mirror, scratch)
            convert_music(scratch)
            for name in ("etc/hosts", "etc/resolv.conf"):  # each lab mounts its own over them
                (scratch / name).touch()
            scratch.chmod(0o755)
            scratch.rename(target)
        except subprocess.CalledProcessError as error:
            faults.append(f"{suite}: {last_words(error.stderr or '')}")
        else:
            found = find()
            assert found is not None
            return found
        finally:
            remove(scratch)
    raise CannotSetUp(
        f"Asterisk could not be built from {mirror} ({'; '.join(faults)}): check that the machine "
        "reaches its package mirror, or install Asterisk 22.10.1 or newer yourself."
    )


def last_words(said: str) -> str:
    """The last complaint that says more than that there was one."""
    lines = [line.strip() for line in said.splitlines() if not re.search(FAILED, line)]
    complaints = [line for line in lines if line.startswith(("E:", "Err:"))] or lines
    return complaints[-1] if complaints else "it said nothing"


def remove(folder: Path) -> None:
    """Deletes a root; an ordinary user's holds files of mapped users, which only a map may delete."""
    if os.geteuid() and folder.exists():
        subprocess.run(
            ["unshare", "--map-auto", "--map-root-user", "rm", "-rf", "--", str(folder)],
            capture_output=True,
            check=False,
        )
    shutil.rmtree(folder, ignore_errors=True)


def bootstrap(suite: str, mirror: str, folder: Path) -> None:
    # A mirror may lag, so that its signed date of expiry has passed.
    lag = 'Acquire::Check-Valid-Until "false"'
    mode = "root" if os.geteuid() == 0 else "unshare"
    packages = ",".join(PACKAGES)
    source = f"deb {mirror} {suite} main"
    subprocess.run(
        [
            *("mmdebstrap", "--variant=minbase", f"--mode={mode}", f"--aptopt={lag}"),
            *(f"--include={packages}", suite, str(folder), source),
        ],
        capture_output=True,
        text=True,
        check=True,
    )


def convert_music(root: Path) -> None:
    """Writes each piece of music in every codec of MUSIC_FORMATS, by a short-lived Asterisk."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready,
    ):
        Path(scratch, "asterisk.conf").write_text(CONVERTER_CONF)
        Path(scratch, "modules.conf").write_text(CONVERTER_MODULES)
        ready.bind(f"{scratch}/ready")
        ready.settimeout(30)
        asterisk = subprocess.Popen(
            isolated("/bin/sh", "-ec", CONVERTER, "sh", str(root), scratch),
            env={**os.environ, "NOTIFY_SOCKET": "/mnt/ready"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            while b"READY=1" not in ready.recv(4096):
                pass
            for piece in sorted(root.glob("usr/share/asterisk/moh/*.wav")):
                for codec in MUSIC_FORMATS:
                    convert(Path(scratch), piece.stem, codec)
        except (OSError, TimeoutError) as error:
            raise CannotSetUp(f"The music on hold could not be converted: {error}.") from error
        finally:
            asterisk.kill()
            asterisk.wait()


def convert(scratch: Path, piece: str, codec: str) -> None:
    name = f"/usr/share/asterisk/moh/{piece}"
    with socket.socket(socket.AF_UNIX) as console:
        console.settimeout(60)
        console.connect(f"{scratch}/asterisk.ctl")
        console.sendall(f"cli quit after file convert {name}.wav {name}.{codec}".encode() + b"\0")
        said = b"".join(iter(lambda: console.recv(65536), b"")).decode(errors="replace")
    if "Converted" not in said:
        raise OSError(said.strip())


def isolated(*command: str) -> list[str]:
    """The command in namespaces of its own, which end with it and leave no mount behind."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *user, "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", *command]


def apt_mirror(folder: Path = Path("/etc/apt")) -> str:
    """The Debian mirror that the machine's own package sources name.

    Raises CannotSetUp when they name none.
    """
    for address, suite in apt_sources(folder):
        if address.startswith(("http://", "https://")) and suite in own_releases():
            return address
    raise CannotSetUp(
        f"No Debian mirror was found in {folder}/sources.list or {folder}/sources.list.d: "
        "add one, or install Asterisk 22.10.1 or newer yourself."
    )


def own_releases() -> set[str]:
    """The names by which package sources call the Debian that this machine runs."""
    said = Path("/etc/os-release").read_text()
    codename = re.search(r"^VERSION_CODENAME=(.*)$", said, re.MULTILINE)
    names = {"stable", "testing", "unstable", "forky", "sid"}
    return names | {codename[1].strip('"')} if codename else names


def apt_sources(folder: Path) -> Iterator[tuple[str, str]]:
    """Each (address, suite) of the one-line and of the deb822 sources."""
    for path in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))):
        for line in path.read_text().splitlines() if path.is_file() else ():
            entry = re.match(r"\s*deb\s+(?:\[[^]]*\]\s*)?(\S+)\s+(\S+)\s+\S*main", line)
            if entry:
                yield entry[1].rstrip("/"), entry[2]
    for path in sorted(folder.glob("sources.list.d/*.sources")):
        for stanza in re.split(r"\n\s*\n", path.read_text()):
            fields = dict(re.findall(r"^([\w-]+):[ \t]*(.*)$", stanza, re.MULTILINE))
            if fields.get("Enabled", "yes") == "no" or "deb" not in fields.get("Types", ""):
                continue
            if "main" not in fields.get("Components", "").split():
                continue
            for address in fields.get("URIs", "").split():
                for suite in fields.get("Suites", "").split():
                    yield address.rstrip("/"), suite
