"""Check that the code says the words of docs/glossary.md: no synonym in a name of a class, function or module.

The table's last column lists the words not to use. Prints one line per breach; exit 1 when there is any.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def synonyms() -> dict[str, str]:
    """word not to use -> the word of the glossary."""
    found: dict[str, str] = {}
    for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and cells[2] not in ("", "not", "---"):
            for word in re.findall(r"[a-z_]+", cells[2]):
                found[word] = cells[0]
    return found


def names(path: Path) -> list[tuple[int, str]]:
    """(line, name) of every class and function."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (node.lineno, node.name) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, kinds)
    ]


def words(name: str) -> set[str]:
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")
    return {word.removesuffix("s") for word in parts.split("_")} | {parts}


def main() -> int:
    banned = synonyms()
    breaches = []
    for path in sorted((ROOT / "engine").rglob("*.py")):
        for line, name in names(path):
            breaches += [(path, line, name, banned[word]) for word in words(name) if word in banned]
    for path, line, name, better in breaches:
        print(f"{path.relative_to(ROOT)}:{line}: {name}: the glossary's word is {better}")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
