"""The committee: sign-in, review, scores, report."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import cast

from ..domain.events import instant_text
from ..domain.tender.assessment import Evaluation
from ..domain.tender.committee import Committee
from ..domain.tender.expert_drawing import seated
from ..domain.tender.opening import OpenedBid, Opening
from .cast import Member
from .play import Bidding, Play


def committee(play: Play) -> None:
    play.theatre.at(play.theatre.today, "13:30")
    for number in seated(play.state()):
        play.act(play.expert(number), "sign_in_seat", no_recusal=True, keeps_discipline=True)
    for member in _members(play).values():
        if not play.state().part(Committee).chair:
            play.act(member, "vote_chair", seat=1)
    play.act(play.agency, "start_evaluation")


def _members(play: Play) -> dict[int, Member]:
    return {s.number: play.expert(s.holder) for s in play.state().part(Committee).seats}


def _chair(play: Play) -> Member:
    return _members(play)[play.state().part(Committee).chair]


def _bid_of(play: Play, bidding: Bidding) -> OpenedBid:
    return next(b for b in play.state().part(Opening).bids.values() if b.uscc == bidding.bid.identity.uscc)


def review(play: Play) -> None:
    """One bid is rejected by a majority, another has to explain itplay."""
    members, out, asked = _members(play), _bid_of(play, play.biddings[0]), _bid_of(play, play.biddings[3])
    grounds = {"ground": "RJ-3", "clause": "第二章 3.5.1", "evidence": "资质证书已于投标截止前失效。"}
    play.act(members[2], "propose_rejection", bid=out.bid, **grounds)
    for seat, member in members.items():
        play.act(member, "vote_rejection", number=1, agree=seat != 5)
    until = play.theatre.clock.now() + timedelta(minutes=40)
    play.act(members[3], "request_clarification", bid=asked.bid, text="请说明冬季施工措施的起止时间。", deadline=instant_text(until))
    for seat in (1, 3, 4):
        play.act(members[seat], "vote_resolution", number=1, agree=True)
    play.theatre.wait(timedelta(minutes=20))
    play.act(play.biddings[3].member, "answer_clarification", number=1, answer="自 11 月 15 日至次年 3 月 15 日。")
    play.act(_chair(play), "finish_review")


def scores(play: Play) -> None:
    """Everybody scores alone; one is mistaken about an objective item and corrects it with the reason on record [SC-1]."""
    members, slip = _members(play), True
    for n, bid in enumerate(_in_play(play)):
        for seat, member in members.items():
            points = _points(play, n, seat)
            wrong = {**points, **_mistake(play, points)} if slip and seat == 4 else points
            play.act(member, "lock_scores", bid=bid.bid, points=wrong, comment="")
            if wrong != points:
                slip = False
                item = next(k for k in points if wrong[k] != points[k])
                play.act(member, "correct_score", bid=bid.bid, item=item, points=points[item], reason="核对证明材料后更正。")
    play.act(_chair(play), "summarise_technical")


def _in_play(play: Play) -> list[OpenedBid]:
    out = {m.bid for m in play.state().part(Evaluation).motions}
    return [b for b in play.state().part(Opening).valid() if b.bid not in out]


def _items(play: Play) -> Sequence[Mapping[str, str]]:
    return cast("Mapping[str, Sequence[Mapping[str, str]]]", play.script.terms["evaluation"])["items"]


def _points(play: Play, bid: int, seat: int) -> dict[str, str]:
    """Points within the sheet, different enough to be worth averaging; objective items alike for all."""
    found = {}
    for n, item in enumerate(_items(play)):
        low, high, step = (Decimal(item[k]) for k in ("points_min", "points_max", "points_step"))
        steps = int((high - low) / step)
        spread = 0 if item["kind"] == "objective" else (seat * 7 + bid * 3) % max(1, steps // 8)
        found[item["id"]] = str(low + step * max(0, steps - (bid * 5 + n) % max(1, steps // 3) - spread))
    return found


def _mistake(play: Play, points: Mapping[str, str]) -> dict[str, str]:
    item = next(i for i in _items(play) if i["kind"] == "objective")
    low = item["points_min"]
    return {item["id"]: low if points[item["id"]] != low else item["points_max"]}


def report(play: Play) -> None:
    play.theatre.wait(timedelta(minutes=30))
    play.act(_chair(play), "summarise")
    for seat, member in _members(play).items():
        if seat == 5:
            play.act(member, "sign_report", agrees=False, opinion="第二名的施工组织更切合现场条件，建议在合同谈判中提示。")
        else:
            play.act(member, "sign_report", agrees=True)
    play.act(_chair(play), "submit_report")
