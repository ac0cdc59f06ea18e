"""The part of the description that comes from the acts outside a lot's procedure (`web.offices`)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from credit.domain.lists import LISTS

from ..office import SHAPES, OfficeAct
from ..offices import ACTS
from .log import COSIGNATURE
from .office import ACTIVATION
from .schema import object_schema

Doc = dict[str, Any]
Title = Callable[[str], str]
JSON = "application/json"
TEXT, WHOLE, MOMENT = {"type": "string"}, {"type": "integer"}, {"type": "string", "format": "date-time"}
DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def paths(title: Title) -> Doc:
    """Every act by its address, and the addresses that are read."""
    found: Doc = {}
    for act in ACTS.values():
        found.setdefault(act.path, {})["post"] = _act(act, title)
    reads = {
        "/api/v1/organisations": ("organisations", "Organisations", ("q", "after_uscc", "limit")),
        "/api/v1/organisations/{organisation}": ("organisation", "OrganisationPeople", ("organisation", "after_person", "limit")),
        "/api/v1/persons/{person}": ("person", "Person", ("person",)),
        "/api/v1/lots/{lot}/deposits": ("lot_deposits", "Deposits", ("lot",)),
        "/api/v1/deposits/due": ("deposits_due", "DepositsDue", ()),
        "/api/v1/credit/lists": ("credit_lists", "CreditLists", ()),
    }
    for path, (name, answer, parameters) in reads.items():
        read = _operation(name, title(f"api.{name}"), answer, parameters)
        found.setdefault(path, {})["get"] = read | {"security": [{"bearer": []}]}
    found["/api/v1/activations"] = {"post": _open("activate", "Opened", ACTIVATION, (), title)}
    found["/api/v1/checkpoints/{size}/cosignatures"] = {"post": _open("cosign", "Cosigned", COSIGNATURE, ("size",), title)}
    return found


def _operation(name: str, summary: str, answer: str, parameters: tuple[str, ...], status: str = "200") -> Doc:
    return {
        "operationId": name, "summary": summary,
        "parameters": [{"$ref": f"#/components/parameters/{p}"} for p in (*parameters, "lang")],
        "responses": {status: {"description": summary, "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{answer}"}}}},
                      "default": {"$ref": "#/components/responses/Problem"}},
    }  # fmt: skip


def _body(fields: Any, title: Title) -> Doc:
    return {"requestBody": {"required": True, "content": {JSON: {"schema": object_schema(fields, lambda f: title(f"field.{f}"))}}}}


def _act(act: OfficeAct, title: Title) -> Doc:
    found = _operation(act.name, title(f"act.{act.name}"), act.answer, (*act.subjects, "key"), "201") | _body(act.fields, title)
    return found | {"tags": ["offices"], "security": [{"bearer": []}], "x-roles": sorted(r.value for r in act.roles),
                    "x-irrevocable": act.irrevocable, "x-rule": act.rule}  # fmt: skip


def _open(name: str, answer: str, fields: Any, parameters: tuple[str, ...], title: Title) -> Doc:
    return _operation(name, title(f"api.{name}"), answer, parameters, "201") | _body(fields, title) | {"security": [{}]}


def parameters() -> Doc:
    """What the addresses name, beyond what the description has already."""
    subjects = {
        name: {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": f"^{SHAPES[name]}$"}}
        for name in ("organisation", "person", "delegation")
    }
    queries = {
        name: {"name": name, "in": "query", "required": False, "schema": {"type": "string", "maxLength": size}}
        for name, size in (("after_uscc", 18), ("after_person", 40))
    }
    return subjects | queries


def schemas() -> Doc:
    """What is answered."""
    role = {"$ref": "#/components/schemas/Role"}
    entry = {"organisation": TEXT, "uscc": TEXT, "name": TEXT, "kinds": _array(role)}
    lent = _record({"delegation": TEXT, "delegator": TEXT, "role": role, "start": MOMENT, "end": MOMENT, "in_force": {"type": "boolean"}})
    named = {"person": TEXT, "organisation": TEXT, "full_name": _maybe("string"), "roles": _array(role), "delegations": _array(lent)}
    deposit = {"number": WHOLE, "paid_at": MOMENT, "amount_fen": WHOLE, "state": {"type": "string", "enum": list(STATES)},
               "interest_fen": WHOLE, "ground": TEXT, "bid": _maybe("string"), "bidder": _maybe("string"), "due": _maybe("string"),
               "owed": {"type": "boolean"}, "keep": TEXT}  # fmt: skip
    about = {name: TEXT for name in ("organisation", "person", "delegation", "lot", "number")}
    found = {
        "Done": {"type": "object", "properties": about},
        "Registered": _record({"organisation": TEXT}), "PersonRegistered": _record({"person": TEXT}), "Opened": _record({"person": TEXT}),
        "Activation": _record({"person": TEXT, "activation_code": TEXT}), "Delegated": _record({"person": TEXT, "delegation": TEXT}),
        "RoleRevoked": _record({"person": TEXT, "ends_at": MOMENT}),
        "PersonalData": _record({"person": TEXT, "full_name": TEXT, "phone": TEXT, "id_type": TEXT, "id_number": TEXT}),
        "Organisations": _record({"organisations": _array(_record(entry)), "next": TEXT}),
        "Person": _record(named), "OrganisationPeople": _record({**entry, "persons": _array(_record(named)), "next": TEXT}),
        "Imported": _record({"lot": TEXT, "held": WHOLE, "known_before": WHOLE, "unmatched": WHOLE}),
        "Settled": _record({"lot": TEXT, "settled": WHOLE}, number=TEXT), "Attempt": _record({"lot": TEXT, "previous": TEXT}),
        "Deposits": _record({
            "lot": TEXT, "balances": {"type": "object", "additionalProperties": WHOLE},
            "deposits": _array(_record(deposit, serial=TEXT, payer_name=TEXT, payer_account=TEXT)),
            "checks": _array(_record({
                "bid": TEXT, "result": {"type": "string", "enum": list(RESULTS)}, "paid_fen": WHOLE,
                "doubts": _array({"type": "string", "enum": ["other_payer", "other_account"]}),
            })),
        }),
        "DepositsDue": _record({"due": _array(_record({
            "lot": TEXT, "number": WHOLE, "bid": TEXT, "amount_fen": WHOLE, "since": MOMENT, "due": _maybe("string"), "rule": TEXT,
            "keep": TEXT, "overdue": {"type": "boolean"}}))}),
        "ExpertsImported": _record({"entered": WHOLE}),
        "ListImported": _record({"list": TEXT, "sha256": DIGEST, "entered": WHOLE, "changed": WHOLE, "delisted": WHOLE, "same": WHOLE}),
        "CreditLists": _record({"lists": _array(_record({
            "list": {"type": "string", "enum": list(LISTS)}, "source": _maybe("string"), "sha256": _maybe("string"),
            "taken_at": _maybe("string")}))}),
        "CreditCase": _record({"case": TEXT}),
        "Witnesses": _record({"witnesses": _array(TEXT), "threshold": WHOLE}),
        "Cosigned": _record({"size": WHOLE, "witnesses": _array(TEXT), "threshold": WHOLE}),
    }  # fmt: skip
    return found


STATES = ("held", "returned", "forfeited", "applied")
RESULTS = ("paid", "short", "late", "missing", "guarantee", "ambiguous")


def _record(required: Doc, **optional: Doc) -> Doc:
    return {"type": "object", "properties": required | optional, "required": list(required)}


def _array(items: Doc) -> Doc:
    return {"type": "array", "items": items}


def _maybe(kind: str) -> Doc:
    return {"type": [kind, "null"]}
