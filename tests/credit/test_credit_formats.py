"""docs/formats-lists.md says of the lists what the code does."""
from __future__ import annotations

import re
from pathlib import Path

from credit.domain.listing import TABLE
from credit.domain.lists import LISTS, TRADES, Effect

PAGE = (Path(__file__).parents[2] / "docs" / "formats-lists.md").read_text("utf-8")


def trades_in(cell: str) -> set[str]:
    return set(re.findall("|".join(TRADES), cell))


def test_the_page_names_every_list_with_its_effects() -> None:
    rows = {row[1].strip(): row[2:5] for row in (line.split("|") for line in PAGE.splitlines()) if len(row) == 6}
    for code, known in LISTS.items():
        name, refuses, shown = rows[f"`{code}` *" if known.open_ended else f"`{code}`"]
        assert name.strip() == known.name
        assert trades_in(refuses) == {t for t, c in known.consequences.items() if c.effect is Effect.REFUSES}
        assert trades_in(shown) == {t for t, c in known.consequences.items() if c.effect is Effect.SHOWN or c.mandatory_only}


def test_the_page_names_every_column_in_order() -> None:
    section = PAGE.split("### 1.2")[1].split("Codes of lists")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    assert tuple(name for row in rows for name in re.findall(r"`(\w+)`", row)) == TABLE.columns
