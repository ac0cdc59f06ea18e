"""The declaration of state property rights by online bidding (网络竞价)."""
from __future__ import annotations

from datetime import date

from trading_core.domain.auction import rules as bidding
from trading_core.domain.auction import trade as auction
from trading_core.domain.fields import Field
from trading_core.domain.paper import PaperForm, Section
from trading_core.domain.stages import certifying, registered_deposits
from trading_core.domain.stages.excluding import code_problems
from trading_core.domain.trade import CatalogueEntry, DepositRule, TradeType

from .disclosure import ASSET, CHECKS, CONDITIONS, EQUITY, FIRST, LEASE, PERIODS, PRICE_ONLY

CATALOGUE = (
    CatalogueEntry("D01", "企业国有产权（股权）转让", "Transfer of state equity"),
    CatalogueEntry("D02", "国有实物资产转让", "Transfer of state assets"),
    CatalogueEntry("D03", "国有资产租赁", "Lease of state assets"),
)
CLASSES = ("equity", "asset_small", "asset_middle", "asset_large", "equity_again", "asset_again")
FORM = (
    Field("title"),
    Field("catalogue_code", maximum=20, rule="TC-1"),
    Field("subject_kind", "choice", choices=(EQUITY, ASSET, LEASE), rule="R-06"),
    Field("subject", "long_text", rule="05 §5.1"),
    Field("place", required=False),
    Field("decision", rule="R-03"),
    Field("appraisal_fen", "money", required=False, minimum=1, rule="R-02"),
    Field("appraisal_base_date", "date", required=False, rule="R-T13"),
    Field("appraisal_approval", required=False, rule="R-02"),
    Field("disclosed_before", "choice", choices=(FIRST, PRICE_ONLY, CONDITIONS), rule="R-T07"),
    Field("disclosure", "choice", choices=CLASSES, rule="R-T04"),
    Field("reduction_consent", required=False, rule="R-T08"),
    Field("conditions", "long_text", required=False, rule="R-08"),
    Field("conditions_basis", required=False, rule="R-08"),
    Field("conditions_filed", required=False, rule="R-07"),
    Field("first_percent", "integer", required=False, minimum=1, maximum=100, rule="R-T11"),
    Field("payment_security", required=False, rule="R-T11"),
    Field("payment_schedule", "long_text", rule="R-T11"),
    Field("debts_fen", "money", required=False, rule="05 §5.8"),
    Field("related_party", "boolean", rule="R-04"),
    Field("right_holders", "list", required=False, maximum=50, rule="05 §5.6", fields=(
        Field("name"), Field("ground", "choice", choices=("shareholder", "co_owner", "tenant")), Field("notified_on", "date"))),
    Field("price_basis", "choice", choices=("total", "per_month", "per_year"), rule="05 §5.4"),
    Field("lease_years", "integer", required=False, minimum=1, maximum=99, rule="CC 705"),
    Field("extension_workdays", "integer", required=False, minimum=5, maximum=60, rule="R-T14"),
    Field("extension_cycles", "integer", required=False, minimum=0, maximum=50, rule="R-T14"),
    *auction.FORM,
)  # fmt: skip
CHANGEABLE = {"payment_schedule": "R-T12"}
CONTRACT = (Field("subject_kind", "choice", choices=(EQUITY, ASSET, LEASE)),)
BASICS = ("subject_kind", "subject", "place", "price_basis", "lease_years", "appraisal_fen", "appraisal_approval")
BIDDING = ("bidding", "registration_start", "registration_deadline", "listing_start", "listing_end")
PAPERS = {
    "announcement": PaperForm("paper.property.announcement", (
        Section("paper.property.object", (*BASICS, "decision", "debts_fen"), "paper.property.announcement_text"),
        Section("paper.property.conditions", ("conditions", "conditions_basis", "qualification", "consortium", "deposit_fen",
                                              "deposit_account", "payment_schedule", "first_percent", "right_holders",
                                              "extension_workdays", "extension_cycles")),
        Section("paper.property.bidding", BIDDING),
    )),
    "deal_confirmation": PaperForm("paper.property.confirmation", (
        Section("", ("winner", "winner_uscc", "price"), "paper.property.confirmation_text"),
        Section("paper.property.object", BASICS), Section("", ("payment_schedule", "contract_due")),
    )),
    "result_notice": PaperForm("paper.property.result", (
        Section("paper.property.object", BASICS), Section("", ("winner", "winner_uscc", "price", "deal")),
    )),
    "transaction_certificate": PaperForm("paper.property.certificate", (
        Section("", ("certificate_number", "contract_number", "principal", "winner", "winner_uscc", "price", "paid_fen"),
                "paper.property.certificate_text"),
        Section("paper.property.object", BASICS),
    )),
}  # fmt: skip
ARCHIVE = auction.archive("P", years=30)
LAW = {
    "auction.not_admitted": "05 §5.3", "auction.too_low": "R-M1", "auction.late": "R-M1", "auction.standing_only_raised": "R-M1",
    "auction.variants_mixed": "R-M1", "auction.priority_time_missing": "05 §5.6", "auction.no_right": "05 §5.6",
    "auction.right_lower": "05 §5.6", "auction.right_not_now": "05 §5.6", "auction.priority_without_rounds": "RF-B",
    "certificate.not_paid": "05 §5.7", "deal.next_not_announced": "05 §5.5", "award.winner_lost": "05 §5.5",
    "deposit.no_ground": "05 §5.5", "registration.late": "05 §5.3", "registration.right_taken": "05 §5.6",
}  # fmt: skip

PROPERTY = TradeType(
    code="property",
    vocabulary=("transfer", "neutral"),
    rules=date(2025, 2, 18),
    catalogue=CATALOGUE,
    stages=(*auction.stages(FORM, CHANGEABLE, CONTRACT, ARCHIVE), certifying.STAGE),
    milestones=auction.MILESTONES,
    periods=PERIODS,
    deposits=registered_deposits.BOOK,
    deposit=DepositRule(percent="30", base_term="appraisal_fen", rule="05 §5.3"),
    archive=ARCHIVE,
    papers=PAPERS,
    contract=CONTRACT,
    facts_shown=(*BASICS, "deposit_fen", "bidding", "conditions", "payment_schedule", "principal", "supervisor"),
    form=FORM,
    checks=(bidding.problems, *CHECKS, code_problems),
    law=LAW,
    amount="appraisal_fen",
    deadline="registration_deadline",
    column="property",
)
