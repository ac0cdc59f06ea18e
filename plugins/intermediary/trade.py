"""The declaration of intermediary services selected at random (随机抽取) [07 §7.3, §7.4 SEL-1]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from trading_core.domain.auction import trade as auction
from trading_core.domain.errors import Problem
from trading_core.domain.fields import Field
from trading_core.domain.paper import PaperForm, Section
from trading_core.domain.periods import Period
from trading_core.domain.stages import (
    amending,
    announcing,
    archiving,
    complaining,
    contracting,
    dealing,
    delegating,
    drawing,
    ending,
    lots,
    registered_deposits,
    registering,
    remedies,
    service,
    suspending,
)
from trading_core.domain.stages.announcing import FILE
from trading_core.domain.stages.excluding import EXCLUDED, code_problems
from trading_core.domain.trade import CatalogueEntry, Milestone, TradeType
from trading_core.domain.volume import ArchiveRule, Piece, did, never, paper, unless

CATALOGUE = (CatalogueEntry("F01", "投资审批中介服务", "Intermediary services for approvals"),)
LIMITS_FEN = {"service": 1_000_000_00}
"""Contracts of this amount or more, paid from public money, must be tendered [I-06]; the procurement threshold is the province's own."""
FORM = (
    Field("title"),
    Field("catalogue_code", maximum=20, rule="TC-1"),
    Field("service_type", maximum=80, rule="I-02"),
    Field("content", "long_text", rule="I-02"),
    Field("qualification", "long_text", rule="I-02"),
    Field("price_fen", "money", minimum=1, rule="I-02"),
    Field("public_money", "boolean", rule="I-06"),
    Field("owner_choice", "boolean", rule="I-04"),
    Field("procurement_limit_fen", "money", required=False, minimum=1, rule="I-06"),
    Field("service_workdays", "integer", minimum=1, maximum=2_000, rule="I-02"),
    Field("applicants_min", "integer", minimum=1, maximum=20, rule="SEL-1"),
    Field("approval", "boolean", required=False),
    Field("next_bidder", "boolean", required=False),
    Field("deposit_fen", "money", required=False),
    Field("consortium", "boolean"),
    EXCLUDED,
    Field("tender_documents", "list", minimum=1, maximum=20, fields=FILE),
    auction.CONTACT,
    Field("supervisor_contact", required=False),
    Field("outside_catalogue_reason", "long_text", required=False),
    Field("rest_day_reasons", "map", required=False),
    Field("schedule", "object", fields=(
        Field("registration_start", "instant", required=False), Field("registration_deadline", "instant"))),
)  # fmt: skip
CONTRACT = (Field("service_workdays", "integer", minimum=1),)


def _p(id: str, start: str, end: str, count: int, bound: str = "at_least") -> Period:
    return Period(id, start, end, count, "workdays", bound, "forward", "中介超市规则", False)  # type: ignore[arg-type]


PERIODS = (
    _p("I-T01", "notice_published", "registration_deadline", 2),
    _p("I-T02", "result_published", "contract_signed", 1),
    _p("I-T03", "award_letter", "contract_signed", 10, "at_most"),
)
"""Values that the Yunnan rules will replace once they are loaded; all of them stand as unverified [07]."""


def threshold_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """Public money above the scale of mandatory tenders, or above the procurement threshold: another trade [I-06]."""
    price, limit = terms.get("price_fen"), terms.get("procurement_limit_fen")
    if terms.get("public_money") is not True or not isinstance(price, int):
        return
    if price >= LIMITS_FEN["service"]:
        yield Problem("intermediary.must_be_tendered", "price_fen", {"threshold_fen": LIMITS_FEN["service"]}, "I-06")
    if not isinstance(limit, int):
        yield Problem("field.required", "procurement_limit_fen", rule="I-06")
    elif price >= limit:
        yield Problem("intermediary.must_be_procured", "price_fen", {"threshold_fen": limit}, "I-06")


def choice_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """A private owner is never made to select here [I-08]."""
    if terms.get("public_money") is False and terms.get("owner_choice") is not True:
        yield Problem("intermediary.owner_forced", "owner_choice", rule="I-08")


ARCHIVE = ArchiveRule((
    paper("Z1.1", "announcement", unless("not_published", did("published"))),
    Piece("Z1.2", did("registration_closed"), unless("no_applications", did("registration_applied"))),
    Piece("Z2.1", did("lots_drawn"), unless("not_held", did("selection_started"))),
    paper("Z2.2", "deal_confirmation", unless("no_deal", did("deal_confirmed"))),
    paper("Z2.3", "result_notice", unless("no_deal", did("result_published"))),
    Piece("Z3.1", did("contract_signed"), unless("no_contract", did("contract_signed")), ("contract_summary",)),
    Piece("Z3.2", did("service_ended"), unless("no_contract", did("contract_signed"))),
    Piece("Z4.1", did("suspended", "failed", "terminated", "candidate_lost"), unless("nothing_irregular", never), ("notice",)),
), years=10)  # fmt: skip
BASICS = ("service_type", "content", "price_fen", "service_workdays", "qualification")
PAPERS = {
    "announcement": PaperForm("paper.intermediary.announcement", (
        Section("", (*BASICS, "consortium", "applicants_min", "registration_start", "registration_deadline"),
                "paper.intermediary.announcement_text"),
    )),
    "deal_confirmation": PaperForm("paper.intermediary.confirmation", (
        Section("", ("winner", "winner_uscc", "price", *BASICS), "paper.intermediary.confirmation_text"),
    )),
    "result_notice": PaperForm("paper.intermediary.result", (Section("", ("winner", "winner_uscc", "price", "deal", *BASICS)),)),
}  # fmt: skip
STAGES = (
    announcing.stage(FORM), amending.stage(FORM, {"content": "07 §7.3"}), registering.stage(lots.promised), drawing.stage(lots.KIND),
    lots.STAGE, delegating.STAGE, remedies.STAGE, complaining.STAGE, suspending.STAGE, dealing.STAGE, ending.stage(*dealing.FAILURES),
    contracting.stage(CONTRACT), service.STAGE, archiving.stage(ARCHIVE),
)  # fmt: skip
MILESTONES = (
    Milestone("announcement", frozenset({"ANNOUNCED"})), Milestone("selection", frozenset({"SELECTING"})),
    Milestone("negotiation", frozenset({"DEAL", "NOTIFIED"})), Milestone("contract", frozenset({"CONTRACTED", "PERFORMING"})),
    Milestone("service_end", frozenset({"COMPLETED", "ARCHIVED"})),
)
"""The five points that the law has watched: notice, selection, negotiation, contract, end of the service [07 §7.3]."""

INTERMEDIARY = TradeType(
    code="intermediary",
    vocabulary=("selection", "neutral"),
    rules=date(2025, 1, 1),
    catalogue=CATALOGUE,
    stages=STAGES,
    milestones=MILESTONES,
    periods=PERIODS,
    deposits=registered_deposits.BOOK,
    archive=ARCHIVE,
    papers=PAPERS,
    contract=CONTRACT,
    facts_shown=(*BASICS, "principal", "supervisor"),
    form=FORM,
    checks=(threshold_problems, choice_problems, code_problems),
    law={"registration.late": "07 §7.3", "draw.too_late": "07 §7.4", "draw.not_promised": "07 §7.4"},
    amount="price_fen",
    deadline="registration_deadline",
    column="intermediary",
)
