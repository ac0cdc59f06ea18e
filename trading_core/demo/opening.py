"""The opening hall, and the deposits, which only now may be looked at."""
from __future__ import annotations

from datetime import timedelta
from typing import cast

from ..client import keeper
from ..client.notice import read_notice
from ..domain.stages.draws import OWNERS, PARAMETER
from ..domain.stages.offices import CENTRE, HOST, SUPERVISOR
from ..domain.tender.reading import CONFIRMATION_WINDOW
from ..services import deposits
from .play import Play
from .theatre import DAY


def opening(play: Play) -> None:
    """The centre is absent; host and supervisor suffice."""
    play.act(play.agency, "start_opening")
    for bidding in play.in_time:
        play.act(bidding.member, "attend_opening")
    first = read_notice(play.agency.remote, play.lot).stages[0]
    for trustee in (HOST, SUPERVISOR):
        keeper.release(play.trustee(trustee).remote, play.company.keys[trustee], play.lot, first)
    play.theatre.wait(timedelta(minutes=2))
    play.act(play.biddings[2].member, "object_at_opening", text="请说明第一信封与报价信封分别开启的依据。")
    play.act(play.agency, "answer_at_opening", number=1, answer="招标文件前附表第 5.2 款：报价信封在技术评审结果确定之后开启。")
    for party in OWNERS[PARAMETER]:
        play.act(play.trustee(party), "hand_in_part", draw=PARAMETER, part=play.parts[PARAMETER, party].hex())
    for bidding in play.in_time:
        play.act(bidding.member, "confirm_opening")
    play.act(play.agency, "finish_opening")


def money(play: Play) -> None:
    """The bank's statement comes in; only now may be looked at who has paid [BL 22]."""
    paid = play.state().schedule["bid_deadline"] - DAY
    rows = ["bank_serial,paid_at,payer_name,payer_account,amount_yuan,reference"]
    amount = cast("int", play.script.terms["deposit_fen"]) // 100
    for n, b in enumerate(play.in_time, 1):
        rows.append(f"{play.lot}-{n},{paid.isoformat()},{b.offer.bidder},62220000000000{n:05},{amount}.00,{b.reference}")
    with play.platform.unit() as unit:
        deposits.import_statement(unit, play.centre.actor, play.lot, "\n".join(rows) + "\n")


def prices(play: Play) -> None:
    """Now, and only now, the keys of the prices: this time the supervisor is absent."""
    last = read_notice(play.agency.remote, play.lot).stages[-1]
    for trustee in (HOST, CENTRE):
        keeper.release(play.trustee(trustee).remote, play.company.keys[trustee], play.lot, last)
    play.theatre.wait(timedelta(minutes=3))
    for bidding in play.in_time[:-1]:
        play.act(bidding.member, "confirm_opening")  # the last one lets the time for it pass
    play.theatre.wait(CONFIRMATION_WINDOW)
    for bidding in play.in_time:
        if bidding.offer.corrected_fen:
            play.act(bidding.member, "answer_correction", answer="confirmed")
