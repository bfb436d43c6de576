"""Watches a strategy at work: whether it touches the world, looks at a clock, or throws dice; and how long it takes.

Input and output show in the interpreter's audit events; clocks and chance show in the calls to built-in functions,
by whatever name a module imported them. What an extension module does on its own shows in neither.
"""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from time import thread_time
from types import FrameType
from typing import Any

IO_EVENTS = (
    "open",
    "socket.",
    "subprocess.",
    "os.",
    "shutil.",
    "tempfile.",
    "glob.",
    "urllib.",
    "http.",
    "ftplib.",
    "smtplib.",
    "sqlite3.",
    "ctypes.",
    "fcntl.",
    "mmap.",
)
"""Audit events, or beginnings of their names, that mean that the world is touched."""

CLOCKS = frozenset({"time", "monotonic", "perf_counter", "process_time", "thread_time", "clock_gettime"})
LOCAL_TIMES = frozenset({"localtime", "ctime", "sleep"})


class Forbidden(BaseException):
    """The strategy touched the world and was stopped. Not an Exception, so that it cannot be swallowed."""


class Observed:
    """What a watched strategy did, in the order of its doing, a clause each: ``it opens 'tiers.csv'``."""

    def __init__(self) -> None:
        self.touched: list[str] = []
        """Files, sockets, programs, threads."""
        self.wrote: list[str] = []
        """To streams that were open already, and to logs."""
        self.read_clock: list[str] = []
        self.threw_dice: list[str] = []


class _Hook:
    """The one audit hook of this process, put in when first needed: the interpreter lets none be taken out."""

    installed = False
    observed: Observed | None = None
    frame: FrameType | None = None

    @classmethod
    def hear(cls, event: str, args: tuple[Any, ...]) -> None:
        observed = cls.observed
        if observed is None or not event.startswith(IO_EVENTS):
            return
        if not cls._is_ours(sys._getframe(1)):  # noqa: SLF001  the documented way to the caller's frame
            return
        detail = f" {args[0]!r}" if event == "open" and args else ""
        observed.touched.append("it opens" + detail if event == "open" else f"it does {event}")
        raise Forbidden

    @classmethod
    def _is_ours(cls, frame: FrameType | None) -> bool:
        """Whether it happens below the watch (other threads go on), and not while a module is imported."""
        while frame is not None:
            if frame is cls.frame:
                return True
            if frame.f_code.co_filename.startswith("<frozen importlib"):
                return False
            frame = frame.f_back
        return False


@contextmanager
def untouched(observed: Observed) -> Iterator[None]:
    """Inside, whatever touches the world is noted and stopped by Forbidden."""
    if not _Hook.installed:
        _Hook.installed = True
        sys.addaudithook(_Hook.hear)
    # Three frames up: this one, the context manager's __enter__, and the function that says ``with``.
    before = (_Hook.observed, _Hook.frame)
    _Hook.observed, _Hook.frame = observed, sys._getframe(2)  # noqa: SLF001
    try:
        yield
    finally:
        _Hook.observed, _Hook.frame = before


@contextmanager
def spied_on(observed: Observed) -> Iterator[None]:
    """Inside, calls to clocks, dice, and streams are noted; they are let through."""

    def see(frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call":
            _note(observed, called, frame)

    before, collecting = sys.getprofile(), gc.isenabled()
    gc.disable()  # collecting calls back whoever measures it, and what that reads is not the strategy's doing
    sys.setprofile(see)
    try:
        yield
    finally:
        sys.setprofile(before)
        if collecting:
            gc.enable()


def _note(observed: Observed, called: Any, frame: FrameType) -> None:
    name, owner = getattr(called, "__name__", ""), getattr(called, "__self__", None)
    module = getattr(called, "__module__", None)
    if frame.f_globals.get("__name__") == "logging":
        observed.wrote.append("it writes to a log")
    elif isinstance(owner, io.IOBase) and not isinstance(owner, (io.StringIO, io.BytesIO)):
        observed.wrote.append(f"it uses {type(owner).__name__}.{name}()")
    elif module == "_thread" and name.startswith("start_"):
        observed.touched.append("it starts a thread")
    elif module == "builtins" and name in {"print", "input"}:
        observed.wrote.append(f"it calls {name}()")
    elif module == "time" and (name.removesuffix("_ns") in CLOCKS or name in LOCAL_TIMES):
        observed.read_clock.append(f"it calls time.{name}()")
    elif isinstance(owner, type) and issubclass(owner, date) and name in {"now", "utcnow", "today"}:
        observed.read_clock.append(f"it calls {owner.__name__}.{name}()")
    else:
        observed.threw_dice += _dice(name, owner, module, frame)


def _dice(name: str, owner: Any, module: str | None, frame: FrameType) -> Iterator[str]:
    shared = getattr(sys.modules.get("random"), "_inst", None)
    if owner is shared is not None:
        yield f"it calls the random module ({name}())"
    elif name == "urandom" and module in {"posix", "nt"}:
        yield "it asks the system for random bytes"
    elif module == "builtins" and name in {"hash", "id"} and frame.f_code.co_name != "__hash__":
        caller = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if caller not in sys.stdlib_module_names:
            yield f"it calls {name}(), which differs from process to process"


def quickest_s(times: int, run: Callable[[], object]) -> float:
    """The shortest of so many runs, in seconds of processor time: what it takes where the machine is not busy."""
    taken = []
    for _ in range(times):
        began = thread_time()
        run()
        taken.append(thread_time() - began)
    return min(taken)
