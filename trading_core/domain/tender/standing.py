"""What a bidder must report at once after the opening: merger, division, bankruptcy, loss of qualification [B-16].

A report decides nothing. While bids are evaluated it is a doubt that the committee votes on; afterwards the principal asks the same
committee to look again (see `re_examining`).
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from ..errors import Problem, Refused, refuse_if
from ..events import Event, Json, Recorded
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import REASON
from ..trade import Act, Command, Facts, Stage, TradeType
from .opening import BIDDER, Opening

CHANGES = ("merger", "division", "bankruptcy", "qualification_lost")


@dataclass(frozen=True, slots=True)
class Report:
    """One report, number counting from 1 per lot. change: one of `CHANGES`. reason: what happened, for who decides. role: whose it is."""

    number: int
    bid: str
    change: str
    reason: str
    role: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything reported of the lot's bidders."""

    reports: tuple[Report, ...] = ()

    def of(self, bid: str) -> tuple[Report, ...]:
        return tuple(r for r in self.reports if r.bid == bid)


def _report_own(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """A bidder of itself, or of a member of the consortium that it leads."""
    own = next((b.bid for b in lot.part(Opening).valid() if b.uscc == facts["actor_uscc"]), None)
    if own is None:
        raise Refused(Problem("opening.no_bid_of_yours"))
    return _reporting(lot, command, own)


def _report(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The supervisor of anybody who bid."""
    bid = str(command.data["bid"])
    if bid not in {b.bid for b in lot.part(Opening).valid()}:
        raise Refused(Problem("standing.no_such_bid", "bid"))
    return _reporting(lot, command, bid)


def _reporting(lot: Lot, command: Command, bid: str) -> list[Event]:
    data, part = command.data, lot.part(Standing)
    refuse_if(_problems(lot, command, bid))
    said = {"number": len(part.reports) + 1, "bid": bid, "change": data["change"]}
    return [Event("standing_reported", said, {"reason": data["reason"], "evidence": data["evidence"]})]


def _problems(lot: Lot, command: Command, bid: str) -> Iterator[Problem]:
    """What a bidder says of itself does not keep the supervisor from saying it too."""
    if any((r.change, r.role) == (command.data["change"], command.actor.role) for r in lot.part(Standing).of(bid)):
        yield Problem("standing.reported_before", "change")


def _reported(lot: Lot, r: Recorded) -> Lot:
    p, private = r.public, r.private or {}
    report = Report(cast("int", p["number"]), str(p["bid"]), str(p["change"]), str(private.get("reason", "")), _role(p))
    return lot.with_part(Standing((*lot.part(Standing).reports, report)))


def _role(public: Json) -> str:
    return str(cast("Json", public["by"])["role"])


EVOLVE = {"standing_reported": _reported}

CHANGE = (Field("change", "choice", choices=CHANGES, rule="B-16"), REASON, Field("evidence", "file"))
ACTS = (
    Act("report_own_change", "standing_reported", BIDDER, _report_own, CHANGE, needs=frozenset({"actor_uscc"}), rule="B-16"),
    Act("report_bidder_change", "standing_reported", frozenset({Role.SUPERVISOR}), _report, (Field("bid", maximum=32), *CHANGE),
        rule="B-16"),
)
STAGE = Stage(lifecycle.STANDING, ACTS, EVOLVE, (Standing,))
