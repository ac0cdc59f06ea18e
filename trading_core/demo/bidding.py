"""Bids, the draw of experts behind closed names, and the deadline."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

from ..client import bidder
from ..client.bidder import Contents
from ..client.notice import read_notice
from ..client.remote import Answered
from ..domain.money import daxie
from ..domain.stages.draws import EXPERTS, PARTIES
from ..domain.tender.depositing import REFERENCE, TRANSFER, WAY
from ..domain.tender.expert_drawing import waiting
from .play import Bidding, Play
from .script import TenderScript
from .theatre import DAY


def bids(play: Play) -> None:
    play.theatre.go(play.state().schedule["bid_deadline"] - 2 * DAY)
    for bidding in play.in_time:
        submit(play, bidding)
        play.theatre.wait(timedelta(minutes=85))


def submit(play: Play, bidding: Bidding) -> None:
    """Seal on the bidder's side, upload, submit; again where there is an earlier bid."""
    remote, before = bidding.member.remote, bidding.kept or None
    if before:
        bidding.bid = bidder.new_bid(play.platform.entropy, bidding.bid.identity.name, bidding.bid.identity.uscc)
    notice = read_notice(remote, play.lot)
    bidding.kept = bidder.submit(remote, notice, bidding.bid, _contents(play, bidding, notice.stages), play.platform.entropy, before)
    play.theatre.settle()


def _contents(play: Play, bidding: Bidding, stages: Sequence[str]) -> dict[str, Contents]:
    offer = bidding.offer
    technical = {**offer.letter, WAY: TRANSFER, REFERENCE: bidding.reference}
    price = {"price_fen": offer.price_fen, "words": daxie(offer.corrected_fen or offer.price_fen)}
    path = play.folder / f"{bidding.bid.number}.txt"
    path.write_text(f"{offer.bidder}\n施工组织设计\n", "utf-8")
    letter = play.folder / f"{bidding.bid.number}-price.txt"
    letter.write_text(f"{offer.bidder}\n投标报价：{daxie(offer.corrected_fen or offer.price_fen)}\n", "utf-8")
    return {stages[0]: Contents(technical, [("施工组织设计.txt", path)]), stages[-1]: Contents(price, [("投标报价.txt", letter)])}


def experts_drawn(play: Play) -> None:
    """The afternoon before: one refuses, one does not answer, the next in the sealed order are asked."""
    play.theatre.at(play.platform.calendar.workday_until(play.state().schedule["bid_deadline"].date() - DAY), "15:00")
    script = cast("TenderScript", play.script)
    play.act(play.agency, "freeze_pool", rows=list(script.rows))
    for party in PARTIES[EXPERTS]:
        play.act(play.trustee(party), "hand_in_part", draw=EXPERTS, part=play.parts[EXPERTS, party].hex())
    people = script.people(play.platform)
    called: list[str] = []
    while asked := [n for n in waiting(play.state()) if n not in called[1:2]]:
        for number in asked:
            called.append(number)
            if len(called) == 2:
                continue  # the telephone rings in vain
            answer = "refuse" if len(called) == 1 else "accept"
            play.act(play.expert(number, people[number]), "answer_call", answer=answer)
        play.theatre.wait(timedelta(minutes=11))


def deadline(play: Play) -> None:
    """The last bidder comes a millisecond too late, and gets a signed receipt of the refusal [B-02]."""
    late, deadline = play.biddings[-1], play.state().schedule["bid_deadline"]
    play.theatre.clock.move_to(deadline)
    try:
        submit(play, late)
    except Answered as refusal:
        play.refusal = refusal.receipt or {}
    play.theatre.wait(timedelta(seconds=3))
