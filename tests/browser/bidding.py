"""Before the deadline: trustees' keys and parts of draws, a question and its answer, three bids sealed in the bidders' browsers."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from tests.world import at

from .cast import BIDDERS
from .play import PASSPHRASE, Play, fill
from .stage import Window

TRUSTEES = ("agency", "centre", "supervisor")
PARTS: Mapping[str, tuple[str, ...]] = {
    "agency": ("parameter", "experts"), "centre": ("parameter", "experts"), "supervisor": ("parameter",),
}  # fmt: skip
PRICES = {"bidder1": "9,800,000.00", "bidder2": "9,500,000.00", "bidder3": "10,000,000.00"}
LEADERS = {"bidder1": "王工", "bidder2": "李工", "bidder3": "赵工"}
WIDTHS = {"bidder2": 360, "centre": 360}
"""Who plays on a phone; everybody else at a desk."""


def keep_keys(play: Play) -> None:
    """Each trustee makes a key file in the browser, registers its public keys and rehearses them."""
    for login in TRUSTEES:
        window = play.window(login, WIDTHS.get(login, 1280))
        play.duty(window, "register_trustee_key")
        window.ready()
        window.look("keys-to-make")
        window.page.fill("#new-passphrase", PASSPHRASE)
        window.page.fill("#new-again", PASSPHRASE)
        window.save("#create", play.disk / f"keys-{login}.json")
        window.page.click("#rehearse")
        window.page.wait_for_selector("#said:has-text('全部阶段都已登记并演练')")
        window.look("keys-rehearsed")
    play.work()


def promise_parts(play: Play) -> None:
    """The parties of the draws make their secret parts and promise them, before anybody can know what they would steer."""
    for login, draws in PARTS.items():
        window = play.window(login)
        play.duty(window, "commit_draw")
        window.ready()
        window.look("draws-to-promise")
        for draw in draws:
            window.save(f"#commit-{draw}", play.disk / f"part-{login}-{draw}.json")
            window.page.wait_for_selector(f"#mine-{draw}:has-text('已承诺')")
        window.look("draws-promised")
    play.work()


def ask_and_answer(play: Play) -> None:
    play.go(at("2026-03-02T10:30"))
    bidder, agency = play.window("bidder1"), play.window("agency")
    bidder.open("/")
    bidder.look("home")
    bidder.follow("龙泉河堤防整治工程施工（一标段）")
    bidder.look("lot-bidding")
    bidder.follow("登录后办理")
    bidder.sign_in()
    bidder.follow(play.say("act.ask"))
    play.fill(bidder, "ask", "question", text="类似项目业绩的时间，从竣工日期起算还是从合同签订日期起算？")
    play.wait(timedelta(hours=3))
    agency.open("/my")
    agency.look("workbench-question")
    play.give(agency, "clarify", "answer", answer="以竣工验收日期为准。", affects_preparation="no")
    bidder.open(f"/lots/{play.lot}/questions")
    bidder.look("questions")


def bid(play: Play) -> None:
    play.go(at("2026-03-20T10:00"))
    for login, name in zip(PRICES, BIDDERS, strict=True):
        window = play.window(login, WIDTHS.get(login, 1280))
        window.open("/my")
        window.look("workbench-not-submitted")
        _submit(play, window, PRICES[login], name, look=login != "bidder3")
        play.wait(timedelta(minutes=40))


def _submit(play: Play, window: Window, price: str, name: str, look: bool) -> None:
    play.duty(window, "submit_bid")
    window.ready()
    if look:
        window.look("bid-form")
        window.page.click("#go")
        window.page.wait_for_selector("#errors:not([hidden])")
        window.look("bid-errors")
    _seal(play, window, price, name)
    window.page.wait_for_selector("#state-yes:not([hidden])")
    window.look("bid-receipt")
    window.save("#download", play.disk / f"{window.who}-bid.json")
    window.save("#download-receipt", play.disk / f"{window.who}-receipt.json")


def _seal(play: Play, window: Window, price: str, name: str) -> None:
    plan = play.file(f"施工组织设计-{window.who}.txt", f"{name}\n第一章 总体部署\n围堰顶高程取枯水期十年一遇水位。\n".encode())
    window.page.set_input_files("#files-technical", [plan, play.file(f"图纸-{window.who}.pdf")])
    window.page.set_input_files("#files-price", [play.file(f"投标报价-{window.who}.pdf")])
    fill(window, {"duration_days": "200", "quality": "合格", "project_leader": LEADERS[window.who], "price_fen": price,
                  "project_leader_certificate": f"滇 15300{window.who[-1]}",
                  "qualification_response": "水利水电工程施工总承包三级，证书在有效期内。"})  # fmt: skip
    window.page.click("#go")


def replace(play: Play) -> None:
    """The first bidder thinks better of the price, the day before."""
    play.go(at("2026-03-22T16:00"))
    window = play.window("bidder1")
    play.duty(window, "submit_bid")
    window.page.wait_for_selector("#state-yes:not([hidden])")
    window.page.click("#replace")
    _seal(play, window, "9,700,000.00", BIDDERS[0])
    window.page.wait_for_selector("#yes-what:has-text('第 2 版')")
    window.look("bid-replaced")
    play.work()
