"""How long bids bind, and how that is extended: asked of all in writing; who refuses leaves with the deposit back [B-08, B-09].

Who does not answer has not agreed: its bid binds until the validity it was made for ends, and not longer. A bid is never changed by this.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from ..errors import Problem, Refused, refuse_if
from ..events import Event, Recorded, instant_from, instant_text
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import HOSTS, REASON
from ..stages.award import leave
from ..trade import Act, Command, Facts, Stage, TradeType
from ..workcalendar import DAY, closing_day, end_of_day
from .opening import Opening

REFUSED = "refuses_extension"
EXTENSIONS_MAX = 20


@dataclass(frozen=True, slots=True)
class Validity:
    """days: of the last extension asked, counted from the deadline; number: which it is; answer_by: until when bidders answer.

    agreed: bid to the days to which it bound itself; left: bid to the instant at which it refused; answered: bids that answered the
    last question."""

    number: int = 0
    days: int = 0
    answer_by: datetime | None = None
    agreed: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, datetime] = field(default_factory=dict)
    answered: tuple[str, ...] = ()


def bid_validity_end(lot: Lot, bid: str = "") -> datetime | None:
    """When this bid, or without one the last that still binds, stops binding: its validity counts from the deadline [B-08]."""
    part, base, deadline = lot.part(Validity), lot.terms.get("bid_validity_days"), lot.schedule.get("bid_deadline")
    if not isinstance(base, int) or deadline is None:
        return None
    agreed = [d for b, d in part.agreed.items() if b not in part.left]
    days = part.agreed.get(bid, base) if bid else max(agreed, default=base)
    return end_of_day(closing_day(deadline) + days * DAY)


def _ask(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    days, answer_by, now = cast("int", command.data["bid_validity_days"]), str(command.data["answer_by"]), command.received_at
    refuse_if(_asking_problems(lot, days, instant_from(answer_by), now))
    number = lot.part(Validity).number + 1
    said = {"number": number, "bid_validity_days": days, "answer_by": answer_by, "reason": command.data["reason"]}
    return [Event("validity_extension_asked", said)]


def _asking_problems(lot: Lot, days: int, answer_by: datetime, now: datetime) -> Iterator[Problem]:
    part, end = lot.part(Validity), bid_validity_end(lot)
    if end is None or now >= end:
        yield Problem("validity.over", rule="B-09")
    elif not now < answer_by <= end:
        yield Problem("validity.answer_by", "answer_by", {"end": instant_text(end)}, "B-09")
    current = max(part.days, cast("int", lot.terms.get("bid_validity_days", 0)))
    if days <= current:
        yield Problem("validity.not_longer", "bid_validity_days", {"days": days, "current": current}, "B-09")
    if part.number >= EXTENSIONS_MAX:
        yield Problem("validity.too_many", params={"maximum": EXTENSIONS_MAX})


def _answer(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Agree, with nothing in the bid changed, or refuse and leave."""
    part = lot.part(Validity)
    bid = next((b.bid for b in lot.part(Opening).valid() if b.uscc == facts["actor_uscc"]), "")
    if not bid or not part.number or part.answer_by is None:
        raise Refused(Problem("validity.nothing_asked", rule="B-09"))
    problems = []
    if bid in part.answered or bid in part.left:
        problems.append(Problem("validity.answered_before", rule="B-09"))
    if command.received_at > part.answer_by:
        problems.append(Problem("validity.answer_late", params={"answer_by": instant_text(part.answer_by)}, rule="B-09"))
    refuse_if(problems)
    said = {"number": part.number, "bid": bid, "agrees": command.data["agrees"]}
    return [Event("validity_extension_answered", said)]


def _asked(lot: Lot, r: Recorded) -> Lot:
    p, part = r.public, lot.part(Validity)
    asked = replace(part, number=cast("int", p["number"]), days=cast("int", p["bid_validity_days"]), answered=())
    return lot.with_part(replace(asked, answer_by=instant_from(str(p["answer_by"]))))


def _answered(lot: Lot, r: Recorded) -> Lot:
    part, bid = lot.part(Validity), str(r.public["bid"])
    answered = replace(part, answered=(*part.answered, bid))
    if r.public["agrees"]:
        return lot.with_part(replace(answered, agreed={**part.agreed, bid: part.days}))
    return leave(lot.with_part(replace(answered, left={**part.left, bid: r.at})), bid, REFUSED)


EVOLVE = {"validity_extension_asked": _asked, "validity_extension_answered": _answered}

ACTS = (
    Act("ask_validity_extension", "validity_extension_asked", HOSTS, _ask, (
        Field("bid_validity_days", "integer", minimum=1, maximum=730), Field("answer_by", "instant"), REASON), rule="B-09"),
    Act("answer_validity_extension", "validity_extension_answered", frozenset({Role.BIDDER}), _answer, (Field("agrees", "boolean"),),
        needs=frozenset({"actor_uscc"}), irrevocable=True, rule="B-09"),
)  # fmt: skip
STAGE = Stage(lifecycle.EXTENSION, ACTS, EVOLVE, (Validity,))
