"""The cases in the folder beside, each evaluated as anybody would do it: by the command."""
from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.export.stage import run
from trading_core.domain.errors import Refused
from trading_core.domain.evaluation.case import evaluate

Json = dict[str, Any]
FOLDER = Path(__file__).parent / "cases"


def case_file(name: str) -> Json:
    read: Json = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return read


def commanded(name: str) -> Json:
    """What ``gongxin evaluate`` answers for a case file."""
    code, out, err = run("evaluate", str(FOLDER / f"{name}.json"), "--json")
    assert code == 0, out + err
    result: Json = json.loads(out)
    assert result == evaluate(case_file(name))
    return result


def changed(case: Json, **parts: Any) -> Json:
    """A copy of a case; keys with double underscores reach inside: ``rules__total__places``; ``...`` deletes."""
    made = copy.deepcopy(case)
    for name, value in parts.items():
        at: Any = made
        *way, last = name.split("__")
        for step in way:
            at = at[int(step) if step.isdigit() else step]
        key = int(last) if last.isdigit() else last
        if value is ...:
            del at[key]
        else:
            at[key] = value
    return made


def refusal(case: Json) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        evaluate(case)
    return [(p.code, p.path) for p in caught.value.problems]


def by_bid(result: Json) -> dict[str, Json]:
    return {bid["bid"]: bid for bid in result["bids"]}


def places(result: Json) -> list[tuple[str, int, str]]:
    return [(p["bid"], p["rank"], p.get("settled_by", "")) for p in result["ranking"]]
