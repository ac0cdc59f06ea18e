"""A small world to play trades in: organisations, people, trustees with their keys, bidders with their sealed files."""
from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import cast

import sqlalchemy as sa

from expert_pool.sample import make_sample_pool
from expert_pool.services.experts import number_of
from plugins.engineering.readiness import FAIR_COMPETITION
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.crypto.bundle import bundle
from trading_core.adapters.crypto.container import seal
from trading_core.adapters.crypto.manifest import Identity
from trading_core.adapters.crypto.slot import Slot
from trading_core.adapters.crypto.suites import suite_of
from trading_core.adapters.crypto.trustees import answer_rehearsal, one_time_key
from trading_core.adapters.db.identity import role_grant
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.lot import Lot
from trading_core.domain.person import PersonalData
from trading_core.domain.stages.draws import PARAMETER, k_candidates
from trading_core.domain.stages.offices import office_of
from trading_core.domain.tender.expert_drawing import asked, seated, waiting
from trading_core.domain.tender.trustees import THRESHOLD, Trustees, stage_names, suite
from trading_core.domain.trade import Command
from trading_core.domain.uscc import compose_uscc
from trading_core.platform import Platform
from trading_core.services import bids, clockwork, documents, log, lots, organisations, persons, readers

CST = timezone(timedelta(hours=8))


def at(text: str) -> datetime:
    """A moment of China time."""
    return datetime.fromisoformat(text).replace(tzinfo=CST)


TENDER_DOCUMENT = b"%PDF-1.7 tender document of the example"
SIGNED = b"%PDF-1.7 a paper with its seal"
PAPER = hashlib.sha256(SIGNED).hexdigest()
"""A file that every organisation of this world has sent in: what an act rests on where the test is not about it."""


@dataclass
class BidPlan:
    """A bidder's secrets on the bidder's own machine."""

    actor: Actor
    name: str
    uscc: str
    number: str
    secret: str
    salt: bytes
    receipt: Mapping[str, object] = field(default_factory=dict)


