"""A service selected by public draw, from the notice to the archive, scene by scene."""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta

from ..domain.deadlines import plan
from ..domain.draw import PART_BYTES
from ..domain.events import instant_text
from ..domain.stages.award import award_of
from ..domain.stages.draws import LOTS, OWNERS, PARTIES
from . import auction, awarding
from .announcing import register
from .play import Play
from .theatre import moment


def draft(play: Play) -> None:
    play.theatre.at(play.script.start, "09:00")
    named = {role: play.company.members[role].actor.organisation for role in ("principal", "supervisor", "centre")}
    play.lot = play.agency.remote.post("/api/v1/lots", {"trade": play.script.trade, **named})["lot"]
    document = play.file(play.agency, "document-1.txt", f"采购需求\n{play.script.terms['title']}\n")
    trade, today = play.platform.trade(play.script.trade), play.theatre.today
    found = plan(trade.periods, {"notice_published": today}, play.script.terms, play.platform.calendar)
    closes = next(d.reach.day for d in found if d.period.end == "registration_deadline" and d.reach is not None)
    schedule = {"registration_start": instant_text(moment(today, "14:00")), "registration_deadline": instant_text(moment(closes, "17:00"))}
    play.act(play.agency, "draft", **{**play.script.terms, "tender_documents": [document], "schedule": schedule})
    play.act(play.agency, "submit_for_publication", responsible_person="李工")


def promises(play: Play) -> None:
    """Parts of the draw are committed to before anybody can register."""
    for party in PARTIES[LOTS]:
        part = play.parts[LOTS, party] = play.platform.entropy.token_bytes(PART_BYTES)
        play.act(play.trustee(party), "commit_draw", draw=LOTS, commitment=hashlib.sha256(part).hexdigest())


def registrations(play: Play) -> None:
    play.theatre.go(play.state().schedule["registration_start"])
    for bidding in play.biddings:
        play.act(bidding.member, "apply_to_bid")
        play.theatre.wait(timedelta(minutes=40))


def lots_drawn(play: Play) -> None:
    """The list is closed; host and supervisor hand in their parts, and the order follows."""
    play.theatre.go(play.state().schedule["registration_deadline"] + timedelta(seconds=5))
    for party in OWNERS[LOTS]:
        play.act(play.trustee(party), "hand_in_part", draw=LOTS, part=play.parts[LOTS, party].hex())


def service(play: Play) -> None:
    """The service begins, stands still for two days at the owner's wish, ends with its report, and both sides rate it."""
    winner = award_of(play.state()).standing
    assert winner is not None
    member = next(b.member for b in play.biddings if b.bid.identity.uscc == winner.uscc)
    play.theatre.at(play.theatre.workday(play.theatre.today, 1), "09:00")
    play.act(play.principal, "start_performance", started_on=play.theatre.today.isoformat())
    play.theatre.at(play.theatre.workday(play.theatre.today, 4), "09:00")
    play.act(play.principal, "pause_service", reason="等待提供水文资料。")
    play.theatre.at(play.theatre.workday(play.theatre.today, 2), "09:00")
    play.act(play.principal, "continue_service")
    play.theatre.at(play.theatre.workday(play.theatre.today, 10), "16:00")
    report = play.file(member, "report.txt", "洪水影响评价报告\n")
    play.act(member, "register_service_end", report_number="HSYP-2026-031", files=[report])
    play.act(play.principal, "accept", text="报告已通过审查。", files=[play.file(play.principal, "acceptance.txt", "验收意见：合格。\n")])
    play.act(play.principal, "rate_service", points=96)
    play.act(member, "rate_service", points=92)


SCENES: Mapping[str, Callable[[Play], None]] = {
    "parties": register, "prepare": draft, "notice": auction.publish, "promises": promises, "registrations": registrations,
    "lots_drawn": lots_drawn, "deal": auction.deal, "contract": auction.contract, "service": service, "archive": awarding.archive,
}  # fmt: skip
"""Scenes in their order; their titles are the messages ``demo.scene.<name>``."""
