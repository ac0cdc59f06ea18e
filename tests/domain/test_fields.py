"""What a form takes can be recorded, reckoned with and read as it was written."""
from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trading_core.domain.errors import Refused
from trading_core.domain.events import instant_from, instant_text
from trading_core.domain.fields import Field, check
from trading_core.domain.leaves import INTEGER_MAX, canonical
from trading_core.domain.workcalendar import CST

FORM = (
    Field("a", "text", required=False), Field("b", "long_text", required=False), Field("c", "integer", required=False),
    Field("d", "date", required=False), Field("e", "instant", required=False), Field("f", "list", required=False),
)  # fmt: skip
EDGES = ["\ud800", "9999-12-31", "0001-01-01", "9999-12-31T23:59:59-23:59"]
ODD = st.text(st.characters(categories=None), max_size=5) | st.sampled_from(EDGES)


@given(st.dictionaries(st.sampled_from("abcdef"), ODD | st.integers() | st.lists(ODD, max_size=3)))
def test_whatever_is_taken_has_its_one_text(data: dict[str, object]) -> None:
    try:
        cleaned = check(FORM, data)
    except Refused:
        return
    canonical(cleaned)


@example(datetime.fromisoformat("9998-12-31T23:00:00-12:00"))
@example(datetime.fromisoformat("1000-01-01T00:00:00+08:00"))
@given(st.datetimes(timezones=st.timezones()))
def test_an_instant_that_is_taken_comes_back_and_can_be_reckoned_with(moment: datetime) -> None:
    text = str(moment).replace(" ", "T")
    try:
        taken = instant_from(text)
    except ValueError:
        return
    assert instant_from(instant_text(taken)) == taken
    assert taken.astimezone(CST) - timedelta(days=1) < taken < taken.astimezone(CST) + timedelta(days=1)


@pytest.mark.parametrize(("name", "value", "code"), [
    *(("a", f"名{c}称", "field.control_character") for c in "\u202e\u061c\u200b\u200e\u2028\u2060\ufeff\U000e0041"),
    ("a", "\u200b", "field.control_character"), ("a", "\ud800", "field.control_character"), ("b", "\x85", "field.control_character"),
    ("b", "\ufffe", "field.control_character"), ("c", INTEGER_MAX + 1, "field.out_of_range"), ("c", -INTEGER_MAX - 1, "field.out_of_range"),
    ("d", "9999-12-31", "field.not_date"), ("d", "0999-12-31", "field.not_date"),
    ("e", "9999-12-31T23:59:59-23:59", "field.not_instant"), ("e", "0001-01-01T00:00:00+23:59", "field.not_instant"),
])  # fmt: skip
def test_what_could_not_be_kept_is_refused(name: str, value: object, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        check(FORM, {name: value})
    assert [p.code for p in refusal.value.problems] == [code]


@pytest.mark.parametrize("value", ["", " ", " \n\t", "\u3000", None])
def test_blanks_say_nothing(value: object) -> None:
    with pytest.raises(Refused) as refusal:
        check((Field("text", "long_text"),), {"text": value})
    assert [p.code for p in refusal.value.problems] == ["field.required"]
    assert check((Field("text", "long_text", required=False),), {"text": value}) == {}
