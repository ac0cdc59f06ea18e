"""Every act that people may do is found: from the workbench by links, in at most three steps [01 §1.2, tests/tender/separation.txt]."""
from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from plugins.engineering.trade import ENGINEERING
from tests.tender.course import opened
from tests.web.rooms import Visitor, account, hidden
from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, at
from trading_core.adapters.db import codec
from trading_core.adapters.db.lots import HIDDEN, lot_table
from trading_core.domain import engine
from trading_core.domain.identity import Actor, Role
from trading_core.domain.lot import Lot
from trading_core.domain.stages.announcing import Announcement, Question
from trading_core.domain.stages.award import Award
from trading_core.domain.stages.candidates import Candidate
from trading_core.domain.stages.complaining import Complaint, Complaints
from trading_core.domain.stages.contracting import Performance
from trading_core.domain.stages.delegating import PRINCIPALS, Delegated
from trading_core.domain.stages.draws import EXPERTS, PARTIES, Draw, Draws, PoolRow
from trading_core.domain.stages.remedies import Objection, Objections, OnTheSpot
from trading_core.domain.tender.assessment import Clarification, Evaluation
from trading_core.domain.tender.bidding import Closing, LiveBid
from trading_core.domain.tender.committee import Committee, Seat
from trading_core.domain.tender.evaluation_time import EvaluationTime
from trading_core.domain.tender.extending import Validity
from trading_core.domain.tender.opening import OpenedEnvelope, Opening
from trading_core.domain.tender.re_examining import ReExamination
from trading_core.platform import Platform

STEPS = 3
WAYS = ("seated", "asked", "accepted", "alone")
"""How far the expert has come; alone: seated, and the principal tenders without an agency."""
PEOPLE = frozenset(Role) - {Role.CLOCK, Role.PUBLIC}
STATES = sorted(ENGINEERING.lifecycle.states() - {"SUSPENDED", ""})
NOW = at("2026-03-05T10:00")


@dataclass
class Stage:
    """A lot that can be put into every state, with everything in it that makes an act somebody's."""

    world: OpenWorld
    base: Lot
    people: Mapping[Role, Actor]
    number: str
    pages: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)

    def put(self, status: str, resume_to: str, member: str) -> None:
        lot = replace(dressed(self.base, self, member), status=status, resume_to=resume_to,
                      suspended_at=NOW if resume_to else None)  # fmt: skip
        with self.world.platform.unit() as unit:
            state = unit.store.vault.seal(f"lot/{lot.id}", codec.encode(lot))
            row = {"state": state, "status": status, "visible": status not in HIDDEN}
            unit.connection.execute(sa.update(lot_table).where(lot_table.c.id == lot.id).values(**row))

    def links(self, role: Role, status: str, resume_to: str, member: str) -> dict[str, str]:
        """What the reader can click on, by its text, on the workbench and on the pages of this lot that it leads to."""
        key = (role.value, status, resume_to, member)
        if key not in self.pages:
            self.put(status, resume_to, member)
            visitor, found, seen = self.visitor(role), dict[str, str](), set[str]()
            near = ["/my"]
            for _ in range(STEPS):
                pages = [(p, visitor.get(p)) for p in near if p not in seen]
                seen |= set(near)
                assert all(page.status_int == 200 for _, page in pages), [(p, page.status) for p, page in pages if page.status_int != 200]
                fresh = [link for _, page in pages for link in anchors(page.text)]
                found |= {text: address for address, text in fresh if text not in found}
                near = [a for a, _ in fresh if a in ("/my/ended", f"/my/lots/{self.base.id}")]
            self.pages[key] = found
        return self.pages[key]

    def visitor(self, role: Role) -> Visitor:
        if role not in self.visitors:
            self.visitors[role] = Visitor(self.world, self.people[role])
        return self.visitors[role]

    visitors: dict[Role, Visitor] = field(default_factory=dict)


