"""The form of a notice as a person fills it in: what the chosen way of evaluation asks for, in words, with usual values to begin with.

The declaration keeps a formula's parameters as a map and names of rules as texts, as programs write them. Here the parameters are the
fields of the formula that was chosen, rules are picked from a list, and rows number themselves.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from trading_core.domain.evaluation.formulas import FORMULAS
from trading_core.domain.evaluation.rules import COMPREHENSIVE, ONLY_IN, OPTIONAL, TIE_RULES
from trading_core.domain.fields import Field
from trading_core.domain.tender.trustees import AFTER_TECHNICAL, AT_OPENING

ENVELOPES = ("qualification", "technical", "price")
PREQUALIFICATION = frozenset({"prequalification_issue_start", "prequalification_issue_end", "application_deadline"})
METHOD, FORMULA, TIES = "evaluation.method", "evaluation.price.formula", "evaluation.tie_rules"
NUMBERED: Mapping[str, str] = {"evaluation.items": "item", "prequalification.items": "item", "evaluation.adjustments": "adjustment"}
"""Lists whose rows carry an id that nobody has to invent."""
USUAL: Mapping[str, object] = {
    "envelopes": [{"name": "technical", "opens": AT_OPENING}, {"name": "price", "opens": AFTER_TECHNICAL}],
    "committee_size": 5,
    "evaluation": {
        "method": COMPREHENSIVE, "line_rounding": "ROUND_HALF_UP", "tie_price": "quoted",
        "candidates_max": 3, "scored_price": "corrected", "benchmark_set": "fixed_after_preliminary_review",
        "price": {"formula": "E-F1", "params": {
            "floor": "0", "step": "continuous", "unit": "wan_yuan", "benchmark_places": 4, "deviation_places": "unrounded",
            "score_places": 2, "rounding": "ROUND_HALF_UP"}},
        "item_scores": {"aggregation": "trimmed_mean", "places": 2, "rounding": "ROUND_HALF_UP"},
        "total": {"places": 2, "rounding": "ROUND_HALF_UP"},
    },
}  # fmt: skip
"""What most notices say; shown in an empty draft to be checked and changed, never saved by itself."""


def begun(terms: Mapping[str, object]) -> dict[str, object]:
    """The draft as its form shows it, with the usual values where nothing was written yet."""
    return {**USUAL, **terms}


def chosen(terms: Mapping[str, object]) -> dict[str, str]:
    """What decides which fields there are, out of a draft's terms."""
    evaluation = terms.get("evaluation")
    evaluation = evaluation if isinstance(evaluation, Mapping) else {}
    price = evaluation.get("price")
    formula = price.get("formula") if isinstance(price, Mapping) else ""
    return {METHOD: str(evaluation.get("method") or ""), FORMULA: str(formula or "")}


def fitted(fields: Sequence[Field], given: Mapping[str, str], people: bool = False) -> tuple[Field, ...]:
    """The fields that the choices made so far ask for. people: without what numbers itself, as somebody sees them."""
    return tuple(_fitted(fields, given, "", people))


def _fitted(fields: Sequence[Field], given: Mapping[str, str], prefix: str, people: bool) -> Iterator[Field]:
    for f in fields:
        path, method = prefix + f.name, given.get(METHOD) or COMPREHENSIVE
        if prefix == "evaluation." and f.name in ONLY_IN:
            if ONLY_IN[f.name] != method:
                continue
            f = replace(f, required=people and f.name not in OPTIONAL)
        if path == "evaluation.price.params":
            yield replace(f, kind="object", fields=_parameters(given.get(FORMULA, "")))
        elif path == TIES:
            yield replace(f, required=False, choices=TIE_RULES)
        elif path == "envelopes":
            name, *others = f.fields
            known = tuple(dict.fromkeys((*ENVELOPES, *(v for k, v in given.items() if k.startswith("envelopes.") and k.endswith(".name")))))
            yield replace(f, fields=(replace(name, kind="choice", choices=known), *others))
        elif path in NUMBERED:
            yield replace(f, fields=tuple(g for g in f.fields if g.name != "id" or not people))
        elif f.kind == "object":
            yield replace(f, fields=tuple(_fitted(f.fields, given, path + ".", people)))
        else:
            yield f


def asked(fields: Sequence[Field], terms: Mapping[str, object], given: Mapping[str, str], resting: bool) -> tuple[Field, ...]:
    """Without what the draft's other answers leave no room for: dates of a prequalification that there is none of, reasons for nothing.

    resting: a period ends on a rest day, so that a reason for it may be given.
    """
    post = terms.get("qualification_way") == "post"
    kept = [f for f in fields if (f.name != "rest_day_reasons" or resting or given.get("rest_day_reasons"))
            and not (post and f.name == "prequalification")]  # fmt: skip
    return tuple(replace(f, fields=tuple(g for g in f.fields if not (post and g.name in PREQUALIFICATION))) if f.name == "schedule" else f
                 for f in kept)  # fmt: skip


def _parameters(formula: str) -> tuple[Field, ...]:
    """The fields of the chosen formula; what is drawn on the spot is not stated."""
    fields = FORMULAS[formula].fields if formula in FORMULAS else ()
    return tuple(replace(f, required=False) if f.name in ("k", "mean_weight") else f for f in fields)


def told(post: Mapping[str, str]) -> dict[str, str]:
    """What was sent, as the declaration reads it: picked rules as lines, rows with their ids."""
    picked = [post[f"{TIES}.{n}"] for n in range(len(TIE_RULES)) if post.get(f"{TIES}.{n}")]
    kept = {k: v for k, v in post.items() if not k.startswith(TIES + ".")}
    if any(k.startswith(TIES + ".") for k in post):
        kept[TIES] = "\n".join(picked)
    for path, stem in NUMBERED.items():
        rows = {k.removeprefix(path + ".").partition(".")[0] for k, v in kept.items() if k.startswith(path + ".") and v}
        kept.update({f"{path}.{row}.id": f"{stem}{int(row) + 1}" for row in rows if row.isdigit()})
    return kept

