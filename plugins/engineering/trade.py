"""The declaration of engineering tenders under the rules in force from 2026."""
from __future__ import annotations

from datetime import date

from trading_core.domain.tender import (
    amending,
    announcing,
    archiving,
    assessment,
    awarding,
    bidding,
    committee,
    complaining,
    contracting,
    delegating,
    depositing,
    drawing,
    draws,
    ending,
    evaluation_time,
    extending,
    issuing,
    opening,
    parameter,
    payers,
    prequalification_review,
    prequalifying,
    re_examining,
    reading,
    remedies,
    reporting,
    resolving,
    reviewing,
    revoking,
    scoring,
    standing,
    suspending,
    trustees,
)
from trading_core.domain.tender.lifecycle import TENDER
from trading_core.domain.trade import CatalogueEntry, CommitteeRule, DepositRule, Stage, TradeType, acts_of, evolution

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

STAGES = (
    Stage("announcement", frozenset({"PREQ_ANNOUNCED", "PREQ_ISSUING", "PREQ_CLOSED", "PREQ_REVIEW", "ANNOUNCED"})),
    Stage("bidding", frozenset({"ISSUING", "BIDDING"})),
    Stage("opening", frozenset({"CLOSED", "OPENING", "OPENED"})),
    Stage("evaluation", frozenset({"EVALUATING", "EVALUATED"})),
    Stage("candidates", frozenset({"PUBLICITY"})),
    Stage("result", frozenset({"AWARDED", "NOTIFIED"})),
    Stage("contract", frozenset({"CONTRACTED", "PERFORMING", "COMPLETED", "ARCHIVED"})),
)

TENDER_STAGES = (
    issuing, prequalifying, trustees, bidding, drawing, parameter, opening, reading, committee, prequalification_review, reviewing, scoring,
    resolving, evaluation_time, reporting, awarding, standing, re_examining, extending, revoking, delegating, depositing, remedies,
    complaining, suspending, ending,
)  # fmt: skip

GROUNDS = ("RJ-1", "RJ-2", "RJ-3", "RJ-4", "RJ-5", "RJ-6", "RJ-7", "B-06", "B-07", "B-15", "B-16")

ENGINEERING = TradeType(
    code="engineering",
    rules=date(2025, 1, 1),
    catalogue=CATALOGUE,
    lifecycle=TENDER,
    acts=acts_of(
        *announcing.acts(FORM), *amending.acts(FORM, CHANGEABLE), *(act for stage in TENDER_STAGES for act in stage.ACTS),
        *contracting.acts(CONTRACT), *archiving.acts(ARCHIVE),
    ),
    evolve=evolution(announcing.EVOLVE, amending.EVOLVE, *(stage.EVOLVE for stage in TENDER_STAGES), contracting.EVOLVE, archiving.EVOLVE),
    parts=(
        announcing.Announcement, prequalifying.Prequalification, prequalification_review.ApplicationReview,
        trustees.Trustees, bidding.Closing, opening.Opening, standing.Standing, draws.Draws,
        committee.Committee, assessment.Evaluation, evaluation_time.EvaluationTime,
        awarding.Award, re_examining.ReExamination, delegating.Delegated, extending.Validity,
        contracting.Performance, payers.Deposits, remedies.Objections, complaining.Complaints,
        suspending.Suspension, archiving.Archive,
    ),
    stages=STAGES,
    periods=PERIODS,
    committee=CommitteeRule(minimum=5, share_numerator=2, share_denominator=3, rule="E-C1"),
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
    checks=CHECKS,
    review_committee=review_committee,
    law=LAW,
    amount="ceiling_fen",
    deadline="bid_deadline",
    column="engineering",
)  # fmt: skip
