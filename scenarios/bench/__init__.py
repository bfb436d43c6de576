"""How fast the routing core decides, how much it keeps, and how it grows: `python -m scenarios.bench`."""
