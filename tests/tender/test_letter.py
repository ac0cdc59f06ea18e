"""What the letter of a bid asks, by what the tender announces [B-05, D-02, 46 9]."""
from __future__ import annotations

from dataclasses import replace

import pytest

from plugins.engineering.form import LETTER
from plugins.engineering.trade import ENGINEERING
from tests.tender.course import bidding_lot
from tests.world import TERMS
from trading_core.domain.tender.letter import letter

ADDITION = {"small_micro_rate": "0.04", "consortium_rate": "0.02", "capped": True, "places": 2, "rounding": "ROUND_HALF_UP"}
ASKED = [f.name for f in LETTER]
ONE, TWO = ({"envelopes": [{"name": n, "opens": "at_opening"} for n in names]} for names in (("whole",), ("technical", "price")))
MONEY, NONE = {"deposit_fen": 5_000_000}, {"deposit_fen": 0}
BENEFIT, PLAIN = {"evaluation": {"small_business": ADDITION}}, {"evaluation": {}}


@pytest.mark.parametrize(("terms", "asked"), [
    (TWO | MONEY | BENEFIT, {"technical": [*ASKED, "deposit_way", "deposit_reference"], "price": ["price_fen", "small_business"]}),
    (TWO | NONE | PLAIN, {"technical": ASKED, "price": ["price_fen"]}),
    (ONE | MONEY | BENEFIT, {"whole": ["price_fen", "small_business", *ASKED, "deposit_way", "deposit_reference"]}),
    (ONE | NONE | PLAIN, {"whole": ["price_fen", *ASKED]}),
])  # fmt: skip
def test_the_letter_asks_what_the_tender_calls_for(terms: dict[str, object], asked: dict[str, list[str]]) -> None:
    lot = bidding_lot()
    found = letter(ENGINEERING, replace(lot, terms={**lot.terms, **TERMS, **terms}))
    assert {envelope: [f.name for f in fields] for envelope, fields in found.items()} == asked
