"""Codes of organisations and persons [09 §9.8, §9.9]."""
from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain.resident_number import check_resident_number, resident_check_character
from trading_core.domain.uscc import (
    ALPHABET,
    check_character,
    check_uscc,
    complete_uscc,
    compose_uscc,
    doubts,
    normalise,
    organisation_check_character,
    organisation_code,
)

TODAY = date(2026, 3, 2)
firsts = st.text(ALPHABET, min_size=17, max_size=17)


def codes(problems: tuple[object, ...]) -> list[str]:
    return [p.code for p in problems]  # type: ignore[attr-defined]


@given(firsts)
def test_a_completed_code_is_valid(first: str) -> None:
    assert check_uscc(complete_uscc(first)) == ()


@given(firsts, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(first: str, at: int, other: str) -> None:
    code = complete_uscc(first)
    changed = code[:at] + other + code[at + 1 :]
    assert codes(check_uscc(changed)) == ([] if changed == code else ["uscc.check_character"])


@given(firsts, st.integers(0, 15))
def test_two_swapped_neighbours_are_always_found(first: str, at: int) -> None:
    code = complete_uscc(first)
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    assert codes(check_uscc(swapped)) == ([] if swapped == code else ["uscc.check_character"])


@pytest.mark.parametrize(
    ("first", "check"),
    [("91530502MA6K0ABC1", "P"), ("11530502MB0X12343", "5"), ("91110000600037341", "L"), ("12350100MB0270975", "1")],
)
def test_worked_examples(first: str, check: str) -> None:
    """[09 §9.8]: four sums worked out by hand, two of them codes that occur in published records."""
    assert check_character(first) == check
    assert check_uscc(first + check) == doubts(first + check) == ()


@pytest.mark.parametrize(("body", "check"), [("MA6K0ABC", "1"), ("MB0X1234", "3"), ("60003734", "1"), ("MB027097", "5")])
def test_worked_examples_of_organisation_codes(body: str, check: str) -> None:
    assert organisation_check_character(body) == check


def test_remainder_nought_gives_nought() -> None:
    """[09 §9.8] edge: 31 mod 31 = 0, not the 32nd character."""
    assert check_character("0" * 17) == "0"


def test_organisation_check_of_ten_and_eleven() -> None:
    """[09 §9.8]: 10 is X, 11 is 0."""
    assert organisation_check_character("00000000") == "0"
    assert organisation_check_character("00000006") == "X"  # sum 12, 11 − 1 = 10


def test_positions_nine_to_seventeen_are_the_organisation_code() -> None:
    assert organisation_code("91110000600037341L") == "600037341"


def test_composed_codes_leave_no_doubt() -> None:
    code = compose_uscc("91530502", "MA6K0ABC")
    assert code == "91530502MA6K0ABC1P"
    assert doubts(code) == ()


def test_a_code_is_compared_half_width_upper_case_without_blanks() -> None:
    assert normalise(" ９１530502 ma6k0abc1p\n") == "91530502MA6K0ABC1P"


def test_what_makes_a_code_unusable() -> None:
    assert [p.params for p in check_uscc("91530502MA6K0ABC1")] == [{"length": 17}]
    assert [(p.code, p.params) for p in check_uscc("I1530502MA6K0ABC1Z")] == [
        ("uscc.character", {"position": 1}),
        ("uscc.character", {"position": 18}),
    ]
    assert codes(check_uscc("91359128593462349A")) == ["uscc.check_character"]  # a platform's code seen in data [11]


def test_what_is_only_a_doubt() -> None:
    odd = complete_uscc("88990000MA6K0ABC2")
    assert check_uscc(odd) == ()
    assert codes(doubts(odd)) == ["uscc.unknown_category", "uscc.unknown_division", "uscc.organisation_check"]


@pytest.mark.parametrize(
    ("first", "check"), [("11010519491231002", "X"), ("53050219900101001", "1"), ("53050219850615123", "7")]
)
def test_worked_examples_of_resident_numbers(first: str, check: str) -> None:
    """[09 §9.9]: the example of the standard and two invented numbers; remainders 2, 0 and 5."""
    assert resident_check_character(first) == check
    assert check_resident_number(first + check, TODAY) == ()


def test_what_makes_a_resident_number_unusable() -> None:
    assert codes(check_resident_number("110105491231002", TODAY)) == ["resident_number.form"]
    assert codes(check_resident_number("110105194912310021", TODAY)) == ["resident_number.check_character"]
    for birth, code in (("19490230", "birth_date"), ("20260303", "born_later")):
        first = f"110105{birth}002"
        assert codes(check_resident_number(first + resident_check_character(first), TODAY)) == [f"resident_number.{code}"]


def test_a_problem_never_repeats_the_number() -> None:
    assert "110105" not in repr(check_resident_number("110105194912310021", TODAY))
