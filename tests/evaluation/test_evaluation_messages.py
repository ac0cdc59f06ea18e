"""Every fault, formula, ground and choice of the evaluation has its text in both languages, with figures that exist."""
from __future__ import annotations

import ast
import string
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import trading_core
from trading_core.domain.evaluation.formulas import FORMULAS
from trading_core.domain.evaluation.ranking import Criterion
from trading_core.domain.evaluation.rejection import GROUNDS
from trading_core.domain.evaluation.rules import RULES_FIELDS, TIE_RULES
from trading_core.domain.fields import Field
from trading_core.messages import LANGUAGES, read

ROOT = Path(trading_core.__file__).parent
CATALOGUE = read([ROOT / "messages"])
SOURCES = [ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "domain" / "evaluation").glob("*.py"))]
GENERAL = {"id", "title", "kind"}  # names whose titles are said by every room


def problems() -> Iterator[tuple[str, set[str]]]:
    """Code and names of figures of every Problem that the sources make."""
    for source in SOURCES:
        named = {
            target.id: node.value for node in ast.walk(source) if isinstance(node, ast.Assign) for target in node.targets
            if isinstance(target, ast.Name) and isinstance(node.value, ast.Dict)
        }  # fmt: skip
        for node in ast.walk(source):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem" and node.args):
                continue
            if isinstance(code := node.args[0], ast.Constant):
                given = [*node.args[2:3], *(k.value for k in node.keywords if k.arg == "params")]
                figures = [named[g.id] if isinstance(g, ast.Name) else g for g in given]
                keys = {k.value for f in figures if isinstance(f, ast.Dict) for k in f.keys if isinstance(k, ast.Constant)}
                yield str(code.value), set(map(str, keys))


def placeholders(key: str) -> set[str]:
    return {name for language in LANGUAGES for _, name, _, _ in string.Formatter().parse(CATALOGUE.texts[key][language]) if name}


def test_every_problem_has_a_text_with_figures_it_gets() -> None:
    found = [(code, figures) for code, figures in problems() if code.startswith("evaluation.")]
    assert len({code for code, _ in found}) > 30
    for code, figures in found:
        assert placeholders(f"problem.{code}") <= figures, code


def test_no_text_of_this_room_is_left_over() -> None:
    texts = tomllib.loads((ROOT / "messages" / "evaluation.toml").read_text("utf-8"))
    assert {f"evaluation.{name}" for name in texts["problem"]["evaluation"]} <= {code for code, _ in problems()}


def test_formulas_grounds_and_criteria_have_titles() -> None:
    for key in [*(f"formula.{name}" for name in FORMULAS), *(ground.message for ground in GROUNDS.values())]:
        assert CATALOGUE.has(key), key
    for criterion in (Criterion("total", "high"), Criterion("evaluated_price", "low"), Criterion("lower_price", "low")):
        assert CATALOGUE.has(f"settled.{criterion.name}")
    for name in (*TIE_RULES, "tenderer"):
        assert CATALOGUE.has(f"settled.{name}"), name


def test_every_field_and_choice_of_the_form_has_a_title() -> None:
    for f in every([*RULES_FIELDS, *(f for formula in FORMULAS.values() for f in formula.fields)]):
        assert f.name in GENERAL or CATALOGUE.has(f"field.{f.name}"), f.name
        for choice in f.choices:
            named = CATALOGUE.has(f"choice.{f.name}.{choice}") or CATALOGUE.has(f"choice.{choice}")
            assert named or choice.isdigit(), (f.name, choice)


def every(fields: Sequence[Field]) -> Iterator[Field]:
    for f in fields:
        yield f
        yield from every(f.fields)
