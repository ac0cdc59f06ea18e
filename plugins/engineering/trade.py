"""The declaration of engineering tenders under the rules in force from 2026."""
from __future__ import annotations

from datetime import date

from trading_core.domain.stages import (
    amending,
    announcing,
    archiving,
    complaining,
    contracting,
    delegating,
    drawing,
    ending,
    issuing,
    remedies,
    suspending,
)
from trading_core.domain.tender import (
    awarding,
    bidding,
    committee,
    depositing,
    evaluation_time,
    expert_drawing,
    extending,
    failing,
    inviting,
    opening,
    parameter,
    prequalification_review,
    prequalifying,
    re_examining,
    readiness,
    reading,
    reporting,
    resolving,
    reviewing,
    revoking,
    scoring,
    standing,
    trustees,
)
from trading_core.domain.trade import CatalogueEntry, CommitteeRule, DepositRule, Milestone, TradeType

from .archive import ARCHIVE
from .form import CHANGEABLE, CONTRACT, FORM, LETTER, QUALIFIED_MIN
from .law import LAW
from .periods import PERIODS
from .readiness import CHECKS, review_committee

CATALOGUE = (
    CatalogueEntry("A01", "房屋建筑和市政工程施工", "Building and municipal works"),
    CatalogueEntry("A02", "水利工程施工", "Water works"),
    CatalogueEntry("A03", "交通运输工程施工", "Transport works"),
    CatalogueEntry("A04", "工程货物", "Goods for works"),
    CatalogueEntry("A05", "勘察、设计、监理", "Survey, design and supervision"),
)

MILESTONES = (
    Milestone("announcement", frozenset({"PREQ_ANNOUNCED", "PREQ_ISSUING", "PREQ_CLOSED", "PREQ_REVIEW", "ANNOUNCED"})),
    Milestone("bidding", frozenset({"ISSUING", "BIDDING"})),
    Milestone("opening", frozenset({"CLOSED", "OPENING", "OPENED"})),
    Milestone("evaluation", frozenset({"EVALUATING", "EVALUATED"})),
    Milestone("candidates", frozenset({"PUBLICITY"})),
    Milestone("result", frozenset({"AWARDED", "NOTIFIED"})),
    Milestone("contract", frozenset({"CONTRACTED", "PERFORMING", "COMPLETED", "ARCHIVED"})),
)

STAGES = (
    announcing.stage(FORM), amending.stage(FORM, CHANGEABLE), inviting.STAGE, issuing.STAGE, prequalifying.STAGE, trustees.STAGE,
    bidding.STAGE, drawing.stage(expert_drawing.KIND, parameter.KIND), expert_drawing.STAGE, parameter.STAGE,
    opening.STAGE, reading.STAGE, committee.STAGE, prequalification_review.STAGE,
    reviewing.STAGE, scoring.STAGE, resolving.STAGE, evaluation_time.STAGE, reporting.STAGE, awarding.STAGE, standing.STAGE,
    re_examining.STAGE, extending.STAGE, revoking.STAGE, delegating.STAGE, depositing.STAGE, remedies.STAGE, complaining.STAGE,
    suspending.STAGE, failing.STAGE, ending.stage(*failing.FAILURES), contracting.stage(CONTRACT), archiving.stage(ARCHIVE),
)  # fmt: skip

COMMITTEE = CommitteeRule(minimum=5, share_numerator=2, share_denominator=3, rule="E-C1")
GROUNDS = ("RJ-1", "RJ-2", "RJ-3", "RJ-4", "RJ-5", "RJ-6", "RJ-7", "B-06", "B-07", "B-15", "B-16")

ENGINEERING = TradeType(
    code="engineering",
    rules=date(2025, 1, 1),
    catalogue=CATALOGUE,
    stages=STAGES,
    milestones=MILESTONES,
    periods=PERIODS,
    deposits=depositing.BOOK,
    committee=COMMITTEE,
    deposit=DepositRule(
        percent="2", base_term="estimate_fen", rule="D-01",
        caps_fen={"works": 80_000_000, "goods": 80_000_000, "survey_design": 10_000_000, "supervision": 80_000_000},
    ),
    archive=ARCHIVE,
    contract=CONTRACT,
    min_bids=3,  # F-01
    min_invitees=3,  # E-I1
    min_qualified=QUALIFIED_MIN,
    candidates_max=3,
    performance_bond_percent="10",
    rejection_grounds=GROUNDS,
    facts_shown=(
        "ceiling_fen", "duration_days", "deposit_fen", "evaluation", "principal", "agency", "fund_source", "quality", "place",
        "site_visit", "venue", "supervisor",
    ),
    letter=LETTER,
    form=FORM,
    checks=(*readiness.checks(COMMITTEE), *CHECKS),
    review_committee=review_committee,
    law=LAW,
    amount="ceiling_fen",
    deadline="bid_deadline",
    column="engineering",
)  # fmt: skip
