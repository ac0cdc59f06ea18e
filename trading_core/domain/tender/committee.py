"""The committee: who sits, sign-in with a statement of recusal, the chair, and whether it is lawful [08 §8.4, §8.5].

Members are known by their seat number. Who sits there is in the private parts until the result is public [BL 37].
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import HOSTS
from ..stages.draws import EXPERTS, Draws
from ..trade import Act, Command, CommitteeRule, Facts, Stage, TradeType
from .expert_drawing import drawn_rows, revealed
from .opening import Opening

MEMBERS = frozenset({Role.EXPERT, Role.PRINCIPAL})  # the principal by its named representative; only who has a seat gets on
EXPERT, REPRESENTATIVE = "expert", "representative"


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat. holder: expert number, or person id of a representative; empty again when its holder had to leave."""

    number: int
    kind: str
    holder: str


@dataclass(frozen=True, slots=True)
class Committee:
    """seats of those who signed in; representatives: person ids named in writing by the principal; left: holders who had to go.

    forming: a new committee was ordered and has not begun yet."""

    representatives: tuple[str, ...] = ()
    seats: tuple[Seat, ...] = ()
    left: tuple[str, ...] = ()
    votes: Mapping[str, int] = field(default_factory=dict)
    chair: int = 0
    forming: bool = False

    def seat_of(self, holder: str) -> Seat | None:
        return next((s for s in self.seats if s.holder == holder), None)

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(s.number for s in self.seats)


def expected(lot: Lot) -> tuple[str, ...]:
    """Who may sign in now: of each row those seated, for each one who left the row's next substitute, and the named representatives.

    A substitute has the speciality of whom it replaces: a row's place is filled from that row [E-C5, 08 §8.6.1 step 7]."""
    left, rows = lot.part(Committee).left, [r.seats for r in drawn_rows(lot) if r.seats]
    experts = (n for s in rows for n in [n for n in (*s.seats, *s.substitutes) if n not in left][: len(s.seats)])
    return (*experts, *(p for p in lot.part(Committee).representatives if p not in left))


def is_member(lot: Lot, holder: str) -> bool:
    """Whether somebody has a seat or may take one; this is the seat by which the desk lets them in."""
    return bool(holder) and (lot.part(Committee).seat_of(holder) is not None or holder in expected(lot))


