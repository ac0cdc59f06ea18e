"""Everything that people read of the stages after the evaluation has its text, and every figure in a text is given."""
from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins.engineering.archive import CATALOGUE
from plugins.intermediary.trade import INTERMEDIARY
from tests.tender.course import TRADE
from trading_core import messages
from trading_core.domain.auction import trade as auction
from trading_core.domain.fields import Field

ROOT = Path(__file__).parents[2]
CORE = messages.read([ROOT / "trading_core" / "messages", ROOT / "plugins" / "engineering" / "messages"]).texts
TEXTS = {**messages.read([ROOT / "web" / "messages"]).texts, **CORE}  # as pages join them
SHARED = ("archiving", "award", "complaining", "contracting", "delegating", "ending", "remedies", "suspending")
MODULES = [
    ROOT / "trading_core" / name for name in (
        *(f"domain/stages/{m}.py" for m in SHARED),
        *(f"domain/tender/{m}.py" for m in ("awarding", "extending", "failing", "revoking", "depositing")),
        "domain/ledger.py", "domain/statement.py", "services/deposits.py", "services/remedies.py")
]


def calls(name: str) -> Iterator[ast.Call]:
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def fields(given: tuple[Field, ...]) -> Iterator[Field]:
    for f in given:
        yield f
        yield from fields(f.fields)


def test_acts_events_fields_and_choices_have_titles() -> None:
    acts = list(TRADE.acts.values())
    wanted = {f"act.{a.name}" for a in acts} | {f"event.{a.event}" for a in acts}
    wanted |= {f"event.{c.args[0].value}" for c in calls("Event") if isinstance(c.args[0], ast.Constant)}
    for act in acts:
        for f in fields(act.fields):
            wanted.add(f"field.{f.name}")
            wanted |= {f"act.{c}" if f"act.{c}" in TEXTS else f"choice.{f.name}.{c}" for c in f.choices}
    assert not wanted - set(TEXTS)


@pytest.mark.parametrize("call", list(calls("Problem")), ids=lambda c: getattr(c.args[0], "value", "computed"))
def test_every_problem_has_a_text_whose_figures_are_given(call: ast.Call) -> None:
    code = call.args[0]
    assert isinstance(code, ast.Constant)
    params = next((k.value for k in call.keywords if k.arg == "params"), call.args[2] if len(call.args) > 2 else None)
    given = {k.value for k in params.keys if isinstance(k, ast.Constant)} if isinstance(params, ast.Dict) else set()
    for text in TEXTS[f"problem.{code.value}"].values():
        assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= given


def test_every_reason_why_a_piece_does_not_apply_is_said() -> None:
    """Reasons are given to `unless` or returned by the functions that judge; each of them has a text, and no text is idle."""
    catalogues = (ROOT / "plugins" / "engineering" / "archive.py", ROOT / "trading_core" / "domain" / "auction" / "trade.py")
    tree = ast.parse("\n".join(p.read_text("utf-8").replace("from __future__ import annotations\n", "") for p in catalogues))
    said = {key.removeprefix("archive.idle.") for key in TEXTS if key.startswith("archive.idle.")}
    used = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    given = {c.args[0].value for c in ast.walk(tree) if _is_unless(c) and isinstance(c.args[0], ast.Constant)}
    assert given <= said <= used
    pieces = {p.number for p in (*CATALOGUE, *auction.archive("L", 30).pieces, *auction.archive("K", 30).pieces,
                                   *auction.archive("P", 30).pieces, *INTERMEDIARY.archive.pieces)}
    assert pieces == {k.removeprefix("choice.piece.") for k in TEXTS if k.startswith("choice.piece.")}


def _is_unless(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "unless"
