"""The course of a lot after its evaluation, played on the pure engine: no database, no services, only decisions and events."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone

from plugins.engineering.archive import ARCHIVE
from plugins.engineering.form import CONTRACT, LETTER
from plugins.engineering.law import LAW
from plugins.engineering.periods import PERIODS
from plugins.engineering.trade import ENGINEERING
from trading_core.adapters.db import codec
from trading_core.bootstrap import work_calendar
from trading_core.domain import engine
from trading_core.domain.events import Event, Recorded
from trading_core.domain.identity import CLOCK, Actor, Role
from trading_core.domain.leaves import canonical
from trading_core.domain.lot import Lot
from trading_core.domain.stages import announcing, archiving, complaining, contracting, delegating, ending, remedies, suspending
from trading_core.domain.stages.announcing import Announcement, DocumentVersion, File
from trading_core.domain.stages.award import recommend
from trading_core.domain.stages.candidates import Candidate
from trading_core.domain.tender import awarding, depositing, extending, failing, revoking
from trading_core.domain.tender.assessment import Evaluation
from trading_core.domain.tender.bidding import Closing, LiveBid
from trading_core.domain.tender.opening import OpenedBid, OpenedEnvelope, Opening
from trading_core.domain.trade import CatalogueEntry, Command, Facts, Stage, TradeType

CST = timezone(timedelta(hours=8))
WHOLE = Stage(ENGINEERING.lifecycle.transitions, evolve=announcing.EVOLVE, parts=ENGINEERING.parts)
STAGES = (
    WHOLE, suspending.STAGE, remedies.STAGE, complaining.STAGE, awarding.STAGE, delegating.STAGE, extending.STAGE, revoking.STAGE,
    depositing.STAGE, failing.STAGE, ending.stage(*failing.FAILURES), contracting.stage(CONTRACT),
    archiving.stage(ARCHIVE),
)  # fmt: skip
TRADE = TradeType(
    code="course", rules=date(2025, 1, 1), catalogue=(CatalogueEntry("X", "测试", "test"),), stages=STAGES, milestones=(),
    periods=PERIODS, deposits=depositing.BOOK, candidates_max=3, law=LAW, archive=ARCHIVE, letter=LETTER, contract=CONTRACT,
)

PRINCIPAL = Actor("p", "org-principal", Role.PRINCIPAL)
AGENCY = Actor("a", "org-agency", Role.AGENCY)
SUPERVISOR = Actor("s", "org-supervisor", Role.SUPERVISOR)
CENTRE = Actor("c", "org-centre", Role.CENTRE)
BIDDER = Actor("b", "org-bidder", Role.BIDDER)
OTHER = Actor("o", "org-other", Role.BIDDER)
COMMITMENT, SALT = "c" * 64, "5" * 64
ORDER = {"decision_number": "水监〔2026〕7 号", "legal_basis": "BLR 62", "reason": "投诉处理", "document": "d" * 64}
TERMS: dict[str, object] = {
    "mandatory": True, "state_funded": True, "deposit_fen": 20_000_000, "bid_validity_days": 90, "duration_days": 210, "quality": "合格",
    "evaluation": {"method": "comprehensive"}, "approval_number": "澜发改〔2026〕11 号",
}  # fmt: skip


def at(text: str) -> datetime:
    """A moment of China time."""
    return datetime.fromisoformat(text).replace(tzinfo=CST).astimezone(UTC)


def opened(number: int, **form: object) -> OpenedBid:
    """A bid that was opened; its form states the usual things."""
    said = {"price_fen": 950_000_000 + number, "duration_days": 200, "quality": "合格", "project_leader": f"负责人{number}",
            "deposit_reference": f"REF{number}", "internal": "not to be published", **form}  # fmt: skip
    envelopes = {"price": OpenedEnvelope(True, said)}
    return OpenedBid(f"b{number}", f"示例建设{number}公司", f"9153050000000000{number:02d}", envelopes=envelopes)


BIDS = {b.bid: b for b in (opened(1), opened(2), opened(3), opened(4))}
CANDIDATES = tuple(
    Candidate(n, f"b{n}", BIDS[f"b{n}"].name, BIDS[f"b{n}"].uscc, 950_000_000 + n, f"{95 - n}.00", BIDS[f"b{n}"].form) for n in (1, 2, 3)
)


def bidding_lot(status: str = "BIDDING", **terms: object) -> Lot:
    """A lot whose bids are being prepared: the example of the rulebook, closing on 2026-03-23 [02 §2.3]."""
    document = Announcement((DocumentVersion(1, at("2026-03-01T09:00"), (File("招标文件.pdf", "0" * 64, 9),)),))
    schedule = {
        "issue_start": at("2026-03-02T08:30"), "issue_end": at("2026-03-09T17:00"), "bid_deadline": at("2026-03-23T09:30"),
        "opening": at("2026-03-23T09:30"),
    }  # fmt: skip
    parties = {"principal": PRINCIPAL.organisation, "agency": AGENCY.organisation}
    lot = Lot("L1", "course", "2025-01-01", status=status, parties=parties, terms={**TERMS, **terms}, schedule=schedule)
    return replace(lot.with_part(document), history={"published": at("2026-03-01T09:00")})


def evaluated_lot(candidates: tuple[Candidate, ...] = CANDIDATES, **terms: object) -> Lot:
    """The same lot once the committee has reported, on Tuesday 2026-03-24 at 17:00."""
    lot = replace(bidding_lot("EVALUATED", **terms), history={
        "published": at("2026-03-01T09:00"),
        "stage_opened": at("2026-03-23T09:40"), "opening_finished": at("2026-03-23T10:00"), "evaluation_started": at("2026-03-24T09:00"),
        "experts_drawn": at("2026-03-22T15:00"), "report_submitted": at("2026-03-24T17:00"), "disclosed": at("2026-03-23T09:30"),
    })  # fmt: skip
    closing = Closing(tuple(LiveBid(b, at("2026-03-20T10:00"), "c" * 64, 1, (), {}) for b in BIDS), "r" * 64)
    evaluated = lot.with_part(closing).with_part(Opening(bids=BIDS)).with_part(Evaluation(candidates=candidates))
    return recommend(evaluated, candidates)


@dataclass
class Course:
    """A lot and everything that happened to it. facts: what the services would gather."""

    lot: Lot
    facts: dict[str, object] = field(default_factory=lambda: {
        "objector_commitment": COMMITMENT, "actor_uscc": "", "candidate_eligibility": [], "candidate_credit": [], "bidders_credit": [],
        "attempt": None, "deposits": (), "documents": (), "committee_members": [{"name": "专家甲", "kind": "expert"}],
        "review_members": []})  # fmt: skip
    record: list[Recorded] = field(default_factory=list)
    trade: TradeType = TRADE

    def give(self, act: str, actor: Actor, now: datetime, **data: object) -> list[Event]:
        """Decide and record. Each state must survive being stored, each event being hashed."""
        known = {name: self.facts[name] for name in self.trade.acts[act].needs}
        events = engine.decide(self.trade, self.lot, Command(act, actor, data, now), Facts(work_calendar(), known))
        for event in events:
            canonical(event.public), canonical(event.private or {})
            self.record.append(Recorded("lot/L1", len(self.record) + 1, event.type, event.public, event.private, now))
            self.lot = engine.evolve(self.trade, self.lot, self.record[-1])
            assert codec.decode(codec.encode(self.lot), self.trade.parts) == self.lot
        return events

    def tick(self, now: datetime) -> None:
        """Let the clock do what is due."""
        while (waiting := engine.due(self.trade, self.lot)) is not None and waiting[0] <= now:
            self.give(waiting[1], CLOCK, now)

    def types(self) -> list[str]:
        return [r.type for r in self.record]

    def objections(self) -> remedies.Objections:
        return self.lot.part(remedies.Objections)

    def award(self) -> awarding.Award:
        return self.lot.part(awarding.Award)

    # -------------------------------------------------------------- what happens again and again

    def object_document(self, now: datetime, actor: Actor = BIDDER) -> list[Event]:
        return self.give("object_to_document", actor, now, text="资质要求过高", objector_commitment=COMMITMENT, salt=SALT)

    def object_result(self, now: datetime, actor: Actor = BIDDER) -> list[Event]:
        return self.give("object_to_result", actor, now, text="第一名业绩不实")

    def answer(self, number: int, now: datetime, outcome: str = "rejected", **more: object) -> list[Event]:
        return self.give("answer_objection", AGENCY, now, number=number, outcome=outcome, answer="经核实，不成立。", **more)

    def publish(self, now: datetime, **more: object) -> list[Event]:
        return self.give("publish_candidates", PRINCIPAL, now, evaluation_summary="综合评估法", how_to_object="平台提出", **more)

    def contract(self, now: datetime, **more: object) -> list[Event]:
        data: Mapping[str, object] = {
            "contract_number": "LM-2026-001", "price_fen": 950_000_001, "uscc": BIDS["b1"].uscc, "duration_days": 200, "quality": "合格",
            "project_leader": "负责人1", "files": [{"name": "合同.pdf", "sha256": "1" * 64, "size": 10}], **more,
        }  # fmt: skip
        return self.give("sign_contract", PRINCIPAL, now, **data)
