"""A draw by lot on the pure engine: promised before, closed, drawn, repeated by the independent check [07 §7.4 SEL-1]."""
from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.auction.floor import CENTRE, HOST, at
from trading_core.bootstrap import work_calendar
from trading_core.domain import engine
from trading_core.domain.draw import order, row_prefix
from trading_core.domain.errors import Refused
from trading_core.domain.events import Recorded
from trading_core.domain.identity import CLOCK, Actor, Role
from trading_core.domain.leaves import canonical
from trading_core.domain.lifecycle import row
from trading_core.domain.lot import Lot
from trading_core.domain.stages import drawing, ending, lifecycle, lots, registered_deposits, registering
from trading_core.domain.stages.award import award_of
from trading_core.domain.trade import CatalogueEntry, Command, Facts, Stage, TradeType
from trading_core.verify.events import Event, Record
from trading_core.verify.lots import check_lots
from trading_core.verify.report import Broken, Malformed
from trading_core.verify.text import Value

SUPERVISOR = Actor("s", "org-supervisor", Role.SUPERVISOR)
PARTS = {"host": "1" * 64, "supervisor": "2" * 64, "centre": "3" * 64}
PARTIES = {"host": HOST, "supervisor": SUPERVISOR, "centre": CENTRE}
TRADE = TradeType(
    code="lots", rules=date(2025, 1, 1), catalogue=(CatalogueEntry("X", "测试", "test"),), milestones=(), periods=(),
    deposits=registered_deposits.BOOK,
    stages=(
        Stage((row("", "created", "ANNOUNCED"), *lifecycle.DEAL)), registering.stage(lots.promised), drawing.stage(lots.KIND), lots.STAGE,
        ending.stage(),
    ),
)  # fmt: skip


class Draw:
    """A lot whose places are drawn. Applications count from 1."""

    def __init__(self, applicants: int, least: int = 1) -> None:
        parties = {"principal": HOST.organisation, "centre": CENTRE.organisation, "supervisor": SUPERVISOR.organisation}
        terms = {"approval": False, "price_fen": 100, "applicants_min": least}
        dates = {"registration_start": at("09:00"), "registration_deadline": at("17:00")}
        self.lot = Lot("L1", "lots", "2025-01-01", status="ANNOUNCED", parties=parties, terms=terms, schedule=dates)
        self.record: list[Recorded] = []
        self.now, self.applicants = at("10:00"), applicants

    def give(self, act: str, actor: Actor, **data: object) -> None:
        number = len(self.record)
        applicant = {"organisation": actor.organisation, "name": actor.organisation, "uscc": f"{number:018d}"}
        facts = {"applicant": applicant, "applicant_conflicts": (), "applicant_bans": (), "reference": f"R{number}", "deposits": (),
                 "paddles": [str(n) for n in range(100, 200)]}  # fmt: skip
        for e in engine.decide(TRADE, self.lot, Command(act, actor, data, self.now), Facts(work_calendar(), facts)):
            private = json.loads(canonical(e.private)) if e.private is not None else None
            self.record.append(Recorded("lot/L1", len(self.record) + 1, e.type, json.loads(canonical(e.public)), private, self.now))
            self.lot = engine.evolve(TRADE, self.lot, self.record[-1])

    def promise(self, *parties: str) -> Draw:
        for p in parties or tuple(PARTS):
            self.give("commit_draw", PARTIES[p], draw="lots", commitment=hashlib.sha256(bytes.fromhex(PARTS[p])).hexdigest())
        return self

    def close(self) -> Draw:
        for n in range(self.applicants):
            self.give("apply_to_bid", Actor(f"p{n}", f"org{n}", Role.BIDDER))
        return self.until("17:00:03")

    def until(self, text: str) -> Draw:
        self.now = at(text)
        while (due := engine.due(TRADE, self.lot)) is not None and due[0] <= self.now:
            self.give(due[1], CLOCK)
        return self

    def hand_in(self, *parties: str) -> Draw:
        for p in parties:
            self.give("hand_in_part", PARTIES[p], draw="lots", part=PARTS[p])
        return self

    def shown(self) -> Record:
        return Record([Event(i, "lot/L1", e.version, e.type, i, "", Value(e.public, f"line {i}"), None, [], f"line {i}")
                       for i, e in enumerate(self.record)])  # fmt: skip


