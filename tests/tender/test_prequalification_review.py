"""A committee reviews the applications of a mandatory project under state funds, and the tenderer carries out what it found [BLR 18]."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tender.test_evaluating import ROWS
from tests.tender.test_prequalifying import FILES, applied, codes, issuing
from tests.world import SIGNED, BidPlan, World, at
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.person import PersonalData
from trading_core.domain.stages.draws import EXPERTS, Draws
from trading_core.domain.tender.bidding import CLOSING_GRACE
from trading_core.domain.tender.committee import Committee
from trading_core.domain.tender.prequalification_review import ApplicationReview, Opinion, outcome, rules_problems
from trading_core.domain.tender.prequalifying import Prequalification
from trading_core.domain.trade import Command
from trading_core.domain.uscc import compose_uscc
from trading_core.platform import Platform
from trading_core.services import bids, organisations, papers, persons, seats

ITEMS = [{"id": "record", "title": "类似业绩", "points_max": "60"}, {"id": "staff", "title": "项目班子", "points_max": "40"}]
ALL = {"method": "all_who_meet"}
LIMITED = {"method": "limited_number", "limit": 3, "items": ITEMS, "tie_rule": "item_order"}
WHY = "资质等级不符"


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def seated(world: World, lot: str, people: dict[str, Actor] | None = None) -> list[Actor]:
    """The review committee: drawn, signed in, its chair elected, begun."""
    members = world.draw_experts(lot, people or world.pool(), *ROWS)
    for member in members:
        world.give(lot, "sign_in_seat", member, no_recusal=True, keeps_discipline=True)
    for member in members[:3]:
        world.give(lot, "vote_chair", member, seat=1)
    world.give(lot, "start_application_review", world.agency)
    return members


def lock(world: World, lot: str, member: Actor, number: int, meets: bool = True, *points: str) -> None:
    scored = [{"item": i["id"], "points": p} for i, p in zip(ITEMS, points, strict=False)]
    world.give(lot, "lock_application_review", member, number=number, meets=meets, reason="" if meets else WHY, points=scored)


def report(world: World, lot: str, members: list[Actor]) -> None:
    world.give(lot, "summarise_application_review", members[0])
    for n, member in enumerate(members):
        world.give(lot, "sign_report", member, agrees=n > 0, opinion="" if n else "第 4 号应当通过")
    world.give(lot, "submit_application_review", members[0])


def reviewed(
    world: World, count: int = 4, failing: tuple[int, ...] = (4,), people: dict[str, Actor] | None = None
) -> tuple[str, list[BidPlan], list[Actor]]:
    """A lot whose committee has reported; three of five members find that those failing do not meet the conditions."""
    lot, plans = applied(world, count, prequalification=ALL)
    members = seated(world, lot, people)
    for n, member in enumerate(members):
        for number in range(1, count + 1):
            lock(world, lot, member, number, number not in failing or n > 2)
    report(world, lot, members)
    return lot, plans, members


def test_the_committee_decides_and_the_tenderer_carries_out(platform: Platform) -> None:
    """[BLR 18, E-I2] Whole story: the qualified bid, the others do not, and another committee evaluates."""
    world = World(platform)
    lot, plans, members = reviewed(world)
    world.give(lot, "carry_out_application_review", world.agency)
    after = world.lot(lot)
    assert after.status == "ISSUING"
    assert [(a.passed, a.reason) for a in after.part(Prequalification).applications] == [(True, "")] * 3 + [(False, WHY)]
    assert after.part(Draws).of(EXPERTS) is None and after.part(Committee) == Committee()
    assert [s.number for s in after.part(ApplicationReview).members] == [1, 2, 3, 4, 5]
    world.rehearse(lot)
    world.commit_draw(lot, "parameter", world.agency, world.supervisor, world.centre)
    world.submit(lot, plans[0], {})
    with pytest.raises(Refused) as refusal:
        world.submit(lot, plans[3], {})
    assert codes(refusal) == {"bid.not_prequalified"}
    world.commit_draw(lot, "experts", world.agency, world.centre)  # the evaluation's own draw begins anew


def test_the_tenderer_decides_nothing_itself(world: World) -> None:
    """[BLR 18]"""
    lot, _ = applied(world, 3, prequalification=ALL)
    with pytest.raises(Refused) as refusal:
        world.give(lot, "review_applications", world.agency)
    assert codes(refusal) == {"prequalification.by_committee"}
    with pytest.raises(Refused) as refusal:
        world.give(lot, "start_application_review", world.agency)
    assert codes(refusal) == {"committee.not_complete", "committee.size", "committee.no_chair"}
    seated(world, lot)
    results = [{"number": n, "passed": True} for n in (1, 2, 3)]
    with pytest.raises(Refused) as refusal:
        world.give(lot, "decide_prequalification", world.agency, method="all_who_meet", results=results)
    assert codes(refusal) == {"prequalification.by_committee"}
    with pytest.raises(Refused) as refusal:
        world.give(lot, "carry_out_application_review", world.agency)
    assert codes(refusal) == {"prequalification.not_reported"}


def test_where_the_tenderer_reviews_no_committee_is_drawn(world: World) -> None:
    lot, _ = applied(world, 3, state_funded=False)
    world.pool()
    world.commit_draw(lot, "experts", world.agency, world.centre)
    with pytest.raises(Refused) as refusal:
        world.give(lot, "freeze_pool", world.agency, rows=list(ROWS))
    assert codes(refusal) == {"draw.before_prequalified"}
    with pytest.raises(Refused) as refusal:
        world.give(lot, "start_application_review", world.agency)
    assert codes(refusal) == {"prequalification.no_committee"}


def test_fewer_than_three_qualified_end_the_attempt(world: World) -> None:
    """[F-08] And everybody is told all the same."""
    lot, _, _ = reviewed(world, 3, failing=(2,))
    world.give(lot, "carry_out_application_review", world.agency)
    assert world.lot(lot).status == "FAILED"
    with world.platform.look() as unit:
        last = unit.store.read(f"lot/{lot}")[-1].recorded()
    assert last.public["reason"] == "F-08" and [r["passed"] for r in (last.private or {})["results"]] == [True, False, True]


def test_opinions_are_whole_and_locked(world: World) -> None:
    """[BLR 19, SC-2]"""
    lot, _ = applied(world, 3, prequalification=LIMITED)
    member, other, *_ = seated(world, lot)
    with pytest.raises(Refused) as refusal:
        world.give(lot, "lock_application_review", member, number=9, meets=False, points=[{"item": "record", "points": "61"}])
    assert codes(refusal) == {"prequalification.no_such_application", "prequalification.reason_missing",
                              "evaluation.points_out_of_range", "evaluation.points_missing"}  # fmt: skip
    lock(world, lot, member, 1, True, "50", "30")
    with pytest.raises(Refused) as refusal:
        lock(world, lot, member, 1, False, "0", "0")
    assert codes(refusal) == {"prequalification.locked_before"}
    with pytest.raises(Refused) as refusal:
        world.give(lot, "summarise_application_review", other)
    assert {"committee.chair_only", "prequalification.opinions_missing"} <= codes(refusal)


def test_who_leaves_takes_all_opinions_along(world: World) -> None:
    """[BLR 48] The substitute reviews anew; nothing is summed up or signed without."""
    lot, _, members = reviewed(world)
    world.give(lot, "recuse", members[4], ground="RC-6", reason="亲属任职")
    part = world.lot(lot).part(ApplicationReview)
    assert not part.result and not part.signatures and not part.submitted
    assert all(len(by_seat) == 4 for by_seat in part.opinions.values())
    with pytest.raises(Refused) as refusal:
        world.give(lot, "carry_out_application_review", world.agency)
    assert codes(refusal) == {"prequalification.not_reported"}


def employing(world: World, employer: int) -> Actor:
    """An organisation of the sample pool's employers that applies."""
    with world.platform.unit() as unit:
        code = compose_uscc("91530500", f"MAX{employer:05}")
        subject = organisations.register_organisation(unit, world.centre, code, f"用人示例第{employer}公司", ["bidder"])
        data = PersonalData("经办人", "0800-000-0000", f"EMPLOYER-{employer}", "other")
        person = persons.register_person(unit, world.centre, subject, data)
        persons.grant_role(unit, world.centre, person, Role.BIDDER)
    return Actor(person, subject, Role.BIDDER)


