"""Every refusal of this room has its text in both languages, and the text's figures are the ones given."""
from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from trading_core import messages

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = messages.read([ROOT / "trading_core" / "messages"])
SOURCES = [*(ROOT / "trading_core/adapters/crypto").glob("*.py"), *(ROOT / "web/static/seal").glob("*.js")]
CODES = {code for path in SOURCES for code in re.findall(r'"((?:sealing|bundle)\.[a-z_]+)"', path.read_text("utf-8"))}
TEXTS = {key.removeprefix("problem.") for key in CATALOGUE.texts if key.startswith(("problem.sealing.", "problem.bundle."))}
FIGURES = {
    "found", "expected", "known", "maximum", "minimum", "size", "count", "chunk", "belongs", "chunks",
    "trustee", "trustees", "threshold", "have", "need",
    "values", "depth", "name", "text",
}  # fmt: skip


def test_each_code_has_a_text_and_each_text_a_code() -> None:
    assert CODES == TEXTS
    assert len(CODES) > 30


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_texts_use_known_figures_alike_in_both_languages(code: str) -> None:
    used = [
        {name for _, name, _, _ in Formatter().parse(CATALOGUE.say(f"problem.{code}", language)) if name} for language in messages.LANGUAGES
    ]
    assert used[0] == used[1] <= FIGURES
