"""What a signed-in person does with their own account: password, second factor, sessions.

Whatever weakens the account asks for the password again, so that an unattended screen is not enough. Those services take the platform:
a password takes 25 ms to check, during which no transaction may be open, and a failed attempt must stay counted.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..adapters.db import identity as db
from ..adapters.db.store import instant
from ..adapters.passwords import hash_password, verify_password
from ..domain.errors import Problem, Refused
from ..domain.identity import Actor, Role
from ..domain.permissions import Context, Permission, require
from ..platform import Platform, Unit
from .accounts import account_of, change_account, end_sessions, use_code
from .throttle import forgive_attempts, reserve_attempt

OWN_PAGE = "own page"  # attempts of who is signed in already are no stranger's


@dataclass(frozen=True, slots=True)
class Session:
    """Where one is signed in: as what, since when, at the longest until when."""

    role: Role
    started_at: datetime
    end_at: datetime


def own_sessions(unit: Unit, by: Actor) -> list[Session]:
    """Every session of one's own that still stands, the newest first."""
    query = sa.select(db.session).where(db.session.c.person == by.person).order_by(db.session.c.started_at.desc(), db.session.c.id)
    found = (Session(Role(r.role), instant(r.started_at), instant(r.end_at)) for r in unit.connection.execute(query))
    return [s for s in found if s.end_at > unit.now]


def sign_out_everywhere(unit: Unit, by: Actor, person: str) -> None:
    """End all sessions of a person. Raises `Forbidden`."""
    require(Permission.RESET_ACCOUNT, by, Context(person=person))
    end_sessions(unit, person)


def change_password(platform: Platform, by: Actor, old: str, new: str) -> None:
    """One's own new password; all sessions end. Raises `Refused`: ``account.password_wrong``, ``sign_in.too_many``, or what
    makes the new one too weak."""
    renewed = hash_password(new, platform.entropy)
    row = _shown(platform, by, old)
    with platform.unit() as unit:
        change_account(unit, by.person, password=str(renewed))
        end_sessions(unit, by.person)
        forgive_attempts(unit, row.login, OWN_PAGE)


def remove_second_factor(platform: Platform, by: Actor, password: str, code: str) -> None:
    """Back to the password alone, on showing password and code. Raises `Refused`: ``account.password_wrong``, ``sign_in.code_wrong``,
    ``sign_in.too_many``."""
    row = _shown(platform, by, password)
    with platform.unit() as unit:
        if not use_code(unit, by.person, code):
            raise Refused(Problem("sign_in.code_wrong", "totp"))
        change_account(unit, by.person, totp=None, totp_on=False)
        forgive_attempts(unit, row.login, OWN_PAGE)


def _shown(platform: Platform, by: Actor, password: str) -> sa.Row[tuple[Any, ...]]:
    """One's account, once the password has been shown; an attempt that fails stays counted."""
    with platform.unit() as unit:
        row = account_of(unit, by.person)
        if row is None or row.password is None:
            raise Refused(Problem("account.password_wrong", "password"))
        reserve_attempt(unit, row.login, OWN_PAGE)
    if not verify_password(row.password, password):
        raise Refused(Problem("account.password_wrong", "password"))
    return row
