"""What a problem's figures look like to its reader."""
from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain.errors import Refused
from trading_core.domain.fields import MONEY_MAX_FEN, Field, check
from trading_core.messages import Catalogue
from trading_core.platform import Platform
from web.i18n import Words, joined


@pytest.fixture
def words(sqlite_platform: Platform) -> Words:
    return Words(joined(sqlite_platform.catalogue), "zh")


def test_instants_are_written_in_china_time_as_exactly_as_they_are(words: Words) -> None:
    told = words.problem("bid.late", {"deadline": "2026-03-23T01:30:00.000000Z", "received": "2026-03-23T01:30:00.001000Z"})
    assert "2026-03-23（周一）09:30:00" in told and "09:30:00.001000" in told and "Z" not in told
    told = Words(words.catalogue, "en").problem("award.publicity_running", {"end": "2026-03-31T16:00:00.000000Z"})
    assert "Wed 1 Apr 2026, 00:00:00" in told


def test_a_trade_speaks_in_its_own_terms_the_first_before_the_next(words: Words) -> None:
    own = words.catalogue.of(("grant", "neutral"))
    assert own.say("field.principal") == "出让人" and own.say("act.terminate") == "终止交易"
    assert own.say("field.title") == words("field.title")
    assert words("field.principal") == "招标人" and words("act.terminate") == "终止招标"
    assert Catalogue({"a": {"zh": "1"}, "in.x.a": {"zh": "2"}, "in.y.a": {"zh": "3"}}, ("y", "x")).say("a") == "3"


def test_what_has_no_limit_is_a_dash(words: Words) -> None:
    assert "最小 —，最大 5" in words.problem("field.out_of_range", {"minimum": None, "maximum": 5, "value": 9})


@given(st.text(max_size=40) | st.sampled_from(["2026-99-99T99:99:00Z", "2026-03-23", "09:30Z"]))
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert Words(Catalogue({"problem.x": {"zh": "{name}", "en": "{name}"}}), "zh").problem("x", {"name": text}) == text


def test_amounts_are_told_in_yuan(words: Words) -> None:
    with pytest.raises(Refused) as refusal:
        check((Field("amount_fen", "money"),), {"amount_fen": MONEY_MAX_FEN + 1})
    problem = refusal.value.problems[0]
    told = words.problem(problem.code, problem.params)
    assert "1,000,000,000.00 万元" in told and "0.00 元" in told and str(MONEY_MAX_FEN) not in told
    told = Words(words.catalogue, "en").problem("evaluation.correction_refused", {"bid": "A", "corrected_fen": 968_000_000})
    assert "CNY 9,680,000.00" in told


def test_no_text_gives_an_amount_a_second_unit(words: Words) -> None:
    twice = [k for k, t in words.catalogue.texts.items() if any(re.search(r"_fen\}\s*(fen|yuan|分|元|万元)", text) for text in t.values())]
    assert twice == []