def test_nobody_of_an_applicant_is_drawn(world: World) -> None:
    """[RC-1] Who applied is known when the pool is frozen: their people are left out of it, and recused should one be seated all the same.
    Once that is decided only the qualified count."""
    lot, plans = issuing(world, prequalification=ALL)
    applicants = [employing(world, n) for n in range(4)]
    for actor in applicants:
        world.document(SIGNED, actor)
        world.give(lot, "apply_for_prequalification", actor, files=FILES)
    world.go(at("2026-03-16T17:00") + CLOSING_GRACE)
    people = world.pool()
    world.commit_draw(lot, "experts", world.agency, world.centre)
    world.give(lot, "freeze_pool", world.agency, rows=list(ROWS))
    after = world.lot(lot)
    frozen = {n for r in after.part(Draws).by_name[EXPERTS].rows for n in r.candidates}
    with world.platform.look() as unit:
        found = {n: seats.recusals(unit, unit.platform.trade("engineering"), after, Command("sign_in_seat", a, {}, unit.now))
                 for n, a in people.items()}  # fmt: skip
    theirs = {n for n, rules in found.items() if "RC-1" in rules}
    assert theirs and not theirs & frozen
    part = after.part(Prequalification)
    assert len(part.concerned()) == 4
    lost = replace(part, applications=tuple(replace(a, passed=a.number > 1) for a in part.applications))
    assert lost.concerned() == lost.qualified() and len(lost.qualified()) == 3


