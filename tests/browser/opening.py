"""The deadline and the opening hall: experts drawn the day before, the public watching, keys handed in, K drawn, bidders confirming."""
from __future__ import annotations

from datetime import timedelta

from tests.world import at
from trading_core.domain.tender.expert_drawing import seated, waiting

from .bidding import PRICES
from .play import PASSPHRASE, Play, fill
from .stage import Window

ROWS = ({"row": "水利", "specialty": "A08", "count": "3"}, {"row": "造价", "specialty": "C02", "count": "2"})


def draw_experts(play: Play) -> None:
    """The afternoon before the opening: the pool is frozen, both parties hand in their parts, the drawn are asked."""
    play.go(at("2026-03-22T16:30"))
    agency = play.window("agency")
    values = {f"rows.{n}.{k}": v for n, row in enumerate(ROWS) for k, v in row.items()}
    play.duty(agency, "freeze_pool")
    fill(agency, {k: v for k, v in values.items() if k.startswith("rows.0.")})
    agency.press("再加一项：抽取条目")
    play.fill(agency, "freeze_pool", "pool", **values)
    for login in ("agency", "centre"):
        hand_in_part(play, play.window(login), "experts")
    play.work()
    first = True
    while left := waiting(play.state()):
        for number in left:
            window = play.window(number.lower(), 360 if first else 1280)
            _answer_call(play, window, look=first)
            first = False
            if number not in waiting(play.state()) and number not in seated(play.state()):
                window.close()


def _answer_call(play: Play, window: Window, look: bool) -> None:
    window.open("/my")
    if look:
        window.look("workbench-called")
    play.duty(window, "answer_call")
    if look:
        window.look("desk-called")
    window.page.click("button[value=accept]")
    window.page.wait_for_url("**done=answer_call**")
    if look:
        window.look("desk-accepted")


def hand_in_part(play: Play, window: Window, draw: str) -> None:
    play.duty(window, "hand_in_part")
    window.ready()
    window.page.click(f"#hand-in-{draw}")
    window.look(f"part-{draw}-confirm")
    window.page.click("#handing-in button[value=yes]")
    window.page.wait_for_selector(f"#mine-{draw}:has-text('已交出')")


def close(play: Play) -> None:
    """The public is in the hall before the deadline; nobody's name is there, then the clock closes the bids."""
    play.go(at("2026-03-23T09:25"))
    public = play.window("", 360)
    public.open(f"/lots/{play.lot}/opening")
    public.look("hall-before")
    play.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    public.page.wait_for_selector("#hall-state .stages")
    public.look("hall-closed")


def open_bids(play: Play) -> None:
    agency, public = play.window("agency"), play.window("", 360)
    play.duty(agency, "start_opening")
    agency.look("hall-to-start")
    agency.press(play.say("act.start_opening"))
    agency.page.wait_for_url("**done=start_opening**")
    _attend(play)
    for login in ("agency", "supervisor"):
        hand_in_key(play, play.window(login), "technical")
    play.work()
    public.page.wait_for_selector("#hall-list:has-text('松涧示例建设集团有限公司')")
    public.look("hall-opened")


def _attend(play: Play) -> None:
    for login in PRICES:
        window = play.window(login)
        window.open("/my")
        window.look("workbench-opening")
        window.open(f"/lots/{play.lot}/opening")
        window.press(play.say("act.attend_opening"))
        window.page.wait_for_url("**done=attend_opening**")
    play.window("bidder2").look("hall-attended")


def hand_in_key(play: Play, window: Window, stage: str) -> None:
    """The one-time private key of a stage, out of the key file, after a page that says what it means."""
    play.duty(window, "release_key")
    window.ready()
    window.page.set_input_files("#key-file", [str(play.disk / f"keys-{window.who}.json")])
    window.page.fill("#passphrase", PASSPHRASE)
    window.page.click("#load")
    window.page.wait_for_selector("body[data-loaded]")
    window.look(f"keys-{stage}-loaded")
    window.page.click(f"[data-stage={stage}]")
    window.look(f"keys-{stage}-confirm")
    window.page.click("#handing-in button[value=yes]")
    window.page.wait_for_selector(f"#mine-{stage}:has-text('已交出')")


def object_on_the_spot(play: Play) -> None:
    bidder, agency = play.window("bidder3"), play.window("agency")
    bidder.open(f"/lots/{play.lot}/opening")
    bidder.page.click("#hall-mine details summary")
    fill(bidder, {"text": "请说明技术信封与报价信封分别开启的依据。"})
    bidder.look("hall-objecting")
    bidder.press(play.say("act.object_at_opening"))
    bidder.page.wait_for_url("**done=object_at_opening**")
    play.work()
    play.duty(agency, "answer_at_opening")
    fill(agency, {"answer": "招标文件前附表第 5.2 款：报价信封在技术评审结果确定之后开启。"})
    agency.look("hall-answering")
    agency.press(play.say("act.answer_at_opening"))
    agency.page.wait_for_url("**done=answer_at_opening**")


def draw_k(play: Play) -> None:
    for login in ("agency", "supervisor"):
        hand_in_part(play, play.window(login), "parameter")
    play.work()
    public = play.window("", 360)
    public.page.wait_for_selector("#hall-draw [aria-current=true]")
    public.look("hall-k-drawn")


def confirm(play: Play) -> None:
    for login in PRICES:
        window = play.window(login)
        play.duty(window, "confirm_opening")
        if login == "bidder2":
            window.look("hall-to-confirm")
        window.press(play.say("act.confirm_opening"))
        window.page.wait_for_url("**done=confirm_opening**")
    play.work()
    agency = play.window("agency")
    play.duty(agency, "finish_opening")
    agency.look("hall-to-finish")
    agency.press(play.say("act.finish_opening"))
    agency.page.wait_for_url("**done=finish_opening**")
    play.work()
    agency.look("hall-finished")
