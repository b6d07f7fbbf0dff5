"""Text without diacritics, for search: "Đoàn Hà Nội" is found by "doan ha noi"."""

from __future__ import annotations

import unicodedata

_STROKE = str.maketrans({"đ": "d", "Đ": "d"})


def plain(text: str) -> str:
    """Lower case, no marks, single spaces."""
    bare = unicodedata.normalize("NFD", text.translate(_STROKE)).casefold()
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())
