"""What the host does while others bid: the reserve is entered unseen, the increment changed in sight of all [04 §4.2, §4.3, M-22]."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded, instant_text
from ..fields import Field
from ..lot import Lot
from ..stages.announcing import HOSTS, REASON
from ..trade import Act, Command, Facts, TradeType
from .bidding import answered
from .entry import END, TIMED, eligible, received
from .hall import Hall
from .rules import rules_of


def _enter_reserve(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Once, by the host, within the window that the notice states; nobody can change it afterwards [04 §4.2, M-22]."""
    rules, hall, now = rules_of(lot.terms), lot.part(Hall), command.received_at
    opens, closes = reserve_window(lot)
    found = [] if rules.reserve else [Problem("auction.no_reserve", "reserve_fen")]
    if hall.reserve_fen is not None:
        found.append(Problem("auction.reserve_entered", "reserve_fen"))
    if not opens <= now < closes:
        window = {"opens": instant_text(opens), "closes": instant_text(closes)}
        found.append(Problem("auction.reserve_not_now", "reserve_fen", window))
    if cast("int", command.data["reserve_fen"]) < rules.start_fen:
        found.append(Problem("auction.reserve_below_start", "reserve_fen", {"start_fen": rules.start_fen}))
    refuse_if(found)
    return [Event("reserve_entered", {}, {"reserve_fen": command.data["reserve_fen"], "person": command.actor.person})]


def reserve_window(lot: Lot) -> tuple[datetime, datetime]:
    """When the reserve may be entered, counted back from the end of free bidding, or from the beginning of an auction without it."""
    said = cast("Mapping[str, int]", lot.terms["bidding"])
    end = lot.schedule.get("listing_end") or lot.schedule["auction_start"]
    begins, ends = said.get("reserve_from_minutes") or 0, said.get("reserve_until_minutes") or 0
    return end - timedelta(minutes=begins), end - timedelta(minutes=ends)


def _change_increment(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """For later bids only: what was accepted stays [39 16, 04 §4.9]. A standing bid that a smaller increment lets answer does so."""
    rules, data, now = rules_of(lot.terms), command.data, received(lot, command)
    hall = replace(lot.part(Hall), changed_fen=cast("int", data["increment_fen"]))
    runs = now < lot.schedule[END]
    return [Event("increment_changed", {"increment_fen": data["increment_fen"], "reason": data["reason"]}),
            *(answered(rules, lot, hall, lot.status == TIMED, eligible(rules, lot), now) if runs else ())]  # fmt: skip


def _reserved(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Hall), reserve_fen=cast("int", (r.private or {}).get("reserve_fen", 0))))


def _changed(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Hall), changed_fen=cast("int", r.public["increment_fen"])))


EVOLVE = {"reserve_entered": _reserved, "increment_changed": _changed}
ACTS = (
    Act("enter_reserve", "reserve_entered", HOSTS, _enter_reserve, (Field("reserve_fen", "money", minimum=1, secret=True),),
        irrevocable=True, rule="04 §4.2"),
    Act("change_increment", "increment_changed", HOSTS, _change_increment, (Field("increment_fen", "money", minimum=1), REASON),
        irrevocable=True, rule="39 16"),
)  # fmt: skip
