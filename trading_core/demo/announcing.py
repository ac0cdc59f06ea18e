"""From registration to the amended document."""
from __future__ import annotations

import hashlib
from datetime import timedelta

from ..adapters.crypto.keyfile import KeyFile
from ..adapters.crypto.trustees import MASTER_SIZE
from ..client import bidder, keeper
from ..domain.deadlines import plan
from ..domain.draw import PART_BYTES
from ..domain.events import instant_text
from ..domain.identity import Role
from ..domain.stages.draws import EXPERTS, PARAMETER, PARTIES
from ..domain.tender.trustees import TRUSTEES
from .bidding import submit
from .cast import CONSOLE
from .play import Bidding, Play
from .script import TenderScript
from .theatre import DAY, moment


def register(play: Play) -> None:
    """Officials are entered by the operator, everybody else by the centre. Who is known already stays."""
    if not play.company.members:
        _register(play)
    for offer, member in zip(play.script.offers, play.company.bidders, strict=True):
        bid = bidder.new_bid(play.platform.entropy, offer.bidder, play.company.cast.codes[member.actor.organisation])
        play.biddings.append(Bidding(offer, member, bid, play.platform.entropy.token_bytes(5).hex().upper()))


def _register(play: Play) -> None:
    s, cast, members = play.script, play.company.cast, play.company.members
    for role, name, person in ((Role.CENTRE, s.centre, "何主任"), (Role.SUPERVISOR, s.supervisor, "郑科长")):
        members[role.value] = cast.join(CONSOLE, cast.organisation(CONSOLE, name, role), role, person, role.value)
    desk = play.centre.actor
    for role, name, person in ((Role.PRINCIPAL, s.principal, "周处长"), (Role.AGENCY, s.agency, "李工")):
        members[role.value] = cast.join(desk, cast.organisation(desk, name, role), role, person, role.value)
    for n, offer in enumerate(s.offers, 1):
        organisation = cast.organisation(desk, offer.bidder, Role.BIDDER)
        play.company.bidders.append(cast.join(desk, organisation, Role.BIDDER, f"投标专员{n}", f"bidder{n}"))
    play.company.keys = {t: KeyFile(t, play.platform.entropy.token_bytes(MASTER_SIZE)) for t in TRUSTEES}
    if isinstance(s, TenderScript):
        with play.platform.unit() as unit:
            s.fill_pool(unit, desk)


def draft(play: Play) -> None:
    play.theatre.at(play.script.start, "09:00")
    named = {role: play.company.members[role].actor.organisation for role in ("principal", "supervisor", "centre")}
    play.lot = play.agency.remote.post("/api/v1/lots", {"trade": play.script.trade, **named})["lot"]
    document = play.file(play.agency, "tender-document-1.txt", f"招标文件（第一版）\n{play.script.terms['title']}\n")
    play.act(play.agency, "draft", **{**play.script.terms, "tender_documents": [document], "schedule": _schedule(play)})
    play.act(play.agency, "submit_for_publication", responsible_person="李工")


def _schedule(play: Play) -> dict[str, str]:
    """The earliest lawful dates, as ``gongxin periods`` works them out."""
    start = play.theatre.workday(play.theatre.today, 1)
    trade = play.platform.trade(play.script.trade)
    days = {d.period.end: d.reach.day for d in plan(trade.periods, {"issue_start": start}, play.script.terms, play.platform.calendar)
            if d.reach}  # fmt: skip
    days["issue_start"] = start
    clocks = {"issue_start": "09:00", "issue_end": "17:00", "bid_deadline": "09:30"}
    return {name: instant_text(moment(days[name], clock)) for name, clock in clocks.items()}


def publish(play: Play) -> None:
    play.theatre.wait(timedelta(hours=1))
    play.act(play.principal, "publish")
    for trustee, keys in play.company.keys.items():
        keeper.register(play.trustee(trustee).remote, keys, play.lot)


def commit(play: Play) -> None:
    """Parts of both draws are committed to before anything is known that they could steer."""
    for draw in (PARAMETER, EXPERTS):
        for party in PARTIES[draw]:
            part = play.parts[draw, party] = play.platform.entropy.token_bytes(PART_BYTES)
            play.act(play.trustee(party), "commit_draw", draw=draw, commitment=hashlib.sha256(part).hexdigest())


def questions(play: Play) -> None:
    play.theatre.go(play.state().schedule["issue_start"])
    play.theatre.wait(timedelta(hours=2))
    play.act(play.biddings[1].member, "ask", text="资格要求中的类似项目业绩，时间从竣工日期起算还是从合同签订日期起算？")
    play.theatre.wait(timedelta(hours=3))
    play.act(play.agency, "clarify", number=1, answer="以竣工验收日期为准。", affects_preparation=False)


def early_bid(play: Play) -> None:
    """One bidder is quick, and will have to bid again when the document changes."""
    play.theatre.wait(2 * DAY)
    submit(play, play.biddings[0])


def amend(play: Play) -> None:
    """So late that the deadline must move [A-01]."""
    late = play.theatre.workday(play.state().schedule["bid_deadline"].date() - 13 * DAY)
    play.theatre.at(late, "10:00")
    title = play.script.terms["title"]
    document = play.file(play.agency, "tender-document-2.txt", f"招标文件（第二版）\n{title}\n增加管材检验要求。\n")
    play.act(play.agency, "amend", note="补充管材进场检验要求，投标文件应当增加检验方案。", affects_preparation=True, files=[document])
