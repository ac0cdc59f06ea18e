"""The scoring desk as one member of a committee sees it: the bids, the sheet, the motions, the result. Seats have numbers, no names.

What others gave for a bid is shown only once one's own sheet of that bid is locked.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound

from trading_core.domain.errors import Problem
from trading_core.domain.evaluation.arithmetic import Arithmetic
from trading_core.domain.evaluation.rejection import majority
from trading_core.domain.evaluation.rules import COMPREHENSIVE, Rules
from trading_core.domain.evaluation.scoring import Item, check_objective, check_points
from trading_core.domain.identity import Role
from trading_core.domain.lot import Lot
from trading_core.domain.stages.announcing import HOSTS
from trading_core.domain.stages.draws import EXPERTS, Draws
from trading_core.domain.stages.offices import office_of
from trading_core.domain.tender.assessment import Clarification, Evaluation, Motion, arithmetic_of, form_problems, in_play, rules_of
from trading_core.domain.tender.bidding import Closing, of_superseded_document
from trading_core.domain.tender.committee import MEMBERS, Committee, Seat, expected, is_member
from trading_core.domain.tender.doubts import Doubt, doubts
from trading_core.domain.tender.expert_drawing import waiting
from trading_core.domain.tender.opening import OpenedBid, Opening
from trading_core.domain.tender.prequalification_review import ApplicationReview, Opinion, items_of, reviewing
from trading_core.domain.tender.prequalification_review import rules_of as review_rules
from trading_core.domain.tender.prequalifying import Application, Prequalification
from trading_core.domain.tender.trustees import AFTER_TECHNICAL, envelopes
from trading_core.platform import Unit
from trading_core.services import desk_drafts, seats
from trading_core.services.desk_drafts import Draft

from .contexts import LotOf, Site, lot_context
from .models import StageMark

if TYPE_CHECKING:
    from pyramid.request import Request

STEPS = ("sign_in", "chair", "review", "scoring", "summary", "report")
SHOWN_AS = {"pdf": "pdf", "png": "image", "jpg": "image", "jpeg": "image", "txt": "text", "md": "text", "csv": "text"}
OPEN_STATES = frozenset({"OPENED", "EVALUATING"})


@dataclass(frozen=True)
class DeskOf(LotOf):
    """A lot at whose desk the reader may sit. holder: under what they hold or may take a seat."""

    holder: str = ""


def desk_lot(request: Request) -> DeskOf | Site:
    """The desk of whoever sits there or was asked to. For everybody else it does not exist."""
    if request.identity is None:
        return Site(request)
    desk = invitation(request, lot_context(request))
    if desk is None:
        raise HTTPNotFound
    return desk


def invitation(request: Request, found: LotOf) -> DeskOf | None:
    """The lot as the reader's desk; None for whoever has no seat, may take none and was not asked to."""
    actor = request.identity.actor
    if not found.published or actor.role not in MEMBERS:
        return None
    holder = seats.holder_of(request.unit, actor)
    if actor.role is Role.EXPERT:
        invited = bool(seats.seat(request.unit, found.lot, actor))
    else:
        invited = found.lot.parties.get("principal") == actor.organisation and is_member(found.lot, holder)
    return DeskOf(found.lot, found.trade, holder) if invited else None


def desk_files(request: Request) -> LotOf | Site:
    """The lot whose bids or applications the reader may read: who has taken a seat, after the opening or the count its supervisor, and
    its hosts where no committee reviews the applications [BLR 18]."""
    if request.identity is None:
        return Site(request)
    found, actor = lot_context(request), request.identity.actor
    if actor.role is Role.SUPERVISOR:
        if office_of(found.lot, actor) is None or not {"opening_started", "prequalification_closed"} & found.lot.history.keys():
            raise HTTPNotFound
        return found
    if actor.role in HOSTS and reviews_alone(found) and found.lot.parties.get(actor.role.value) == actor.organisation:
        return found
    desk = desk_lot(request)
    if not isinstance(desk, DeskOf) or desk.lot.part(Committee).seat_of(desk.holder) is None:
        raise HTTPNotFound
    return desk


def reviews_alone(found: LotOf) -> bool:
    """Whether the tenderer itself reviews the applications of the lot."""
    return reviewing(found.lot) and not found.trade.review_committee(found.lot.terms)


