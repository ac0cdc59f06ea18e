"""Every problem that the code can name has a text in both languages, with no figure that is not given to it."""
from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from trading_core.commands.shell import all_texts, problem_form
from trading_core.domain.errors import Problem
from trading_core.messages import LANGUAGES

ROOT = Path(__file__).parents[2]
ROOMS = ("trading_core", "plugins", "expert_pool", "credit")


def problems() -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """(where, code, figures) of every `Problem` with a literal code; figures None when they are not literal."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem" and node.args:
                    code = node.args[0]
                    if isinstance(code, ast.Constant) and isinstance(code.value, str):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", code.value, figures(node)


def figures(call: ast.Call) -> frozenset[str] | None:
    given: list[ast.expr] = [k.value for k in call.keywords if k.arg == "params"] + call.args[2:3]
    if not given:
        return frozenset()
    if not isinstance(given[0], ast.Dict) or not all(isinstance(k, ast.Constant) for k in given[0].keys):
        return None
    return frozenset(str(k.value) for k in given[0].keys if isinstance(k, ast.Constant))


def test_every_problem_has_its_text() -> None:
    missing = {f"{where} {code}" for where, code, _ in problems() if not all_texts().has(f"problem.{code}")}
    assert missing == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_asks_for_a_figure_that_is_not_given(language: str) -> None:
    wrong = []
    for where, code, given in problems():
        text = all_texts().texts[f"problem.{code}"][language]
        asked = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        if given is not None and not asked <= given:
            wrong.append(f"{where} {code}: {sorted(asked - given)}")
    assert wrong == []


def test_figures_are_written_for_people() -> None:
    told = problem_form(Problem("bid.late", params={"deadline": "2026-03-23T01:30:00.000000Z", "received": "2026-03-23T01:30:00.001000Z"}))
    assert "2026-03-23 09:30:00" in told["zh"] and "09:30:00.001000" in told["en"]
    told = problem_form(Problem("deposit.above_cap", params={"deposit_fen": 90_000_000, "cap_fen": 80_000_000, "percent": "2"}))
    assert "900,000.00 元" in told["zh"] and "CNY 800,000.00" in told["en"]
    told = problem_form(Problem("lot.illegal_transition", params={"state": "BIDDING", "event": "closed"}))
    assert "投标中" in told["zh"] and "Bidding" in told["en"]
    assert "—" in problem_form(Problem("field.out_of_range", params={"minimum": None, "maximum": 5, "value": 9}))["zh"]
    assert problem_form(Problem("no.such_code"))["zh"] == "no.such_code"
