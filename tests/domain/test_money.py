"""Money: figures, words, caps and interest [01 §1.8, 12 §12.6]."""
from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import trading_core
from trading_core.domain.errors import Refused
from trading_core.domain.money import (
    LIMIT_FEN,
    daxie,
    fen_from_daxie,
    fen_from_yuan,
    interest,
    percent_cap,
    wan_text,
    yuan_text,
)
from trading_core.messages import read

amounts = st.integers(0, 10**14) | st.integers(0, LIMIT_FEN - 1)
gappy_amounts = st.integers(1, 18).flatmap(lambda n: st.lists(st.sampled_from("0000123456789"), min_size=n, max_size=n)).map(
    lambda digits: int("".join(digits))
)


# ------------------------------------------------------------------ in words

@given(amounts | gappy_amounts)
@example(10**14)
def test_words_are_read_back_as_the_same_amount(fen: int) -> None:
    assert fen_from_daxie(daxie(fen)) == fen


@given(amounts | gappy_amounts, amounts | gappy_amounts)
def test_two_amounts_never_have_the_same_words(a: int, b: int) -> None:
    assert (daxie(a) == daxie(b)) == (a == b)


@given(gappy_amounts.filter(bool))
def test_words_follow_the_zero_rules(fen: int) -> None:
    words = daxie(fen)
    assert "零零" not in words
    assert not words.startswith("零")
    assert not any(bad in words for bad in ("零万", "零亿", "零元", "零角", "零整"))
    assert words.endswith("整") == (fen % 100 == 0)
    assert ("元" in words) == (fen >= 100)


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        ("9860000", "玖佰捌拾陆万元整"),
        ("10500.30", "壹万零伍佰元叁角"),
        ("1002000.05", "壹佰万贰仟元零伍分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("100000000", "壹亿元整"),
        ("100002000.00", "壹亿零贰仟元整"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("0.45", "肆角伍分"),
        ("0.05", "伍分"),
        ("0", "零元整"),
    ],
)
def test_the_table_of_words(yuan: str, words: str) -> None:  # 12 §12.6
    assert daxie(fen_from_yuan(yuan)) == words
    assert fen_from_daxie(words) == fen_from_yuan(yuan)


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        ("10", "壹拾元整"),
        ("10000000000.00", "壹佰亿元整"),
        ("1000000000000", "壹万亿元整"),
        ("1234500000000", "壹万贰仟叁佰肆拾伍亿元整"),
        ("1000000000000.05", "壹万亿元零伍分"),
        ("10200000000000", "壹拾万贰仟亿元整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
    ],
)
def test_larger_and_smaller_words(yuan: str, words: str) -> None:
    assert daxie(fen_from_yuan(yuan)) == words
    assert fen_from_daxie(words) == fen_from_yuan(yuan)


@pytest.mark.parametrize(
    ("words", "yuan"),
    [
        ("壹佰万零贰仟元零伍分", "1002000.05"),
        ("壹拾万柒仟元零伍角叁分", "107000.53"),
        ("壹拾万零柒仟元伍角叁分", "107000.53"),
        ("壹拾万零柒仟元零伍角叁分", "107000.53"),
        ("壹仟陆佰捌拾元零叁角贰分", "1680.32"),
        ("壹亿贰仟元整", "100002000"),
        ("陆仟零零柒元壹角肆分", "6007.14"),
        ("壹佰元正", "100"),
        ("叁角整", "0.30"),
        ("零元零伍分", "0.05"),
        ("人民币（大写）：壹佰贰拾萬圓正", "1200000"),
        ("人民币 貳億陸仟萬圆整", "260000000"),
        ("壹佰元", "100"),
    ],
)
def test_other_lawful_words_are_read_by_value(words: str, yuan: str) -> None:
    assert fen_from_daxie(words) == fen_from_yuan(yuan)


@pytest.mark.parametrize(
    "words",
    [
        "", "整", "元整", "伍", "一百元整", "100元整", "壹仟伍元整", "壹元伍分", "壹佰零元整", "壹佰零贰拾元整", "壹佰贰佰元整", "零壹元整",
        "伍拾壹佰元整", "壹亿壹亿元整", "壹角壹元整", "叁分整", "壹零佰元整", "壹元整壹角", "负壹元整", "玖玖元整", "壹万亿贰仟亿元整",
        "陆仟零零零柒元整", "壹" * 90,
    ],
)  # fmt: skip
def test_words_that_leave_the_amount_in_doubt_are_refused(words: str) -> None:
    with pytest.raises(Refused) as refusal:
        fen_from_daxie(words)
    assert [(p.code, dict(p.params)) for p in refusal.value.problems] == [("money.not_words", {})]


