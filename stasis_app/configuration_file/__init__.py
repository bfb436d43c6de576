"""The configuration as a file that a person writes: TOML in, every fault at once with its place; TOML out again."""

from __future__ import annotations

from stasis_app.configuration_file.changes import difference
from stasis_app.configuration_file.reading import configuration_of, document_of, read
from stasis_app.configuration_file.section import Section
from stasis_app.configuration_file.writing import write

__all__ = ["Section", "configuration_of", "difference", "document_of", "read", "write"]
