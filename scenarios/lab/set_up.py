"""Makes a machine that has only Python 3.11, apt and npm ready for everything that `make` does.

Standard library only, so that a bare `python3` can run it. What is done already is skipped: each
step leaves a stamp of the contents that it was made from.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
if not __package__:  # run as a script: this folder's modules are not meant to be found bare
    sys.path[0] = str(REPOSITORY)

from scenarios.lab import asterisk_root  # noqa: E402  # needs the path above
from scenarios.lab.asterisk_root import CannotSetUp  # noqa: E402

PYTHON_FLOOR = (3, 11)
EXTRAS = "load,dev"
VENV = REPOSITORY / ".venv"
CONSOLE = REPOSITORY / "console"
STATIC = REPOSITORY / "stasis_app" / "web" / "static"
# Any of these programs will do; the package brings the first.
PROGRAMS = {
    "redis-server": ("redis-server", "valkey-server"),
    "sip-tester": ("sipp",),
    "chromium": ("chromium", "chromium-browser"),
    "util-linux": ("unshare", "setpriv"),
}


class Progress:
    """Says what is being done and for how long; on a terminal the seconds run."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        begun = time.monotonic()
        over = threading.Event()
        clock = threading.Thread(target=self._run, args=(what, begun, over), daemon=True)
        if self._live:
            clock.start()
        else:
            self._say(f"{what} ...\n")
        try:
            yield
        except BaseException:
            self._end(clock, over, f"{what}: failed after {time.monotonic() - begun:.1f} s")
            raise
        self._end(clock, over, f"{what}: done in {time.monotonic() - begun:.1f} s")

    def _run(self, what: str, begun: float, over: threading.Event) -> None:
        while not over.wait(0.5):
            self._say(f"\r{what} ... {time.monotonic() - begun:.0f} s\033[K")

    def _end(self, clock: threading.Thread, over: threading.Event, line: str) -> None:
        over.set()
        if self._live:
            clock.join()
            line = f"\r{line}\033[K"
        self._say(f"{line}\n")

    @staticmethod
    def _say(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def set_up(progress: Progress) -> None:
    install_packages(progress)
    make_environment(progress)
    compile_sources()
    if asterisk_root.find() is None:
        with progress.step("Building the Asterisk root folder (once, about a minute)"):
            asterisk_root.build()
    build_console(progress)


def check_python() -> None:
    if sys.version_info < PYTHON_FLOOR:
        found = sys.version.split()[0]
        raise CannotSetUp(f"Python 3.11 or newer is needed, this is {found}: `make PYTHON=...`.")


def install_packages(progress: Progress) -> None:
    wanted = missing_packages()
    if not wanted:
        return
    names = " ".join(wanted)
    if os.geteuid() != 0:
        raise CannotSetUp(f"Packages are missing: run `sudo apt-get install {names}`, then again.")
    if not shutil.which("apt-get"):
        raise CannotSetUp(f"There is no apt-get on this machine: install {names} by its own means.")
    remedy = f"check the network and the package sources, or install {names} yourself"
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with progress.step(f"Installing packages: {names}"):
        run(["apt-get", "-q", "update"], remedy=remedy, env=quiet)
        options = ["-q", "-y", "--no-install-recommends"]
        run(["apt-get", "install", *options, *wanted], remedy=remedy, env=quiet)


def missing_packages() -> list[str]:
    """The packages whose programs this machine lacks."""
    missing = [package for package, names in PROGRAMS.items() if not any(map(shutil.which, names))]
    if asterisk_root.find() is None and not shutil.which("mmdebstrap"):
        missing.append("mmdebstrap")
    if not importlib.util.find_spec("ensurepip"):
        missing.append("python3-venv")
    if (CONSOLE / "package.json").is_file() and not shutil.which("npm"):
        missing.append("npm")
    return missing


def make_environment(progress: Progress) -> None:
    """The virtual environment with this project in it, editable."""
    stamp = VENV / ".set-up"
    made_from = digest([REPOSITORY / "pyproject.toml"], sys.version)
    if stamp.is_file() and stamp.read_text() == made_from:
        return
    remedy = "check that this machine reaches its Python package index"
    with progress.step("Installing the Python packages"):
        if not (VENV / "bin" / "pip").is_file():
            run([sys.executable, "-m", "venv", str(VENV)], remedy="remove .venv and try again")
        pip = [str(VENV / "bin" / "pip"), "--disable-pip-version-check", "install"]
        run([*pip, "-e", f"{REPOSITORY}[{EXTRAS}]"], remedy=remedy)
        stamp.write_text(made_from)


def compile_sources() -> None:
    """Where the environment forbids Python to keep compiled files, each process would compile all at its start."""
    python = str(VENV / "bin" / "python")
    run([python, "-m", "compileall", "-q", "acd", "stasis_app", "scenarios"], remedy="mend the file that it names")


def build_console(progress: Progress) -> None:
    """The pages, when this checkout has their sources."""
    if not (CONSOLE / "package.json").is_file():
        return
    remedy = "check that this machine reaches its npm registry, and that node is version 20 or newer"
    modules = CONSOLE / "node_modules"
    locked = digest([CONSOLE / "package.json", CONSOLE / "package-lock.json"])
    if not same(modules / ".set-up", locked):
        with progress.step("Installing the pages' packages"):
            run(["npm", "ci", "--no-audit", "--no-fund"], cwd=CONSOLE, remedy=remedy)
            (modules / ".set-up").write_text(locked)
    sources = (path for path in CONSOLE.rglob("*") if "node_modules" not in path.parts)
    made_from = digest(sorted(path for path in sources if path.is_file()))
    if not same(STATIC / ".set-up", made_from):
        with progress.step("Building the pages"):
            run(["npm", "run", "build"], cwd=CONSOLE, remedy="mend what its output says")
            (STATIC / ".set-up").write_text(made_from)


def same(stamp: Path, contents: str) -> bool:
    return stamp.is_file() and stamp.read_text() == contents


def digest(paths: Iterable[Path], *more: str) -> str:
    """Changes when a name or a content changes."""
    made_from = hashlib.sha256("\0".join(more).encode())
    for path in paths:
        if path.is_file():
            content = path.read_bytes()
            made_from.update(f"{path.relative_to(REPOSITORY)}\0{len(content)}\0".encode())
            made_from.update(content)
    return made_from.hexdigest()


def run(argv: list[str], *, remedy: str, cwd: Path = REPOSITORY, env: dict[str, str] | None = None) -> None:
    """Runs a program quietly. Raises CannotSetUp with its last words and what to do about them."""
    log = asterisk_root.cache_folder() / "set-up.log"
    environment = {**os.environ, **(env or {})}
    done = subprocess.run(
        argv,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        log.write_text(done.stdout)
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        said = lines[-1].rstrip(".") if lines else f"status {done.returncode}"
        command = " ".join(argv[:3])
        raise CannotSetUp(f"`{command}` failed ({said}): {remedy}; all it said is in {log}.")


@contextmanager
def only_one(progress: Progress) -> Iterator[None]:
    """Two runs at once would build the same things into each other."""
    folder = asterisk_root.cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "set-up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with progress.step("Waiting for another set-up to end"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes this machine ready for the lab.")
    parser.add_argument(
        "--clean-caches",
        action="store_true",
        help="delete the Asterisk root folders, which all checkouts of this user share; end labs first",
    )
    wanted = parser.parse_args()
    progress = Progress()
    try:
        check_python()
        with only_one(progress):
            if wanted.clean_caches:
                for root in asterisk_root.cache_folder().glob("asterisk-*"):
                    asterisk_root.remove(root)
            else:
                set_up(progress)
    except (CannotSetUp, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
