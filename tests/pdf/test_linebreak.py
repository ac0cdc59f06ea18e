"""Where Chinese lines end: the rule on its own, and on pages read back."""
from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from trading_core.adapters.pdf import linebreak
from trading_core.adapters.pdf.press import PdfPress

SENTENCE = (
    "根据《中华人民共和国招标投标法》第三十五条、第三十六条之规定，本次开标由招标人主持（含“不见面”方式），总价为￥1,234,567,890.89元，"
    "工期为 180 日历天，偏差不超过 2.5 %，日处理规模 6 万 m³；English words like HTTP/2 and internationalization 与数字混排。"
)


@dataclass
class Style:
    """What the rule reads of the renderer's text style."""

    fontName: str = "Helvetica"
    fontSize: float = 10.0
    splitLongWords: bool = True


@pytest.fixture(autouse=True)
def even_widths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chinese characters are one em wide, others half: lines can be counted by hand."""
    monkeypatch.setattr(linebreak, "stringWidth", lambda text, *_: sum(10.0 if ord(c) > 0x2E7F else 5.0 for c in text))


def broken(text: str, width: float) -> list[str]:
    style = Style()
    words = [[linebreak.stringWidth(w, "", 0), (style, w)] for w in text.split(" ")]
    return ["".join(piece for _, piece in word[1:]) for word in linebreak.split_long_words(words, width)]


def test_punctuation_stays_with_its_neighbour() -> None:
    assert broken("投标人名称，报价。", 50) == ["投标人名", "称，报价。"]
    assert broken("依据《招标法》办理", 30) == ["依据", "《招标", "法》办", "理"]


def test_numbers_and_units_are_not_cut() -> None:
    assert broken("总价为1,234.00元整", 60) == ["总价为", "1,234.00元整"]
    assert broken("总价为1,234.00元整", 55) == ["总价为", "1,234.00元", "整"]
    assert broken("偏差率是五 2.5 %以内", 60) == ["偏差率是五", "2.5 %以内"]


def test_a_space_at_the_break_is_dropped() -> None:
    assert broken("一二三四五 六七八九十", 50) == ["一二三四五", "六七八九十"]


def test_what_fits_is_left_alone() -> None:
    assert broken("工期 180 天", 200) == ["工期", "180", "天"]


def test_a_code_wider_than_a_line_is_cut_where_the_line_ends() -> None:
    assert broken("0123456789abcdef" * 2, 50) == ["0123456789", "abcdef0123", "456789abcd", "ef"]


@settings(max_examples=60)
@given(st.text(alphabet="招标投，。（）《》“”￥1234.5% aBc", min_size=1, max_size=60), st.integers(10, 200))
def test_nothing_is_lost_and_nothing_is_wider_than_the_line(text: str, width: int) -> None:
    lines = broken(re.sub(" +", " ", text).strip(), width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(linebreak.stringWidth(line) <= width for line in lines)


@settings(max_examples=60)
@given(st.text(alphabet="招标投资人，。（《》）", min_size=1, max_size=60))
def test_no_line_begins_or_ends_wrongly_where_it_can_be_helped(text: str) -> None:
    lines = broken(text, 200)
    clusters = [c for c in re.split(r"(?<=[^（《])(?=[^，。》）])", text)]
    if all(len(c) <= 20 for c in clusters):
        assert all(line[0] not in linebreak.NOT_FIRST for line in lines[1:])
        assert all(line[-1] not in linebreak.NOT_LAST for line in lines[:-1])


@pytest.mark.parametrize("width", [60.0, 95.0, 130.0, 300.0])
def test_two_pieces_never_share_a_line(width: float) -> None:
    """Else the renderer would put a space between them."""
    lines = broken(SENTENCE, width)
    assert all(linebreak.stringWidth(a) + 5.0 + linebreak.stringWidth(b) > width for a, b in zip(lines, lines[1:], strict=False))


def test_markers_forced_breaks_and_images_keep_their_place() -> None:
    style, forced = Style(), SimpleNamespace(lineBreak=True)
    marker = SimpleNamespace(cbDefn=SimpleNamespace(width=0, advance=20.0), fontName="Helvetica", fontSize=10.0)
    words: list[list[Any]] = [[120.0, (marker, ""), (style, "一二三四五六七八九十")], [0, (forced, "")], [20.0, (style, "末尾")]]
    pieces = linebreak.split_long_words(words, 60.0)
    assert [[text for _, text in p[1:]] for p in pieces] == [["", "一二三四"], ["五六七八九十"], [""], ["末尾"]]
    assert pieces[2] is words[1]


def test_lines_on_the_page(press: PdfPress, example: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The renderer does use the rule: lines read back from a page, in running text and in narrow cells."""
    monkeypatch.undo()
    data = example("clarification") | {"text": SENTENCE * 3}
    data["changes"] = [{"subject": "1、2、3、10、11、12、20、21、22、30、31、32", "before": SENTENCE, "after": SENTENCE}]
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(press.render("clarification", data))).pages)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    assert len(lines) > 40
    assert [line for line in lines if line[0] in "，。；：、）》”％"] == []
    assert [line for line in lines if line[-1] in "（《“￥"] == []
    assert text.count("1,234,567,890.89") == 5
    assert text.count("internationalization") == 5
