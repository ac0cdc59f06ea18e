"""The ledger of deposits under random histories: it always balances, nothing is paid twice [01 §1.8]."""
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from trading_core.domain import ledger
from trading_core.domain.errors import Refused
from trading_core.domain.events import Event, Recorded
from trading_core.domain.leaves import canonical
from trading_core.domain.ledger import BANK, HELD, INTEREST, Ledger, Receipt, evolve, fold, forfeit, give_back, hold
from trading_core.domain.money import interest

PAID = datetime(2026, 3, 18, 2, 0, tzinfo=UTC)
RATE = Decimal("0.0035")


def receipt(serial: str = "S1", amount: int = 20_000_000, name: str = "松涧示例建设集团有限公司") -> Receipt:
    return Receipt(serial, PAID, name, "6222000000000000001", amount, "REF1")


def recorded(events: list[Event], start: int = 0) -> list[Recorded]:
    return [Recorded("deposit/L1", start + n, e.type, e.public, e.private, PAID) for n, e in enumerate(events, 1)]


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [p.code for p in refusal.value.problems]


class Deposits(RuleBasedStateMachine):
    """Money comes in and goes out in any order, asked for any number of times; a plain model counts along."""

    def __init__(self) -> None:
        super().__init__()
        self.record: list[Recorded] = []
        self.ledger = Ledger()
        self.amounts: dict[int, int] = {}
        self.settled: dict[int, str] = {}
        self.paid_out = 0

    def append(self, events: list[Event]) -> None:
        for r in recorded(events, len(self.record)):
            canonical(r.public), canonical(r.private or {})
            self.record.append(r)
            self.ledger = evolve(self.ledger, r)

    @rule(serials=st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True), amount=st.sampled_from([1, 333, 20_000_000]))
    def money_comes(self, serials: list[int], amount: int) -> None:
        given = [receipt(f"S{n}", amount * n) for n in serials]
        known = {d.receipt.serial: d.receipt for d in self.ledger.deposits.values()}
        changed = [r for r in given if r.serial in known and known[r.serial] != r]
        if changed:
            with pytest.raises(Refused) as refusal:
                hold(self.ledger, given)
            assert codes(refusal) == ["deposit.serial_changed"] * len(changed)
            return
        events = hold(self.ledger, given)
        assert len(events) == sum(r.serial not in known for r in given)
        for e in events:
            self.amounts[int(str(e.public["number"]))] = int(str(e.public["amount_fen"]))
        self.append(events)

    @rule(number=st.integers(1, 12), days=st.integers(0, 400), way=st.sampled_from(["returned", "forfeited", "applied"]))
    def money_goes(self, number: int, days: int, way: str) -> None:
        def act() -> list[Event]:
            if way == "returned":
                return give_back(self.ledger, number, RATE, date(2026, 3, 18) + timedelta(days=days))
            return forfeit(self.ledger, number, "g") if way == "forfeited" else ledger.apply(self.ledger, number, "p")

        before = self.settled.get(number)
        if number not in self.amounts or before not in (None, way):
            with pytest.raises(Refused) as refusal:
                act()
            assert codes(refusal) == ["deposit.unknown" if number not in self.amounts else "deposit.settled_otherwise"]
            return
        events = act()
        assert len(events) == (before is None)
        self.append(events)
        self.settled[number] = way
        if events and way == "returned":
            self.paid_out += self.amounts[number] + interest(self.amounts[number], RATE, days)

    @invariant()
    def everything_balances(self) -> None:
        assert sum(self.ledger.balances.values()) == 0

    @invariant()
    def what_is_held_is_owed_and_never_negative(self) -> None:
        for number, deposit in self.ledger.deposits.items():
            owed = -self.ledger.balances[deposit.account]
            assert owed == (self.amounts[number] if number not in self.settled else 0) >= 0
            assert deposit.state == self.settled.get(number, HELD)

    @invariant()
    def money_is_neither_lost_nor_made(self) -> None:
        assert self.ledger.balances.get(BANK, 0) == sum(self.amounts.values()) - self.paid_out
        kept = [n for n, way in self.settled.items() if way in ("forfeited", "applied")]
        assert -sum(self.ledger.balances.get(a, 0) for a in ("forfeited", "applied")) == sum(self.amounts[n] for n in kept)

    @invariant()
    def folding_the_record_gives_the_same_ledger(self) -> None:
        assert fold(self.record) == self.ledger


Deposits.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
TestDeposits = Deposits.TestCase


def test_interest_on_360_days() -> None:
    """[D-05] 200 000 yuan at 0.35 % for 38 days: 20 000 000 × 0.0035 × 38 / 360 = 7388.89 fen, rounded half up once."""
    held = fold(recorded(hold(Ledger(), [receipt()])))
    event = give_back(held, 1, RATE, date(2026, 4, 25))[0]
    assert (event.public["days"], event.public["interest_fen"]) == (38, 7389)
    after = fold([*recorded(hold(Ledger(), [receipt()])), *recorded([event], 1)])
    assert after.balances == {BANK: -7389, "held/1": 0, INTEREST: 7389}


def test_who_paid_is_in_the_private_part_only() -> None:
    event = hold(Ledger(), [receipt()])[0]
    for secret in ("松涧示例建设集团有限公司", "6222000000000000001", "REF1", "S1"):
        assert secret not in canonical(event.public)
        assert secret in canonical(event.private or {})


def test_a_record_whose_postings_do_not_balance_is_broken() -> None:
    event = hold(Ledger(), [receipt()])[0]
    crooked = Event(event.type, {**event.public, "postings": {BANK: 20_000_000, "held/1": -19_999_999}}, event.private)
    with pytest.raises(ValueError, match="do not balance"):
        fold(recorded([crooked]))


def test_the_ledger_goes_on_after_who_paid_was_erased() -> None:
    held = hold(Ledger(), [receipt()])[0]
    erased = Recorded("deposit/L1", 1, held.type, held.public, None, PAID)
    assert give_back(evolve(Ledger(), erased), 1, RATE, date(2026, 4, 25))
