"""From the candidates to the archive: publicity, an objection and its answer, award, letter, contract, performance, the volume."""
from __future__ import annotations

from datetime import timedelta

from tests.world import at
from trading_core.domain.stages.award import award_of

from .play import PDF, Play, fill


def publish_candidates(play: Play) -> None:
    agency, public = play.window("agency"), play.window("", 360)
    play.go(at("2026-03-24T09:00"))
    play.give(agency, "publish_candidates", "candidates", evaluation_summary="采用综合评估法，三名投标人通过初步评审。",
              how_to_object="公示期内登录本平台，在标段页面提出。")  # fmt: skip
    public.open(f"/lots/{play.lot}")
    assert public.page.locator("td", has_text="滇 153001").count() == 1  # the letter of each candidate, as it was sealed
    public.look("lot-publicity")


def object_and_answer(play: Play) -> None:
    """The objection stops the lot until it is answered, and the publicity runs on afterwards [T-12]."""
    play.wait(timedelta(hours=6))
    bidder, agency, public = play.window("bidder3"), play.window("agency"), play.window("", 360)
    play.give(bidder, "object_to_result", "objection", text="请核实第一中标候选人项目负责人的在建项目情况。")
    public.open(f"/lots/{play.lot}")
    public.look("lot-frozen")
    play.go(at("2026-03-25T10:00"))
    agency.open("/my")
    agency.look("workbench-objection")
    play.give(agency, "answer_objection", "objection-answer", outcome="rejected", answer="经核查，该项目负责人没有在建项目，异议不成立。")
    public.open(f"/lots/{play.lot}/objections")
    public.look("objections")


def award(play: Play) -> None:
    play.go(play.state().schedule["publicity_end"] + timedelta(hours=9))
    principal, agency = play.window("principal"), play.window("agency")
    principal.open("/my")
    principal.look("workbench-award")
    play.give(principal, "decide_award", "award")
    play.wait(timedelta(hours=1))
    play.give(agency, "issue_award_letter", "letter")
    play.give(agency, "publish_result", "result")


def contract(play: Play) -> None:
    """The principal signs what was tendered: any other price is refused."""
    play.go(at("2026-04-08T10:00"))
    principal, agency, winner = play.window("principal"), play.window("agency"), award_of(play.state()).standing
    assert winner is not None
    play.give(agency, "file_written_report", "written-report", text="招标投标情况书面报告：过程依法合规，异议一件，已答复。")
    play.duty(principal, "sign_contract")
    principal.look("contract-form")
    stated = {"contract_number": "HT-2026-018", "files.upload": [play.file("施工合同.pdf")]}
    with principal.refusal():
        fill(principal, {**stated, "price_fen": "9,999,999.00"})
        principal.page.locator("main form .btn-primary").click()
    principal.look("contract-differs")
    price = f"{winner.price_fen // 100:,}.{winner.price_fen % 100:02}"
    play.fill(principal, "sign_contract", "contract", price_fen=price)


def perform(play: Play) -> None:
    play.go(at("2026-04-15T09:00"))
    principal = play.window("principal")
    play.give(principal, "start_performance", "performance", started_on="2026-04-15")
    play.go(at("2026-11-10T09:00"))
    play.give(principal, "accept", "acceptance", text="竣工验收合格，交付使用。", **{"files.upload": [play.file("竣工验收报告.pdf")]})


def archive(play: Play) -> None:
    """What the record does not hold by itself is handed in; below 100 % nothing is archived [IN-2]."""
    play.wait(timedelta(days=1))
    centre = play.window("centre")
    centre.open("/my")
    centre.look("workbench-archive")
    play.duty(centre, "archive")
    centre.look("archive-form")
    lacking = centre.page.locator("main fieldset > .field input[type=file]")
    assert lacking.count()
    for n in range(lacking.count()):
        lacking.nth(n).set_input_files(play.file(f"归档材料-{n + 1}.pdf", PDF + str(n).encode()))
    play.fill(centre, "archive", "archive", retention="30")
