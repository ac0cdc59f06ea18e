"""Consortia: what a bid may say of one, what is found against it once it is open, and that only the committee decides [B-06, B-14]."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.domain.record import Document, Entry, Subject
from credit.services import records
from tests.tender.course import evaluated_lot, opened
from tests.world import EVALUATION, TERMS, BidPlan, World, at
from trading_core.domain.errors import Refused
from trading_core.domain.lot import Lot
from trading_core.domain.stages import consortium
from trading_core.domain.tender.assessment import case_of
from trading_core.domain.tender.doubts import doubts
from trading_core.domain.tender.opening import OpenedBid, OpenedEnvelope, Opening
from trading_core.domain.tender.prequalifying import Application, Prequalification
from trading_core.domain.uscc import compose_uscc
from trading_core.platform import Platform
from trading_core.services import lots

CODES = tuple(compose_uscc("91530500", f"{n:08d}") for n in range(1, 7))
AGREEMENT = "共同投标协议.pdf"


def member(n: int, **more: str) -> dict[str, str]:
    return {"uscc": CODES[n], "name": f"第{n}示例公司", "share": f"第{n}段", **more}


def stated(*numbers: int, agreement: str = AGREEMENT) -> dict[str, object]:
    return {"consortium_members": [member(n) for n in numbers], "consortium_agreement": agreement}


def wrong(form: Mapping[str, object], bidder: int = 0, accepts: bool = True, files: tuple[str, ...] = (AGREEMENT,)) -> list[str]:
    return sorted(p.code for p in consortium.problems(form, files, CODES[bidder], accepts))


# ------------------------------------------------------------------ what a bid says

@pytest.mark.parametrize(("form", "more", "codes"), [
    ({}, {}, []),
    ({}, {"accepts": False}, []),
    (stated(0, 1), {}, []),
    (stated(0, 1), {"files": ("技术标.pdf",)}, ["consortium.agreement_missing"]),
    (stated(0, 1), {"files": ("共同投标协议.PDF",)}, []),  # as envelopes tell names apart
    (stated(0, 1, agreement=""), {}, ["consortium.agreement_missing"]),
    (stated(0, 1), {"accepts": False}, ["consortium.not_accepted"]),
    (stated(0), {}, ["field.list_length"]),
    (stated(1, 0), {}, ["consortium.leader_first"]),
    (stated(0, 1, 1), {}, ["consortium.member_twice"]),
    ({**stated(0, 1), "consortium_members": [member(0), member(1, uscc="915305000000000019")]}, {}, ["uscc.check_character"]),
    ({**stated(0, 1), "consortium_members": [member(0), member(1, share="")]}, {}, ["field.required"]),
    ({**stated(0, 1), "consortium_members": "甲、乙"}, {}, ["field.not_list"]),
    ({**stated(0, 1), "consortium_members": " \n"}, {}, ["field.required"]),
])  # fmt: skip
def test_what_is_wrong_is_found_before_sealing(form: dict[str, object], more: dict[str, object], codes: list[str]) -> None:
    """[B-14] By the bidder's own computer; nothing of it has been sent."""
    assert wrong(form, **more) == codes  # type: ignore[arg-type]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=20) | st.sampled_from((*CODES, " ", "\n ")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("uscc", "name", "share")), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(("consortium_members", "consortium_agreement")), JSON, max_size=2))
def test_whatever_was_sealed_can_be_read(form: dict[str, object]) -> None:
    """Nobody is named in an unreadable list, and whoever sealed one learns why before."""
    found = consortium.members(form)
    assert consortium.read(consortium.stated(found)) == found
    if form.get("consortium_members") and not found:
        assert wrong(form)
    assert case_of(lot_of(bid(1, 0, form)))


# ------------------------------------------------------------------ what is found when it is open

def bid(number: int, leader: int, form: Mapping[str, object], files: tuple[str, ...] = (AGREEMENT,)) -> OpenedBid:
    entries = tuple({"name": name, "sha256": "ab" * 32, "size": 1} for name in files)
    envelope = OpenedEnvelope(True, {"price_fen": 950_000_000 + number, **form}, entries)
    return OpenedBid(f"b{number}", f"第{leader}示例公司", CODES[leader], envelopes={"bid": envelope}, members=consortium.members(form))


def lot_of(*bids: OpenedBid, **terms: object) -> Lot:
    lot = evaluated_lot(evaluation=EVALUATION, ceiling_fen=1_080_000_000, **{"consortium": True, **terms})
    return lot.with_part(Opening(bids={b.bid: b for b in bids}))


def found(lot: Lot) -> list[tuple[str, str, str]]:
    return [(d.bid, d.ground, d.problem.code.partition(".")[2]) for d in doubts(lot)]


