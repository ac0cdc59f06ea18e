"""An auction from the notice to the archive, scene by scene: registration, deposits, free and timed bidding, deal, contract."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import cast

from ..domain.auction.bids import lowest
from ..domain.auction.hall import Hall
from ..domain.auction.rules import rules_of
from ..domain.deadlines import plan
from ..domain.events import instant_text
from ..domain.money import daxie
from ..domain.stages.award import award_of
from ..domain.stages.registering import Registration
from ..services import deposits
from . import awarding
from .announcing import register
from .play import Bidding, Play
from .script import AuctionScript, Move
from .theatre import DAY, moment

CLOCKS = {
    "registration_start": "09:00", "registration_deadline": "16:00", "listing_start": "09:00", "listing_end": "15:00",
    "auction_start": "10:00",
}  # fmt: skip
SECURE = timedelta(days=1)  # deposits are paid so long before the registration closes


def _script(play: Play) -> AuctionScript:
    return cast("AuctionScript", play.script)


def draft(play: Play) -> None:
    play.theatre.at(play.script.start, "09:00")
    named = {role: play.company.members[role].actor.organisation for role in ("principal", "supervisor", "centre")}
    play.lot = play.agency.remote.post("/api/v1/lots", {"trade": play.script.trade, **named})["lot"]
    document = play.file(play.agency, "document-1.txt", f"出让文件\n{play.script.terms['title']}\n")
    play.act(play.agency, "draft", **{**play.script.terms, "tender_documents": [document], "schedule": _schedule(play)})
    play.act(play.agency, "submit_for_publication", responsible_person="李工")


def _schedule(play: Play) -> dict[str, str]:
    """The earliest lawful dates, as ``gongxin periods`` works them out, each rolled on to a working day."""
    trade, calendar, today = play.platform.trade(play.script.trade), play.platform.calendar, play.theatre.today
    days: dict[str, date] = {"notice_published": today}
    for d in plan(trade.periods, days, play.script.terms, calendar):
        if d.reach is not None and d.period.is_minimum:
            days[d.period.end] = d.reach.day
    if "listing_end" in days:  # registration goes on while the listing runs
        days["registration_deadline"] = calendar.workday_until(days["listing_end"] - 3 * DAY)
    else:
        days["listing_start"] = days["listing_end"] = calendar.add_workdays(days["registration_deadline"], 1)
    days["registration_start"] = calendar.add_workdays(today, 1)
    known = {name: days[name] for name in ("registration_start", "registration_deadline", "listing_start", "listing_end")}
    return {name: instant_text(moment(day, CLOCKS[name])) for name, day in known.items()}


def publish(play: Play) -> None:
    play.theatre.wait(timedelta(hours=1))
    play.act(play.principal, "publish")


def applications(play: Play) -> None:
    """Everybody applies; one is refused with its reason."""
    play.theatre.go(play.state().schedule["registration_start"])
    for n, bidding in enumerate(play.biddings):
        paper = play.file(bidding.member, f"application-{n}.txt", f"{bidding.offer.bidder}\n竞买申请书\n")
        right = bidding.offer.letter.get("right", 0)
        play.act(bidding.member, "apply_to_bid", files=[paper], **({"right": right} if right else {}))
        play.theatre.wait(timedelta(minutes=35))
    play.theatre.at(play.theatre.workday(play.theatre.today + DAY), "09:30")
    for n, bidding in enumerate(play.biddings, 1):
        refused = n - 1 == _script(play).refused
        reason = {"reason": "未提交有效的营业执照。"} if refused else {}
        right = bidding.offer.letter.get("right", 0)
        play.act(play.principal, "decide_application", number=n, approved=not refused, **reason, **({"right": right} if right else {}))


def money(play: Play) -> None:
    """The bank's statement comes in: whoever is approved and has paid gets a number."""
    schedule = play.state().schedule
    paid = schedule["registration_deadline"] - SECURE
    play.theatre.go(min(schedule["listing_start"], paid))
    play.theatre.go(paid)
    rows = ["bank_serial,paid_at,payer_name,payer_account,amount_yuan,reference"]
    amount, now = cast("int", play.script.terms["deposit_fen"]) // 100, play.theatre.clock.now().isoformat()
    for a in play.state().part(Registration).applicants:
        rows.append(f"{play.lot}-{a.number},{now},{a.name},62220000000000{a.number:05},{amount}.00,{a.reference}")
    with play.platform.unit() as unit:
        deposits.import_statement(unit, play.centre.actor, play.lot, "\n".join(rows) + "\n")
    play.theatre.settle()


