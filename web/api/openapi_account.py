"""The part of the description about one's own account and signing in with a certificate."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .account import CERTIFICATE, CODE, PASSWORD, REMOVAL
from .schema import object_schema

Doc = dict[str, Any]
Title = Callable[[str], str]
JSON = "application/json"
TEXT, MOMENT = {"type": "string"}, {"type": "string", "format": "date-time"}


def paths(title: Title) -> Doc:
    """Every address with its method, answer and body."""

    def one(name: str, answer: str, fields: Any = (), status: str = "200", signed: bool = True, more: tuple[str, ...] = ()) -> Doc:
        found: Doc = {
            "operationId": name, "summary": title(f"api.{name}"),
            "parameters": [{"$ref": f"#/components/parameters/{p}"} for p in (*more, "lang")],
            "responses": {status: {"description": title(f"api.{name}"),
                                   "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{answer}"}}}},
                          "default": {"$ref": "#/components/responses/Problem"}},
            "security": [{"bearer": []}] if signed else [{}],
        }  # fmt: skip
        schema = object_schema(fields, lambda f: title(f"field.{f}")) if fields else None
        return found | ({"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}} if schema else {})

    return {
        "/api/v1/challenges": {"post": one("challenge", "Challenge", status="201", signed=False)},
        "/api/v1/sessions/certificate": {"post": one("sign_in_certificate", "Tokens", CERTIFICATE, "201", False)},
        "/api/v1/account": {"get": one("account", "Account")},
        "/api/v1/account/password": {"put": one("change_password", "Ended", PASSWORD)},
        "/api/v1/account/sessions": {"delete": one("sign_out_everywhere", "Ended")},
        "/api/v1/account/second-factor": {"post": one("offer_second_factor", "SecondFactor", status="201")},
        "/api/v1/account/second-factor/confirmation": {"post": one("confirm_second_factor", "SecondFactorOn", CODE)},
        "/api/v1/account/second-factor/removal": {"post": one("remove_second_factor", "SecondFactorOn", REMOVAL)},
        "/api/v1/notes": {"get": one("notes", "Notes", more=("after", "limit"))},
    }  # fmt: skip


def schemas() -> Doc:
    """What is answered."""
    role, truth = {"$ref": "#/components/schemas/Role"}, {"type": "boolean"}
    session = _record({"role": role, "started_at": MOMENT, "end_at": MOMENT})
    note = _record({"log_index": {"type": "integer"}, "lot": TEXT, "type": TEXT, "at": MOMENT})
    return {
        "Challenge": _record({"challenge": TEXT}),
        "Account": _record({"person": TEXT, "organisation": TEXT, "role": role, "second_factor": truth,
                            "sessions": {"type": "array", "items": session}}),
        "SecondFactor": _record({"secret": TEXT, "uri": TEXT}), "SecondFactorOn": _record({"second_factor": truth}),
        "Notes": _record({"notes": {"type": "array", "items": note}}),
    }  # fmt: skip


def _record(properties: Doc) -> Doc:
    return {"type": "object", "properties": properties, "required": list(properties)}
