"""Every problem, event and permission of this room has its text in both languages, with the figures that the code gives."""
from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import trading_core
from trading_core.domain.identity import Role
from trading_core.domain.permissions import Permission
from trading_core.messages import LANGUAGES, read

CORE = Path(trading_core.__file__).parent
ROOM = [
    *(CORE / "domain" / f"{n}.py" for n in ("uscc", "resident_number", "duties", "organisation", "person", "permissions")),
    *(CORE / "services" / f"{n}.py" for n in (
        "organisations", "persons", "delegations", "accounts", "own_account", "challenges", "sessions", "throttle")),
    *(CORE / "adapters" / f"{n}.py" for n in ("tokens", "passwords")),
]
CATALOGUE = read([CORE / "messages"])


def calls(name: str) -> Iterator[ast.Call]:
    for path in ROOM:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def problems() -> dict[str, set[str]]:
    """Codes with the names of the figures given with them."""
    found: dict[str, set[str]] = {}
    for call in calls("Problem"):
        assert isinstance(call.args[0], ast.Constant)
        given = [call.args[2]] if len(call.args) > 2 else [k.value for k in call.keywords if k.arg == "params"]
        names = {k.value for d in given if isinstance(d, ast.Dict) for k in d.keys if isinstance(k, ast.Constant)}
        found.setdefault(str(call.args[0].value), set()).update(map(str, names))
    return found


def test_every_problem_has_its_text_and_every_text_its_problem() -> None:
    ours = {k.removeprefix("problem.") for k in CATALOGUE.texts if k.startswith("problem.")}
    assert set(problems()) <= ours
    rooms = {code.partition(".")[0] for code in problems()} - {"role"}
    assert {c for c in ours if c.partition(".")[0] in rooms} == {c for c in problems() if c.partition(".")[0] in rooms}


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_use_only_figures_that_are_given(language: str) -> None:
    for code, given in problems().items():
        used = {name for _, name, _, _ in Formatter().parse(CATALOGUE.texts[f"problem.{code}"][language]) if name}
        assert used <= given, code


def test_every_event_role_and_permission_has_its_title() -> None:
    events = [c.args[1].value for c in calls("signed_by") if isinstance(c.args[1], ast.Constant)]
    assert len(events) == 10
    for key in (*(f"event.{e}" for e in events), *(f"role.{r}" for r in Role), *(f"permission.{p}" for p in Permission)):
        assert CATALOGUE.has(key), key