def test_a_consortium_without_its_agreement_is_proposed_for_rejection() -> None:
    """[RJ-2]"""
    assert found(lot_of(bid(1, 0, stated(0, 1), files=("技术标.pdf",)))) == [("b1", "RJ-2", "agreement_missing")]


def test_a_consortium_that_the_notice_does_not_accept() -> None:
    """[B-14, RJ-6] Sealed content cannot be refused at receipt; the committee decides."""
    assert found(lot_of(bid(1, 0, stated(0, 1)), consortium=False)) == [("b1", "RJ-6", "not_accepted")]


def test_a_list_at_fault_is_the_committees_to_judge() -> None:
    assert found(lot_of(bid(1, 0, stated(1, 0)))) == [("b1", "RJ-6", "members_at_fault")]
    assert found(lot_of(bid(1, 0, {**stated(0, 1), "consortium_members": "甲、乙"}))) == [("b1", "RJ-6", "members_at_fault")]


def test_alone_and_in_a_consortium_concerns_every_bid() -> None:
    """[B-06, 02 §2.11 (7)] 1 bids alone and with 0; 2 has nothing to do with it."""
    lot = lot_of(bid(1, 0, stated(0, 1)), bid(2, 1, {}), bid(3, 2, stated(2, 3)))
    assert found(lot) == [("b1", "B-06", "in_two_bids"), ("b2", "B-06", "in_two_bids")]
    assert doubts(lot)[0].problem.params == {"names": "第1示例公司", "bidders": "第1示例公司"}


def test_in_two_consortia_concerns_both() -> None:
    """[B-06] Also by another edition of the same code [09 §9.10]."""
    moved = compose_uscc("91110000", f"{2:08d}")
    second = {**stated(2, 3), "consortium_members": [member(2), member(3, uscc=moved)]}
    assert found(lot_of(bid(1, 0, stated(0, 1)), bid(2, 2, second))) == [("b1", "B-06", "in_two_bids"), ("b2", "B-06", "in_two_bids")]


def test_two_bids_of_one_bidder_are_another_matter() -> None:
    """[RJ-4] Which the case proposes by itself."""
    assert found(lot_of(bid(1, 0, {}), bid(2, 0, {}))) == []


@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True), min_size=1, max_size=5))
def test_bids_are_concerned_together_or_not_at_all(groups: list[list[int]]) -> None:
    """Whoever shares an organisation with a consortium's bid is found, and found by the other as well."""
    bids = [bid(n, g[0], stated(*g) if len(g) > 1 else {}) for n, g in enumerate(groups)]
    together = {f"b{i}" for i, a in enumerate(groups) for j, b in enumerate(groups) if i != j and set(a) & set(b) and len(a) + len(b) > 2}
    assert {b for b, ground, _ in found(lot_of(*bids)) if ground == "B-06"} == together


def test_members_may_not_change_after_prequalification() -> None:
    """[B-07] Neither come, nor go, nor be exchanged, nor a single bidder become a consortium."""
    def after(applied: tuple[int, ...], bids: tuple[int, ...]) -> list[tuple[str, str, str]]:
        together = consortium.members(stated(*applied)) if len(applied) > 1 else ()
        application = Application(1, "org", "第0示例公司", CODES[0], passed=True, members=together)
        lot = lot_of(bid(1, 0, stated(*bids) if len(bids) > 1 else {}), qualification_way="pre")
        return found(lot.with_part(Prequalification((application,))))

    assert after((0,), (0,)) == after((0, 1), (0, 1)) == after((0, 1, 2), (0, 2, 1)) == []
    for now in ((0,), (0, 1, 2), (0, 2)):
        assert after((0, 1), now) == [("b1", "B-07", "members_changed")]
    assert after((0,), (0, 1)) == [("b1", "B-07", "members_changed")]


def test_only_the_envelope_that_names_the_bidder_names_members() -> None:
    """A later envelope changes nothing of who bids."""
    first = bid(1, 0, stated(0, 1))
    lot = lot_of(replace(first, envelopes={**first.envelopes, "price": OpenedEnvelope(True, stated(0, 2))}))
    assert [m.uscc for m in lot.part(Opening).bids["b1"].members] == list(CODES[:2])
    assert found(lot) == []


def test_the_case_states_doubts_beside_the_figures() -> None:
    bids = {b["id"]: b.get("doubts") for b in case_of(lot_of(bid(1, 0, stated(0, 1), files=()), bid(2, 2, {})))["bids"]}
    assert bids == {"b1": [{"ground": "RJ-2", "fact": "consortium.agreement_missing"}], "b2": None}
    assert opened(1).members == ()


