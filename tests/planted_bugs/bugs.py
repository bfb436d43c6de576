"""All planted bugs."""

from __future__ import annotations

from tests.planted_bugs.in_flow import FLOW_BUGS
from tests.planted_bugs.in_matcher import MATCHER_BUGS
from tests.planted_bugs.in_stores import STORE_BUGS

BUGS = (*MATCHER_BUGS, *STORE_BUGS, *FLOW_BUGS)
