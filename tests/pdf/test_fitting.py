"""Foreign words fit the paper, whatever they are."""
from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from trading_core.adapters.pdf.fitting import LINES_MAX, fitted
from trading_core.adapters.pdf.fonts import Fonts
from trading_core.adapters.pdf.kinds import KINDS
from trading_core.adapters.pdf.press import PdfPress
from trading_core.domain.fields import Field, check

ANY = st.text(st.characters(categories=None), max_size=300)
FORM = (
    Field("a"), Field("b", "long_text", maximum=120), Field("c", "money", required=False), Field("d", "list"),
    Field("e", "list", fields=(Field("a", maximum=20), Field("n", "integer", required=False))),
)  # fmt: skip


@given(st.fixed_dictionaries({"a": ANY, "b": ANY, "c": st.integers() | st.booleans() | ANY, "d": st.lists(ANY, max_size=3),
                              "e": st.lists(st.fixed_dictionaries({"a": ANY, "n": st.integers(0, 9) | ANY}), max_size=3)}))  # fmt: skip
def test_whatever_was_written_can_be_printed(paper_fonts: Fonts, data: dict[str, Any]) -> None:
    made = fitted(FORM, data, paper_fonts)
    clean = check([Field(f.name, f.kind, False, maximum=f.maximum, fields=f.fields) for f in (
        *FORM[:4], Field("e", "list", fields=(Field("a", required=False, maximum=20), FORM[4].fields[1])))], made)
    assert paper_fonts.missing_characters(str(made)) == []
    assert fitted(FORM, made, paper_fonts) == made and clean is not None


def test_what_fits_stays_as_it_is(paper_fonts: Fonts, example: Callable[[str], dict[str, Any]]) -> None:
    for kind, declared in KINDS.items():
        assert fitted(declared.all_fields, example(kind), paper_fonts) == example(kind), kind


@pytest.mark.parametrize(("written", "printed"), [
    ("王\t\n 某", "王 某"), ("好" * 300, "好" * 199 + "…"), ("A\u202e\x00B", "A〓〓B"), ("ا𓀀", "〓〓"),
])  # fmt: skip
def test_a_line_is_one_line(paper_fonts: Fonts, written: str, printed: str) -> None:
    assert fitted((Field("a"),), {"a": written}, paper_fonts) == {"a": printed}


def test_paragraphs_stay_and_empty_space_goes(paper_fonts: Fonts) -> None:
    field = Field("a", "long_text")
    assert fitted((field,), {"a": "一\n\n\n\t\n二\n三\t\t四"}, paper_fonts) == {"a": "一\n\n二\n三 四"}
    many = fitted((field,), {"a": "行\n" * 9_000}, paper_fonts)["a"]
    assert str(many).count("\n") == LINES_MAX - 1 and str(many).endswith("\n…")


def test_one_bidders_words_do_not_stop_the_record(press: PdfPress, paper_fonts: Fonts, example: Callable[[str], dict[str, Any]]) -> None:
    data = example("opening_record")
    data["bids"][0] |= {"leader": "x" * 4_000, "quality": "😀ا\u202e", "duration": "\t\n" * 2_000 + "日", "price_fen": True}
    made = fitted(KINDS["opening_record"].all_fields, data, paper_fonts)
    assert "price_fen" not in made["bids"][0]  # type: ignore[index]
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(press.render("opening_record", made))).pages)
    assert data["bids"][1]["name"][:4] in text.replace("\n", "")
