"""JSON with one spelling, so that two programs that mean the same hash the same."""
from __future__ import annotations

import json
from typing import Any, NoReturn

NUMBER_MAX = 2**53 - 1  # the largest that JavaScript counts exactly


def canonical(value: object) -> bytes:
    """Keys sorted, no spaces, UTF-8. Text, integers, booleans, null, lists and objects only (docs/formats.md §1)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def parse(text: bytes) -> Any:
    """JSON without floats, huge numbers, duplicate keys or broken characters. ValueError for everything else."""
    try:
        value = json.loads(text, parse_int=_whole, parse_float=_no_float, parse_constant=_no_float, object_pairs_hook=_unique)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is no character
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return value


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) > NUMBER_MAX:
        raise ValueError("larger than every reader can tell exactly")
    return number


def _no_float(text: str) -> NoReturn:
    raise ValueError("only whole numbers")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found
