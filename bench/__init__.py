"""How fast a decision is, as a ratio to the bare driver: `python -m bench`."""
