"""A committee reviews applications at its desk, from the sign-in to the signed report, and each sees what is theirs to see [BLR 18]."""
from __future__ import annotations

import hashlib

import pytest

from tests.tender.test_evaluating import ROWS
from tests.tender.test_prequalification_review import LIMITED, WHY
from tests.tender.test_prequalifying import NAMES, applied, apply, issuing
from tests.web.rooms import Visitor, account, hidden
from tests.web.workbench_world import OpenWorld
from tests.world import at
from trading_core.domain.tender.bidding import CLOSING_GRACE
from trading_core.domain.tender.prequalifying import Prequalification
from trading_core.platform import Platform

TEXT = "项目经理注册建造师证书编号 0001".encode()
DIGEST = hashlib.sha256(TEXT).hexdigest()
FILES = [{"name": "申请文件.txt", "sha256": DIGEST, "size": len(TEXT)}]
POINTS = {1: ("50", "30"), 2: ("40", "40"), 3: ("60", "20"), 4: ("40", "39.5")}


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def confirmed(visitor: Visitor, path: str, act: str, **values: str) -> None:
    """An act that a page of its own repeats before it is done."""
    asked = visitor.act(path, act, **values)
    assert asked.status_int == 200 and 'class="dialog"' in asked.text, asked.text[-3000:]
    answer = visitor.post(path, {**hidden(asked), "step": "confirm"})
    assert answer.status_int == 303, answer.text[-3000:]


def scored(record: str, staff: str) -> dict[str, str]:
    return {"points.0.item": "record", "points.0.points": record, "points.1.item": "staff", "points.1.points": staff}


def test_the_committee_reviews_at_its_desk(world: OpenWorld) -> None:
    lot, plans = applied(world, 4, files=FILES, sent=TEXT, prequalification=LIMITED)
    path, people = f"/desk/{lot}", world.pool()
    members = world.draw_experts(lot, people, *ROWS)
    for member in members:
        account(world, member)
    seats = [Visitor(world, m) for m in members]
    for seat in seats:
        page = seat.get(path).text
        assert all(name in page for name in NAMES) and "资格预审的申请人" in page
        assert seat.get(f"{path}/files/{DIGEST}").status_int == 404  # not before one has stated that there is no ground for recusal
        confirmed(seat, path, "sign_in_seat", no_recusal="yes", keeps_discipline="yes")
    for seat in seats[:3]:
        assert seat.act(path, "vote_chair", seat="1").status_int == 303
    host = Visitor(world, world.agency)
    assert f"/my/lots/{lot}/acts/start_application_review" in host.get("/my").text
    world.give(lot, "start_application_review", world.agency)

    assert "lock_application_review" in seats[0].get(path).text and path in seats[0].get("/my").text
    refused = seats[0].act(f"{path}?number=1", "lock_application_review", meets="no", reason="",
                           **scored("61", "1"))  # fmt: skip
    assert refused.status_int == 422 and "类似业绩" in refused.text and 'value="61"' in refused.text
    for n, seat in enumerate(seats):
        for number, (record, staff) in POINTS.items():
            before = seat.get(f"{path}?number={number}").text
            assert WHY not in before and ("申请文件.txt" in before) and TEXT.decode() in before  # nobody else's opinion shows
            meets = {"meets": "yes"} if number > 1 or n else {"meets": "no", "reason": WHY}
            confirmed(seat, f"{path}?number={number}", "lock_application_review", **meets, **scored(record, staff))
    assert WHY in seats[4].get(f"{path}?number=1").text
    assert seats[1].get(f"{path}/files/{DIGEST}").body == TEXT
    assert seats[1].get(f"{path}/fragments").status_int == 200

    confirmed(seats[0], path, "summarise_application_review")
    page = seats[1].get(path).text
    assert "79.50" in page and "4 : 1" in page
    for seat in seats:
        confirmed(seat, path, "sign_report", agrees="yes")
    confirmed(seats[0], path, "submit_application_review")
    assert "审查报告已提交" in seats[2].get(path).text
    assert "carry_out_application_review" in host.get("/my").text
    world.give(lot, "carry_out_application_review", world.agency)
    assert [a.passed for a in world.lot(lot).part(Prequalification).applications] == [True, True, True, False]
    assert seats[0].get(path).status_int == 404 and "没有您的评标席位" in seats[0].get("/desk").text


def test_the_tenderer_sees_what_it_decides_on(world: OpenWorld) -> None:
    """[BLR 18] Where no committee reviews them, the applications stand on the page where they are decided."""
    lot, _ = apply(world, 3)
    page = Visitor(world, world.agency).get(f"/my/lots/{lot}/acts/decide_prequalification").text
    assert all(name in page for name in NAMES[:3]) and page.count(f"/desk/{lot}/files/") == 3


@pytest.mark.parametrize("state_funded", [True, False])
def test_applications_are_read_by_who_reviews_them(world: OpenWorld, state_funded: bool) -> None:
    """[E-I2] By nobody before they are counted; then by the supervisor, and where no committee reviews them by the hosts."""
    lot, plans = issuing(world, prequalification=LIMITED, state_funded=state_funded)
    world.document(TEXT, plans[0].actor)
    world.give(lot, "apply_for_prequalification", plans[0].actor, files=FILES)
    outsiders = (world.centre, plans[0].actor, plans[1].actor)
    hosts, readers = (world.agency, world.principal), {world.supervisor}
    for counted in (False, True):
        for actor in (*hosts, world.supervisor, *outsiders):
            answer = Visitor(world, actor).get(f"/desk/{lot}/files/{DIGEST}")
            reads = counted and actor in (readers if state_funded else readers | set(hosts))
            assert answer.status_int == (200 if reads else 404), (counted, actor.role)
        world.go(at("2026-03-16T17:00") + CLOSING_GRACE)
