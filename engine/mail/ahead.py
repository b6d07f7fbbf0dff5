"""What the clock does next if nobody acts: whom it tells, and where the case moves by itself.

An escalation never decides anything (requirements 5.2); the mail says what will happen, and when.
"""

from __future__ import annotations

from engine.core.case import Deadline
from engine.core.expressions import CannotTell
from engine.core.model import Conditional, Rung, Time
from engine.core.notices import Notices
from engine.core.permission import actors
from engine.mail.wording import Wording

MOST = 3


def ahead(of: Wording, moves_only: bool = False) -> tuple[str, ...]:
    """At most three sentences, the next instant first."""
    case = of.case
    notices = Notices(of.definition, case, case, actors(of.definition, case, of.look.world(case.id)), "")
    groups: dict[tuple[int, str], list[str]] = {}
    for item in sorted(case.deadlines.values(), key=lambda d: (d.at, d.kind)):
        if item.at <= of.look.now or item.obligation or (moves_only and item.kind != "move"):
            continue
        if item.kind == "move":
            move = of.definition.transitions.get(case.state, {}).get(item.name)
            if move is not None:
                groups[item.at, f"move {item.name}"] = [of.label(move.to)]
        else:
            people = groups.setdefault((item.at, "rung"), [])
            people += [person for person in _people(of, item, notices) if person not in people]
    return tuple(_sentence(of, at, kind, names) for (at, kind), names in groups.items() if names)[:MOST]


def _sentence(of: Wording, at: int, kind: str, names: list[str]) -> str:
    if kind == "rung":
        people = "; ".join(of.named(person) for person in names)
        return of.say("%(at)s: a further reminder to %(who)s.", at=of.clock.long(at), who=people)
    return of.say("%(at)s: the case moves to “%(state)s”.", at=of.clock.long(at), state=names[0])


def _people(of: Wording, item: Deadline, notices: Notices) -> list[str]:
    rung = _rung(of, item)
    found: dict[str, None] = {}
    for who in rung.to if rung else ():
        try:
            named = _chased(of, who.name, notices) if of.view.true(who.when) else ()
        except CannotTell:
            named = ()
        found.update(dict.fromkeys(named))
    return list(found)


def _rung(of: Wording, item: Deadline) -> Rung | None:
    """The rung behind a deadline; a repeated limit reminds its first `chase`."""
    ladder = of.definition.ladders.get(item.name)
    if ladder is not None and item.index < len(ladder.rungs):
        return ladder.rungs[item.index]
    limit = of.definition.limits.get(item.name)
    return Rung(at=Time("due"), to=tuple(Conditional(who) for who in limit.chase[:1])) if limit else None


def _chased(of: Wording, name: str, notices: Notices) -> tuple[str, ...]:
    if not name.startswith("chase "):
        return notices.people(name)
    limit = of.definition.limits.get(of.case.due.name if of.case.due else "")
    index = int(name.removeprefix("chase ")) - 1
    return notices.people(limit.chase[index]) if limit and index < len(limit.chase) else ()