def anchors(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', page, re.S)
    return [(html.unescape(a), html.unescape(re.sub(r"<[^>]+>", "", text)).strip()) for a, text in found]


def dressed(lot: Lot, stage: Stage, member: str) -> Lot:
    world, number = stage.world, stage.number
    uscc = world.codes[stage.people[Role.BIDDER].organisation]
    lines = {"price_fen": 950_000_000, "words": "玖佰万元整"}
    bid = replace(opened(1), uscc=uscc, envelopes={"price": OpenedEnvelope(True, {**opened(1).form, **lines})})
    chosen = Candidate(1, bid.bid, bid.name, uscc, 950_000_000, "90.00", bid.form)
    answers = {number: "accept"} if member != "asked" else {}
    draw = Draw(EXPERTS, dict.fromkeys(PARTIES[EXPERTS], "c" * 64), (PoolRow("r", "A08", 1, 0, (number,)),),
                dict.fromkeys(PARTIES[EXPERTS], "1" * 64), answers, NOW, True)  # fmt: skip
    seats = (Seat(1, "expert", number), Seat(2, "representative", stage.people[Role.PRINCIPAL].person))
    committee = Committee((stage.people[Role.PRINCIPAL].person,), seats if member in ("seated", "alone") else ())
    question = Clarification(1, bid.bid, "?", "2026-03-06T00:00:00.000000Z")
    objection = Objection(1, "result", "?", NOW, False, NOW, stage.people[Role.BIDDER].organisation)
    known = (Complaint(1, "other", 0, False, NOW), Complaint(2, "other", 0, False, NOW, True))
    complaints = Complaints((*known, replace(known[1], number=3, stopped_at=NOW)))
    spot = OnTheSpot(1, stage.people[Role.BIDDER].organisation, "?", NOW)
    parts = (
        Closing((LiveBid(bid.bid, NOW, "c" * 64, 1, (), {}),), "r" * 64),
        Opening(bids={bid.bid: bid}, stages={"technical": NOW, "price": NOW}),
        Award(candidates=(chosen,)), Draws().set(EXPERTS, draw), committee,
        Delegated(PRINCIPALS), ReExamination({bid.bid: {}}),
        Performance(terms={"uscc": uscc, "contract_number": "H-1"}), Validity(1, 120, at("2026-04-01T17:00")),
        Evaluation(clarifications=(question,)), EvaluationTime((1, 2)), Objections((objection,), (spot,)), complaints,
        replace(lot.part(Announcement), questions=(Question(1, "?", NOW),), submitted_by=""),
    )  # fmt: skip
    if member == "alone":
        lot = replace(lot, parties={k: v for k, v in lot.parties.items() if k != "agency"})
    for part in parts:
        lot = lot.with_part(part)
    return lot


@pytest.fixture
def stage(sqlite_platform: Platform) -> Iterator[Stage]:
    world = OpenWorld(sqlite_platform)
    number, expert = next(iter(world.pool(10).items()))
    account(world, expert)
    bidder = world.bidder("松涧示例建设集团有限公司").actor
    people = {Role.PRINCIPAL: world.principal, Role.AGENCY: world.agency, Role.CENTRE: world.centre, Role.SUPERVISOR: world.supervisor,
              Role.BIDDER: bidder, Role.EXPERT: expert}  # fmt: skip
    lot = world.announce(TERMS)
    world.go(NOW)
    yield Stage(world, world.lot(lot), people, number)


def moments(act: str) -> Iterator[tuple[str, str]]:
    """The states in which the act may happen, the plain ones first."""
    event = ENGINEERING.acts[act].event
    for status in STATES:
        if engine.possible(ENGINEERING, Lot("L", status=status), event):
            yield status, ""
    for status in sorted(ENGINEERING.lifecycle.sources("suspended")):
        if engine.possible(ENGINEERING, Lot("L", status="SUSPENDED", resume_to=status), event):
            yield "SUSPENDED", status


def test_every_act_is_found_from_the_workbench_in_three_steps(stage: Stage) -> None:
    missing, wrong, words = [], [], stage.world.platform.catalogue
    for act in ENGINEERING.acts.values():
        if act.name == "create":
            continue
        title = words.say(f"act.{act.name}", "zh")
        for role in sorted(act.roles & PEOPLE):
            ways = ((stage.links(role, *moment, member).get(title, ""), (*moment, member))
                    for moment in moments(act.name) for member in WAYS)  # fmt: skip
            address, where = next(((a, w) for a, w in ways if a), ("", ()))
            if not address:
                missing.append((act.name, role.value))
                continue
            stage.put(*where)
            page = stage.visitor(role).get(address)
            if page.status_int == 303:
                page = stage.visitor(role).get(page.location.removeprefix("http://localhost"))
            if page.status_int != 200:
                wrong.append((act.name, role.value, where, page.status))
    assert (missing, wrong) == ([], [])


def test_a_new_lot_begins_on_the_workbench_of_its_hosts(stage: Stage) -> None:
    """`create` has no lot yet: it is the first button."""
    for role in PEOPLE & set(stage.people):
        page = stage.visitor(role).get("/my").text
        assert ('href="/my/notices/new"' in page) == (role in ENGINEERING.acts["create"].roles), role
        assert stage.visitor(role).get("/my/notices/new").status_int == (200 if role in ENGINEERING.acts["create"].roles else 404)


def test_what_is_left_to_the_agency_is_ticked_not_typed(stage: Stage) -> None:
    lot, principal = stage.base.id, stage.visitor(Role.PRINCIPAL)
    page = principal.get(f"/my/lots/{lot}/acts/delegate_acts")
    assert [re.search(f'value="{act}">', page.text) is not None for act in PRINCIPALS] == [True] * len(PRINCIPALS)
    paper = stage.world.document(b"delegation", stage.people[Role.PRINCIPAL])
    stage.world.give(lot, "delegate_acts", stage.people[Role.PRINCIPAL], acts=["accept", "terminate"], document=paper)
    page = principal.get(f"/my/lots/{lot}/acts/delegate_acts")
    assert re.findall(r'value="(\w+)" checked', page.text) == ["accept", "terminate"]
    body = urlencode([*hidden(page).items(), ("acts", "accept"), ("acts", "sign_contract"), ("document", paper)]).encode()
    cookies = "; ".join(f"{k}={v}" for k, v in principal.cookies.items())
    done = stage.world.ask("POST", f"/my/lots/{lot}/acts/delegate_acts", body=body, Cookie=cookies,
                           content_type="application/x-www-form-urlencoded")  # fmt: skip
    assert done.status_int == 200
    assert stage.world.lot(lot).part(Delegated).acts == ("accept", "sign_contract")