def test_who_reviews_stays_secret(world: World) -> None:
    """[BL 37] No expert number and no applicant stands in a public part."""
    lot, plans, members = reviewed(world)
    world.give(lot, "carry_out_application_review", world.agency)
    with world.platform.look() as unit:
        told = "".join(s.public for s in unit.store.read(f"lot/{lot}"))
    assert not [m for m in members if world.number(m) in told or m.person in told]
    assert not [p for p in plans if p.uscc in told or p.name in told] and WHY not in told


def test_every_applicant_gets_a_paper_and_the_tenderer_the_report(world: World) -> None:
    """[E-I2, BLR 19] The one beyond the limit is told its points and place."""
    lot, plans = applied(world, 4, prequalification=LIMITED)
    members = seated(world, lot)
    for member in members:
        for number, points in enumerate((("50", "30"), ("40", "40"), ("60", "20"), ("40", "39.5")), 1):
            lock(world, lot, member, number, True, *points)
    report(world, lot, members)
    world.give(lot, "carry_out_application_review", world.agency)
    line = world.lot(lot).part(ApplicationReview).result[3]
    assert line == {"number": 4, "passed": False, "reason": "", "for": 5, "against": 0, "points": "79.50", "place": 4, "limit": 3}
    world.go(world.clock.now())
    papers.issue_waiting(world.platform)
    with world.platform.look() as unit:
        issued = [s.recorded().public for s in unit.store.read(f"lot/{lot}") if s.type == "document_issued"]
    assert sorted(p["part"] for p in issued if p["kind"] == "prequalification_result") == [1, 2, 3, 4]
    assert {"draw_record", "review_report"} <= {p["kind"] for p in issued}