class World:
    """Plays on one platform with a stepped clock."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.clock = cast("SteppedClock", platform.clock)
        self.masters = {t: hashlib.sha256(t.encode()).digest() for t in ("host", "centre", "supervisor")}
        self.operator = Actor("", "", Role.OPERATOR)
        self.people: list[Actor] = []
        self.codes: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.centre = self.organisation("澜明区公共资源交易中心", Role.CENTRE, self.operator)
        self.supervisor = self.organisation("澜明区水务局", Role.SUPERVISOR, self.operator)
        self.principal = self.organisation("澜明区水务工程建设管理处", Role.PRINCIPAL, self.centre)
        self.agency = self.organisation("云栖示例招标代理有限公司", Role.AGENCY, self.centre)
        self.document(TENDER_DOCUMENT)

    def organisation(self, name: str, role: Role, by: Actor) -> Actor:
        """Register an organisation and take one of its people."""
        code = compose_uscc("91530500", hashlib.sha256(name.encode()).hexdigest()[:8].upper())
        with self.platform.unit() as unit:
            subject = organisations.register_organisation(unit, by, code, name, [role.value])
            data = PersonalData(f"{name[:4]}经办人", "0800-000-0000", f"NUMBER-{len(self.codes)}", "other")
            person = persons.register_person(unit, by, subject, data)
            persons.grant_role(unit, by, person, role)
        self.codes[subject], self.names[subject] = code, name
        self.people.append(Actor(person, subject, role))
        self.document(SIGNED, self.people[-1])
        return self.people[-1]

    def registered(self) -> set[bytes]:
        """Ids of all organisations and people: the public register."""
        return {i.encode() for actor in self.people for i in (actor.organisation, actor.person)}

    def bidder(self, name: str) -> BidPlan:
        actor = self.organisation(name, Role.BIDDER, self.centre)
        random = self.platform.entropy.token_bytes
        return BidPlan(actor, name, self.codes[actor.organisation], random(16).hex(), random(32).hex(), random(32))

    # -------------------------------------------------------------- acts

    def give(self, lot: str, act: str, actor: Actor, **data: object) -> Lot:
        with self.platform.unit() as unit:
            return lots.give(unit, lot, Command(act, actor, data, unit.now)).lot

    def lot(self, lot: str) -> Lot:
        with self.platform.look() as unit:
            return lots.find(unit, lot)

    def go(self, moment: datetime) -> None:
        """Move the clock and let everything happen that is then due, except printing: papers cost a second each."""
        self.clock.move_to(moment)
        while clockwork.tick(self.platform) + clockwork.open_released(self.platform):
            pass
        log.move(self.platform)
        readers.run(self.platform, self.platform.readers)

    def create(self, parties: Mapping[str, str], trade: str = "engineering") -> str:
        with self.platform.unit() as unit:
            return lots.create(unit, self.agency, trade, parties).lot.id

    def announce(self, terms: Mapping[str, object], trade: str = "engineering", promised: bool = True) -> str:
        """A lot from its draft to its publication, its keys rehearsed and, as the rule is, K promised."""
        parties = {"principal": self.principal.organisation, "supervisor": self.supervisor.organisation, "centre": self.centre.organisation}
        lot = self.create(parties, trade)
        self.give(lot, "draft", self.agency, **terms)
        self.give(lot, "submit_for_publication", self.agency, responsible_person="张工")
        self.give(lot, "publish", self.principal)
        self.rehearse(lot)
        if promised and k_candidates(self.lot(lot)):
            self.commit_draw(lot, PARAMETER, self.agency, self.supervisor, self.centre)
        return lot

    def rehearse(self, lot_id: str) -> None:
        """All three trustees make, register and rehearse the keys of every stage."""
        lot = self.lot(lot_id)
        for actor in (self.agency, self.centre, self.supervisor):
            trustee = office_of(lot, actor) or ""
            for stage in stage_names(lot):
                slot, kind = Slot(lot.id, lot.attempt, stage), suite_of(suite(lot))
                key = one_time_key(self.masters[trustee], slot, kind)
                after = self.give(lot_id, "register_trustee_key", actor, stage=stage, public_key=key.public.hex())
                challenge = bytes.fromhex(after.part(Trustees).of(stage)[trustee].challenge)
                answer = answer_rehearsal(key.private, challenge, trustee, slot, kind)
                self.give(lot_id, "rehearse_trustee_key", actor, stage=stage, answer=answer)

    def release(self, lot_id: str, stage: str, *actors: Actor) -> None:
        """Trustees hand in the one-time private keys of a stage."""
        lot = self.lot(lot_id)
        for actor in actors:
            key = one_time_key(self.masters[office_of(lot, actor) or ""], Slot(lot.id, lot.attempt, stage), suite_of(suite(lot)))
            self.give(lot_id, "release_key", actor, stage=stage, private_key=key.private.hex())

    # -------------------------------------------------------------- draws

    def part(self, lot_id: str, draw: str, actor: Actor) -> bytes:
        """A party's secret part of a draw, kept on its own machine."""
        return hashlib.sha256(f"{lot_id}|{draw}|{actor.organisation}".encode()).digest()

    def commit_draw(self, lot_id: str, draw: str, *actors: Actor) -> None:
        for actor in actors:
            self.give(lot_id, "commit_draw", actor, draw=draw, commitment=hashlib.sha256(self.part(lot_id, draw, actor)).hexdigest())

    def hand_in(self, lot_id: str, draw: str, *actors: Actor) -> None:
        for actor in actors:
            self.give(lot_id, "hand_in_part", actor, draw=draw, part=self.part(lot_id, draw, actor).hex())

    # -------------------------------------------------------------- experts

    def pool(self, count: int = 60) -> dict[str, Actor]:
        """An invented pool of experts with their accounts, by number."""
        with self.platform.unit() as unit:
            make_sample_pool(unit, self.centre, count)
        with self.platform.look() as unit:
            grants = unit.connection.execute(sa.select(role_grant).where(role_grant.c.role == Role.EXPERT.value)).all()
            people = [Actor(g.person, g.organisation, Role.EXPERT) for g in grants]
            return {number_of(unit, a.person) or "": a for a in people}

    def number(self, actor: Actor) -> str:
        """An expert's number in the pool."""
        with self.platform.look() as unit:
            return number_of(unit, actor.person) or ""

    def asked(self, lot: str) -> tuple[str, ...]:
        """Numbers of everybody asked to sit."""
        return asked(self.lot(lot))

    def draw_experts(self, lot: str, people: Mapping[str, Actor], *rows: Mapping[str, object]) -> list[Actor]:
        """Draw by both parties' parts and let everybody accept; who is seated, in order."""
        self.commit_draw(lot, "experts", self.agency, self.centre)
        self.give(lot, "freeze_pool", self.agency, rows=list(rows))
        self.hand_in(lot, "experts", self.agency, self.centre)
        while left := waiting(self.lot(lot)):
            for number in left:
                self.give(lot, "answer_call", people[number], answer="accept")
        return [people[n] for n in seated(self.lot(lot))]

    # -------------------------------------------------------------- bids

    def document(self, data: bytes, by: Actor | None = None) -> str:
        """A file that somebody (the agency) has sent in; its name in the object store."""
        name = self.platform.objects.put(data)
        with self.platform.unit() as unit:
            documents.sent_in(unit, by or self.agency, name)
        return name

    def envelope(self, lot: Lot, plan: BidPlan, stage: str, form: Mapping[str, object], files: Mapping[str, bytes]) -> bytes:
        """One sealed envelope, as the bidder's own computer makes it."""
        first = stage == stage_names(lot)[0]
        identity = Identity(plan.uscc, plan.name, plan.salt) if first else None
        content = bundle([(n, io.BytesIO(b)) for n, b in files.items()], identity, form)
        publics = {t: bytes.fromhex(k.public_key) for t, k in lot.part(Trustees).of(stage).items()}
        out = io.BytesIO()
        seal(content, content.size, Slot(lot.id, lot.attempt, stage), plan.number, publics, THRESHOLD, suite_of(suite(lot)),
             self.platform.entropy, out.write)  # fmt: skip
        return out.getvalue()

    def submission(
        self, lot_id: str, plan: BidPlan, forms: Mapping[str, Mapping[str, object]], files: Mapping[str, bytes] | None = None
    ) -> dict[str, object]:
        """The data of `submit_bid`, its envelopes sealed and uploaded."""
        lot = self.lot(lot_id)
        sealed = []
        for stage in stage_names(lot):
            form = dict(forms.get(stage, {}))
            if "project_leader" in form:  # namesakes, each with a certificate of its own
                form.setdefault("project_leader_certificate", f"建 {plan.uscc}")
            data = self.envelope(lot, plan, stage, form, files or {"投标文件.txt": b"x" * 100})
            sealed.append({"name": stage, "object": self.platform.objects.put(data), "size": len(data)})
        return {
            "bid": plan.number, "capability": hashlib.sha256(bytes.fromhex(plan.secret)).hexdigest(), "salt": plan.salt.hex(),
            "commitment": Identity(plan.uscc, plan.name, plan.salt).commitment(), "document_version": 1, "envelopes": sealed,
        }  # fmt: skip

    def submit(self, lot_id: str, plan: BidPlan, forms: Mapping[str, Mapping[str, object]], **more: object) -> Mapping[str, object]:
        """Seal, upload and submit a bid; the receipt."""
        data = {**self.submission(lot_id, plan, forms), **more}
        plan.receipt = submit(self.platform, lot_id, Command("submit_bid", plan.actor, data, self.clock.now()))
        return plan.receipt


