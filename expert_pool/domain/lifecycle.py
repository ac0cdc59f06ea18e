"""The life of an expert in the pool as one table, and who may move it for which reasons [08 §8.1].

This slice begins where the provincial pool hands over an admitted expert; application, review and probation come before ACTIVE.
PAUSED and SUSPENDED also end by their last day, without an event.
"""
from __future__ import annotations

from collections.abc import Mapping

from trading_core.domain.identity import Role
from trading_core.domain.lifecycle import Lifecycle, row

LIFECYCLE = Lifecycle(
    "",
    (
        row("", "expert_registered", "ACTIVE"),
        row("ACTIVE", "expert_paused", "PAUSED"),
        row("PAUSED", "expert_resumed", "ACTIVE"),
        row("ACTIVE PAUSED SUSPENDED", "expert_suspended", "SUSPENDED"),
        row("SUSPENDED", "suspension_lifted", "ACTIVE"),
        row("ACTIVE PAUSED SUSPENDED", "expert_removed", "REMOVED"),
    ),
)

REASONS: Mapping[str, Mapping[Role, tuple[str, ...]]] = {
    "expert_registered": {Role.CENTRE: ("admitted",)},
    "expert_paused": {
        Role.EXPERT: ("leave",),
        Role.CENTRE: ("leave", "unanswered_calls", "training_missing"),
        Role.SUPERVISOR: ("investigation",),
    },
    "expert_resumed": {
        Role.EXPERT: ("back",),
        Role.CENTRE: ("back", "condition_met"),
        Role.SUPERVISOR: ("investigation_closed",),
    },
    "expert_suspended": {Role.SUPERVISOR: ("decision",)},
    "suspension_lifted": {Role.SUPERVISOR: ("decision",)},
    "expert_removed": {
        Role.EXPERT: ("own_request",),
        Role.CENTRE: ("own_request", "age_or_health", "failed_assessment", "death"),
        Role.SUPERVISOR: ("disqualified", "criminal", "bribery"),
    },
}
"""Event to role to the reasons that role may have. An expert only speaks for himself. The centre serves the pool and punishes nobody
[FCR16 10(1)]; decisions on discipline are the supervisor's [BLR 71]."""

PERMANENT = frozenset({"criminal", "bribery"})
"""Reasons after which nobody comes back [08 §8.1]."""

MAY_END: Mapping[str, frozenset[str]] = {
    Role.EXPERT.value: frozenset({Role.EXPERT.value}),
    Role.CENTRE.value: frozenset({Role.EXPERT.value, Role.CENTRE.value}),
    Role.SUPERVISOR.value: frozenset({Role.EXPERT.value, Role.CENTRE.value, Role.SUPERVISOR.value}),
}
"""Role to the roles whose pause it may end: an investigation is ended by the supervisor only."""