@dataclass(frozen=True, slots=True)
class File:
    """A file of an opened envelope."""

    bid: str
    stage: str
    name: str
    sha256: str
    size: int

    @property
    def kind(self) -> str:
        """pdf, image, text, or other: how it can be shown beside the sheet."""
        return SHOWN_AS.get(self.name.rpartition(".")[2].lower(), "other")


@dataclass(frozen=True, slots=True)
class DeskBid:
    """A bid in the list of the desk. locks: how many members have locked their sheet; filled: items of one's own draft."""

    number: int
    bid: OpenedBid
    rejected: bool
    locked: bool
    locks: int
    filled: int



def files_of(bid: OpenedBid) -> list[File]:
    """Every file of a bid that has been opened so far."""
    return [
        File(bid.bid, stage, str(f["name"]), str(f["sha256"]), int(str(f["size"])))
        for stage, envelope in bid.envelopes.items() if envelope.ok for f in envelope.files
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class SheetLine:
    """An item of the score sheet for one bid. typed: draft or locked points; others: points by seat, empty before one's own lock."""

    item: Item
    typed: str
    problems: tuple[Problem, ...]
    others: tuple[tuple[int, str], ...] = ()
    differs: bool = False


@dataclass(frozen=True, slots=True)
class MotionLine:
    """A motion with what has come of it. mine: one's own vote; in_favour and against are counts, never seats."""

    motion: Motion
    bidder: str
    outcome: str
    in_favour: int
    against: int
    mine: bool | None


class Desk:
    """The desk of one lot for one holder of a seat at one instant."""

    applications: Sequence[DeskApplication] | None = None
    states, gathered, names = OPEN_STATES, "OPENED", STEPS

    def __init__(self, unit: Unit, context: DeskOf) -> None:
        self._unit, self.lot, self.trade, self.holder = unit, context.lot, context.trade, context.holder
        self.committee, self.evaluation, self.opening = self.lot.part(Committee), self.lot.part(Evaluation), self.lot.part(Opening)

    # ---------------------------------------------------------------- where it stands

    @cached_property
    def seat(self) -> Seat | None:
        return self.committee.seat_of(self.holder)

    @property
    def is_chair(self) -> bool:
        return self.seat is not None and self.seat.number == self.committee.chair

    @cached_property
    def phase(self) -> str:
        """called, accepted, declined, left, sign_in, chair, assembled, review, scoring, report, suspended or over."""
        if self.holder in self.committee.left:
            return "left"
        if self.seat is None:
            return self._before_sign_in()
        status, part = self.lot.status, self.evaluation
        if status == "SUSPENDED":
            return "suspended"
        if status not in self.states:
            return "over"
        if not self.committee.chair:
            return "chair"
        if status == self.gathered:
            return "assembled"
        return "report" if part.result else self._working()

    def _working(self) -> str:
        return "scoring" if self.evaluation.reviewed else "review"

    def _before_sign_in(self) -> str:
        draw = self.lot.part(Draws).of(EXPERTS)
        answer = draw.answers.get(self.holder, "") if draw is not None else ""
        if self.holder in waiting(self.lot):
            return "called"
        if self.lot.status in self.states and self.holder in expected(self.lot):
            return "sign_in"
        return "declined" if answer in ("refuse", "no_answer") else "accepted"

    @cached_property
    def steps(self) -> list[StageMark]:
        """The steps of the evaluation for this member."""
        here = {"called": -1, "accepted": -1, "declined": -1, "left": -1, "sign_in": 0, "chair": 1, "assembled": 2, "review": 2,
                "scoring": 4 if self.all_locked else 3, "report": 5, "suspended": -1, "over": 6}[self.phase]  # fmt: skip
        return [StageMark(n, "done" if i < here else "now" if i == here else "later") for i, n in enumerate(self.names)]

    @cached_property
    def sequence(self) -> int:
        return self._unit.store.version(f"lot/{self.lot.id}")

    # ---------------------------------------------------------------- bids

    @cached_property
    def rules(self) -> Rules:
        return rules_of(self.lot)

    @property
    def scored(self) -> bool:
        """Whether members score items at all."""
        return self.rules.method == COMPREHENSIVE and bool(self.rules.items)

    @cached_property
    def playing(self) -> frozenset[str]:
        return frozenset(b.bid for b in in_play(self.lot))

    @cached_property
    def bids(self) -> list[DeskBid]:
        """The bids of the evaluation; nothing before one's own sign-in. Numbered as at the opening."""
        if self.seat is None:
            return []
        found = []
        places = {bid: n for n, bid in enumerate(sorted(b.bid for b in self.lot.part(Closing).bids), 1)}
        for b in sorted(self.opening.valid(), key=lambda b: places[b.bid]):
            by_seat = self.evaluation.entries.get(b.bid, {})
            locked = str(self.seat.number) in by_seat
            filled = 0 if locked else sum(bool(v) for v in self.draft(b.bid).points.values())
            found.append(DeskBid(places[b.bid], b, b.bid not in self.playing, locked, len(by_seat), filled))
        return found

    def bid(self, name: str) -> DeskBid | None:
        """The bid of that number, else the first one that is still to be scored."""
        named = next((b for b in self.bids if b.bid.bid == name), None)
        open_ones = [b for b in self.bids if not b.rejected]
        return named or next((b for b in open_ones if not b.locked), None) or next(iter(self.bids), None)

    @property
    def bidders(self) -> list[str]:
        """Whose bids are evaluated: what somebody must know before stating that there is no ground for recusal."""
        return sorted({name for b in self.opening.bids.values() if b.name for name in (b.name, *(m.name for m in b.members))})

    @property
    def all_locked(self) -> bool:
        seats_taken = len(self.committee.seats)
        return self.evaluation.reviewed and (not self.scored or all(b.locks == seats_taken for b in self.bids if not b.rejected))

    def draft(self, bid: str) -> Draft:
        return desk_drafts.find(self._unit, self.lot, self.holder, bid)

    # ---------------------------------------------------------------- sheet

    def sheet(self, bid: DeskBid, draft: Draft, problems: Sequence[Problem] = ()) -> list[SheetLine]:
        """The score sheet of a bid: what is locked, or what the draft says with everything wrong about it."""
        by_seat = self.evaluation.entries.get(bid.bid.bid, {})
        own = by_seat.get(str(self.seat.number) if self.seat else "", {})
        typed = own or draft.points
        wrong = list(problems) or draft_problems(self.rules.items, typed)
        differing = {p.path.rpartition(".")[2] for p in check_objective(self.rules.items, {bid.bid.bid: by_seat})} if own else set()
        return [
            SheetLine(
                item, typed.get(item.id, ""), () if own else tuple(p for p in wrong if p.path == f"points.{item.id}"),
                tuple((int(s), points[item.id]) for s, points in sorted(by_seat.items(), key=lambda e: int(e[0]))) if own else (),
                item.id in differing,
            )
            for item in self.rules.items
        ]  # fmt: skip

    def total(self, lines: Sequence[SheetLine]) -> tuple[str, str]:
        """Points so far and points that can be had; what is not a lawful figure does not count."""
        had = sum((Decimal(s.typed) for s in lines if s.typed and not s.problems), Decimal(0))
        return f"{had:f}", f"{sum((Decimal(s.item.points_max) for s in lines), Decimal(0)).normalize():f}"

    # ---------------------------------------------------------------- review

    @cached_property
    def motions(self) -> list[MotionLine]:
        members, mine = len(self.committee.seats), str(self.seat.number) if self.seat else ""
        return [
            MotionLine(m, self._name(m.bid), majority(m.votes, members), sum(m.votes.values()), sum(not v for v in m.votes.values()),
                       m.votes.get(mine))
            for m in self.evaluation.motions
        ]  # fmt: skip

    @property
    def clarifications(self) -> list[tuple[Clarification, str]]:
        return [(c, self._name(c.bid)) for c in self.evaluation.clarifications]

    def arithmetic(self, bid: DeskBid) -> Arithmetic | None:
        """The corrections a bid's figures call for, None while its price is sealed or unreadable."""
        return None if self.unreadable(bid) else arithmetic_of(self.lot, bid.bid.bid)

    def unreadable(self, bid: DeskBid) -> list[Problem]:
        return form_problems(self.lot, bid.bid) if "price_fen" in bid.bid.form else []

    @cached_property
    def superseded(self) -> Mapping[str, int]:
        """Bids made for an earlier version of the tender document, with that version [A-06]."""
        return of_superseded_document(self.lot)

    def doubts(self, bid: DeskBid) -> list[Doubt]:
        """What the platform found against a bid; the committee decides what follows."""
        return [d for d in self._doubts if d.bid == bid.bid.bid]

    @cached_property
    def _doubts(self) -> tuple[Doubt, ...]:
        return doubts(self.lot)

    def moved(self, doubt: Doubt) -> bool:
        """Whether somebody has already moved to reject the bid on this ground."""
        return any((m.bid, m.ground) == (doubt.bid, doubt.ground) for m in self.evaluation.motions)

    @property
    def two_stages(self) -> bool:
        """Whether the price stays sealed until the technical result is closed."""
        return any(e.opens == AFTER_TECHNICAL for e in envelopes(self.lot))

    @property
    def sealed_stages(self) -> list[str]:
        return [e.name for e in envelopes(self.lot) if e.name not in self.opening.stages]

    # ---------------------------------------------------------------- result

    @property
    def result(self) -> Mapping[str, Any]:
        return self.evaluation.result

    @property
    def signature(self) -> str:
        """How the reader signed the report, empty before."""
        return self.evaluation.signatures.get(str(self.seat.number), "") if self.seat else ""

    def _name(self, bid: str) -> str:
        opened = self.opening.bids.get(bid)
        return opened.name if opened is not None else ""


@dataclass(frozen=True, slots=True)
class DeskApplication:
    """An application in the list of the desk. own: one's own locked opinion; opinions: those of all by seat, empty before one's own."""

    application: Application
    own: Opinion | None
    opinions: Mapping[str, Opinion]
    locks: int


class ReviewDesk(Desk):
    """The same desk while its committee reviews the applications of a prequalification [BLR 18]."""

    states, gathered = frozenset({"PREQ_CLOSED", "PREQ_REVIEW"}), "PREQ_CLOSED"
    names = ("sign_in", "chair", "applications", "opinions", "summary", "report")
    scored = False

    def __init__(self, unit: Unit, context: DeskOf) -> None:
        super().__init__(unit, context)
        self.evaluation = self.lot.part(ApplicationReview)

    def _working(self) -> str:
        return "scoring"

    @property
    def rules(self) -> Mapping[str, Any]:
        """What the prequalification document states of the review."""
        return review_rules(self.lot.terms)

    @cached_property
    def items(self) -> Sequence[Item]:
        return items_of(self.lot.terms)

    @property
    def bidders(self) -> list[str]:
        return sorted({name for a in self.lot.part(Prequalification).applications for name in (a.name, *(m.name for m in a.members))})

    @cached_property
    def applications(self) -> Sequence[DeskApplication]:
        """Nothing before one's own sign-in, and no other opinion before one's own."""
        found = []
        for a in self.lot.part(Prequalification).applications if self.seat is not None else ():
            by_seat = self.evaluation.opinions.get(str(a.number), {})
            own = by_seat.get(str(self.seat.number))
            found.append(DeskApplication(a, own, by_seat if own is not None else {}, len(by_seat)))
        return found

    def application(self, number: str) -> DeskApplication | None:
        """The application of that number, else the first without one's own opinion."""
        named = next((a for a in self.applications if str(a.application.number) == number), None)
        return named or next((a for a in self.applications if a.own is None), None) or next(iter(self.applications), None)

    @property
    def all_locked(self) -> bool:
        return all(a.locks == len(self.committee.seats) for a in self.applications)

    @property
    def submitted(self) -> bool:
        return self.evaluation.submitted


def desk_of(unit: Unit, context: DeskOf) -> Desk:
    """The desk of a lot for what its committee does now."""
    return (ReviewDesk if reviewing(context.lot) else Desk)(unit, context)


def draft_problems(items: Sequence[Item], points: Mapping[str, str]) -> list[Problem]:
    """What is wrong with the points typed so far; what is not typed yet is not wrong."""
    return list(check_points(items, {k: v for k, v in points.items() if v}, "points.", complete=False))


def name_of(lot: Lot, bid: str) -> str:
    opened = lot.part(Opening).bids.get(bid)
    return opened.name if opened is not None else bid
