"""Cutting rights for reeds (芦苇收割权): a small sealed tender with periods, form and numbers of its own."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from trading_core.domain.evaluation.rules import RULES_FIELDS
from trading_core.domain.fields import Field
from trading_core.domain.periods import Period
from trading_core.domain.stages import amending, announcing, archiving, contracting, drawing, ending, issuing, remedies, suspending
from trading_core.domain.tender import (
    awarding,
    bidding,
    committee,
    depositing,
    expert_drawing,
    failing,
    opening,
    readiness,
    reading,
    reporting,
    reviewing,
    scoring,
    trustees,
)
from trading_core.domain.trade import CatalogueEntry, CommitteeRule, DepositRule, Milestone, TradeType
from trading_core.domain.volume import ArchiveRule, Piece, did, never, paper, unless
from trading_core.hookspecs import impl

SOURCE = "澜明区湿地管理办法第8条"
FORM = (
    Field("title"),
    Field("catalogue_code", maximum=20),
    Field("marsh", rule="R-1"),
    Field("hectares", "integer", minimum=1, maximum=100_000),
    Field("nesting_season_closed", "boolean", rule="R-2"),
    Field("ceiling_fen", "money", required=False, minimum=1),
    Field("deposit_fen", "money"),
    Field("bid_validity_days", "integer", minimum=1, maximum=60),
    Field("duration_days", "integer", minimum=1, maximum=120),
    Field("quality"),
    Field("envelopes", "list", minimum=1, maximum=1, fields=(
        Field("name", maximum=40), Field("opens", "choice", choices=(trustees.AT_OPENING,)))),
    Field("evaluation", "object", fields=RULES_FIELDS),
    Field("committee_size", "integer", minimum=3, maximum=5),
    Field("tender_documents", "list", minimum=1, maximum=5, fields=announcing.FILE),
    Field("schedule", "object", fields=(Field("issue_start", "instant"), Field("issue_end", "instant"), Field("bid_deadline", "instant"))),
)  # fmt: skip
LETTER = (Field("duration_days", "integer", minimum=1, maximum=120),)  # no leader, no quality
CONTRACT = (Field("hectares", "integer", minimum=1), Field("duration_days", "integer", minimum=1))
ARCHIVE = ArchiveRule((
    paper("R1.1", "announcement", unless("nothing_announced", did("published"))),
    Piece("R1.2", never),  # the map of the marsh is handed in
    paper("R2.1", "opening_record", unless("nothing_opened", did("opening_finished"))),
), years=5)  # fmt: skip
CHANGEABLE = {"duration_days": "R-2", "quality": "R-2"}
PERIODS = (
    Period("R-T1", "issue_start", "issue_end", 1, "days", "at_least", "forward", SOURCE, True),
    Period("R-T2", "issue_start", "bid_deadline", 4, "workdays", "at_least", "forward", SOURCE, True),
    Period("R-T3", "publicity_start", "publicity_end", 1, "days", "at_least", "forward", SOURCE, True),
)
STAGES = (
    announcing.stage(FORM), amending.stage(FORM, CHANGEABLE), issuing.STAGE, trustees.STAGE, bidding.STAGE,
    drawing.stage(expert_drawing.KIND), expert_drawing.STAGE, opening.STAGE, reading.STAGE, committee.STAGE, reviewing.STAGE,
    scoring.STAGE, reporting.STAGE, awarding.STAGE, depositing.STAGE, remedies.STAGE, suspending.STAGE, failing.STAGE,
    ending.stage(*failing.FAILURES), contracting.stage(CONTRACT), archiving.stage(ARCHIVE),
)  # fmt: skip
"""No invitations, no prequalification, no re-examination, no complaints on this platform: the table has no row for them."""
COMMITTEE = CommitteeRule(minimum=3, rule="R-3")
REEDS = TradeType(
    code="reeds",
    rules=date(2026, 1, 1),
    catalogue=(CatalogueEntry("W07", "芦苇收割权", "Reed cutting rights"),),
    stages=STAGES,
    milestones=(
        Milestone("announcement", frozenset({"ANNOUNCED", "ISSUING", "BIDDING"})),
        Milestone("opening", frozenset({"CLOSED", "OPENING", "OPENED"})),
        Milestone("evaluation", frozenset({"EVALUATING", "EVALUATED", "PUBLICITY"})),
        Milestone("contract", frozenset({"AWARDED", "NOTIFIED", "CONTRACTED", "PERFORMING", "COMPLETED", "ARCHIVED"})),
    ),
    periods=PERIODS,
    deposits=depositing.BOOK,
    committee=COMMITTEE,
    checks=readiness.checks(COMMITTEE),
    deposit=DepositRule(percent="10", base_term="ceiling_fen", rule="R-4"),
    archive=ARCHIVE,
    letter=LETTER,
    contract=CONTRACT,
    min_bids=2,
    candidates_max=2,
    rejection_grounds=("RJ-1", "RJ-3"),
    facts_shown=("marsh", "hectares", "ceiling_fen"),
    form=FORM,
    law={"award.winner_lost": "R-5", "award.not_first": "R-5"},
    amount="ceiling_fen",
    deadline="bid_deadline",
    column="environment",
)  # fmt: skip


@impl
def gongxin_trade_types() -> Sequence[TradeType]:
    return (REEDS,)


@impl
def gongxin_messages() -> Path:
    return Path(__file__).parent / "messages"
