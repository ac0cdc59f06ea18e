"""How values are written on paper."""
from __future__ import annotations

import pytest
from markupsafe import Markup

from trading_core.adapters.pdf import typesetting
from trading_core.messages import Language


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (986000000, "￥9,860,000.00（人民币玖佰捌拾陆万元整）"),
        (1050030, "￥10,500.30（人民币壹万零伍佰元叁角）"),
        (0, "￥0.00（人民币零元整）"),
    ],
)
def test_figures_and_words_together(fen: int, said: str) -> None:
    """12 §12.6."""
    assert typesetting.money(fen) == said


@pytest.mark.parametrize(
    ("instant", "language", "said"),
    [
        ("2026-03-23T01:30:00.000000Z", "zh", "2026年3月23日（周一）09:30"),
        ("2026-03-22T16:00:05.000000Z", "zh", "2026年3月23日（周一）00:00:05"),
        ("2026-03-23T01:30:00Z", "en", "Mon 23 March 2026, 09:30 (UTC+8)"),
    ],
)
def test_instants_for_people(instant: str, language: Language, said: str) -> None:
    assert typesetting.minute(instant, language) == said


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        ("2026-03-30T16:00:00Z", "2026年3月30日（周一）24:00"),
        ("2026-02-28T16:00:00Z", "2026年2月28日（周六）24:00"),
        ("2026-03-30T16:00:01Z", "2026年3月31日（周二）00:00:01"),
        ("2026-03-30T09:00:00Z", "2026年3月30日（周一）17:00"),
    ],
)
def test_the_end_of_a_day_is_said_as_its_24th_hour(instant: str, said: str) -> None:
    assert typesetting.until(instant, "zh") == said


def test_evidence_is_cut_to_the_millisecond_not_rounded() -> None:
    """A bid at 09:29:59.999999 was in time and must not read 09:30:00.000."""
    assert typesetting.exact("2026-03-23T01:29:59.999999Z") == "2026-03-23 09:29:59.999"


def test_days() -> None:
    assert typesetting.day("2026-04-30", "zh") == "2026年4月30日"
    assert typesetting.day("2026-04-29T16:00:00Z", "zh") == "2026年4月30日"
    assert typesetting.day("2026-04-30", "en") == "30 April 2026"


@pytest.mark.parametrize("value", [None, True, 1.5])
def test_what_must_never_reach_paper(value: object) -> None:
    with pytest.raises(TypeError):
        typesetting.printed(value)


def test_printed_values_are_escaped_and_keep_their_lines() -> None:
    assert typesetting.printed("<甲>&乙\n丙") == "&lt;甲&gt;&amp;乙<br/>丙"
    assert typesetting.printed(Markup("<b>甲</b>")) == "<b>甲</b>"
    assert typesetting.printed(7) == "7"
