"""The API described by itself: OpenAPI 3.1 from the declarations of acts, fields, states, roles and problems."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from pyramid.view import view_config

from trading_core.domain.identity import Role
from trading_core.domain.trade import Act, TradeType
from trading_core.messages import Catalogue, Language
from trading_core.services.receipt_papers import FIELDS as RECEIPT

from ..errors import STATUS
from ..health import CHECKS
from ..permissions import Permission
from ..routes import COLUMNS
from ..views.trades import GROUPS, SORTS
from . import openapi_account as account
from . import openapi_office as office
from .body import KEY_HEADER
from .receipts import PDF
from .schema import object_schema
from .sessions import REFRESH, SIGN_IN
from .uploads import BEGIN, BINARY, PIECE_HASH

if TYPE_CHECKING:
    from pyramid.request import Request

VERSION = "1"
Doc = dict[str, Any]
JSON = "application/json"
PROBLEM = "application/problem+json"


@view_config(route_name="api_openapi", request_method="GET", renderer="json", permission=Permission.PUBLIC)
def openapi(request: Request) -> Doc:
    """This description, in the language asked for."""
    return document(request.platform.trades, request.registry.catalogue, request.words.language, request.platform.settings.base_url)


def document(trades: Mapping[str, TradeType], catalogue: Catalogue, language: Language, base_url: str) -> Doc:
    """The whole description."""

    @cache
    def title(key: str) -> str:
        return catalogue.say(key, language) if catalogue.has(key) else key.partition(".")[2].replace("_", " ")

    return {
        "openapi": "3.1.0",
        "info": {"title": title("api.title"), "version": VERSION, "description": title("api.description")},
        "servers": [{"url": base_url}],
        "paths": joined(_fixed_paths(title), account.paths(title), office.paths(title), _act_paths(trades, title)),
        "components": {
            "schemas": _schemas(trades, catalogue, title) | account.schemas() | office.schemas(),
            "parameters": _parameters() | office.parameters(),
            "responses": {"Problem": {"description": title("api.problem"), "content": {PROBLEM: {"schema": _ref("Problem")}}}},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def joined(*parts: Doc) -> Doc:
    """Paths with all their methods; two parts may describe methods of one address."""
    found: Doc = {}
    for part in parts:
        for path, methods in part.items():
            found.setdefault(path, {}).update(methods)
    return found


# ------------------------------------------------------------------ acts

def _act_paths(trades: Mapping[str, TradeType], title: Callable[[str], str]) -> Doc:
    """One address per act; trade types that ask for different fields are alternatives of its body."""
    acts: dict[str, dict[str, Act]] = {}
    for version, trade in sorted(trades.items()):
        for act in trade.acts.values():
            if act.roles != frozenset({Role.CLOCK}) and act.name != "create":
                acts.setdefault(act.name, {})[version] = act
    return {f"/api/v1/lots/{{lot}}/acts/{name}": {"post": _act(name, forms, title)} for name, forms in sorted(acts.items())}


def _act(name: str, forms: Mapping[str, Act], title: Callable[[str], str]) -> Doc:
    schemas = [object_schema(a.fields, lambda f: title(f"field.{f}")) | {"title": version} for version, a in forms.items()]
    different = [s for i, s in enumerate(schemas) if not any(_same(s, t) for t in schemas[:i])]
    first = next(iter(forms.values()))
    return {
        "operationId": f"act_{name}", "summary": title(f"act.{name}"), "tags": ["acts"],
        "parameters": [_parameter("lot"), _parameter("key"), _parameter("lang")],
        "requestBody": {"required": True, "content": {JSON: {"schema": different[0] if len(different) == 1 else {"anyOf": different}}}},
        "responses": {"200": _answer("Receipt", title("api.receipt")), "default": _ref("Problem", "responses")},
        "security": [{"bearer": []}] + ([{}] if Role.PUBLIC in first.roles else []),
        "x-roles": sorted({r.value for a in forms.values() for r in a.roles}), "x-trades": list(forms), "x-event": first.event,
        "x-irrevocable": first.irrevocable, "x-rule": first.rule,
    }  # fmt: skip


def _same(one: Doc, other: Doc) -> bool:
    return {k: v for k, v in one.items() if k != "title"} == {k: v for k, v in other.items() if k != "title"}


# ------------------------------------------------------------------ everything else

def _fixed_paths(title: Callable[[str], str]) -> Doc:
    def operation(
        name: str, result: str, *parameters: str, body: Doc | None = None, status: str = "200", signed: bool = False, media: str = JSON
    ) -> Doc:
        found: Doc = {
            "operationId": name, "summary": title(f"api.{name}"), "parameters": [_parameter(p) for p in (*parameters, "lang")],
            "responses": {status: _answer(result, title(f"api.{name}"), media), "default": _ref("Problem", "responses")},
            "security": [{"bearer": []}] if signed else [{}],
        }  # fmt: skip
        return found | ({"requestBody": {"required": True, "content": {JSON: {"schema": body}}}} if body else {})

    def form(fields: Any) -> Doc:
        return object_schema(fields, lambda f: title(f"field.{f}"))

    filters = ("column", "q", "state", "from", "to", "min", "max", "sort", "page")
    return {
        "/api/v1/sessions": {"post": operation("sign_in", "Tokens", body=form(SIGN_IN), status="201")},
        "/api/v1/sessions/refresh": {"post": operation("refresh", "Tokens", body=form(REFRESH))},
        "/api/v1/sessions/current": {"delete": operation("sign_out", "Ended", signed=True)},
        "/api/v1/lots": {
            "get": operation("lots", "Listing", *filters),
            "post": operation("create", "Created", "key", body=_ref("NewLot"), status="201", signed=True),
        },
        "/api/v1/lots/{lot}": {"get": operation("lot", "Lot", "lot")},
        "/api/v1/lots/{lot}/events": {"get": operation("lot_events", "Events", "lot", "after")},
        "/api/v1/lots/{lot}/ocds": {"get": operation("lot_ocds", "ReleasePackage", "lot")},
        "/api/v1/lots/{lot}/project.zip": {"get": operation("lot_project", "ProjectFile", "lot", media="application/zip")},
        "/api/v1/log": {"get": operation("log", "Feed", "after", "limit", "wait")},
        "/api/v1/log/stream": {"get": operation("log_stream", "Stream", "after", media="text/event-stream")},
        "/api/v1/log/{number}": {"get": operation("log_entry", "Proof", "number")},
        "/api/v1/checkpoints/latest": {"get": operation("checkpoint_latest", "Note", media="text/plain")},
        "/api/v1/checkpoints/{size}": {"get": operation("checkpoint", "Note", "size", media="text/plain")},
        "/api/v1/checkpoints/{first}...{second}": {"get": operation("consistency", "Consistency", "first", "second")},
        "/api/v1/keys": {"get": operation("keys", "Keys")},
        "/api/v1/receipts/paper": {"post": operation("receipt_paper", "Paper", body=form(RECEIPT), media=PDF)},
        "/api/v1/health": {"get": operation("health", "Health", "parts")},
        "/api/v1/openapi.json": {"get": operation("openapi", "Description")},
        "/api/v1/uploads": {"post": operation("upload_begin", "Upload", body=form(BEGIN), status="201", signed=True)},
        "/api/v1/uploads/{upload}": {"get": operation("upload", "Upload", "upload", signed=True)},
        "/api/v1/uploads/{upload}/pieces/{piece}": {
            "put": operation("upload_piece", "Upload", "upload", "piece", "piece_hash", signed=True)
            | {"requestBody": {"required": True, "content": {BINARY: {"schema": {"type": "string", "format": "binary"}}}}}
        },
        "/api/v1/uploads/{upload}/finish": {"post": operation("upload_finish", "Object", "upload", signed=True)},
        "/time": {"get": operation("time", "Time")},
    }  # fmt: skip


def _ref(name: str, kind: str = "schemas") -> Doc:
    return {"$ref": f"#/components/{kind}/{name}"}


def _parameter(name: str) -> Doc:
    return _ref(name, "parameters")


def _answer(schema: str, description: str, media: str = JSON) -> Doc:
    return {"description": description, "content": {media: {"schema": _ref(schema)}}}


def _parameters() -> Doc:
    whole = {"type": "integer", "minimum": 0}

    def query(name: str, schema: Doc) -> Doc:
        return {"name": name, "in": "query", "required": False, "schema": schema}

    def path(name: str, schema: Doc) -> Doc:
        return {"name": name, "in": "path", "required": True, "schema": schema}

    day, text = {"type": "string", "format": "date"}, {"type": "string", "maxLength": 100}
    return {
        "lot": path("lot", {"type": "string", "maxLength": 40}), "number": path("number", whole), "size": path("size", whole),
        "first": path("first", whole), "second": path("second", whole),
        "key": {"name": KEY_HEADER, "in": "header", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 200}},
        "upload": path("upload", {"type": "string", "pattern": "^[0-9a-f]{32}$"}), "piece": path("piece", whole),
        "piece_hash": {"name": PIECE_HASH, "in": "header", "required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
        "lang": query("lang", {"type": "string", "enum": ["zh", "en"]}), "after": query("after", {"type": "integer", "minimum": -1}),
        "limit": query("limit", {"type": "integer", "minimum": 1, "maximum": 1000}),
        "wait": query("wait", {"type": "integer", "minimum": 0, "maximum": 25}),
        "column": query("column", _ref("Column")), "q": query("q", text),
        "state": query("state", {"type": "array", "items": {"type": "string", "enum": list(GROUPS)}}), "from": query("from", day),
        "to": query("to", day), "min": query("min", text), "max": query("max", text),
        "parts": query("parts", {"type": "string", "description": ",".join(CHECKS)}),
        "sort": query("sort", {"type": "string", "enum": list(SORTS)}), "page": query("page", {"type": "integer", "minimum": 1}),
    }  # fmt: skip


def _schemas(trades: Mapping[str, TradeType], catalogue: Catalogue, title: Callable[[str], str]) -> Doc:
    text, whole, moment = {"type": "string"}, {"type": "integer"}, {"type": "string", "format": "date-time"}
    states = sorted({s for t in trades.values() for s in t.lifecycle.states() if s})
    events = sorted({t.event for trade in trades.values() for t in trade.lifecycle.transitions})
    digest = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    maybe_moment = {"type": ["string", "null"], "format": "date-time"}

    def record(required: Doc, **optional: Doc) -> Doc:
        return {"type": "object", "properties": required | optional, "required": list(required)}

    def array(items: Doc) -> Doc:
        return {"type": "array", "items": items}

    creates = [t.acts["create"].fields for t in trades.values() if "create" in t.acts]
    party = object_schema(creates[0], lambda f: title(f"field.{f}"))["properties"] if creates else {}
    return {
        "Trade": {"type": "string", "enum": sorted({t.code for t in trades.values()}) or ["-"]},
        "Column": {"type": "string", "enum": list(COLUMNS)},
        "State": {"type": "string", "enum": states or ["-"]},
        "EventType": {"type": "string", "enum": events or ["-"]},
        "Role": {"type": "string", "enum": [r.value for r in Role]},
        "ProblemCode": {"type": "string", "enum": sorted(k[8:] for k in catalogue.texts if k.startswith("problem."))},
        "Problem": record(
            {"type": text, "status": {"type": "integer", "enum": sorted({s for _, s in STATUS})}, "code": text, "title": text,
             "problems": array(record({"code": text, "path": text, "message": text, "rule": text, "params": {"type": "object"}})),
             "request": text},
            receipt=_ref("Receipt"),
        ),
        "NewLot": {"type": "object", "properties": {"trade": _ref("Trade"), **party}, "required": ["trade"], "additionalProperties": False},
        "Receipt": record({"receipt": text, "signature": {"type": "string", "contentEncoding": "base64"}, "key": text}),
        "Created": {"allOf": [_ref("Receipt"), record({"lot": text})]},
        "Tokens": record({"access": text, "refresh": text, "expires": moment, "person": text, "organisation": text, "role": _ref("Role")}),
        "Ended": record({"ended": {"type": "boolean"}}),
        "LotRow": record({
            "lot": text, "title": text, "column": _ref("Column"), "trade": text, "status": _ref("State"), "principal": text,
            "principal_name": text, "amount_fen": {"type": ["integer", "null"]}, "published_at": maybe_moment,
            "deadline": maybe_moment,
            "last_log_index": {"type": ["integer", "null"]},
        }),
        "Listing": record({"lots": array(_ref("LotRow")), "total": whole, "page": whole, "size": whole}),
        "Lot": record({
            "lot": text, "trade": text, "column": _ref("Column"), "status": _ref("State"), "attempt": whole, "previous": text,
            "parties": {"type": "object", "additionalProperties": text}, "terms": {"type": "object"},
            "schedule": {"type": "object", "additionalProperties": moment}, "suspended_at": maybe_moment,
            "next_clock_act": {"type": ["object", "null"]}, "acts": array(text),
        }),
        "Entry": record({
            "index": {"type": ["integer", "null"]}, "stream": text, "version": whole, "type": text, "at": whole, "public": text,
            "commitment": {"type": ["string", "null"]}, "leaf": digest,
        }),
        "Feed": record({"entries": array(_ref("Entry")), "next": whole, "size": whole}),
        "Events": record({"events": array(_ref("Entry")), "next": whole}),
        "Proof": record({"entry": _ref("Entry"), "checkpoint": text, "size": whole, "proof": array(text)}),
        "Consistency": record({"first": whole, "second": whole, "proof": array(text)}),
        "Keys": record({"format": text, "origin": text, "log": text, "receipt": text, "witnesses": array(text), "threshold": whole}),
        "Health": record({"state": {"type": "string", "enum": ["ok", "slow", "down"]}, "parts": {"type": "object"}}),
        "Upload": record({"upload": text, "size": whole, "sha256": digest, "piece_size": whole, "pieces": whole, "arrived": array(whole)}),
        "Object": record({"object": digest}),
        "Time": record({"ms": whole, "error_ms": {"type": ["integer", "null"]}}),
        "Note": text, "Stream": text, "Description": {"type": "object"}, "ReleasePackage": {"type": "object"},
        "ProjectFile": {"type": "string", "format": "binary"}, "Paper": {"type": "string", "format": "binary"},
    }  # fmt: skip
