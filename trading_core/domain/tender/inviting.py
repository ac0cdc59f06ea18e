"""Bids of those invited by name only, instead of a notice to all [E-I1, BL 17]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..organisation import Organisation
from ..stages import lifecycle
from ..stages.announcing import (
    HOSTS,
    PUBLISHING,
    Announcement,
    Invitee,
    notice,
    published,
    readiness_problems,
    second_person,
    way_problems,
)
from ..stages.excluding import exclusion
from ..trade import Act, Command, Facts, Stage, TradeType
from ..uscc import check_uscc, normalise


def _invite(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """All at the same time, to enough registered bidders; what they are told is a notice. The document is given out with it [E-I1]."""
    now, lines = command.received_at, cast("Sequence[str]", command.data["invitees"])
    named = cast("Sequence[Sequence[Organisation]]", facts["invitees"])
    begun = lot.with_schedule(issue_start=now)
    refuse_if([
        *readiness_problems(trade, begun, facts, now), *way_problems(lot, "invited", "post"),
        *second_person(lot, facts), *_invitee_problems(trade, lot, lines, named),
    ])  # fmt: skip
    invitees = sorted(({"uscc": o.uscc, "name": o.name, "organisation": o.id} for found in named for o in found), key=lambda i: i["uscc"])
    return [Event("invitations_sent", notice(trade, lot, facts), {"invitees": invitees})]


def _invitee_problems(trade: TradeType, lot: Lot, lines: Sequence[str], named: Sequence[Sequence[Organisation]]) -> Iterator[Problem]:
    """Each line must name one bidder of the register, each bidder once. What is said of a line never repeats who it names [BL 22]."""
    before: set[str] = set()
    for n, (line, found) in enumerate(zip(lines, named, strict=True)):
        path, code = f"invitees.{n}", normalise(line)
        if not found:
            wrong = check_uscc(code) if code.isascii() else ()
            yield from (replace(p, path=path) for p in wrong or (Problem("invitation.unknown"),))
        elif len(found) > 1:
            yield Problem("invitation.several", path, {"count": len(found)})
        elif Role.BIDDER not in found[0].kinds:
            yield Problem("invitation.not_a_bidder", path)
        elif found[0].id in lot.parties.values():
            yield Problem("bid.own_tender", path, rule="B-15")
        elif any(exclusion(lot.terms, found[0].uscc)):
            yield Problem("bid.excluded", path, rule="B-15")
        elif found[0].id in before:
            yield Problem("invitation.twice", path)
        before |= {o.id for o in found[:1]}
    if len(before) < trade.min_invitees:
        yield Problem("invitation.too_few", "invitees", {"count": len(before), "minimum": trade.min_invitees})


def _invited(lot: Lot, r: Recorded) -> Lot:
    private = cast("Mapping[str, object]", r.private or {})
    after = published(lot, r)
    invitees = tuple(Invitee(**i) for i in cast("Sequence[Mapping[str, str]]", private.get("invitees", ())))
    return after.with_part(replace(after.part(Announcement), invitees=invitees)).with_schedule(issue_start=r.at)


EVOLVE = {"invitations_sent": _invited}
ACTS = (
    Act("send_invitations", "invitations_sent", HOSTS, _invite, (Field("invitees", "list", maximum=50, rule="BL 17"),),
        needs=PUBLISHING | {"invitees"}, irrevocable=True, documents=("invitation",), rule="E-I1"),
)
STAGE = Stage(lifecycle.INVITATION, ACTS, EVOLVE)
