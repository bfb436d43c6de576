"""Turns Asterisk's operations into methods that keep its own names, grouped by resource."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from stasis_app.ari.rendering import HEADER, bracketed, python_name, python_type
from stasis_app.ari.swagger import Declaration, OperationSpec, Parameter, list_of

__all__ = ["operations_module"]

# Asterisk lets the caller choose the id of what is made, and its description never insists. We do
# where no variant of the operation takes the id in its path: whoever names a thing beforehand can
# listen for it before it exists, and can ask for it again without making it twice.
_OWN_ID: Final = {"channels.create": "channelId", "channels.externalMedia": "channelId"}

# Answers that hold a list grow with the node's load, so they go over HTTP alone; these two answer
# with a bridge that has just been made and is empty.
_SURELY_SMALL: Final = {"bridges.create", "bridges.createWithId"}


def operations_module(declarations: Iterable[Declaration]) -> str:
    """The text of `generated_operations.py`."""
    declarations = sorted(declarations, key=lambda one: one.resource)
    growing = _growing_models(declarations)
    lines = [HEADER.format(purpose="Every operation of Asterisk's REST interface, typed.")]
    lines += ["from collections.abc import Mapping, Sequence", "from typing import Any, Final", ""]
    used = sorted({name for one in declarations for name in _answers(one)}, key=str.lower)
    lines += bracketed("from stasis_app.ari.generated_models import (", used, ")")
    lines += ["from stasis_app.ari.operation import Operation, Resource, Sender", ""]
    classes = [_class_name(one.resource) for one in declarations if _specs(one)]
    lines += bracketed("__all__ = [", (f'"{name}"' for name in ["Operations", *classes]), "]")
    for declaration in declarations:
        if _specs(declaration):
            lines += _resource(declaration, growing)
    lines += _facade([one.resource for one in declarations if _specs(one)])
    return "\n".join(lines) + "\n"


def _specs(declaration: Declaration) -> list[tuple[str, OperationSpec]]:
    return [(api.path, spec) for api in declaration.apis for spec in api.operations if spec.upgrade != "websocket"]


def _answers(declaration: Declaration) -> set[str]:
    kinds = {spec.response_class for _, spec in _specs(declaration)}
    names = {list_of(kind) or kind for kind in kinds}
    return {name for name in names if python_type(name) == name}


def _growing_models(declarations: Iterable[Declaration]) -> set[str]:
    return {
        model.id
        for declaration in declarations
        for model in declaration.models.values()
        if any(list_of(field.type) for field in model.properties.values())
    }


def _class_name(resource: str) -> str:
    return resource[0].upper() + resource[1:]


def _resource(declaration: Declaration, growing: set[str]) -> list[str]:
    lines: list[str] = []
    for path, spec in _specs(declaration):
        lines += ["", *_constant(declaration.resource, path, spec, growing)]
    lines += ["", "", f"class {_class_name(declaration.resource)}(Resource):"]
    for _, spec in _specs(declaration):
        lines += [*_method(declaration.resource, spec), ""]
    return ["", *lines[:-1]]


def _constant_name(resource: str, spec: OperationSpec) -> str:
    return f"_{resource}_{spec.nickname}".upper()


def _constant(resource: str, path: str, spec: OperationSpec, growing: set[str]) -> list[str]:
    name = f"{resource}.{spec.nickname}"
    template = path.lstrip("/")
    for one in spec.parameters:
        if one.param_type == "path":
            template = template.replace(f"{{{one.name}}}", "{}")
    answer = python_type(spec.response_class)
    arguments = [
        f'"{name}"',
        f'"{spec.http_method}"',
        f'"{template}"',
        "type(None)" if answer == "None" else answer,
    ]
    kind = list_of(spec.response_class) or spec.response_class
    grows = kind != spec.response_class or kind in growing or kind == "binary"
    if grows and name not in _SURELY_SMALL:
        arguments.append("http_only=True")
    if any(one.param_type == "body" and one.data_type == "object" for one in spec.parameters):
        arguments.append('body="whole"')
    constant = f"{_constant_name(resource, spec)}: Final[Operation[{answer}]] = Operation("
    return bracketed(constant, arguments, ")")


def _method(resource: str, spec: OperationSpec) -> list[str]:
    name = f"{resource}.{spec.nickname}"
    needed = [one for one in spec.parameters if _is_needed(name, one)]
    ordered = [*needed, *(one for one in spec.parameters if one not in needed)]
    answer = python_type(spec.response_class)
    lines = [f"    async def {python_name(spec.nickname)}("]
    if ordered:
        lines += ["        self,", "        *,"]
        lines += [f"        {_argument(one, needed=one in needed)}," for one in ordered]
        lines += [f"    ) -> {answer}:"]
    else:
        lines[-1] += f"self) -> {answer}:"
    path = [one for one in spec.parameters if one.param_type == "path"]
    rest = [one for one in spec.parameters if one.param_type != "path"]
    lines += [
        "        return await self._send(",
        f"            {_constant_name(resource, spec)},",
        f"            {_tuple(python_name(one.name) for one in path)},",
        *_mapping(rest),
        "        )",
    ]
    return lines


def _tuple(items: Iterable[str]) -> str:
    names = list(items)
    return f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"


def _mapping(parameters: Iterable[Parameter]) -> list[str]:
    items = [f'                "{one.name}": {python_name(one.name)},' for one in parameters]
    return ["            {", *items, "            },"] if items else ["            {},"]


def _is_needed(operation: str, parameter: Parameter) -> bool:
    return parameter.required or parameter.param_type == "path" or _OWN_ID.get(operation) == parameter.name


def _argument(parameter: Parameter, *, needed: bool) -> str:
    kind = _argument_type(parameter)
    name = python_name(parameter.name)
    return f"{name}: {kind}" if needed else f"{name}: {kind} | None = None"


def _argument_type(parameter: Parameter) -> str:
    if parameter.param_type == "body":
        if parameter.name == "fields":
            return "Sequence[Mapping[str, str]]"
        return "Mapping[str, Any]"
    kind = python_type(parameter.data_type)
    return f"Sequence[{kind}]" if parameter.allow_multiple else kind


def _facade(resources: Iterable[str]) -> list[str]:
    lines = [
        "",
        "",
        "class Operations:",
        "    def __init__(self, sender: Sender) -> None:",
        "        self._sender: Final = sender",
    ]
    for one in resources:  # made when asked for: of a dozen, a caller needs one or two
        kind = _class_name(one)
        lines += ["", "    @property", f"    def {one}(self) -> {kind}:", f"        return {kind}(self._sender)"]
    return lines
