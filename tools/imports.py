"""Check what import-linter cannot see: cli.py stands beside the package and may import anything of it, but no SQL, web
framework, mailer or CEL of its own. Prints one line per breach; exit 1 when there is any."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FORBIDDEN = {
    "sqlalchemy",
    "alembic",
    "psycopg",
    "fastapi",
    "starlette",
    "aiosmtplib",
    "apscheduler",
    "cel",
    "transitions",
}


def imported(tree: ast.AST) -> set[tuple[int, str]]:
    """(line, root package) of every import of a module."""
    found: set[tuple[int, str]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(node.lineno, alias.name.split(".")[0]) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add((node.lineno, node.module.split(".")[0]))
    return found


def main() -> int:
    source = ROOT / "cli.py"
    if not source.exists():
        return 0
    breaches = sorted(
        (line, name) for line, name in imported(ast.parse(source.read_text("utf-8"))) if name in FORBIDDEN
    )
    for line, name in breaches:
        print(f"cli.py:{line}: imports {name}; only the package of the engine that owns it may")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
