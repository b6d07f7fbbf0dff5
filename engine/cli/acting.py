"""Taking an action for a person from the command line: a link is minted and spent at once, as for a click in a mail."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.answers import Filled, attaching
from engine.cli.errors import Mistake
from engine.cli.instants import iso, short
from engine.cli.output import as_json, say, table
from engine.cli.site import Work, case_id_of, case_of, person_of

if TYPE_CHECKING:
    from engine.core.case import Case
    from engine.core.model import Definition
    from engine.service import Receipt

Fill = Callable[[Filled], None]


def options(made: argparse.ArgumentParser) -> None:
    """What `decide`, `record` and `open` share."""
    made.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="an answer; see below. May be repeated"
    )
    made.add_argument("--from", dest="file", metavar="FILE", help="answers from a TOML file")
    made.add_argument("--reason", metavar="TEXT", help="the reason, where one is asked")
    made.add_argument("--note", metavar="TEXT", help="a note, where one may be given")


ANSWERS = """answers:
  --set conditions='Báo cáo sau chuyến đi'        a field
  --set members.3.opinion=AGREE                   a column of row 3
  --set waivers.R-11=GRANTED                      a decision on an exception (or REFUSED)
  --set waivers.R-11.opinion=AGREE                an opinion on it
  --set evidence=@boarding.pdf                    a file to hand in
  --from answers.toml                             the same as a file: fields as keys, [waivers.R-11] …"""


def filled(args: argparse.Namespace, sheet: Filled) -> None:
    """The options laid over each other: the file first, then --set."""
    if args.file:
        sheet.read(Path(args.file))
    sheet.folder = Path()
    for text in args.set:
        sheet.set(text)
    sheet.reason = args.reason or sheet.reason
    sheet.note = args.note or sheet.note


def take(work: Work, args: argparse.Namespace, action: str | None, fill: Fill) -> int:
    """Act on a case and print the receipt; without an action, print what is offered. Raises Refused, Conflict, Mistake."""
    from engine.core.atoms import CONFIRM
    from engine.core.permission import task

    work.catch_up(case_id_of(work.engine, args.case))
    with work.engine.snapshot() as snap:
        case = case_of(snap, args.case)
        person = person_of(snap.directory, args.acting).id
        definition = snap.definition(case)
        offers = {offer.transition.action for offer in snap.offers(case, person)}
        if task(case, person, "confirm"):
            offers |= set(CONFIRM)
    if not action:
        return _offered(case, definition, sorted(offers), person, args.lang)
    _known(definition, case, action, offers)
    sheet = Filled(
        definition, attaching(lambda name, data: work.hands.attach(case.id, person, name, data), work.setup.settings)
    )
    fill(sheet)
    done = act(work, case.id, person, action, sheet)
    receipt(work, done, args)
    return 0


def act(work: Work, case: str, person: str, action: str, sheet: Filled) -> Receipt:
    """One act through a fresh link (via=cli)."""
    answers = sheet.answers(action)
    minted = work.hands.mint(case, person, via="cli", action=action)
    done: Receipt = work.hands.decide(minted.token, answers, client={"agent": "trinh (command line)"})
    return done


def _known(definition: Definition, case: Case, action: str, offers: set[str]) -> None:
    from engine.core.atoms import CONFIRM
    from engine.definitions.problems import did_you_mean

    actions = {name for listed in definition.transitions.values() for name in listed} | set(CONFIRM)
    if action not in actions:
        here = f"; offered now: {', '.join(sorted(offers))}" if offers else ""
        meant = did_you_mean(action, actions)
        raise Mistake(f"'{action}' is not an action of {definition.name}{'; ' + meant if meant else here}")


def _offered(case: Case, definition: Definition, offers: list[str], person: str, lang: str) -> int:
    name = case.reference or case.id
    if not offers:
        say(f"{name} is in {case.state}; nothing is offered to {person}")
        return 1
    rows = []
    for action in offers:
        label = definition.actions.get(action)
        transition = definition.transitions[case.state].get(action)
        asked = [f"{a.path}{'?' if a.optional else ''}" for a in transition.asks] if transition else []
        rows.append((action, label[lang] if label else "", ", ".join(asked)))
    say(f"{name} is in {case.state}; {person} may:")
    table(("ACTION", "", "ASKS"), rows)
    return 0


def receipt(work: Work, done: Receipt, args: argparse.Namespace) -> None:
    """What was recorded."""
    calendar = work.setup.calendar
    with work.engine.snapshot() as snap:
        case = case_of(snap, done.case)
    if args.json:
        as_json(_plain(done, case, iso(done.rec, calendar)))
        return
    again = " (it was recorded before)" if done.repeated else ""
    say(
        f"{case.reference or case.id}: {done.action} recorded {short(done.rec, calendar)}, event {done.seq}{again}; now {case.state}"
    )
    say(f"receipt {done.case}#{done.seq} {done.hash}")


def _plain(done: Receipt, case: Case, at: str | None) -> dict[str, Any]:
    return {
        "case": done.case,
        "reference": case.reference,
        "action": done.action,
        "event": done.seq,
        "hash": done.hash,
        "recorded": at,
        "state": case.state,
        "repeated": done.repeated,
    }