def problems(rule: CommitteeRule, lot: Lot) -> Iterator[Problem]:
    """What makes the present committee unlawful: all of it, tested on those who sit [08 §8.4, §8.11 rule 1]."""
    part, size = lot.part(Committee), lot.term_int("committee_size")
    present, experts = len(part.seats), sum(s.kind == EXPERT for s in part.seats)
    if present != size:
        yield Problem("committee.not_complete", params={"present": present, "size": size}, rule=rule.rule)
    if present < rule.minimum or present % 2 == 0:
        yield Problem("committee.size", params={"size": present, "minimum": rule.minimum}, rule=rule.rule)
    if rule.share_denominator * experts < rule.share_numerator * present:
        needed = -(-rule.share_numerator * present // rule.share_denominator)
        yield Problem("committee.too_few_experts", params={"wanted": experts, "needed": needed, "size": present})
    if not part.chair:
        yield Problem("committee.no_chair")


# ------------------------------------------------------------------ decisions

def _name(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The principal names its representatives in writing; they are not drawn [X-8]."""
    named = cast("Sequence[str]", command.data["persons"])
    found: list[Problem] = []
    experts = sum(r.row.count for r in drawn_rows(lot))
    if experts and experts + len(named) > lot.term_int("committee_size"):
        found.append(Problem("committee.too_many_representatives", "persons", {"size": lot.term_int("committee_size")}))
    if len(set(named)) != len(named):
        found.append(Problem("committee.named_twice", "persons"))
    refuse_if(found)
    return [Event("representative_named", {"count": len(named)}, {"persons": list(named)})]


def _sign_in(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Take a seat after stating that there is no ground for recusal. A ground found by the record sends the next in order [08 §8.5]."""
    holder, part, data = str(facts["holder"]), lot.part(Committee), command.data
    found: list[Problem] = []
    if part.seat_of(holder):
        found.append(Problem("committee.signed_in_before"))
    elif holder not in expected(lot):
        found.append(Problem("committee.not_expected"))
    if not data["keeps_discipline"]:
        found.append(Problem("committee.statement_missing", "keeps_discipline"))
    refuse_if(found)
    grounds = list(cast("Sequence[str]", facts["recusals"]))
    if not data["no_recusal"]:
        grounds.append("RC-9")
    if grounds:
        return [Event("seat_recused", {"grounds": sorted(set(grounds)), "seat": 0}, {"holder": holder, "reason": data.get("reason", "")})]
    kind = REPRESENTATIVE if holder in part.representatives else EXPERT
    free = next(n for n in range(1, 100) if n not in part.numbers)
    return [Event("seat_signed_in", {"seat": free, "kind": kind}, {"holder": holder})]


def _recuse(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """A member leaves for a legal reason. What it concluded is void; who follows evaluates everything anew [BLR 48]."""
    seat = lot.part(Committee).seat_of(str(facts["holder"]))
    refuse_if(() if seat else [Problem("committee.not_seated")])
    assert seat is not None
    return [Event("seat_recused", {"grounds": [command.data["ground"]], "seat": seat.number},
                  {"holder": seat.holder, "reason": command.data["reason"]})]  # fmt: skip


def _vote_chair(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Each member votes once or again; more than half of the whole committee elects."""
    part, chosen = lot.part(Committee), cast("int", command.data["seat"])
    seat = part.seat_of(str(facts["holder"]))
    found = [] if seat else [Problem("committee.not_seated")]
    if chosen not in part.numbers:
        found.append(Problem("committee.no_such_seat", "seat", {"seat": chosen}))
    if part.chair:
        found.append(Problem("committee.chair_elected"))
    refuse_if(found)
    assert seat is not None
    votes = {**part.votes, str(seat.number): chosen}
    events = [Event("chair_voted", {"seat": seat.number}, {"for": chosen})]
    if 2 * sum(v == chosen for v in votes.values()) > lot.term_int("committee_size"):
        events.append(Event("chair_elected", {"seat": chosen}))
    return events


def _start(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Evaluation begins with a lawful committee; the seed of its draw is recorded with it [08 §8.6.1 step 8]."""
    refuse_if(problems(trade.committee, lot))
    return [Event("evaluation_started", {"bids": [b.bid for b in lot.part(Opening).valid()]}), revealed(lot)]


def _begin_anew(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The new committee that the supervisor ordered takes over, lawful and drawn anew; nothing of the former one's counts [01 §1.2.1]."""
    found = list(problems(trade.committee, lot))
    if not lot.part(Committee).forming:
        found.append(Problem("committee.none_ordered"))
    refuse_if(found)
    return [Event("committee_reformed", {}), revealed(lot)]


# ------------------------------------------------------------------ what events mean

def _named(lot: Lot, r: Recorded) -> Lot:
    persons = tuple(cast("Sequence[str]", (r.private or {}).get("persons", ())))
    return lot.with_part(replace(lot.part(Committee), representatives=persons))


def _signed_in(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Committee)
    seat = Seat(cast("int", r.public["seat"]), str(r.public["kind"]), str((r.private or {})["holder"]))
    return lot.with_part(replace(part, seats=tuple(sorted((*part.seats, seat), key=lambda s: s.number))))


def _recused(lot: Lot, r: Recorded) -> Lot:
    part, number = lot.part(Committee), cast("int", r.public["seat"])
    remaining = tuple(s for s in part.seats if s.number != number)
    votes = {voter: v for voter, v in part.votes.items() if voter != str(number) and v != number}
    after = replace(part, seats=remaining, votes=votes, left=(*part.left, str((r.private or {})["holder"])))
    return lot.with_part(replace(after, chair=0) if part.chair == number else after)


def _voted(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Committee)
    return lot.with_part(replace(part, votes={**part.votes, str(r.public["seat"]): cast("int", (r.private or {})["for"])}))


def _elected(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Committee), chair=cast("int", r.public["seat"])))


def _ordered(lot: Lot, r: Recorded) -> Lot:
    """A new committee is drawn by new commitments; who sat in the former one cannot sit in it."""
    if r.public.get("committee") != "new":
        return lot
    part, draws = lot.part(Committee), lot.part(Draws)
    gone = (*part.left, *(s.holder for s in part.seats), *part.representatives)
    empty = replace(draws, by_name={name: draw for name, draw in draws.by_name.items() if name != EXPERTS})
    return lot.with_part(empty).with_part(Committee(left=tuple(dict.fromkeys(gone)), forming=True))


def _reformed(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Committee), forming=False))


EVOLVE = {
    "re_evaluation_ordered": _ordered, "committee_reformed": _reformed,
    "representative_named": _named, "seat_signed_in": _signed_in, "seat_recused": _recused, "chair_voted": _voted,
    "chair_elected": _elected,
}  # fmt: skip

HOLDER = frozenset({"holder"})
RECUSAL_GROUNDS = tuple(f"RC-{n}" for n in range(1, 10))
ACTS = (
    Act("name_representatives", "representative_named", frozenset({Role.PRINCIPAL}), _name, (Field("persons", "list", maximum=4),),
        rule="X-8"),
    Act("sign_in_seat", "seat_signed_in", MEMBERS, _sign_in, (
        Field("no_recusal", "boolean", rule="RC-1"), Field("keeps_discipline", "boolean", rule="BLR 49"),
        Field("reason", "long_text", required=False)), needs=frozenset({"holder", "recusals"}), irrevocable=True, rule="08 §8.5"),
    Act("recuse", "seat_recused", MEMBERS, _recuse, (
        Field("ground", "choice", choices=RECUSAL_GROUNDS), Field("reason", "long_text")), needs=HOLDER, irrevocable=True, rule="BLR 48"),
    Act("vote_chair", "chair_voted", MEMBERS, _vote_chair, (Field("seat", "integer", minimum=1),), needs=HOLDER, rule="E-C7"),
    Act("start_evaluation", "evaluation_started", HOSTS, _start, documents=("draw_record",), rule="08 §8.4"),
    Act("begin_with_new_committee", "committee_reformed", HOSTS, _begin_anew, documents=("draw_record",), rule="BLR 81"),
)  # fmt: skip
STAGE = Stage(lifecycle.COMMITTEE, ACTS, EVOLVE, (Committee,))
