"""Traffic with verdicts: load profiles, the engines they are thrown at, what was seen, and what is to be made of it."""