# ------------------------------------------------------------------ a story

PRICES = (980_000_000, 950_000_000, 1_000_000_000)


@pytest.fixture
def world(platform: Platform) -> World:
    return World(platform)


def together(*plans: BidPlan, agreement: str = AGREEMENT) -> dict[str, object]:
    members = [{"uscc": p.uscc, "name": p.name, "share": f"第{n}段"} for n, p in enumerate(plans, 1)]
    return {"consortium_members": members, "consortium_agreement": agreement}


def submit(world: World, lot: str, plan: BidPlan, price: int, form: Mapping[str, object], files: Mapping[str, bytes] | None = None) -> None:
    forms = {"technical": {"project_leader": "王工", **form}, "price": {"price_fen": price}}
    world.submit(lot, plan, forms, **world.submission(lot, plan, forms, files or {AGREEMENT: b"signed by both"}))


def open_all(world: World, lot: str) -> Mapping[str, OpenedBid]:
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    world.give(lot, "start_opening", world.agency)
    for stage in ("technical", "price"):
        world.release(lot, stage, world.agency, world.supervisor)
    world.go(world.clock.now())
    return {b.name: b for b in world.lot(lot).part(Opening).valid()}


def test_a_consortium_is_one_bidder_and_its_members_are_known_at_the_opening(world: World) -> None:
    """[B-14, 02 §2.11 (7)] The member that also bids alone poisons both bids; the listed one is found; the agency's own part too."""
    lot = world.announce({**TERMS, "consortium": True})
    world.go(at("2026-03-02T08:30"))
    leader, partner, listed, single, agency = (world.bidder(f"{n}示例公司") for n in "甲乙丙丁戊")
    agency.uscc, agency.name = world.codes[world.agency.organisation], world.names[world.agency.organisation]
    decision = Document("澜水罚〔2026〕8号", "澜明区水务局", date(2026, 3, 9), "招标投标法第五十三条", "ef" * 32)
    submit(world, lot, leader, PRICES[0], together(leader, partner, listed))
    submit(world, lot, partner, PRICES[1], {})
    submit(world, lot, single, PRICES[2], together(single, agency))
    world.go(at("2026-03-10T10:00"))
    with world.platform.unit() as unit:
        entry = Entry("tender_ban", Subject(listed.name, listed.uscc), decision, date(2026, 3, 10), date(2027, 3, 9))
        records.enter(unit, world.supervisor, entry)
    bids = open_all(world, lot)
    assert [m.name for m in bids[leader.name].members] == [leader.name, partner.name, listed.name] and bids[partner.name].members == ()
    by_bid = {b.bid: name for name, b in bids.items()}
    told = {(by_bid[d.bid], d.ground, d.problem.code) for d in doubts(world.lot(lot))}
    assert told == {
        (leader.name, "B-06", "consortium.in_two_bids"), (partner.name, "B-06", "consortium.in_two_bids"),
        (leader.name, "RJ-3", "consortium.member_listed"), (single.name, "B-15", "consortium.member_excluded"),
    }  # fmt: skip
    with world.platform.look() as unit:
        assert lots.find(unit, lot).part(Opening) == world.lot(lot).part(Opening)
        events = [s.recorded().public for s in unit.store.read(f"lot/{lot}") if s.type == "bid_opened"]
    findings = [f for e in events for f in e.get("findings", ())]  # type: ignore[attr-defined]
    assert sorted(f["code"] for f in findings) == ["consortium.member_excluded", "consortium.member_listed"]


def test_an_excluded_organisation_is_refused_in_passing(world: World) -> None:
    """[B-15] By its code, in any edition; its name is kept nowhere beside the notice."""
    compiler, other = world.bidder("标底编制示例公司"), world.bidder("甲示例公司")
    named = {"uscc": compiler.uscc, "name": compiler.name, "why": "base_price_compiler"}
    lot = world.announce({**TERMS, "excluded": [named]})
    world.go(at("2026-03-02T08:30"))
    with pytest.raises(Refused) as refusal:
        world.submit(lot, compiler, {"price": {"price_fen": PRICES[0]}})
    assert [(p.code, p.rule) for p in refusal.value.problems] == [("bid.excluded", "B-15")]
    assert world.submit(lot, other, {"price": {"price_fen": PRICES[0]}})


def test_codes_of_the_excluded_are_checked_before_the_notice(world: World) -> None:
    with pytest.raises(Refused) as refusal:
        world.announce({**TERMS, "excluded": [{"uscc": "915305000000000019", "name": "某公司", "why": "related"}]})
    assert {(p.code, p.path) for p in refusal.value.problems} == {("uscc.check_character", "excluded.0.uscc")}
