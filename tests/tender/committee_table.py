"""A committee at its table, on the pure engine: a lot whose bids are open, seats that are taken, substitutes that wait."""
from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from plugins.engineering.trade import ENGINEERING
from tests.tender.course import AGENCY, Course, at, bidding_lot, opened
from tests.world import EVALUATION
from trading_core.domain.draw import Answer
from trading_core.domain.events import Event
from trading_core.domain.identity import Actor, Role
from trading_core.domain.lot import Lot
from trading_core.domain.stages.draws import EXPERTS, Draw, Draws, PoolRow
from trading_core.domain.tender.assessment import Evaluation
from trading_core.domain.tender.committee import Committee, expected
from trading_core.domain.tender.opening import OpenedBid, OpenedEnvelope, Opening

BEGUN = at("2026-03-24T09:00")
BIDS = ("b1", "b2", "b3")
PRICES = {"b1": 950_000_000, "b2": 960_000_000, "b3": 970_000_000}
POOL = tuple(f"E{n:02d}" for n in range(1, 13))
ENVELOPES = [{"name": "technical", "opens": "at_opening"}, {"name": "price", "opens": "after_technical"}]


def rules() -> dict[str, Any]:
    """The rules of the example lot with K stated instead of drawn: nothing here depends on a draw."""
    price = {k: v for k, v in EVALUATION["price"].items() if k != "drawn"}  # type: ignore[attr-defined]
    return {**EVALUATION, "price": {**price, "params": {**price["params"], "k": "0.03"}}}


def opened_lot(two_stages: bool = True) -> Lot:
    """The lot once its opening is over, five experts seated by a draw and seven to spare."""
    lot = replace(bidding_lot("OPENED", ceiling_fen=1_080_000_000, committee_size=5, evaluation=rules(),
                              envelopes=ENVELOPES if two_stages else ENVELOPES[:1]), history={"opening_finished": BEGUN})  # fmt: skip
    bids = {b: _priced(opened(n), None if two_stages else PRICES[b]) for n, b in enumerate(BIDS, 1)}
    parts = {"host": "11" * 32, "centre": "22" * 32}
    commitments = {p: hashlib.sha256(bytes.fromhex(part)).hexdigest() for p, part in parts.items()}
    draw = Draw(EXPERTS, commitments, (PoolRow("water", "A08", 5, 7, POOL),), parts, dict.fromkeys(POOL, Answer.ACCEPT.value), BEGUN, True)
    return lot.with_part(Opening(bids=bids, stages={"technical": BEGUN})).with_part(Draws({EXPERTS: draw}))


def _priced(bid: OpenedBid, price: int | None) -> OpenedBid:
    form = {k: v for k, v in bid.form.items() if k != "price_fen"} | ({} if price is None else {"price_fen": price})
    return replace(bid, envelopes={"technical": OpenedEnvelope(True, form)})


class Table(Course):
    """Members by the number of their seat."""

    def __init__(self, two_stages: bool = True) -> None:
        super().__init__(opened_lot(two_stages), trade=ENGINEERING)
        self.facts |= {"holder": "", "recusals": (), "actor_uscc": "", "expert_number": ""}
        self.now = BEGUN

    def step(self, act: str, actor: Actor, holder: str = "", **data: object) -> list[Event]:
        self.facts["holder"] = holder
        return self.give(act, actor, self.now, **data)

    def seat(self, which: int, act: str, /, **data: object) -> list[Event]:
        """An act of whoever holds the seat."""
        holder = next(s.holder for s in self.lot.part(Committee).seats if s.number == which)
        return self.step(act, Actor(holder, "", Role.EXPERT), holder, **data)

    def chair(self, act: str, **data: object) -> list[Event]:
        return self.seat(self.lot.part(Committee).chair, act, **data)

    def sign_in(self) -> str:
        """The next who is expected takes a free seat."""
        seated = {s.holder for s in self.lot.part(Committee).seats}
        holder = next(h for h in expected(self.lot) if h not in seated)
        self.step("sign_in_seat", Actor(holder, "", Role.EXPERT), holder, no_recusal=True, keeps_discipline=True)
        return holder

    def seat_all(self) -> None:
        while len(self.lot.part(Committee).seats) < 5:
            self.sign_in()
        self.elect()

    def elect(self, chair: int = 1) -> None:
        for number in self.lot.part(Committee).numbers:
            if not self.lot.part(Committee).chair:
                self.seat(number, "vote_chair", seat=chair)

    def start(self, *, review: bool = True) -> Table:
        self.seat_all()
        self.step("start_evaluation", AGENCY)
        if review:
            self.chair("finish_review")
        return self

    def lock(self, seat: int, bid: str, plan: str = "25", record: str = "4") -> None:
        self.seat(seat, "lock_scores", bid=bid, points={"plan": plan, "record": record})

    def lock_all(self) -> Table:
        entries = self.lot.part(Evaluation).entries
        for n, bid in enumerate(BIDS):
            for seat in self.lot.part(Committee).numbers:
                if str(seat) not in entries.get(bid, {}):
                    self.lock(seat, bid, str(30 - 3 * n - seat))
        return self

    def open_prices(self) -> Table:
        """Two trustees' keys later: what the platform does with them is told in the tests of the opening."""
        part = self.lot.part(Opening)
        bids = {b: replace(o, envelopes={**o.envelopes, "price": OpenedEnvelope(True, {"price_fen": PRICES[b]})})
                if b not in part.excluded else o for b, o in part.bids.items()}  # fmt: skip
        self.lot = self.lot.with_part(replace(part, bids=bids, stages={**part.stages, "price": self.now}))
        return self

    def reject(self, bid: str, *seats: int, ground: str = "RJ-3") -> int:
        """A motion with the votes of these seats in favour; its number."""
        self.seat(seats[0], "propose_rejection", bid=bid, ground=ground, clause="3.5.1", evidence="资质不符")
        number = len(self.lot.part(Evaluation).motions)
        for seat in seats:
            self.seat(seat, "vote_rejection", number=number, agree=True)
        return number

    def sign_all(self) -> None:
        for number in self.lot.part(Committee).numbers:
            if str(number) not in self.lot.part(Evaluation).signatures:
                self.seat(number, "sign_report", agrees=True)

    def evaluation(self) -> Evaluation:
        return self.lot.part(Evaluation)
