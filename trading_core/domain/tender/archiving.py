"""The archive volume of a lot: which pieces it needs, which are there, which do not apply and why [12 §12.2, §12.3]."""
from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..trade import Act, Command, Facts, TradeType
from ..workcalendar import add_months, local_date
from .announcing import FILE, REASON, Announcement, File
from .bidding import Closing
from .opening import Opening
from .remedies import Objections
from .suspending import Suspension

PRESENT, MISSING = "present", "missing"
RETENTION_YEARS = {"permanent": None, "30": 30, "10": 10}  # [DA/T 103 9.3]
TENDER_FILES_YEARS = 15  # [12 §12.2]
IRREGULAR = ("suspended", "failed", "terminated", "invalidated", "candidate_lost", "act_refused")
ENDS = ("contract_signed", "accepted", "contract_ended", "failed", "terminated", "invalidated")


@dataclass(frozen=True, slots=True)
class Archive:
    """What was archived. outcome: the state in which the lot was. pieces: number to ``present`` or the reason why it does not apply.
    retention_until: the day until which it is kept at least, None for ever. supplements: how often pieces followed later."""

    outcome: str = ""
    pieces: Mapping[str, str] = field(default_factory=dict)
    retention_until: date | None = None
    supplements: int = 0


@dataclass(frozen=True, slots=True)
class Volume:
    """What a judgement over a piece looks at. documents: kinds of paper issued. attached: numbers of pieces handed in as files."""

    lot: Lot
    documents: Collection[str]
    attached: Collection[str]

    def did(self, *events: str) -> bool:
        return any(e in self.lot.history for e in events)

    def issued(self, *kinds: str) -> bool:
        return any(k in self.documents for k in kinds)


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of the catalogue; its title is the message ``choice.piece.<number>``. there: whether the record itself holds it.
    idle: reason code (``archive.idle.<code>``) when the course of the lot has no such piece, else empty. papers: kinds of paper
    issued on the lot that belong to it. files: files that the lot itself names."""

    number: str
    there: Callable[[Volume], bool]
    idle: Callable[[Volume], str] = lambda _: ""
    papers: tuple[str, ...] = ()
    files: Callable[[Lot], Iterable[File]] = lambda _: ()


# ------------------------------------------------------------------ why a piece may not apply

def _unless(reason: str, test: Callable[[Volume], bool]) -> Callable[[Volume], str]:
    """The reason, unless the test holds."""
    return lambda v: "" if test(v) else reason


def _stated(term: str) -> Callable[[Volume], bool]:
    return lambda v: bool(v.lot.terms.get(term))


def _pre(v: Volume) -> bool:
    return v.lot.term_text("qualification_way", "post") == "pre"


def _published(v: Volume) -> bool:
    return v.did("published", "invitations_sent", "prequalification_published")


def _invited(v: Volume) -> bool:
    return v.lot.term_text("tender_way", "open") == "invited"


def _bids(v: Volume) -> bool:
    return bool(v.lot.part(Closing).bids)


def _objections(v: Volume) -> bool:
    return bool(v.lot.part(Objections).raised or v.lot.part(Opening).objections)


def _never(_: Volume) -> bool:
    return False


def _announcement(v: Volume) -> str:
    if _invited(v):
        return "invited"
    return "prequalification" if _pre(v) else _unless("not_published", _published)(v)


def _deposit(v: Volume) -> str:
    return "no_deposit" if v.lot.terms.get("deposit_fen") == 0 else _unless("no_bids", _bids)(v)


def _recording(v: Volume) -> str:
    return "not_evaluated" if not v.did("evaluation_started") else _unless("remote", _stated("venue"))(v)


def _results(v: Volume) -> bool:
    """Candidates' notice and, once there is a letter, the result."""
    return v.did("result_published") or (v.issued("candidates_notice") and not v.did("award_letter_issued"))


def _paper(number: str, kind: str, idle: Callable[[Volume], str]) -> Piece:
    """A piece that is a paper of this kind."""
    return Piece(number, lambda v: v.issued(kind), idle, (kind,))


def _tender_files(lot: Lot) -> Iterable[File]:
    return dict.fromkeys(f for version in lot.part(Announcement).versions for f in version.files)


def _prequalified(number: str, event: str, idle: str, papers: tuple[str, ...] = ()) -> Piece:
    """A piece of the prequalification: there once `event` happened; a lot that ended before does not have it."""
    post, not_yet = _unless("post_qualification", _pre), _unless(idle, lambda v: v.did(event))
    return Piece(number, lambda v: v.did(event), lambda v: post(v) or not_yet(v), papers)


