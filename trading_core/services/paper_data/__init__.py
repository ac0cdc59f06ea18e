"""What each kind of paper says, taken from the lot as it was right after the act [12 §12.6]. One module per stage of the trade."""
from __future__ import annotations

from collections.abc import Callable, Mapping

from ...adapters.db.store import Stored
from ...domain.lot import Lot
from ...domain.trade import TradeType
from ...platform import Unit
from . import archiving, awarding, evaluating, notices, opening, prequalifying, sheets, tendering
from .paper import Data, Paper, common

Make = Callable[[Paper], Data]


def of(unit: Unit, trade: TradeType, lot: Lot, source: Stored, kind: str, number: str, part: int = 0) -> Data:
    """The data of one paper, as docs/formats-documents.md describes its kind. part: number of the addressee, of papers that
    each addressee gets. KeyError for a kind nobody makes."""
    paper = Paper(unit, trade, lot, source, part)
    form = trade.papers.get(kind)
    return {**common(paper, number), **(sheets.sheet(paper, form) if form is not None else MAKERS[kind](paper))}


def printed(trade: TradeType, kind: str) -> str:
    """The kind as which a paper of a trade is printed: a declared one is a sheet."""
    return "sheet" if kind in trade.papers else kind


MAKERS: Mapping[str, Make] = {
    "announcement": tendering.tender,
    "prequalification_announcement": prequalifying.prequalification_announcement,
    "prequalification_result": prequalifying.prequalification_result,
    "review_report": prequalifying.review_report,
    "invitation": tendering.invitation,
    "clarification": tendering.clarification,
    "notice": notices.notice,
    "opening_record": opening.opening_record,
    "draw_record": opening.draw_record,
    "evaluation_report": evaluating.evaluation_report,
    "candidates_notice": awarding.candidates_notice,
    "award_letter": awarding.award_letter,
    "result_notice": awarding.result_notice,
    "objection_answer": awarding.objection_answer,
    "contract_summary": awarding.contract_summary,
    "archive_catalogue": archiving.archive_catalogue,
}
