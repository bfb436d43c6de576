"""One version of everything an operator configures, checked as a whole: every process holds exactly this."""

from __future__ import annotations

from acd.configuration.faults import CONTROL, LONGEST_TEXT, NAME, NUMBER, TARGET, checked, faults_of
from acd.configuration.model import Cap, Configuration, LineOrder

__all__ = [
    "CONTROL",
    "LONGEST_TEXT",
    "NAME",
    "NUMBER",
    "TARGET",
    "Cap",
    "Configuration",
    "LineOrder",
    "checked",
    "faults_of",
]
