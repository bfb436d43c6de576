"""Finds the strategies that queues name, checks each before a caller depends on it, and keeps runaways short.

A strategy is named by its entry point in the group ``stasis_acd.strategies``, by the name that app_queue or
mod_callcenter has for it, or as ``module:Class``.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from acd.configuration import Configuration
from acd.errors import Fault, InvalidConfiguration, StrategyFault
from acd.queue import Queue
from acd.strategies.aliases import ALIASES, known_as
from acd.strategy import DECISION_LIMIT_S, Strategies, Strategy
from stasis_app.runaway_guard import cut_off_after, guarded
from stasis_app.strategy_options import options_of, takes_any, wrong_options

__all__ = ["GROUP", "StrategyLibrary", "StrategyUnusable", "guarded", "strategies_for"]

GROUP = "stasis_acd.strategies"

LOAD_LIMIT_S = 10.0
"""For importing a strategy's module."""
CHECK_LIMIT_S = 5 * DECISION_LIMIT_S
"""For its constructor, and for each answer while it is tried out: a machine that starts up is busy."""

_TRUSTED = "acd.strategies."


class StrategyUnusable(Exception):
    """A strategy cannot serve: every fault, its place beginning with ``strategy`` or ``strategy_options``."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def strategies_for(configuration: Configuration) -> Strategies:
    """A checked and guarded strategy for each queue; raises InvalidConfiguration with the faults of all queues."""
    library = StrategyLibrary()
    strategies: dict[str, Strategy] = {}
    faults: list[Fault] = []
    for queue in configuration.queues.values():
        try:
            strategies[queue.name] = _strategy_of(queue, library)
        except StrategyUnusable as unusable:
            faults += [replace(each, place=f"queues.{queue.name}.{each.place}") for each in unusable.faults]
    if faults:
        raise InvalidConfiguration(faults)
    return strategies


class StrategyLibrary:
    """The strategies that are installed, and those that are named by their module; each is loaded once."""

    def __init__(self) -> None:
        self.installed: Mapping[str, EntryPoint] = {point.name: point for point in entry_points(group=GROUP)}
        self._loaded: dict[str, type] = {}
        self._tried_out: dict[str, str] = {}

    def class_of(self, name: str) -> type:
        """The class that this name means; raises StrategyUnusable."""
        if name not in self._loaded:
            self._loaded[name] = self._checked(name, self._load(name))
        return self._loaded[name]

    def make(self, name: str, options: Mapping[str, object]) -> Strategy:
        """A new strategy with these options; raises StrategyUnusable with everything that is wrong with them."""
        made_by = self.class_of(name)
        wrong = list(wrong_options(made_by, options))
        if wrong:
            raise StrategyUnusable(
                Fault(place=f"strategy_options.{each.option}", value=each.value, remedy=each.remedy) for each in wrong
            )
        try:
            with cut_off_after(CHECK_LIMIT_S, name):
                return cast("Strategy", made_by(**options))
        except Exception as error:
            takes = ", ".join(_takes(made_by)) or "none"
            remedy = f"strategy {name!r} refuses them ({_told(error)}); options that it takes: {takes}"
            place, value = ("strategy_options", dict(options)) if options else ("strategy", name)
            raise _unusable(place, value, remedy) from error

    def wrong_with(self, queue: Queue) -> str:
        """What trying out the queue's strategy showed; empty if nothing. Of many queues that name it with the same
        options the first is tried."""
        named = f"{queue.strategy} {sorted(queue.strategy_options.items(), key=repr)!r}"
        if named not in self._tried_out:
            # Imported here: a centre without strategies of its own has no use for the conformance kit.
            from acd.testing.strategy_checks import first_fault

            self._tried_out[named] = first_fault(
                lambda: self.make(queue.strategy, queue.strategy_options),
                queue,
                cut_off=cut_off_after,
                limit_s=CHECK_LIMIT_S,
            )
        return self._tried_out[named]

    def _load(self, name: str) -> object:
        entry = self.installed.get(name) or self.installed.get(known_as(name))
        try:
            with cut_off_after(LOAD_LIMIT_S, name):
                if entry is not None:
                    return entry.load()
                if ":" in name:
                    return pkgutil.resolve_name(name)
        except Exception as error:
            # A stranger's module: whatever it raises is its fault.
            raise _unusable("strategy", name, f"it cannot be loaded ({_told(error)}): install or mend it") from error
        near = get_close_matches(name, [*self.installed, *ALIASES], n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        known = ", ".join(sorted(self.installed)) or "none"
        raise _unusable(
            "strategy", name, f"no such strategy; {hint}installed: {known}; others are written as module:Class"
        )

    @staticmethod
    def _checked(name: str, loaded: object) -> type:
        if not inspect.isclass(loaded):
            raise _unusable("strategy", name, f"this is no class but a {type(loaded).__name__}: name the class")
        forms = [form for form in ("key", "rank") if callable(getattr(loaded, form, None))]
        if len(forms) == 2:
            raise _unusable("strategy", name, "it has both key() and rank(): a strategy has one of them")
        if not forms:
            remedy = "it has neither key(agent, queue) nor rank(situation): a strategy has one of them"
            raise _unusable("strategy", name, remedy)
        return loaded


def _strategy_of(queue: Queue, library: StrategyLibrary) -> Strategy:
    strategy = library.make(queue.strategy, queue.strategy_options)
    if type(strategy).__module__.startswith(_TRUSTED):
        return strategy
    wrong = library.wrong_with(queue)
    if wrong:
        remedy = f"tried out before callers depend on it, it failed: {wrong}"
        raise _unusable("strategy", queue.strategy, remedy)
    return guarded(strategy, DECISION_LIMIT_S)


def _takes(made_by: type) -> Iterator[str]:
    """The options of a strategy, as a person would ask for them."""
    for option in options_of(made_by):
        details = ", ".join(filter(None, [option.takes, "needed" if option.is_needed else ""]))
        yield f"{option.name} ({details})" if details else option.name
    if takes_any(made_by):
        yield "any"


def _unusable(place: str, value: object, remedy: str) -> StrategyUnusable:
    return StrategyUnusable([Fault(place=place, value=value, remedy=remedy)])


def _told(error: Exception) -> str:
    if isinstance(error, StrategyFault):
        return error.what
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