def submit(platform: Platform, lot_id: str, command: Command) -> dict[str, object]:
    """Submit or withdraw a bid; its receipt. A late one is refused with a receipt of that."""
    try:
        with platform.unit() as unit:
            return bids.receive(unit, lot_id, command)
    except Refused as refusal:
        if bids.is_late(refusal):
            with platform.unit() as unit:
                refusal.receipt = bids.refuse_late(unit, lot_id, command, refusal)  # type: ignore[attr-defined]
        raise


EVALUATION: dict[str, object] = {
    "method": "comprehensive",
    "line_rounding": "ROUND_HALF_UP",
    "tie_price": "quoted",
    "candidates_max": 3,
    "scored_price": "corrected",
    "benchmark_set": "fixed_after_preliminary_review",
    "price": {
        "formula": "E-F1",
        "params": {
            "full_score": "60", "floor": "0", "e_high": "1.0", "e_low": "0.5", "step": "continuous", "unit": "wan_yuan",
            "benchmark_places": 4, "deviation_places": "unrounded", "score_places": 2, "rounding": "ROUND_HALF_UP",
        },
        "drawn": {"parameter": "k", "candidates": ["0.02", "0.025", "0.03", "0.035"]},
    },
    "items": [
        {"id": "plan", "title": "总体部署", "group": "technical", "kind": "subjective", "points_min": "0", "points_max": "34",
         "points_step": "0.5"},
        {"id": "record", "title": "业绩", "group": "technical", "kind": "objective", "points_min": "0", "points_max": "6",
         "points_step": "2"},
    ],
    "item_scores": {"aggregation": "mean", "places": 2, "rounding": "ROUND_HALF_UP"},
    "total": {"places": 2, "rounding": "ROUND_HALF_UP"},
    "tie_rules": ["higher_technical"],
}  # fmt: skip

TERMS: dict[str, object] = {
    "title": "龙泉河堤防整治工程施工（一标段）",
    "catalogue_code": "A02",
    "object_kind": "works",
    "mandatory": True,
    "state_funded": True,
    "tender_way": "open",
    "qualification_way": "post",
    "approval_number": "澜发改审〔2026〕8 号",
    "fund_source": "财政资金 100 %",
    "scope": "堤防加固 2.4 公里",
    "place": "澜明区龙泉河",
    "qualification": "水利水电工程施工总承包三级及以上",
    "consortium": False,
    "duration_days": 210,
    "quality": "合格",
    "estimate_fen": 1_080_000_000,
    "ceiling_fen": 1_080_000_000,
    "deposit_fen": 20_000_000,
    "bid_validity_days": 90,
    "envelopes": [{"name": "technical", "opens": "at_opening"}, {"name": "price", "opens": "at_opening"}],
    "evaluation": EVALUATION,
    "committee_size": 5,
    "contact": {"name": "云栖示例招标代理有限公司", "person": "李工", "phone": "0800-000-0000"},
    "tender_documents": [{"name": "招标文件.pdf", "sha256": hashlib.sha256(TENDER_DOCUMENT).hexdigest(), "size": len(TENDER_DOCUMENT)}],
    "fair_competition_check": dict.fromkeys(FAIR_COMPETITION, "yes"),
    "schedule": {
        "issue_start": "2026-03-02T08:30:00+08:00",
        "issue_end": "2026-03-09T17:00:00+08:00",
        "bid_deadline": "2026-03-23T09:30:00+08:00",
    },
}
"""The example lot of the rulebook: announced on 2026-03-02, closing on 2026-03-23 [02 §2.3]."""
