"""Writes the typed interface from what a running Asterisk says about itself.

`python -m stasis_app.ari.generator http://127.0.0.1:8088 USER PASSWORD` replaces the three
`generated_*.py` files beside this one. Only names and types are taken over, no description.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from stasis_app.ari.rendering import Catalogue
from stasis_app.ari.rendering_operations import operations_module
from stasis_app.ari.swagger import Declaration, fetch

__all__ = ["HERE", "render"]

HERE: Final = Path(__file__).parent


def render(declarations: Sequence[Declaration]) -> Mapping[str, str]:
    """The text of every generated module, by file name."""
    catalogue = Catalogue(declarations)
    return {
        "generated_models.py": catalogue.models_module(),
        "generated_events.py": catalogue.events_module(),
        "generated_operations.py": operations_module(declarations),
    }


def main(arguments: Sequence[str]) -> int:
    """Return the exit status: 0 when the files were written."""
    if len(arguments) != 3:
        sys.stderr.write("usage: python -m stasis_app.ari.generator URL USER PASSWORD\n")
        return 2
    url, user, password = arguments
    try:
        declarations = asyncio.run(fetch(url, user, password))
    except (aiohttp.ClientError, msgspec.MsgspecError) as reason:
        sys.stderr.write(f"{url}: the description of the interface cannot be read: {reason}\n")
        return 1
    for name, text in render(declarations).items():
        (HERE / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
