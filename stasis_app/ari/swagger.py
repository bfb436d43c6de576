"""Asterisk describes its own REST interface in Swagger 1.x: this reads that description."""

from __future__ import annotations

import re
from typing import Final, Literal

import aiohttp
import msgspec

__all__ = ["Declaration", "Model", "OperationSpec", "Parameter", "Property", "fetch", "list_of"]

_LIST: Final = re.compile(r"^List\[(\w+)\]$")


class Parameter(msgspec.Struct, frozen=True, rename="camel"):
    """One parameter of an operation; a body parameter is called `containers` when it is a key."""

    name: str
    param_type: Literal["path", "query", "body"]
    data_type: str
    required: bool = False
    allow_multiple: bool = False


class OperationSpec(msgspec.Struct, frozen=True, rename="camel"):
    """One method on one path."""

    http_method: str
    nickname: str
    response_class: str
    parameters: tuple[Parameter, ...] = ()
    upgrade: str = ""


class Api(msgspec.Struct, frozen=True):
    """One path and what can be done with it."""

    path: str
    operations: tuple[OperationSpec, ...]


class Property(msgspec.Struct, frozen=True):
    """One field of a model."""

    type: str
    required: bool = False


class Model(msgspec.Struct, frozen=True, rename="camel"):
    """One JSON object; `sub_types` name the models that extend it."""

    id: str
    properties: dict[str, Property]
    sub_types: tuple[str, ...] = ()


class Declaration(msgspec.Struct, frozen=True, rename="camel"):
    """One file of the description: a resource with its operations and models."""

    resource_path: str
    apis: tuple[Api, ...]
    models: dict[str, Model] = {}

    @property
    def resource(self) -> str:
        """The resource's name, such as `deviceStates`."""
        return self.resource_path.rsplit("/", 1)[-1].split(".", 1)[0]


class _Reference(msgspec.Struct, frozen=True):
    path: str


class _Listing(msgspec.Struct, frozen=True):
    apis: tuple[_Reference, ...]


def list_of(kind: str) -> str | None:
    """The item type of `List[Item]`, or None for anything else."""
    match = _LIST.match(kind)
    return match[1] if match else None


async def fetch(url: str, user: str, password: str) -> tuple[Declaration, ...]:
    """Read the whole description from a running Asterisk, sorted by resource.

    `url` is the root of its HTTP server, such as `http://127.0.0.1:8088`, with or
    without `/ari`. Raises aiohttp.ClientError when it cannot be read.
    """
    login = {"Authorization": aiohttp.encode_basic_auth(user, password)}
    docs = f"{url.rstrip('/').removesuffix('/ari')}/ari"
    async with aiohttp.ClientSession(headers=login, raise_for_status=True) as http:
        async with http.get(f"{docs}/api-docs/resources.json") as reply:
            listing = msgspec.json.decode(await reply.read(), type=_Listing)
        declarations = []
        for reference in listing.apis:
            path = reference.path.replace("{format}", "json")
            async with http.get(f"{docs}{path}") as reply:
                declarations.append(msgspec.json.decode(await reply.read(), type=Declaration))
    return tuple(sorted(declarations, key=lambda one: one.resource))