def free_bidding(play: Play) -> None:
    """Bids of the last hour in which they are taken freely."""
    schedule = play.state().schedule
    play.theatre.go(max(schedule["registration_deadline"], schedule["listing_start"]) + timedelta(seconds=5))
    play.theatre.go(play.state().schedule["phase_end"] - timedelta(hours=1))
    _bid(play, _script(play).free)
    reserve = _script(play).reserve_fen
    if reserve:
        said = cast("Mapping[str, int]", play.script.terms["bidding"])
        play.theatre.go(play.state().schedule["listing_end"] - timedelta(minutes=said["reserve_from_minutes"] - 1))
        play.act(play.principal, "enter_reserve", reserve_fen=reserve)


def timed_bidding(play: Play) -> None:
    """The listing ends; whoever may goes on, each bid giving a whole round."""
    play.theatre.go(play.state().schedule["listing_end"] + timedelta(seconds=3))
    while play.state().status in ("QUIET", "PREPARING"):
        play.theatre.go(play.state().schedule["phase_end"] + timedelta(seconds=3))
    _bid(play, _script(play).timed)


def _bid(play: Play, moves: Sequence[Move]) -> None:
    began = play.theatre.clock.now()
    for move in moves:
        play.theatre.go(began + timedelta(minutes=move.minutes))
        bidder = play.biddings[move.bidder].member
        if move.standing:
            play.act(bidder, "leave_standing_bid", limit_fen=move.amount_fen)
        elif not move.amount_fen:
            play.act(bidder, "wish_timed_bidding" if play.state().status == "LISTING" else "exercise_right")
        else:
            lot = play.state()
            least = lowest(rules_of(lot.terms), lot.part(Hall), lot.status == "TIMED")
            play.act(bidder, "place_bid", amount_fen=max(move.amount_fen, least))


def hammer(play: Play) -> None:
    """Round after round passes without a bid, until nothing is left to wait for."""
    while play.state().status in ("LISTING", "QUIET", "PREPARING", "TIMED", "EXERCISING"):
        play.theatre.go(play.state().schedule["phase_end"] + timedelta(seconds=3))


def deal(play: Play) -> None:
    play.theatre.at(play.theatre.workday(play.theatre.today, 1), "10:00")
    play.act(play.principal, "confirm_deal")
    play.theatre.wait(timedelta(hours=2))
    play.act(play.principal, "publish_deal")


def contract(play: Play) -> None:
    """The contract, once the result has been public for as long as the trade asks; the losers' deposits go back."""
    with play.platform.unit() as unit:
        deposits.return_due(unit, play.centre.actor, play.lot, awarding.DEPOSIT_RATE * 0)
    play.theatre.at(play.theatre.workday(play.theatre.today, _publicity(play) + 1), "10:00")
    winner = award_of(play.state()).standing
    assert winner is not None
    paper = play.file(play.principal, "contract.txt", f"合同\n受让人：{winner.bidder}\n价款：{daxie(winner.price_fen)}\n")
    stated = {f.name: winner.form.get(f.name, play.script.terms.get(f.name)) for f in play.platform.trade(play.script.trade).contract}
    play.act(play.principal, "sign_contract", contract_number=f"HT-{play.lot}", price_fen=winner.price_fen, uscc=winner.uscc, files=[paper],
             **stated)  # fmt: skip
    play.act(_of(play, winner.uscc).member, "confirm_contract")


def _publicity(play: Play) -> int:
    """Working days for which the result must have been public before the contract."""
    trade = play.platform.trade(play.script.trade)
    return max((p.count for p in trade.periods if p.end == "contract_signed" and p.is_minimum), default=2)


def _of(play: Play, uscc: str) -> Bidding:
    return next(b for b in play.biddings if b.bid.identity.uscc == uscc)


def performance(play: Play) -> None:
    """The price is paid in full; the right can be registered."""
    play.theatre.at(play.theatre.workday(play.theatre.today, 3), "09:00")
    play.act(play.principal, "start_performance", started_on=play.theatre.today.isoformat())
    winner = award_of(play.state()).standing
    assert winner is not None
    play.theatre.at(play.theatre.workday(play.theatre.today, 15), "09:00")
    play.act(play.principal, "note_performance", kind="payment", text="价款全部缴清。", amount_fen=winner.price_fen)
    if "issue_certificate" in play.platform.trade(play.script.trade).acts:
        play.act(play.centre, "issue_certificate")
    paper = play.file(play.principal, "handover.txt", "交付确认书\n")
    play.act(play.principal, "accept", text="价款缴清，标的已交付。", files=[paper])


SCENES: Mapping[str, Callable[[Play], None]] = {
    "parties": register, "prepare": draft, "notice": publish, "applications": applications, "deposits_in": money,
    "free_bidding": free_bidding, "timed_bidding": timed_bidding, "hammer": hammer, "deal": deal, "contract": contract,
    "performance": performance, "archive": awarding.archive,
}  # fmt: skip
"""Scenes in their order; their titles are the messages ``demo.scene.<name>``."""
