"""The core holds no law of one family: articles stand in declarations, in docstrings and comments, or as the rule of an act."""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins.engineering.law import LAW

DOMAIN = Path(__file__).parents[2] / "trading_core/domain"
STEPS = sorted([
    *(path for room in ("auction", "stages", "tender") for path in (DOMAIN / room).glob("*.py")),
    *(DOMAIN.parent / "services").rglob("*.py"),
])
"""The stages of a tender and the verbs that lead to them: neither cites for a refusal."""
FAMILY = re.compile(r"(E|P|L|M|A)-[A-Z]{1,2}\d|(BLR?|GPLR?|GPR) \d")
"""Ids of rules of one family, and articles of its laws. 01 (``S-01``, ``D-04``, ``F-02`` …) is common to all."""
PLACE = {"Problem": 3}  # where a citation may stand without being named `rule`
NAMED = {
    "evaluation/formulas.py", "evaluation/rejection.py",  # published names of formulas and grounds, which a trade's terms choose from
    "duties.py",  # a table of duties kept apart, each beside its article
}  # fmt: skip


def texts(tree: ast.AST) -> Iterator[ast.Constant]:
    """All strings but docstrings and the texts below attributes."""
    told = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node


def cited(tree: ast.AST, refusals: bool) -> set[int]:
    """Strings that stand as a citation: the rule of a call or a default of that name, and where refusals may, of a problem or basis."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "")
            if name == "Problem" and not refusals:
                continue
            found |= {id(k.value) for k in node.keywords if k.arg == "rule"} | {id(a) for a in node.args[PLACE.get(name, 99):][:1]}
        elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "rule" and node.value is not None:
            found.add(id(node.value))
        elif isinstance(node, ast.Dict) and refusals:
            found |= {id(v) for k, v in zip(node.keys, node.values, strict=True) if getattr(k, "value", "") == "basis"}
    return found


def behaving(source: str, refusals: bool) -> list[str]:
    """Ids of a law that the code uses for more than a citation."""
    tree = ast.parse(source)
    allowed = cited(tree, refusals)
    return [t.value for t in texts(tree) if isinstance(t.value, str) and FAMILY.match(t.value) and id(t) not in allowed]


@pytest.mark.parametrize("path", STEPS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_stages_of_a_tender_know_no_law(path: Path) -> None:
    assert not behaving(path.read_text("utf-8"), False)


def test_nor_does_the_rest_of_the_domain() -> None:
    for path in DOMAIN.rglob("*.py"):
        if path.parent.name != "tender" and path.relative_to(DOMAIN).as_posix() not in NAMED:
            assert not behaving(path.read_text("utf-8"), True), path


def test_the_rule_finds_what_it_is_for() -> None:
    assert behaving('"""BLR 55"""\nx = "E-T11"', True) == ["E-T11"]
    assert behaving('next(p for p in periods if p.id == "E-T06")', True) == ["E-T06"]
    assert behaving('Act("a", rule="BLR 55")', False) == [] == behaving('Problem("c", "p", {}, "BLR 55")', True)
    assert behaving('Problem("c", "p", {}, "BLR 55")', False) == ["BLR 55"] == behaving('Problem("c", rule="BLR 55")', False)
    assert behaving('Event("e", {"basis": "BLR 54"})', False) == ["BLR 54"]


def test_every_article_belongs_to_a_refusal_of_the_core() -> None:
    """What the declaration cites for, some stage refuses: a renamed problem would silently lose its article."""
    stages = "".join(p.read_text("utf-8") for p in STEPS)
    assert not [code for code in LAW if not code.startswith("basis.") and f'"{code}"' not in stages]