def test_an_application_late_by_a_millisecond_is_refused_with_a_receipt(world: World) -> None:
    """[E-T02, B-02, T-11] At T − 1 ms it is received, though the clock has yet to count; at T it is not."""
    lot, plans = issuing(world, state_funded=False)
    command: dict[str, object] = {"files": FILES}
    for plan in plans[:2]:
        world.give(lot, "apply_for_prequalification", plan.actor, **command)
    world.clock.move_to(at("2026-03-16T17:00") - timedelta(milliseconds=1))
    world.give(lot, "apply_for_prequalification", plans[2].actor, **command)
    for moment in (timedelta(0), timedelta(hours=1)):
        world.go(at("2026-03-16T17:00") + moment)
        with pytest.raises(Refused) as refusal:
            world.give(lot, "apply_for_prequalification", plans[3].actor, **command)
        assert codes(refusal) == {"prequalification.late"}
        given = Command("apply_for_prequalification", plans[3].actor, command, world.clock.now())
        with world.platform.unit() as unit:
            assert '"kind":"application_refused"' in str(bids.refuse_late(unit, lot, given, refusal.value)["receipt"])
    assert world.lot(lot).status == "PREQ_CLOSED" and len(world.lot(lot).part(Prequalification).applications) == 3


# ------------------------------------------------------------------ the arithmetic

opinion = st.builds(lambda meets, a, b: Opinion(meets, "" if meets else WHY, {"record": str(a), "staff": str(b)}),
                    st.booleans(), st.integers(0, 60), st.integers(0, 40))  # fmt: skip
reviews = st.lists(st.lists(opinion, min_size=5, max_size=5), min_size=1, max_size=8).map(
    lambda rows: {n: {str(s): o for s, o in enumerate(row, 1)} for n, row in enumerate(rows, 1)}
)


@given(reviews, st.sampled_from(["item_order", "arrival"]))
def test_at_most_as_many_pass_as_the_document_says_and_by_points(opinions: dict[int, dict[str, Opinion]], tie_rule: str) -> None:
    """[E-I3]"""
    lines = outcome({"prequalification": {**LIMITED, "tie_rule": tie_rule}}, opinions, 5)
    met = {n for n, row in opinions.items() if sum(o.meets for o in row.values()) >= 3}
    passed = {line["number"] for line in lines if line["passed"]}
    assert passed <= met and len(passed) == min(3, len(met))
    sums = {n: sum(Fraction(p) for o in row.values() for p in o.points.values()) for n, row in opinions.items()}
    assert all(sums[a] >= sums[b] for a in passed for b in met - passed)
    if tie_rule == "arrival":
        assert all((-sums[a], a) < (-sums[b], b) for a in passed for b in met - passed)
    assert all(line["reason"] == WHY for line in lines if line["number"] not in met)


@given(reviews)
def test_all_who_meet_pass_and_nobody_else(opinions: dict[int, dict[str, Opinion]]) -> None:
    """[E-I3] Whatever members would have scored."""
    lines = outcome({"prequalification": ALL}, opinions, 5)
    assert [line["passed"] for line in lines] == [sum(o.meets for o in row.values()) >= 3 for _, row in sorted(opinions.items())]
    assert all("place" not in line for line in lines)


def test_equal_points_are_settled_as_the_document_says() -> None:
    """[E-I3]"""
    rows = {1: ("30", "40"), 2: ("40", "30"), 3: ("50", "40"), 4: ("50", "40")}
    opinions = {n: {"1": Opinion(True, "", dict(zip(("record", "staff"), points, strict=True)))} for n, points in rows.items()}
    for tie_rule, qualified in (("item_order", [2, 3, 4]), ("arrival", [1, 3, 4])):
        lines = outcome({"prequalification": {**LIMITED, "tie_rule": tie_rule}}, opinions, 1)
        assert [line["number"] for line in lines if line["passed"]] == qualified


@pytest.mark.parametrize("rules, missing", [
    (None, {"prequalification.rules_missing"}),
    ({"method": "limited_number"}, {"prequalification.limit", "prequalification.items_missing", "prequalification.tie_rule_missing"}),
    (ALL, set()),
    (LIMITED, set()),
])  # fmt: skip
def test_the_document_states_what_is_reviewed_by(rules: Any, missing: set[str]) -> None:
    """[E-I2]"""
    assert {p.code for p in rules_problems({"prequalification": rules}, 3)} == missing
