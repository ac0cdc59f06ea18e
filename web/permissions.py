"""Who may open what: one map from permission to a pure predicate over (identity, context). What is not here is refused.

Whether an act may be done is not decided here: the core asks role, seat and state. A page's permission only decides whether
the page exists for the reader.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .security import Identity


class Permission(StrEnum):
    """What a view asks for."""

    PUBLIC = "public"  # everybody, without an account
    SIGNED_IN = "signed_in"  # whoever has a session
    READ_LOT = "read_lot"  # everybody once it is published, its parties before


Predicate = Callable[["Identity | None", object], bool]


def _anybody(identity: Identity | None, context: object) -> bool:
    return True


def _signed_in(identity: Identity | None, context: object) -> bool:
    return identity is not None


def _visible(identity: Identity | None, context: object) -> bool:
    return context.visible_to(identity) if hasattr(context, "visible_to") else False


PREDICATES: Mapping[str, Predicate] = {
    Permission.PUBLIC: _anybody,
    Permission.SIGNED_IN: _signed_in,
    Permission.READ_LOT: _visible,
}

NOBODY = "nobody"
"""The default permission of a view that names none: it has no predicate, so nobody may."""


def permits(identity: Identity | None, context: object, permission: str) -> bool:
    """Whether the reader may. A permission without predicate is nobody's."""
    predicate = PREDICATES.get(permission)
    return predicate is not None and predicate(identity, context)
