"""Trình: an approval engine. A case is the fold of its events; see docs/decisions/0001."""