def codes(played: Draw, act: str, actor: Actor, **data: object) -> list[str]:
    with pytest.raises(Refused) as found:
        played.give(act, actor, **data)
    return [p.code for p in found.value.problems]


def test_the_first_of_the_order_is_selected_and_anybody_repeats_it() -> None:
    draw = Draw(5).promise().close().hand_in("supervisor", "host")
    seed = hashlib.sha256(bytes.fromhex(PARTS["host"]) + bytes.fromhex(PARTS["supervisor"])).digest()
    wanted = order(seed, row_prefix("L1", 1, "lots"), [str(n) for n in range(1, 6)])
    assert draw.lot.status == "DEAL" and award_of(draw.lot).winner == wanted[0]
    assert [c.bid for c in award_of(draw.lot).candidates] == wanted
    assert next(check_lots(draw.shown(), "L1", 1)).outcome == "holds"


def test_nobody_registers_before_the_parts_are_promised_and_nobody_promises_afterwards() -> None:
    draw = Draw(1).promise("host", "supervisor")
    assert codes(draw, "apply_to_bid", Actor("p", "org", Role.BIDDER)) == ["draw.not_promised"]
    draw.promise("centre").give("apply_to_bid", Actor("p", "org", Role.BIDDER))
    assert "draw.too_late" in codes(draw, "commit_draw", HOST, draw="lots", commitment="a" * 64)


def test_a_part_is_handed_in_once_the_list_is_closed_and_is_the_promised_one() -> None:
    draw = Draw(3).promise()
    with pytest.raises(Refused):
        draw.give("hand_in_part", HOST, draw="lots", part=PARTS["host"])
    draw.close()
    assert codes(draw, "hand_in_part", HOST, draw="lots", part="9" * 64) == ["draw.other_part"]


def test_the_reserve_counts_only_for_a_part_that_is_overdue() -> None:
    draw = Draw(4).promise().close().hand_in("host")
    assert codes(draw, "hand_in_part", CENTRE, draw="lots", part=PARTS["centre"]) == ["draw.reserve_waits"]
    draw.until("19:00:04").hand_in("centre")
    assert draw.lot.status == "DEAL" and next(check_lots(draw.shown(), "L1", 1)).outcome == "holds"


def test_too_few_applicants_end_it() -> None:
    draw = Draw(2, least=3).promise().close()
    assert draw.lot.status == "FAILED" and draw.record[-1].public["reason"] == "F-08"


@pytest.mark.parametrize("type, changes", [
    ("lots_drawn", {"order": ["5", "4", "3", "2", "1"]}), ("lots_drawn", {"parts": [{"party": "host", "part": "1" * 64}]}),
    ("lots_drawn", {"parts": [{"party": "host", "part": "1" * 64}, {"party": "centre", "part": "3" * 64}]}),
    ("lots_drawn", {"parts": [{"party": "host", "part": "7" * 64}, {"party": "supervisor", "part": "2" * 64}]}),
    ("selection_started", {"numbers": ["1", "2", "3", "4"]}), ("selected", {"bid": "99"}),
])  # fmt: skip
def test_what_was_forged_is_found(type: str, changes: dict[str, object]) -> None:
    draw = Draw(5).promise().close().hand_in("host", "supervisor")
    draw.record = [replace(e, public={**e.public, **changes}) if e.type == type else e for e in draw.record]
    with pytest.raises((Broken, Malformed)):
        list(check_lots(draw.shown(), "L1", 1))


@given(st.binary(min_size=32, max_size=32), st.sets(st.integers(1, 60), min_size=2, max_size=12), st.data())
def test_leaving_one_out_moves_nobody_else(seed: bytes, numbers: set[int], data: st.DataObject) -> None:
    pool = [str(n) for n in numbers]
    gone = data.draw(st.sampled_from(pool))
    placed = order(seed, row_prefix("L1", 1, "lots"), pool)
    assert order(seed, row_prefix("L1", 1, "lots"), [n for n in pool if n != gone]) == [n for n in placed if n != gone]


def test_every_place_is_as_likely_as_another() -> None:
    """2 000 seeds, four applicants: the first place goes to each about 500 times, within five standard deviations."""
    first = Counter(order(hashlib.sha256(bytes([n % 256, n // 256])).digest(), row_prefix("L1", 1, "lots"), ["1", "2", "3", "4"])[0]
                    for n in range(2_000))  # fmt: skip
    assert all(abs(first[n] - 500) < 5 * 20 for n in ("1", "2", "3", "4"))
