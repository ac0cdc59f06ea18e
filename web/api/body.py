"""Reading what was sent: a JSON object and an idempotency key."""
from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trading_core.domain.errors import Problem, Refused
from trading_core.domain.leaves import canonical

from ..errors import Limited

if TYPE_CHECKING:
    from pyramid.request import Request

JSON = "application/json"
DEPTH_MAX = 20
KEY_HEADER = "Idempotency-Key"


def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object without floats. Raises `Limited` (415) for another type, `Refused` (400) for anything unreadable."""
    if request.content_type != JSON:
        raise Limited(Problem("request.wrong_type", params={"expected": JSON}))
    return read_object(request.body)


def read_object(data: bytes) -> dict[str, Any]:
    """The JSON object that was sent. Raises `Refused` (400) for anything else."""
    try:
        body = json.loads(data.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float, object_pairs_hook=_once_each)
        canonical(body)  # what has no one text could neither be recorded nor told from another command
    except (ValueError, RecursionError) as error:
        raise Refused(Problem("request.unreadable")) from error
    if not isinstance(body, dict) or _depth(body) > DEPTH_MAX:
        raise Refused(Problem("request.unreadable"))
    return body


def _no_float(text: str) -> object:
    raise ValueError("numbers are integers; decimals are text")


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _depth(value: object) -> int:
    level, here = 0, [value]
    while here and level <= DEPTH_MAX:
        level += 1
        here = [inner for v in here if isinstance(v, dict | list) for inner in (v.values() if isinstance(v, dict) else v)]
    return level


def idempotency_key(request: Request) -> str:
    """The key under which a command is carried out once; empty when none was sent, which the core refuses."""
    return str(request.headers.get(KEY_HEADER, ""))


def received_at(request: Request) -> datetime:
    """When the server had all of the request."""
    found = request.environ.get("gongxin.received_at")
    return found if isinstance(found, datetime) else request.platform.clock.now()
