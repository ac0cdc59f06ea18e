"""Every code credit can give has its text in both languages, with figures that fit."""
from __future__ import annotations

import re
from pathlib import Path

import credit
from credit.domain.lists import LISTS, Effect
from credit.domain.matching import Match
from trading_core import messages

ROOM = Path(credit.__file__).parent
CATALOGUE = messages.read([ROOM / "messages"])


def test_every_code_has_its_texts_and_every_text_its_code() -> None:
    source = "\n".join(p.read_text("utf-8") for p in ROOM.rglob("*.py"))
    used = set(re.findall(r'"(credit(?:_list)?\.[a-z_]+)"', source))
    named = {key.removeprefix("problem.") for key in CATALOGUE.texts if key.startswith("problem.")}
    assert used == named and len(used) > 20


def test_every_name_a_page_shows_has_its_texts() -> None:
    wanted = {f"credit_list.{code}" for code in LISTS} | {f"credit_effect.{e}" for e in Effect} | {f"credit_match.{m}" for m in Match}
    wanted |= {f"credit_result.{r}" for r in ("clear", "shown", "refuses")}
    wanted |= {f"event.record_{e}" for e in ("entered", "changed", "delisted", "withdrawn")} | {"event.list_imported"}
    assert wanted <= set(CATALOGUE.texts)
    assert all(CATALOGUE.texts[f"credit_list.{code}"]["zh"] == known.name for code, known in LISTS.items())


def test_both_languages_use_the_same_figures() -> None:
    for key, entry in CATALOGUE.texts.items():
        assert set(re.findall(r"\{(\w+)\}", entry["zh"])) == set(re.findall(r"\{(\w+)\}", entry["en"])), key
