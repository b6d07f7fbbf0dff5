"""`trinh demo`: a site with invented delegations, served on this machine."""

from __future__ import annotations

import argparse

from engine.cli.errors import Mistake
from engine.cli.manual import common
from engine.cli.output import note
from engine.cli.site import setup_of

HELP = "fill a demo site and serve it: fictional people, a clock that can be moved"
DESCRIPTION = """Fill the site with a dozen delegations in different states, once, and serve it. Mails land in mailboxes shown on a page; a page
moves the clock forward. Needs `production = false`, [demo] clock and [mail] backend = "maildir", as the shipped config.toml
has them."""
EXAMPLES = """
trinh demo
trinh demo --fresh --port 8080
"""


def arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("--fresh", action="store_true", help="throw away what the demo holds and begin anew")
    made.add_argument("--no-serve", action="store_true", help="fill the site and stop")
    made.add_argument("--host", metavar="ADDRESS", help="address to listen on (default: [server] host)")
    made.add_argument("--port", type=int, metavar="PORT", help="port to listen on (default: [server] port)")
    common(made)


def run(args: argparse.Namespace) -> int:
    from engine.cli.making import make_folders, make_secret
    from engine.cli.serving import at, refuse_port, serve
    from engine.demo.prepare import NotADemo, prepare

    setup = at(setup_of(args), args.host, args.port)
    if not args.no_serve:
        refuse_port(setup.settings)
    try:
        make_folders(setup.settings)
        if prepare(setup, fresh=args.fresh, report=note):
            note("the demo is ready")
    except NotADemo as error:
        raise Mistake(str(error)) from None
    make_folders(setup.settings)
    make_secret(setup.settings.keys.secret)
    return 0 if args.no_serve else serve(setup)
