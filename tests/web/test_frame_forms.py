"""A form drawn from a declaration gives back the data it was filled with, whatever the declaration."""
from __future__ import annotations

import io
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import web
from trading_core.domain.errors import Problem, Refused
from trading_core.domain.fields import Field, check
from trading_core.domain.workcalendar import CST
from trading_core.messages import LANGUAGES, read
from web.forms import MORE, Form, posted

NAMES = st.text("abcdefgh_", min_size=1, max_size=6).filter(lambda n: not n.startswith("_"))
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cf", "Cn", "Zs", "Zl", "Zp")), min_size=1, max_size=20)
LINE = TEXT.filter(lambda t: len(t.splitlines()) == 1 and t == t.strip())
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": LINE,
    "long_text": LINE,
    "integer": st.integers(-(10**9), 10**9),
    "money": st.integers(0, 10**12),
    "decimal": st.decimals(-1000, 1000, places=3).map(str),
    "boolean": st.booleans(),
    "choice": st.sampled_from(["open", "invited"]),
    "date": st.dates(date(1000, 1, 1), date(9998, 12, 31)).map(str),
    "instant": st.integers(0, 50_000_000).map(lambda m: (datetime(2000, 1, 1, tzinfo=CST) + timedelta(minutes=m)).isoformat()),
    "map": st.dictionaries(NAMES, st.one_of(
        st.booleans(), st.integers(-(10**9), 10**9), LINE, st.sampled_from(["60", "-1", "true", '"', '""', '"60"'])
    ), min_size=1, max_size=4),
    "hash": st.binary(min_size=32, max_size=32).map(bytes.hex),
}


def leaf(kind: str) -> st.SearchStrategy[tuple[Field, Any]]:
    choices = ("open", "invited") if kind == "choice" else ()
    return st.tuples(NAMES.map(lambda n: Field(n, kind, choices=choices)), VALUES[kind])  # type: ignore[arg-type]


def group(pairs: st.SearchStrategy[tuple[Field, Any]]) -> st.SearchStrategy[tuple[tuple[Field, ...], dict[str, Any]]]:
    unique = st.lists(pairs, min_size=1, max_size=5, unique_by=lambda p: p[0].name)
    return unique.map(lambda found: (tuple(f for f, _ in found), {f.name: v for f, v in found}))


LEAVES = st.sampled_from(sorted(VALUES)).flatmap(leaf)
TEXTS = st.tuples(NAMES.map(lambda n: Field(n, "list")), st.lists(LINE, min_size=1, max_size=4))
OBJECTS = st.tuples(NAMES, group(LEAVES)).map(lambda p: (Field(p[0], "object", fields=p[1][0]), p[1][1]))
ROWS = st.tuples(NAMES, group(LEAVES.filter(lambda p: p[0].kind not in ("boolean",))), st.integers(1, 3)).map(
    lambda p: (Field(p[0], "list", fields=p[1][0]), [p[1][1]] * p[2])
)
FORMS = group(st.one_of(LEAVES, LEAVES, TEXTS, OBJECTS, ROWS))


@given(FORMS)
def test_what_was_filled_in_comes_back(made: tuple[tuple[Field, ...], dict[str, Any]]) -> None:
    fields, data = made
    form, read = posted(fields, Form.of(fields, data).values)
    assert not form.problems
    assert check(fields, read) == check(fields, data)


@given(FORMS, st.data())
def test_any_nonsense_is_a_problem_never_a_crash(made: tuple[tuple[Field, ...], dict[str, Any]], data: st.DataObject) -> None:
    fields, filled = made
    values = {k: data.draw(st.text(max_size=10)) for k in Form.of(fields, filled).values}
    form, _ = posted(fields, values)
    assert {p.path for p in form.problems} <= form.paths()


FORM = (
    Field("price_fen", "money"),
    Field("items", "list", fields=(Field("name"), Field("count", "integer"))),
    Field("paper", "file", required=False),
)


def test_rows_left_empty_are_closed_up_so_that_problems_find_their_row() -> None:
    form, data = posted(FORM, {"items.0.name": "", "items.2.name": "甲", "items.2.count": "x", "items.7.name": "乙", "items.7.count": "2"})
    assert data == {"items": [{"name": "甲"}, {"name": "乙", "count": 2}]}
    assert form.problems == (Problem("field.not_integer", "items.0.count"),)
    assert form.value("items.0.name") == "甲" and form.value("items.1.name") == "乙" and form.rows("items") == 3


OPTIONAL = (Field("name"), Field("consortium", "object", required=False, fields=(Field("allowed", "boolean"), Field("most", "integer"))))


def test_an_optional_part_nobody_touched_says_nothing() -> None:
    """Its yes-or-no, which would have to be answered, is not answered with no for who never looked at it."""
    assert posted(OPTIONAL, {"name": "甲", "consortium.most": ""})[1] == {"name": "甲"}
    for typed, said in (({"allowed": "no"}, {"allowed": False}), ({"most": "3"}, {"most": 3})):
        assert posted(OPTIONAL, {f"consortium.{k}": v for k, v in typed.items()})[1] == {"consortium": said}


def test_a_yes_or_no_left_open_is_asked_again() -> None:
    """Nobody votes against, or states something, by forgetting it."""
    fields = (Field("agrees", "boolean"), Field("rows", "list", fields=(Field("number", "integer"), Field("passed", "boolean"))))
    _, data = posted(fields, {"rows.0.number": "1"})
    assert data == {"rows": [{"number": 1}]}
    with pytest.raises(Refused) as refusal:
        check(fields, data)
    assert {(p.code, p.path) for p in refusal.value.problems} == {("field.required", "agrees"), ("field.required", "rows.0.passed")}
    said = {"agrees": "no", "rows.0.number": "1", "rows.0.passed": "on"}
    assert posted(fields, said)[1] == {"agrees": False, "rows": [{"number": 1, "passed": True}]}


def test_digits_in_quotes_are_text() -> None:
    fields = (Field("params", "map"),)
    form, data = posted(fields, {"params": 'full_score = "60"\nplaces = 2\nstrict = true'})
    assert data == {"params": {"full_score": "60", "places": 2, "strict": True}}
    assert posted(fields, Form.of(fields, data).values)[1] == data


def test_the_form_says_how_lines_are_read() -> None:
    """The example in the text is read as the text says."""
    texts = read([Path(web.__file__).parent / "messages"])
    for language in LANGUAGES:
        example = re.search(r'\w+ = "\d+"', texts.say("form.name_per_line", language))
        assert example and posted((Field("params", "map"),), {"params": example[0]})[1] == {"params": {"full_score": "60"}}


def test_one_more_row_without_a_script() -> None:
    form, _ = posted(FORM, {"items.0.name": "甲", MORE: "items"})
    assert form.rows("items") == 3 and Form(FORM, {}).rows("items") == 1


def test_amounts_in_words_stand_under_the_field() -> None:
    form, data = posted(FORM, {"price_fen": "9,800,000.00"})
    assert data["price_fen"] == 980_000_000 and form.words_of("price_fen") == "玖佰捌拾万元整"
    wrong, data = posted(FORM, {"price_fen": "九百万"})
    assert "price_fen" not in data and wrong.words_of("price_fen") == ""
    assert wrong.wrong("price_fen") == [Problem("form.not_amount", "price_fen")]


def test_an_uploaded_file_is_kept_by_its_hash() -> None:
    class Part:
        file = io.BytesIO(b"paper")

    _, data = posted(FORM, {"paper": Part()}, lambda f: f.read().hex())
    assert data == {"paper": b"paper".hex()}
