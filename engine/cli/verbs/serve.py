"""`trinh serve`: pages, mail and clock of a site in one process."""

from __future__ import annotations

import argparse

from engine.cli.manual import common
from engine.cli.site import setup_of

HELP = "serve the site: pages, mail, clock"
DESCRIPTION = """Serve the pages, send the mails and let the clock act, until Ctrl-C or SIGTERM. Everything unsafe is refused before the port
opens (`trinh check --config` says the same). On SQLite this process is the only one that writes; other commands hand it
their work. On PostgreSQL several servers may run."""
EXAMPLES = """
trinh serve
trinh serve --port 8080 --access-log
"""


def arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("--host", metavar="ADDRESS", help="address to listen on (default: [server] host)")
    made.add_argument("--port", type=int, metavar="PORT", help="port to listen on (default: [server] port)")
    made.add_argument("--access-log", action="store_true", help="log every request (links are masked)")
    common(made)


def run(args: argparse.Namespace) -> int:
    from engine.cli.serving import at, serve

    return serve(at(setup_of(args), args.host, args.port), access_log=args.access_log)
