"""The scoring desk: from the call to the report through plain forms, and what each seat may see."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.web.rooms import PRICES, ROWS, Visitor, account, hidden
from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, at
from trading_core.adapters.db import codec
from trading_core.adapters.db.lots import lot_table
from trading_core.domain.tender.assessment import Evaluation
from trading_core.domain.tender.committee import Committee
from trading_core.domain.tender.expert_drawing import waiting
from trading_core.domain.tender.opening import Opening
from trading_core.domain.tender.reading import CONFIRMATION_WINDOW
from trading_core.platform import Platform

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
TEXT = "第一章 总体部署\n围堰顶高程取枯水期十年一遇水位。"
FILES = {"施工组织设计.txt": TEXT.encode(), "图纸.pdf": PDF, "网页.html": b"<script>alert(1)</script>"}


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def opened(world: OpenWorld, terms: Mapping[str, object] = TERMS) -> str:
    lot = world.announce(terms)
    world.go(at("2026-03-02T08:30"))
    for name, price in PRICES.items():
        plan = world.bidder(name)
        stated = {"technical": {"project_leader": "王某", "duration_days": 210, "quality": "合格"}, "price": {"price_fen": price}}
        files = {n: b + (name.encode() if n.endswith("txt") else b"") for n, b in FILES.items()}
        data = world.submission(lot, plan, stated, files)
        world.give(lot, "submit_bid", plan.actor, **data)
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency, world.supervisor)
    if terms is TERMS:
        world.release(lot, "price", world.agency, world.centre)
    world.go(world.clock.now())
    world.hand_in(lot, "parameter", world.agency, world.supervisor)
    world.go(world.clock.now() + timedelta(minutes=11))
    world.give(lot, "finish_opening", world.agency)
    return lot


class Committee5:
    """Five experts with accounts and browsers."""

    def __init__(self, world: OpenWorld, lot: str, rows: tuple[Mapping[str, object], ...] = ROWS) -> None:
        self.world, self.lot, self.path = world, lot, f"/desk/{lot}"
        self.people = world.pool()
        members = world.draw_experts(lot, self.people, *rows)
        for member in members:
            account(world, member)
        self.actors = {n: m for n, m in enumerate(members, 1)}
        self.seats = {n: Visitor(world, m) for n, m in self.actors.items()}

    def sign_in(self) -> None:
        for seat in self.seats.values():
            asked = seat.act(self.path, "sign_in_seat", no_recusal="yes", keeps_discipline="yes")
            assert asked.status_int == 200 and 'class="dialog"' in asked.text
            assert seat.post(self.path, {**hidden(asked), "step": "confirm"}).status_int == 303

    def elect(self) -> None:
        for n in (1, 2, 3):
            assert self.seats[n].act(self.path, "vote_chair", seat="1").status_int == 303

    def begin(self) -> None:
        self.sign_in()
        self.elect()
        self.world.give(self.lot, "start_evaluation", self.world.agency)

    def confirmed(self, seat: int, act: str, **values: str) -> None:
        asked = self.seats[seat].act(self.path, act, **values)
        assert asked.status_int == 200, asked.text[-2000:]
        assert self.seats[seat].post(self.path, {**hidden(asked), "step": "confirm"}).status_int == 303

    def lock(self, seat: int, bid: str, plan: str, record: str) -> None:
        visitor = self.seats[seat]
        form = {**visitor.form(f"{self.path}?bid={bid}", "lock_scores"), "points.plan": plan, "points.record": record, "comment": "完整"}
        asked = visitor.post(self.path, form)
        assert 'class="dialog"' in asked.text, asked.text
        assert visitor.post(self.path, {**hidden(asked), "step": "confirm"}).status_int == 303

    def give_lock(self, seat: int, bid: str, plan: str, record: str) -> None:
        """The same without the pages."""
        self.world.give(self.lot, "lock_scores", self.actors[seat], bid=bid, points={"plan": plan, "record": record})

    def finish_review(self) -> None:
        assert self.seats[1].act(self.path, "finish_review").status_int == 303

    def bids(self) -> list[str]:
        return [b.bid for b in self.world.lot(self.lot).part(Opening).valid()]


@pytest.fixture
def table(world: OpenWorld) -> Iterator[Committee5]:
    yield Committee5(world, opened(world))


def test_a_call_is_answered_at_the_desk(world: OpenWorld) -> None:
    lot = opened(world)
    people = world.pool()
    world.commit_draw(lot, "experts", world.agency, world.centre)
    world.give(lot, "freeze_pool", world.agency, rows=list(ROWS))
    world.hand_in(lot, "experts", world.agency, world.centre)
    first, second = waiting(world.lot(lot))[:2]
    for number in (first, second):
        account(world, people[number])
    called, refusing = Visitor(world, people[first]), Visitor(world, people[second])
    page = called.get(f"/desk/{lot}").text
    assert "请在 10 分钟内答复" in page and not [name for name in PRICES if name in page]
    assert "等您答复" in called.get("/desk").text
    assert called.act(f"/desk/{lot}", "answer_call", answer="accept").status_int == 303
    assert refusing.act(f"/desk/{lot}", "answer_call", answer="refuse").status_int == 303
    assert "您不参加本次评标" in refusing.get(f"/desk/{lot}").text
    assert first not in waiting(world.lot(lot)) and second not in waiting(world.lot(lot))


def test_the_bidders_are_shown_at_sign_in(table: Committee5) -> None:
    page = table.seats[1].get(table.path).text
    assert all(name in page for name in PRICES) and "王某" not in page
    refused = table.seats[1].act(table.path, "sign_in_seat", no_recusal="yes", keeps_discipline="no")
    assert refused.status_int == 422 and 'href="#f-keeps_discipline"' in refused.text


def test_who_must_recuse_gives_the_seat_to_the_next(table: Committee5) -> None:
    table.confirmed(1, "sign_in_seat", no_recusal="no", keeps_discipline="yes", reason="曾任职")
    assert "您已回避" in table.seats[1].get(table.path).text
    assert not table.world.lot(table.lot).part(Committee).seats


def test_the_desk_is_there_for_its_members_only(table: Committee5) -> None:
    world = table.world
    outsider = next(a for n, a in table.people.items() if n not in world.asked(table.lot))
    account(world, outsider)
    for actor in (outsider, world.agency, world.principal, world.centre, world.supervisor):
        assert Visitor(world, actor).get(table.path).status_int == 404, actor.role
    assert Visitor(world).get(table.path).status_int == 303
    assert Visitor(world, outsider).get("/desk").text.count("没有您的评标席位") == 1
    assert table.lot in table.seats[1].get("/desk").text


def test_no_member_is_named(table: Committee5) -> None:
    table.begin()
    page = table.seats[2].get(table.path).text
    people = [n for n in table.people if n in page] + [a.person for a in table.people.values() if a.person in page]
    assert not people and "1 号席位" in page and "2 号席位" in page


def test_files_of_opened_bids_for_who_sits_and_the_supervisor(table: Committee5) -> None:
    world = table.world
    bid = world.lot(table.lot).part(Opening).valid()[0]
    files = {str(f["name"]): str(f["sha256"]) for f in bid.envelopes["technical"].files}
    path = f"{table.path}/files/{files['图纸.pdf']}"
    assert table.seats[1].get(path).status_int == 404  # expected, but not seated
    table.begin()
    shown = table.seats[1].get(path)
    assert shown.status_int == 200 and shown.body == PDF and shown.content_type == "application/pdf"
    assert shown.headers["X-Content-Type-Options"] == "nosniff" and shown.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert shown.content_disposition.startswith("inline") and "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]
    assert table.seats[1].get(path + "?save=1").content_disposition.startswith("attachment")
    html = table.seats[1].get(f"{table.path}/files/{files['网页.html']}")
    assert html.content_type == "application/octet-stream" and html.content_disposition.startswith("attachment")
    assert html.headers["X-Frame-Options"] == "DENY"
    assert Visitor(world, world.supervisor).get(path).status_int == 200
    for actor in (world.agency, world.centre, world.principal):
        assert Visitor(world, actor).get(path).status_int == 404
    assert Visitor(world).get(path).status_int == 303
    assert table.seats[1].get(f"{table.path}/files/{'0' * 64}").status_int == 404
    sealed = world.lot(table.lot).part(Opening)
    assert sealed.bids
    page = table.seats[1].get(f"{table.path}?bid={bid.bid}&file={files['施工组织设计.txt']}")
    assert "围堰顶高程取枯水期十年一遇水位" in page.text and "object-src" not in page.headers["Content-Security-Policy"]
    page = table.seats[1].get(f"{table.path}?bid={bid.bid}&file={files['图纸.pdf']}")
    assert "object-src 'self'" in page.headers["Content-Security-Policy"] and path in page.text


def test_motions_questions_and_votes(table: Committee5) -> None:
    table.begin()
    bid, path = table.bids()[0], table.path
    asking = f"{path}?bid={bid}&do=propose_rejection"
    refused = table.seats[2].act(asking, "propose_rejection", ground="RJ-5", clause="", evidence="x")
    assert refused.status_int == 422 and 'href="#f-clause"' in refused.text and 'value="RJ-5"' in refused.text
    refused = table.seats[2].act(asking, "propose_rejection", ground="RJ-5", clause="3.1", evidence="低于成本")
    assert refused.status_int == 422 and 'href="#f-basis"' in refused.text
    assert table.seats[2].act(asking, "propose_rejection", ground="RJ-3", clause="3.5.1", evidence="资质不符").status_int == 303
    assert table.seats[1].act(path, "finish_review").status_int == 422
    for n in (1, 2, 3):
        assert table.seats[n].act(path, "vote_rejection", agree="yes").status_int == 303
    page = table.seats[4].get(path).text
    assert "同意 3" in page and "资质不符" in page
    other = table.bids()[1]
    asked = table.seats[3].act(f"{path}?bid={other}&do=request_clarification", "request_clarification", text="请说明工期",
                               deadline="2026-03-23T18:00")  # fmt: skip
    assert asked.status_int == 303
    for n in (1, 2, 3):
        assert table.seats[n].act(path, "vote_resolution", agree="yes").status_int == 303
    assert "等待答复" in table.seats[5].get(f"{path}?bid={other}").text
    assert "等待答复" not in table.seats[5].get(f"{path}?bid={table.bids()[2]}").text
    table.finish_review()
    assert bid not in {b.bid for b in table.world.lot(table.lot).part(Evaluation).entries}
    assert 'name="points.plan"' not in table.seats[1].get(f"{path}?bid={bid}").text


def test_every_wrong_figure_is_told_at_its_field(table: Committee5) -> None:
    table.begin()
    table.finish_review()
    bid, visitor = table.bids()[0], table.seats[1]
    form = visitor.form(f"{table.path}?bid={bid}", "lock_scores")
    wrong = visitor.post(table.path, {**form, "points.plan": "40", "points.record": "3", "comment": "草"})
    assert wrong.status_int == 422 and wrong.text.count('aria-invalid="true"') == 2
    assert 'href="#f-points-plan"' in wrong.text and "总体部署 应在 0 至 34 分之间" in wrong.text and 'value="40"' in wrong.text
    missing = visitor.post(table.path, {**form, "points.plan": "30", "points.record": ""})
    assert missing.status_int == 422 and "业绩 还没有打分" in missing.text
    assert not table.world.lot(table.lot).part(Evaluation).entries


def test_others_scores_show_only_after_ones_own_lock(table: Committee5) -> None:
    table.begin()
    table.finish_review()
    first, second = table.bids()[:2]
    table.lock(1, first, "27.5", "4")
    before = table.seats[2].get(f"{table.path}?bid={first}").text
    assert "27.5" not in before and "1 / 5 人已锁定" in before
    assert "27.5" not in table.seats[2].get(f"{table.path}/fragments?bid={first}").text
    table.lock(2, first, "30", "4")
    after = table.seats[2].get(f"{table.path}?bid={first}").text
    assert "27.5" in after and 'name="points.plan"' not in after
    assert "27.5" not in table.seats[2].get(f"{table.path}?bid={second}").text


def test_a_draft_is_ones_own_sealed_and_gone_after_the_lock(table: Committee5) -> None:
    table.begin()
    table.finish_review()
    bid, path = table.bids()[0], f"{table.path}?bid={table.bids()[0]}"
    visitor = table.seats[3]
    form = {**visitor.form(path, "lock_scores"), "points.plan": "31.5", "points.record": "3", "comment": "导流方案完整"}
    saved = visitor.post(f"{table.path}/draft", form)
    assert saved.status_int == 200 and "从 0 起每 2 分一档" in saved.json["problems"]["points.record"]
    assert visitor.post(table.path, {**form, "step": "draft"}).status_int == 303
    own = visitor.get(path).text
    assert 'value="31.5"' in own and "导流方案完整" in own
    assert "31.5" not in table.seats[4].get(path).text
    folder = Path(table.world.platform.settings.data)
    dumped = b"".join(f.read_bytes() for f in folder.rglob("*") if f.is_file() and "db" in f.name)
    assert dumped and "导流方案完整".encode() not in dumped and b"31.5" not in dumped
    table.lock(3, bid, "31.5", "4")
    assert visitor.post(f"{table.path}/draft", form).status_int == 404


def test_objective_items_are_flagged_and_reconciled(table: Committee5) -> None:
    """[SC-1]"""
    table.begin()
    table.finish_review()
    odd = table.bids()[0]
    for n in table.seats:
        for bid in table.bids():
            table.give_lock(n, bid, "28", "6" if (n, bid) == (5, odd) else "4")
    page = table.seats[2].get(f"{table.path}?bid={odd}").text
    assert "客观分各成员不一致" in page
    assert table.seats[1].act(table.path, "summarise").status_int == 422
    correcting = f"{table.path}?bid={odd}&do=correct_score&item=record"
    assert table.seats[5].act(correcting, "correct_score", item="record", points="4", reason="核对后更正").status_int == 303
    assert "客观分各成员不一致" not in table.seats[2].get(f"{table.path}?bid={odd}").text


def test_the_whole_evaluation_at_the_desk(table: Committee5) -> None:
    table.begin()
    table.finish_review()
    for n in table.seats:
        for bid in table.bids():
            (table.lock if n == 1 else table.give_lock)(n, bid, str(24 + n), "4")
    assert 'value="summarise"' not in table.seats[2].get(table.path).text
    form = hidden(table.seats[2].get(table.path))
    assert table.seats[2].post(table.path, {**form, "act": "summarise", "step": "confirm", "key": "k"}).status_int == 422
    table.confirmed(1, "summarise")
    page = table.seats[4].get(table.path).text
    result = table.world.lot(table.lot).part(Evaluation).result
    for told in result["bids"]:
        assert told["total"] in page and told["price"]["score"] in page and told["price"]["unrounded"] in page
    assert result["price"]["benchmark"]["value"] in page and page.count("推荐</span>") == 3
    wrong = table.seats[2].act(table.path, "sign_report", agrees="no")
    assert wrong.status_int == 422 and 'href="#f-opinion"' in wrong.text
    table.confirmed(2, "sign_report", agrees="no", opinion="对第二名有不同意见")
    refusing = table.seats[3].form(f"{table.path}?do=refuse_to_sign", "refuse_to_sign")
    asked = table.seats[3].post(table.path, {**refusing, "reason": ""})
    assert table.seats[3].post(table.path, {**hidden(asked), "step": "confirm"}).status_int == 303
    for n in (1, 4, 5):
        table.confirmed(n, "sign_report", agrees="yes")
    signed = table.world.lot(table.lot).part(Evaluation).signatures
    assert {n for n, how in signed.items() if how == "agrees"} == {"1", "3", "4", "5"} and signed["2"] == "differs"
    table.confirmed(1, "submit_report")
    assert table.world.lot(table.lot).status == "EVALUATED"
    assert "评标报告已提交" in table.seats[5].get(table.path).text


def test_acts_of_others_are_not_given_at_the_desk(table: Committee5) -> None:
    table.begin()
    form = hidden(table.seats[1].get(table.path))
    for act in ("start_evaluation", "decide_tie", "publish", "open_bid", ""):
        assert table.seats[1].post(table.path, {**form, "act": act}).status_int == 404


def test_it_reads_in_english(table: Committee5) -> None:
    table.begin()
    page = table.seats[1].get("/en" + table.path).text
    assert "Scoring desk" in page and "Preliminary review" in page and json.dumps("desk.")[1:-1] not in page.replace("desk.js", "")




def test_a_representative_of_the_principal_sits_too(world: OpenWorld) -> None:
    """[X-8] Named in writing, not drawn; only who was named, not everybody of the principal."""
    lot = opened(world)
    assert Visitor(world, world.principal).get(f"/desk/{lot}").status_int == 404
    world.give(lot, "name_representatives", world.principal, persons=[world.principal.person])
    table = Committee5(world, lot, (ROWS[0], {"row": "cost", "specialty": "C02", "count": 1}))
    table.seats[5] = Visitor(world, world.principal)
    table.begin()
    seats = world.lot(lot).part(Committee).seats
    assert [s.kind for s in seats] == ["expert"] * 4 + ["representative"]
    page = table.seats[1].get(table.path).text
    assert world.principal.person not in page and "5 号席位" in page
    assert table.seats[5].get(table.path).text.count("初步评审") >= 1


def test_prices_stay_sealed_until_the_technical_result_is_closed(world: OpenWorld) -> None:
    """Two envelopes, the price opened after the technical result: at the desk, in the hall, and in the order of the acts."""
    envelopes = [{"name": "technical", "opens": "at_opening"}, {"name": "price", "opens": "after_technical"}]
    lot = opened(world, {**TERMS, "envelopes": envelopes})
    table, hall = Committee5(world, lot), f"/lots/{lot}/opening"
    table.begin()
    table.finish_review()
    public, trustee = Visitor(world), Visitor(world, world.agency)
    for path, visitor in ((hall, public), (table.path, table.seats[1])):
        assert "9,800,000.00" not in visitor.get(path).text
    assert f"/my/lots/{lot}/keys" not in trustee.get(hall).text
    for n in table.seats:
        for bid in table.bids():
            table.give_lock(n, bid, str(24 + n), "4")
    assert "确定技术评审结果" in table.seats[1].get(table.path).text
    table.confirmed(1, "summarise_technical")
    assert "正在开启报价" in public.get(hall).text and f"/my/lots/{lot}/keys" in trustee.get(hall).text
    assert table.seats[1].act(table.path, "summarise").status_int == 422
    world.release(lot, "price", world.agency, world.centre)
    world.go(world.clock.now())
    assert "9,800,000.00" in public.get(hall).text and "正在开启报价" in public.get(hall).text
    world.go(world.clock.now() + CONFIRMATION_WINDOW)
    assert "开标已结束" in public.get(hall).text
    table.confirmed(1, "summarise")
    assert "9,800,000.00" in table.seats[3].get(table.path).text


def test_who_was_prequalified_is_not_qualified_again(table: Committee5) -> None:
    """[E-I4] The form of a motion says so, where there was a prequalification."""
    table.begin()
    path = f"{table.path}?do=propose_rejection"
    assert "E-I4" not in table.seats[2].get(path).text
    lot = table.world.lot(table.lot)
    decided = replace(lot, terms={**lot.terms, "qualification_way": "pre"},
                      history={**lot.history, "prequalification_decided": at("2026-03-02T08:30")})  # fmt: skip
    with table.world.platform.unit() as unit:
        state = unit.store.vault.seal(f"lot/{lot.id}", codec.encode(decided))
        unit.connection.execute(sa.update(lot_table).where(lot_table.c.id == lot.id).values(state=state))
    page = table.seats[2].get(path).text
    assert "E-I4" in page and "投标人已通过资格预审" in page
