"""JSON Schema (2020-12) from field declarations."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from trading_core.domain.fields import LIST_MAX, LONG_TEXT_MAX, MONEY_MAX_FEN, TEXT_MAX, Field

Title = Callable[[str], str]
SCALAR = {"type": ["string", "integer", "boolean"]}


def object_schema(fields: Sequence[Field], title: Title) -> dict[str, Any]:
    """The schema of a form: exactly these names, the required ones among them."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {f.name: field_schema(f, title) for f in fields},
        "additionalProperties": False,
    }
    required = [f.name for f in fields if f.required]
    return schema | ({"required": required} if required else {})


def field_schema(f: Field, title: Title) -> dict[str, Any]:
    """The schema of one field, with its title, its unit and the rule that asks for it."""
    schema = {"title": title(f.name)} | _kind(f, title)
    if f.rule:
        schema["x-rule"] = f.rule
    if f.secret:
        schema["writeOnly"] = True
    return schema


def _kind(f: Field, title: Title) -> dict[str, Any]:
    match f.kind:
        case "integer":
            return {"type": "integer"} | _bounds(f.minimum, f.maximum)
        case "money":
            low, high = f.minimum if f.minimum is not None else 0, f.maximum if f.maximum is not None else MONEY_MAX_FEN
            return {"type": "integer", "x-unit": "fen"} | _bounds(low, high)
        case "decimal":
            return {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"} | _noted(f)
        case "boolean":
            return {"type": "boolean"}
        case "choice":
            return {"type": "string"} | ({"enum": list(f.choices)} if f.choices else {})
        case "date":
            return {"type": "string", "format": "date"}
        case "instant":
            return {"type": "string", "format": "date-time"}
        case "hash" | "file":
            return {"type": "string", "pattern": "^[0-9a-f]{64}$"}
        case "object":
            return object_schema(f.fields, title)
        case "list":
            items = object_schema(f.fields, title) if f.fields else {"type": "string", "maxLength": LONG_TEXT_MAX}
            return {"type": "array", "items": items, "minItems": f.minimum or 0, "maxItems": f.maximum or LIST_MAX}
        case "map":
            return {"type": "object", "additionalProperties": SCALAR, "maxProperties": LIST_MAX}
        case "json":
            return {"type": "object"}
    return {"type": "string", "maxLength": f.maximum or (LONG_TEXT_MAX if f.kind == "long_text" else TEXT_MAX)} | (
        {"minLength": 1} if f.required else {}
    )


def _bounds(low: int | None, high: int | None) -> dict[str, int]:
    return ({"minimum": low} if low is not None else {}) | ({"maximum": high} if high is not None else {})


def _noted(f: Field) -> dict[str, Any]:
    """Bounds of a decimal, which is text and so has none in JSON Schema."""
    return {f"x-{k}": v for k, v in _bounds(f.minimum, f.maximum).items()}
