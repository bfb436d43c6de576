"""Turns Asterisk's models into Python: names and types only, and lenient where nodes are lax."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from typing import Final

from stasis_app.ari.swagger import Declaration, Model, Property, list_of

__all__ = ["HEADER", "Catalogue", "bracketed", "python_name", "python_type"]

HEADER: Final = '''"""{purpose}

Written by `python -m stasis_app.ari.generator`: change that, not this.
"""

from __future__ import annotations
'''

_SCALARS: Final = {
    "string": "str",
    "Date": "str",
    "int": "int",
    "long": "int",
    "double": "float",
    "boolean": "bool",
    "object": "dict[str, Any]",
    "binary": "bytes",
    "void": "None",
}
_DEFAULTS: Final = {"str": '""', "int": "0", "float": "0.0", "bool": "False"}
_ROOT: Final = "Message"
_DISCRIMINATOR: Final = "type"


def python_name(name: str) -> str:
    """Asterisk's own name, with an underscore behind it where Python reserves the word."""
    return f"{name}_" if keyword.iskeyword(name) else name


def python_type(kind: str) -> str:
    """The Python type of a Swagger type."""
    item = list_of(kind)
    if item is not None:
        return f"tuple[{python_type(item)}, ...]"
    return _SCALARS.get(kind, kind)


def bracketed(opening: str, items: Iterable[str], closing: str) -> list[str]:
    """One item a line, so that a longer list changes no other line."""
    return [opening, *(f"    {item}," for item in items), closing]


class Catalogue:
    """All models of a description, split into plain data and events."""

    def __init__(self, declarations: Iterable[Declaration]) -> None:
        self._models: dict[str, Model] = {}
        for declaration in declarations:
            self._models.update(declaration.models)
        self._parents = {child: model.id for model in self._models.values() for child in model.sub_types}

    def models_module(self) -> str:
        """The text of `generated_models.py`."""
        names = _dependencies_first({name: model for name, model in self._models.items() if not self._is_event(name)})
        lines = [HEADER.format(purpose="Asterisk's data, as it appears in answers and events.")]
        lines += ["from typing import Any", "", "import msgspec", ""]
        lines += bracketed("__all__ = [", (f'"{name}"' for name in sorted(names)), "]")
        for name in names:
            lines += self._struct(name, "msgspec.Struct", "frozen=True, kw_only=True, gc=False")
        return "\n".join(lines) + "\n"

    def events_module(self) -> str:
        """The text of `generated_events.py`."""
        events = sorted(
            (name for name in self._models if self._is_event(name)),
            key=lambda name: (len(self._ancestors(name)), name),
        )
        leaves = [name for name in events if not self._models[name].sub_types]
        lines = [HEADER.format(purpose="What Asterisk tells an application, one class a message.")]
        lines += ["from typing import Any, Final", "", "import msgspec", ""]
        lines += bracketed("from stasis_app.ari.generated_models import (", self._used_by(events), ")")
        lines += ["from stasis_app.ari.reception import Received", ""]
        lines += bracketed("__all__ = [", (f'"{name}"' for name in ["MESSAGES", *events]), "]")
        for name in events:
            parent = self._parents.get(name, "Received")
            tag = ", tag=True" if name == _ROOT else ""
            field = f', tag_field="{_DISCRIMINATOR}"' if name == _ROOT else ""
            options = f"frozen=True, kw_only=True, gc=False{field}{tag}"
            lines += self._struct(name, parent, options)
        lines += ["", ""]
        lines += bracketed(f"MESSAGES: Final[tuple[type[{_ROOT}], ...]] = (", leaves, ")")
        return "\n".join(lines) + "\n"

    def _ancestors(self, name: str) -> list[str]:
        parent = self._parents.get(name)
        return [] if parent is None else [parent, *self._ancestors(parent)]

    def _is_event(self, name: str) -> bool:
        return name == _ROOT or _ROOT in self._ancestors(name)

    def _used_by(self, events: Iterable[str]) -> list[str]:
        kinds = {one.type for name in events for one in self._models[name].properties.values()}
        return sorted({list_of(kind) or kind for kind in kinds} & self._models.keys(), key=str.lower)

    def _struct(self, name: str, parent: str, options: str) -> list[str]:
        fields = [
            self._field(field, spec)
            for field, spec in self._models[name].properties.items()
            if not (self._is_event(name) and field == _DISCRIMINATOR)
        ]
        return ["", "", f"class {name}({parent}, {options}):", *(fields or ["    pass"])]

    def _field(self, name: str, spec: Property) -> str:
        kind = python_type(spec.type)
        default = self._default(name, kind, required=spec.required)
        if default == "None":
            kind = f"{kind} | None"
        if keyword.iskeyword(name):
            default = f'msgspec.field(name="{name}", default={default})'
        return f"    {python_name(name)}: {kind}" + (f" = {default}" if default else "")

    def _default(self, name: str, kind: str, *, required: bool) -> str:
        """What a field holds when a node leaves it out; empty for what nothing can stand for."""
        if kind.startswith("tuple["):
            return "()"
        if kind.startswith("dict["):
            return "msgspec.field(default_factory=dict)"
        if not required:
            return "None"
        if name == "id":
            return ""
        if kind in self._models:
            return f"msgspec.field(default_factory={kind})" if self._is_free(kind) else ""
        return _DEFAULTS[kind]

    def _is_free(self, name: str) -> bool:
        """Whether a model can be made of nothing."""
        return not self._is_event(name) and all(
            self._default(field, python_type(spec.type), required=spec.required)
            for field, spec in self._models[name].properties.items()
        )


def _dependencies_first(models: Mapping[str, Model]) -> list[str]:
    ordered: dict[str, None] = {}

    def place(name: str) -> None:
        for spec in models[name].properties.values():
            kind = list_of(spec.type) or spec.type
            if kind in models and kind not in ordered:
                place(kind)
        ordered[name] = None

    for name in sorted(models):
        place(name)
    return list(ordered)
