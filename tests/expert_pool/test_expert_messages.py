"""Every code the pool can give has its text in both languages, with figures that fit."""
from __future__ import annotations

import re
from pathlib import Path

import expert_pool
from expert_pool.domain.expert import POOLS, State, TieKind
from expert_pool.domain.lifecycle import LIFECYCLE, REASONS
from expert_pool.domain.pool import ORDER
from trading_core import messages

ROOM = Path(expert_pool.__file__).parent
CATALOGUE = messages.read([ROOM / "messages"])


def test_every_code_has_its_texts_and_every_text_its_code() -> None:
    source = "\n".join(p.read_text("utf-8") for p in ROOM.rglob("*.py"))
    used = set(re.findall(r'"(expert(?:_list)?\.[a-z_]+)"', source))
    named = {key.removeprefix("problem.") for key in CATALOGUE.texts if key.startswith("problem.")}
    assert used == named and len(used) > 25


def test_every_name_a_page_shows_has_its_texts() -> None:
    reasons = {r for by_role in REASONS.values() for group in by_role.values() for r in group}
    wanted = {f"expert_state.{s}" for s in State} | {f"expert_rule.{r}" for r in ORDER} | {f"expert_tie.{k}" for k in TieKind}
    wanted |= {f"choice.cause.{r}" for r in reasons} | {f"expert_pool.{p}" for p in POOLS}
    wanted |= {f"event.{event}" for _, event, _ in LIFECYCLE.edges()}
    assert wanted <= set(CATALOGUE.texts)


def test_both_languages_use_the_same_figures() -> None:
    for key, entry in CATALOGUE.texts.items():
        assert set(re.findall(r"\{(\w+)\}", entry["zh"])) == set(re.findall(r"\{(\w+)\}", entry["en"])), key