CATALOGUE: tuple[Piece, ...] = (
    Piece("1.1", _stated("approval_number"), _unless("voluntary", lambda v: v.lot.terms.get("mandatory") is not False)),
    Piece("1.2", lambda v: bool(v.lot.terms)),
    Piece("1.3", _stated("agency_contract"), _unless("no_agency", lambda v: bool(v.lot.parties.get("agency")))),
    _paper("2.1", "announcement", _announcement),
    _paper("2.2", "prequalification_announcement", _unless("post_qualification", _pre)),
    _paper("2.3", "invitation", _unless("open_tender", _invited)),
    Piece("2.4", _published, _unless("not_published", _published), files=_tender_files),
    Piece("2.5", lambda v: v.did("prequalification_published"), _unless("post_qualification", _pre)),
    Piece("2.6", _never, _unless("no_site_visit", _stated("site_visit"))),
    Piece("2.7", lambda v: v.issued("clarification") or v.did("clarified"), _unless("unchanged", lambda v: v.did("amended")),
          ("clarification",)),
    _prequalified("2.8", "application_received", "no_applications"),
    *(_prequalified(f"2.{n}", "prequalification_decided", "not_reviewed") for n in range(9, 13)),
    _prequalified("2.13", "prequalification_decided", "not_reviewed", ("prequalification_result",)),
    Piece("3.1", _bids, _unless("no_bids", _bids)),
    Piece("3.2", lambda v: v.did("deposits_checked"), _deposit),
    Piece("3.3", lambda v: v.issued("bid_receipt") or v.did("disclosed"), _unless("no_bids", _bids)),
    _paper("4.1", "opening_record", _unless("not_opened", lambda v: v.did("opening_finished"))),
    Piece("4.2", lambda v: v.did("evaluation_started"), _unless("no_committee", lambda v: v.did("evaluation_started")),
          ("draw_record",)),
    Piece("5.1", _stated("evaluation"), _unless("not_published", _published)),
    Piece("5.2", lambda v: v.did("clarification_requested"), _unless("no_clarification", _never)),
    Piece("5.3", _never, _recording),
    Piece("5.4", _never, _recording),
    _paper("5.5", "evaluation_report", _unless("not_evaluated", lambda v: v.did("report_submitted"))),
    Piece("6.1", _results, _unless("not_awarded", lambda v: v.did("candidates_published", "award_decided")),
          ("candidates_notice", "result_notice")),
    _paper("6.2", "award_letter", _unless("not_awarded", lambda v: v.did("award_letter_issued"))),
    Piece("6.3", lambda v: v.did("contract_signed"), _unless("no_contract", _never), ("contract_summary",)),
    Piece("7.1", lambda v: v.did(*IRREGULAR), _unless("nothing_irregular", _never), ("notice",)),
    Piece("7.2", lambda v: bool(v.lot.history)),
    Piece("7.3", _objections, _unless("no_objection", _never)),
    Piece("7.4", lambda v: _objections(v) and not v.lot.part(Objections).open(), _unless("no_objection", _objections),
          ("objection_answer",)),
    Piece("7.5", _never, _unless("no_complaint", lambda v: v.did("complaint_received"))),
    Piece("7.6", lambda v: v.did("invalidated") or v.lot.part(Suspension).supervised, _unless("no_supervision", _never)),
)  # fmt: skip
"""The catalogue of one engineering lot [DA/T 103 App. B]."""

NUMBERS = tuple(piece.number for piece in CATALOGUE)


def completeness(volume: Volume) -> dict[str, str]:
    """For each piece ``present``, ``missing``, or the reason why it does not apply."""
    return {p.number: PRESENT if p.number in volume.attached or p.there(volume) else p.idle(volume) or MISSING for p in CATALOGUE}


def retention(ended: date, kind: str) -> date | None:
    """Until when the volume is kept: the longest of all that applies, None for ever [12 §12.2].

    Archive classes count from 1 January after the year of the end, tender files 15 years from the end itself.
    """
    years = RETENTION_YEARS[kind]
    if years is None:
        return None
    return max(date(ended.year + 1 + years, 1, 1), add_months(ended, 12 * TENDER_FILES_YEARS))


# ------------------------------------------------------------------ decisions

def _archive(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Refused below 100 %, naming every piece that is missing [IN-2]."""
    given = cast("Sequence[Mapping[str, object]]", command.data.get("pieces", []))
    pieces = completeness(Volume(lot, cast("Collection[str]", facts["documents"]), {str(g["piece"]) for g in given}))
    missing = [number for number, found in pieces.items() if found == MISSING]
    refuse_if(Problem("archive.piece_missing", f"pieces.{number}", {"piece": number}, "IN-2") for number in missing)
    ended = local_date(max(lot.history[e] for e in ENDS if e in lot.history))
    until = retention(ended, str(command.data["retention"]))
    return [Event("archived", {
        "outcome": lot.status, "pieces": pieces, "retention": command.data["retention"], "retention_from": ended.isoformat(),
        "retention_until": until.isoformat() if until is not None else "",
    }, {"attached": [dict(g) for g in given]})]  # fmt: skip


def _supplement(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Performance records follow the tender volume; what was archived stays as it was [12 §12.8]."""
    return [Event("archive_supplemented", {"reason": command.data["reason"]}, {"attached": command.data["pieces"]})]


# ------------------------------------------------------------------ what events mean

def _archived(lot: Lot, r: Recorded) -> Lot:
    until = str(r.public["retention_until"])
    pieces = cast("Mapping[str, str]", r.public["pieces"])
    return lot.with_part(Archive(str(r.public["outcome"]), pieces, date.fromisoformat(until) if until else None))


def _supplemented(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Archive)
    return lot.with_part(replace(part, supplements=part.supplements + 1))


EVOLVE = {"archived": _archived, "archive_supplemented": _supplemented}

CENTRE = frozenset({Role.CENTRE})
PIECES = Field("pieces", "list", maximum=500, fields=(Field("piece", "choice", choices=NUMBERS), *FILE))
ACTS = (
    Act("archive", "archived", CENTRE, _archive, (
        Field("retention", "choice", choices=tuple(RETENTION_YEARS), rule="12 §12.2"), replace(PIECES, required=False)),
        needs=frozenset({"documents"}), irrevocable=True, documents=("archive_catalogue",), rule="IN-2"),
    Act("supplement_archive", "archive_supplemented", CENTRE, _supplement, (replace(PIECES, minimum=1), REASON)),
)  # fmt: skip
