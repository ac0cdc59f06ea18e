"""Folded state to bytes and back. Parts of a lot are decoded by the classes its trade type names."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from ...domain.lot import Lot, part_name

_encode = msgspec.json.Encoder().encode  # mappings keep their order: parties of a draw, for one, count in the order they committed


def encode(lot: Lot) -> bytes:
    return _encode(lot)


def decode(data: bytes, parts: Iterable[type[object]]) -> Lot:
    """The lot that was encoded. An unknown part is a mistake of the declaration: KeyError."""
    lot = msgspec.json.decode(data, type=Lot)
    kinds = {part_name(kind): kind for kind in parts}
    return replace(lot, parts={name: msgspec.convert(value, kinds[name]) for name, value in lot.parts.items()})