@given(st.text(alphabet="零壹贰叁拾佰仟万亿元角分整", max_size=14))
def test_whatever_is_read_is_read_by_our_own_structure(words: str) -> None:
    """Words that are accepted differ from ours in 零 and 整 only: nothing else can have been understood."""
    try:
        fen = fen_from_daxie(words)
    except Refused:
        return
    drop = str.maketrans("", "", "零整")
    assert words.translate(drop).removeprefix("元") == daxie(fen).translate(drop).removeprefix("元")


def test_amounts_without_words() -> None:
    for fen in (-1, LIMIT_FEN):
        with pytest.raises(ValueError):
            daxie(fen)


# ------------------------------------------------------------------ in figures

@given(amounts)
def test_figures_are_read_back_as_the_same_amount(fen: int) -> None:
    assert fen_from_yuan(yuan_text(fen)) == fen
    assert fen_from_yuan(yuan_text(fen).replace(",", "")) == fen


@given(st.integers(-LIMIT_FEN, LIMIT_FEN))
def test_wan_is_exact(fen: int) -> None:
    assert Decimal(wan_text(fen).replace(",", "")) * 10**6 == fen


def test_figures_as_people_read_them() -> None:
    assert yuan_text(986000000) == "9,860,000.00"
    assert yuan_text(-5) == "-0.05"
    assert wan_text(1080 * 10**6) == "1,080.00"
    assert wan_text(96_500_000) == "96.50"
    assert wan_text(1050030) == "1.05003"
    assert fen_from_yuan("9860000.5") == 986000050


@pytest.mark.parametrize(
    "text", ["", ".5", "5.", "-1", "+1", "1e3", "1.234", "1,00", "10,00,000.00", "1000,000", " 1", "1元", "１２", "٣", "1_000", "1" * 17]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        fen_from_yuan(text)
    assert refusal.value.problems[0].code == "money.not_amount"


# ------------------------------------------------------------------ caps and interest

@given(st.integers(0, 10**15), st.decimals(0, 100, places=4), st.none() | st.integers(0, 10**12))
def test_a_cap_is_the_largest_amount_within_both_limits(base: int, percent: Decimal, absolute: int | None) -> None:
    cap = percent_cap(base, percent, absolute)

    def lawful(fen: int) -> bool:
        return Fraction(fen) <= Fraction(base) * Fraction(percent) / 100 and (absolute is None or fen <= absolute)

    assert lawful(cap)
    assert not lawful(cap + 1)


def test_the_two_caps_of_a_bid_bond() -> None:  # D-01
    works, design = 80_000_000, 10_000_000
    assert percent_cap(620_000_000, "2", works) == 12_400_000
    assert percent_cap(6_000_000_000, "2", works) == works
    assert percent_cap(620_000_000, "2", design) == design
    assert percent_cap(149, Decimal(2), None) == 2
    for wrong in ((-1, "2"), (1, "-2")):
        with pytest.raises(ValueError):
            percent_cap(*wrong, None)


@given(st.integers(0, 10**15), st.decimals(0, 1, places=6), st.integers(0, 4000))
def test_interest_is_the_nearest_fen_and_halves_go_up(principal: int, rate: Decimal, days: int) -> None:
    exact = Fraction(principal) * Fraction(rate) * days / 360
    assert -Fraction(1, 2) < interest(principal, rate, days) - exact <= Fraction(1, 2)


def test_interest_examples() -> None:  # D-05
    assert interest(12_000_000, Decimal("0.0035"), 45) == 5250  # 120 000.00 yuan, 0.35 % a year, 45 days: 52.50 yuan
    assert interest(36_000, Decimal("0.005"), 1) == 1  # exactly half a fen
    assert interest(35_999, Decimal("0.005"), 1) == 0
    for wrong in ((-1, Decimal(0), 0), (0, Decimal(-1), 0), (0, Decimal(0), -1)):
        with pytest.raises(ValueError):
            interest(*wrong)


def test_every_problem_is_told_in_both_languages() -> None:
    catalogue = read([Path(trading_core.__file__).parent / "messages"])
    for code in ("money.not_amount", "money.not_words"):
        assert catalogue.say(f"problem.{code}", "zh") != catalogue.say(f"problem.{code}", "en")
