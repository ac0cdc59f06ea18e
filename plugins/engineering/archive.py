"""The catalogue of the archive of one engineering lot [12 §12.3, DA/T 103 App. B]."""
from __future__ import annotations

from collections.abc import Iterable

from trading_core.domain.lot import Lot
from trading_core.domain.stages.announcing import Announcement, File
from trading_core.domain.stages.remedies import Objections
from trading_core.domain.stages.suspending import Suspension
from trading_core.domain.tender.bidding import Closing
from trading_core.domain.volume import ArchiveRule, Piece, Volume, did, never, paper, stated, unless

IRREGULAR = ("suspended", "failed", "terminated", "invalidated", "candidate_lost")


def _pre(v: Volume) -> bool:
    return v.lot.term_text("qualification_way", "post") == "pre"


def _published(v: Volume) -> bool:
    return v.did("published", "invitations_sent", "prequalification_published")


def _invited(v: Volume) -> bool:
    return v.lot.term_text("tender_way", "open") == "invited"


def _bids(v: Volume) -> bool:
    return bool(v.lot.part(Closing).bids)


def _objections(v: Volume) -> bool:
    return bool(v.lot.part(Objections).raised or v.lot.part(Objections).on_the_spot)


def _announcement(v: Volume) -> str:
    if _invited(v):
        return "invited"
    return "prequalification" if _pre(v) else unless("not_published", _published)(v)


def _deposit(v: Volume) -> str:
    return "no_deposit" if v.lot.terms.get("deposit_fen") == 0 else unless("no_bids", _bids)(v)


def _recording(v: Volume) -> str:
    return "not_evaluated" if not v.did("evaluation_started") else unless("remote", stated("venue"))(v)


def _results(v: Volume) -> bool:
    """Candidates' notice and, once there is a letter, the result."""
    return v.did("result_published") or (v.issued("candidates_notice") and not v.did("award_letter_issued"))


def _tender_files(lot: Lot) -> Iterable[File]:
    return dict.fromkeys(f for version in lot.part(Announcement).versions for f in version.files)


def _prequalified(number: str, event: str, idle: str, papers: tuple[str, ...] = ()) -> Piece:
    """A piece of the prequalification: there once `event` happened; a lot that ended before does not have it."""
    post, not_yet = unless("post_qualification", _pre), unless(idle, did(event))
    return Piece(number, did(event), lambda v: post(v) or not_yet(v), papers)


CATALOGUE: tuple[Piece, ...] = (
    Piece("1.1", stated("approval_number"), unless("voluntary", lambda v: v.lot.terms.get("mandatory") is not False)),
    Piece("1.2", lambda v: bool(v.lot.terms)),
    Piece("1.3", never, unless("no_agency", lambda v: bool(v.lot.parties.get("agency")))),
    paper("2.1", "announcement", _announcement),
    paper("2.2", "prequalification_announcement", unless("post_qualification", _pre)),
    paper("2.3", "invitation", unless("open_tender", _invited)),
    Piece("2.4", _published, unless("not_published", _published), files=_tender_files),
    Piece("2.5", did("prequalification_published"), unless("post_qualification", _pre)),
    Piece("2.6", never, unless("no_site_visit", stated("site_visit"))),
    Piece("2.7", lambda v: v.issued("clarification") or v.did("clarified"), unless("unchanged", did("amended")),
          ("clarification",)),
    _prequalified("2.8", "application_received", "no_applications"),
    *(_prequalified(f"2.{n}", "prequalification_decided", "not_reviewed") for n in range(9, 13)),
    _prequalified("2.13", "prequalification_decided", "not_reviewed", ("prequalification_result",)),
    Piece("3.1", _bids, unless("no_bids", _bids)),
    Piece("3.2", did("deposits_checked"), _deposit),
    Piece("3.3", lambda v: v.issued("bid_receipt") or v.did("disclosed"), unless("no_bids", _bids)),
    paper("4.1", "opening_record", unless("not_opened", did("opening_finished"))),
    Piece("4.2", did("evaluation_started"), unless("no_committee", did("evaluation_started")),
          ("draw_record",)),
    Piece("5.1", stated("evaluation"), unless("not_published", _published)),
    Piece("5.2", did("clarification_requested"), unless("no_clarification", never)),
    Piece("5.3", never, _recording),
    Piece("5.4", never, _recording),
    paper("5.5", "evaluation_report", unless("not_evaluated", did("report_submitted"))),
    Piece("6.1", _results, unless("not_awarded", did("candidates_published", "award_decided")),
          ("candidates_notice", "result_notice")),
    paper("6.2", "award_letter", unless("not_awarded", did("award_letter_issued"))),
    Piece("6.3", did("contract_signed"), unless("no_contract", never), ("contract_summary",)),
    Piece("7.1", did(*IRREGULAR), unless("nothing_irregular", never), ("notice",)),
    Piece("7.2", lambda v: bool(v.lot.history)),
    Piece("7.3", _objections, unless("no_objection", never)),
    Piece("7.4", lambda v: _objections(v) and not v.lot.part(Objections).open(), unless("no_objection", _objections),
          ("objection_answer",)),
    Piece("7.5", never, unless("no_complaint", did("complaint_received"))),
    Piece("7.6", lambda v: v.did("invalidated") or v.lot.part(Suspension).supervised, unless("no_supervision", never)),
)  # fmt: skip
"""Its 35 pieces [DA/T 103 App. B]."""

ARCHIVE = ArchiveRule(CATALOGUE, years=15)  # tender files [12 §12.2]
