"""A pytest plug-in: that a bug is found is enough here, the smallest example of it is not looked for."""

from __future__ import annotations

from hypothesis import Phase, settings

settings.register_profile("no shrinking", phases=(Phase.explicit, Phase.generate), print_blob=False, database=None)
settings.load_profile("no shrinking")
