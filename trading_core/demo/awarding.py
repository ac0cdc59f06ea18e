"""From the candidates' publicity to the archive."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from ..domain.money import daxie
from ..domain.stages.award import award_of
from ..domain.volume import MISSING, Volume
from ..services import deposits, lots, papers
from .play import Play
from .theatre import DAY

DEPOSIT_RATE = Decimal("0.0035")
OBJECTOR = 1  # the second candidate


def candidates(play: Play) -> None:
    play.theatre.at(play.theatre.workday(play.theatre.today + DAY), "09:00")
    play.act(play.agency, "publish_candidates", evaluation_summary="采用综合评估法，五名投标人通过初步评审。",
             how_to_object="公示期内通过本平台提出。")  # fmt: skip


def objection(play: Play) -> None:
    """An objection to the result stops the lot until it is answered, and the publicity runs on afterwards [T-12]."""
    play.theatre.wait(timedelta(hours=6))
    ranked = sorted(award_of(play.state()).candidates, key=lambda c: c.rank)
    loser = next(b for b in play.biddings if b.bid.identity.uscc == ranked[OBJECTOR].uscc)
    play.act(loser.member, "object_to_result", text="请核实第一中标候选人项目经理的在建项目情况。")
    play.theatre.at(play.theatre.workday(play.theatre.today + DAY), "10:00")
    play.act(play.agency, "answer_objection", number=1, outcome="rejected", answer="经核查，该项目经理没有在建项目，异议不成立。")


def award(play: Play) -> None:
    play.theatre.go(play.state().schedule["publicity_end"])
    play.theatre.at(play.theatre.workday(play.theatre.today + DAY), "09:00")
    first = min(award_of(play.state()).candidates, key=lambda c: c.rank)
    play.act(play.principal, "decide_award", bid=first.bid)
    play.theatre.wait(timedelta(hours=1))
    play.act(play.agency, "issue_award_letter")
    play.act(play.agency, "publish_result")


def contract(play: Play) -> None:
    play.theatre.at(play.theatre.workday(play.theatre.today, 8), "10:00")
    winner = award_of(play.state()).standing
    assert winner is not None
    paper = play.file(play.principal, "contract.txt", f"建设工程施工合同\n承包人：{winner.bidder}\n合同价：{daxie(winner.price_fen)}\n")
    stated = {f.name: winner.form.get(f.name, play.script.terms.get(f.name)) for f in play.platform.trade(play.script.trade).contract}
    play.act(play.agency, "file_written_report", text="招标投标情况书面报告：过程依法合规，异议一件，已答复。", files=[paper])
    play.act(
        play.principal, "sign_contract", contract_number=f"HT-{play.lot}", price_fen=winner.price_fen, uscc=winner.uscc,
        performance_bond_fen=winner.price_fen // 10, files=[paper], **stated,
    )  # fmt: skip
    play.act(next(b.member for b in play.biddings if b.bid.identity.uscc == winner.uscc), "confirm_contract")
    play.theatre.at(play.theatre.workday(play.theatre.today, 2), "10:00")
    with play.platform.unit() as unit:
        deposits.return_due(unit, play.centre.actor, play.lot, DEPOSIT_RATE)


def performance(play: Play) -> None:
    play.theatre.at(play.theatre.workday(play.theatre.today, 5), "09:00")
    play.act(play.agency, "start_performance", started_on=play.theatre.today.isoformat())
    play.theatre.at(play.theatre.workday(play.theatre.today + 60 * DAY), "09:00")
    paid = award_of(play.state()).candidates[0].price_fen * 3 // 10
    play.act(play.agency, "note_performance", kind="payment", text="支付首期进度款（30%）。", amount_fen=paid)
    play.theatre.at(play.theatre.workday(play.theatre.today + 80 * DAY), "09:00")
    paper = play.file(play.principal, "acceptance.txt", "竣工验收报告：合格。\n")
    play.act(play.principal, "accept", text="竣工验收合格，交付使用。", files=[paper])


def archive(play: Play) -> None:
    """What the record does not hold itself is handed in; below 100 % nothing is archived [IN-2]."""
    with play.platform.look() as unit:
        lot = lots.find(unit, play.lot)
        trade = lots.trade_of(unit, lot)
        issued = cast("Sequence[str]", papers.kinds_issued(unit, trade, lot, cast("Any", None)))
    missing = [n for n, found in trade.archive.completeness(Volume(lot, issued, ())).items() if found == MISSING]
    pieces = [{"piece": n, **play.file(play.centre, f"archive-{n}.txt", f"归档材料 {n}\n")} for n in missing]
    play.act(play.centre, "archive", retention="30", pieces=pieces)
