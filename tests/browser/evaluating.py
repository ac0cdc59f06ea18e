"""The committee at its remote desk: seats, the chair, a question to a bidder, sheets scored and locked, prices opened, the report."""
from __future__ import annotations

from datetime import timedelta

from trading_core.domain.tender.expert_drawing import seated

from .opening import hand_in_key
from .play import Play, fill
from .stage import Window

POINTS = (("28", "4"), ("30.5", "6"), ("26", "2"))
"""By bid: the plan, to which every member adds a little of their own, and the record, which is the same for all."""


def members(play: Play) -> list[Window]:
    """The five, the second of them on a phone."""
    return [play.window(number.lower(), 360 if n == 1 else 1280) for n, number in enumerate(seated(play.state()))]


def give(play: Play, window: Window, act: str, look: str = "") -> None:
    """Press the button of an act at the desk; where it cannot be undone, confirm it."""
    window.press(play.say(f"act.{act}"))
    window.page.wait_for_selector(".dialog button[value=confirm], [role=status].say-ok, .errsum")
    assert not window.page.locator(".errsum").count(), window.page.inner_text(".errsum")
    confirm = window.page.locator(".dialog button[value=confirm]")
    if confirm.count():
        if look:
            window.look(f"{look}-confirm")
        confirm.click()
    window.page.wait_for_url(f"**done={act}**")
    if look:
        window.look(f"{look}-done")


def take_seats(play: Play) -> None:
    for n, window in enumerate(members(play)):
        play.duty(window, "sign_in_seat")
        if n < 2:
            window.look("desk-sign-in")
        fill(window, {"no_recusal": "yes", "keeps_discipline": "yes"})
        give(play, window, "sign_in_seat", "seat" if n == 1 else "")
    for n, window in enumerate(members(play)[:3]):
        window.open(f"/desk/{play.lot}")
        if n == 0:
            window.look("desk-chair")
        window.page.check("[name=seat][value='1']")
        give(play, window, "vote_chair")
    play.work()
    play.give(play.window("agency"), "start_evaluation", "start-evaluation")


def review(play: Play) -> None:
    """One member wants a bidder to explain itself, a majority agrees, the bidder answers; the chair closes the preliminary review."""
    chair, second, third = members(play)[:3]
    second.open("/my")
    second.look("workbench-desk")
    _open_bid(play, third, 1)
    third.follow(play.say("act.request_clarification"))
    third.look("desk-clarification")
    fill(third, {"text": "请说明冬季施工措施的起止时间。", "deadline": "2026-03-23T18:00"})
    give(play, third, "request_clarification")
    for window in (chair, second, third):
        play.duty(window, "lock_scores")
        if window is second:
            window.look("desk-resolution")
        window.page.click("button[name=agree][value=yes]")
        window.page.wait_for_url("**done=vote_**")
    play.work()
    asked = next(w for w in play.bidders() if _asked(play, w))
    play.give(asked, "answer_clarification", "clarification", answer="自 11 月 15 日至次年 3 月 15 日。")
    _open_bid(play, chair, 0)
    chair.look("desk-review")
    give(play, chair, "finish_review")
    play.work()


def _asked(play: Play, window: Window) -> bool:
    window.open("/my")
    return window.page.locator(".todo li", has_text=play.say("act.answer_clarification")).count() == 1


def _open_bid(play: Play, window: Window, n: int) -> None:
    play.duty(window, "lock_scores")
    window.page.locator("#desk-pick .pick a").nth(n).click()


def score(play: Play) -> None:
    """Everybody alone, bid by bid; what is locked cannot be changed."""
    for m, window in enumerate(members(play)):
        for n, (plan, record) in enumerate(POINTS):
            look = m < 2 and n == 0
            _open_bid(play, window, n)
            sheet = window.page.locator("#sheet input.input")
            if look:
                sheet.nth(0).fill("99")
                sheet.nth(0).blur()
                window.page.wait_for_selector("#sheet .err")
                window.look("desk-sheet-wrong")
            sheet.nth(0).fill(str(float(plan) + m * 0.5))
            sheet.nth(1).fill(record)
            window.page.locator("#sheet .btn-primary").click()
            if look:
                window.look("desk-lock-confirm")
            window.page.click(".dialog button[value=confirm]")
            window.page.wait_for_url("**done=lock_scores**")
            if look:
                window.look("desk-locked")
    play.work()


def open_prices(play: Play) -> None:
    """Only after the technical result stands in the log; this time the supervisor is absent."""
    chair, public = members(play)[0], play.window("", 360)
    play.duty(chair, "lock_scores")
    give(play, chair, "summarise_technical", "technical")
    play.work()
    for login in ("agency", "centre"):
        hand_in_key(play, play.window(login), "price")
    play.work()
    public.open(f"/lots/{play.lot}/opening")
    public.page.wait_for_selector("#hall-list:has-text('9,700,000.00')")
    public.look("hall-prices")


def report(play: Play) -> None:
    chair = members(play)[0]
    play.duty(chair, "lock_scores")
    give(play, chair, "summarise", "summary")
    for n, window in enumerate(members(play)):
        play.duty(window, "lock_scores")
        if n < 2:
            window.page.click("#report details summary")
            window.look("desk-report")
        window.page.check("[name=agrees][value=yes]")
        give(play, window, "sign_report")
    play.duty(chair, "lock_scores")
    give(play, chair, "submit_report", "report")
    play.wait(timedelta(hours=1))
