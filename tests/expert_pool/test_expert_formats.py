"""docs/formats-lists.md says of the list of experts what the code does; its example can be read."""
from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from expert_pool.domain.expert import TieKind
from expert_pool.domain.listing import TABLE, read_list

PAGE = (Path(__file__).parents[2] / "docs" / "formats-lists.md").read_text("utf-8")


def test_the_example_is_a_good_list() -> None:
    block = re.search(r"```\n(number,.*?)```", PAGE, re.DOTALL)
    assert block
    listed, problems = read_list(block.group(1), date(2026, 3, 1))
    assert not problems and [e.expert.number for e in listed] == ["E001"] and len(listed[0].expert.ties) == 2


def test_the_page_names_every_column_and_every_kind_of_tie() -> None:
    section = PAGE.split("### 1.1")[1].split("### 1.2")[0]
    columns, kinds = section.split("Kinds of ties")
    rows = re.compile(r"^\| (`.*?) \|", re.MULTILINE)
    assert tuple(name for row in rows.findall(columns) for name in re.findall(r"`(\w+)`", row)) == TABLE.columns
    assert {name for row in rows.findall(kinds) for name in re.findall(r"`(\w+)`", row)} == set(TieKind)
