"""Signing in and out. A session belongs to one person in one role; its tokens end with it.

Here services take the platform, not a unit of work: a password takes 25 ms to check, during which no transaction may be open, and a
failed attempt must stay counted although it is refused.
"""
from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from ..adapters.db import identity as db
from ..adapters.db.store import instant, micros
from ..adapters.passwords import hash_password, is_outdated, verify_password
from ..adapters.tokens import Claims, NotSignedIn, claims_for, read_token, write_token
from ..domain.errors import Problem, Refused, refuse_if
from ..domain.identity import Actor, Role
from ..domain.person import Person
from ..platform import Platform, Unit
from .accounts import account_of, change_account, login_fingerprint, use_code
from .challenges import check_challenge, use_challenge
from .persons import find_person
from .throttle import forgive_attempts, reserve_attempt

SESSION_LIFE = timedelta(hours=12)
REFRESHED_TOGETHER = timedelta(seconds=10)  # two tabs, or an answer that never came: asked again so soon it is the same refresh
SESSIONS_MAX = 10  # of one person; the oldest gives way


@dataclass(frozen=True, slots=True)
class Tokens:
    """access goes with each request until expires; refresh is good for one next pair. Neither is ever shown or logged."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires: datetime
    actor: Actor


@dataclass(frozen=True, slots=True)
class _Account:
    person: str
    password: str = field(repr=False)


def sign_in(
    platform: Platform, login: str, password: str, totp: str | None = None, role: Role | None = None, address: str = ""
) -> Tokens:
    """Tokens for a person in one of their roles; the role may be left out by those who have one only. address: where the attempt
    comes from, so that who guesses elsewhere keeps nobody out.

    Raises `Refused`: ``sign_in.refused`` for an unknown login and a wrong password alike and after the same work,
    ``sign_in.too_many`` and ``sign_in.busy`` with ``retry_after_seconds``; and, only to who knows the password,
    ``sign_in.code_needed``, ``sign_in.code_wrong``, ``sign_in.role_needed``, ``sign_in.role_not_held``.
    """
    with platform.unit() as unit:
        fingerprint = login_fingerprint(unit, login)
        reserve_attempt(unit, fingerprint, address)
        known = _account(unit, fingerprint)
    if not verify_password(known.password if known else None, password) or known is None:
        raise Refused(Problem("sign_in.refused"))
    renewed = hash_password(password, platform.entropy) if is_outdated(known.password) else None
    with platform.unit() as unit:
        tokens = _enter_by_password(unit, known, totp, role)
        if renewed:
            change_account(unit, known.person, password=str(renewed))
        forgive_attempts(unit, fingerprint, address)
    return tokens


def sign_in_by_certificate(
    platform: Platform, certificate_pem: bytes, challenge: bytes, signature: bytes, role: Role | None = None
) -> Tokens:
    """Tokens for the person whom a certificate proves; certificate and its key replace password and second factor.

    Raises `NotSignedIn` when no plugin knows the certificate or the challenge is not good, `Refused` about the role.
    """
    until = check_challenge(platform, challenge)
    person = platform.plugins.hook.gongxin_certificate_person(
        platform=platform, certificate_pem=certificate_pem, challenge=challenge, signature=signature
    )
    if person is None:
        raise NotSignedIn(Problem("sign_in.certificate"))
    with platform.unit() as unit:
        use_challenge(unit, challenge, until)
        found = find_person(unit, person)
        if found is None or found.erased:
            raise NotSignedIn(Problem("sign_in.certificate"))
        problems, chosen = _choose_role(found, role, unit.now)
        refuse_if(problems)
        return begin(unit, found, chosen)


def refresh(platform: Platform, token: str) -> Tokens:
    """The next pair of tokens. Asked again within `REFRESHED_TOGETHER`, by any process, it is the same pair.

    A refresh token that comes back later than that was copied: its session ends for everybody. Raises `NotSignedIn`.
    """
    with platform.unit() as unit:
        tokens = _rotate(unit, token)
    if tokens is None:
        raise NotSignedIn(Problem("session.ended"))
    return tokens


def authenticate(unit: Unit, token: str) -> Actor:
    """Who sent this access token. A role taken away, a person erased, a session ended: it fails from the next request on.

    Raises `NotSignedIn`.
    """
    return _standing(unit, token).actor


def check(unit: Unit, claims: Claims) -> None:
    """Raise `NotSignedIn` when the session of a token that was read is over, or who has it may no longer act in its role."""
    query = sa.select(db.session).where(db.session.c.id == claims.session)
    row = unit.connection.execute(query).first()
    same = row is not None and Actor(row.person, row.organisation, Role(row.role)) == claims.actor
    if row is None or not same or micros(unit.now) >= row.end_at or not _holds(unit, claims.actor):
        raise NotSignedIn(Problem("session.ended"))


def sign_out(unit: Unit, token: str) -> None:
    """End the session of an access token and with it all its tokens. Raises `NotSignedIn` when it has ended already."""
    _end(unit, _standing(unit, token).session)


def _account(unit: Unit, fingerprint: bytes) -> _Account | None:
    query = sa.select(db.account.c.person, db.account.c.password).where(db.account.c.login == fingerprint)
    row = unit.connection.execute(query).first()
    return _Account(row.person, row.password) if row and row.password else None


def _enter_by_password(unit: Unit, known: _Account, totp: str | None, role: Role | None) -> Tokens:
    row, person = account_of(unit, known.person), find_person(unit, known.person)
    if row is None or person is None or person.erased or row.password != known.password:
        raise Refused(Problem("sign_in.refused"))  # changed while the password was being checked
    problems, chosen = _choose_role(person, role, unit.now)
    if row.totp_on and not totp:
        problems.append(Problem("sign_in.code_needed", "totp"))
    refuse_if(problems)
    if row.totp_on and not use_code(unit, person.id, totp or ""):
        raise Refused(Problem("sign_in.code_wrong", "totp"))
    return begin(unit, person, chosen)


def _choose_role(person: Person, role: Role | None, now: datetime) -> tuple[list[Problem], Role]:
    held = sorted(person.roles_at(now))
    if not held:
        return [Problem("sign_in.no_role", "role")], Role.PUBLIC
    if role is None and len(held) > 1:
        return [Problem("sign_in.role_needed", "role", {"roles": [r.value for r in held]})], Role.PUBLIC
    if role is not None and role not in held:
        return [Problem("sign_in.role_not_held", "role", {"role": role.value})], Role.PUBLIC
    return [], role or held[0]


def begin(unit: Unit, person: Person, role: Role) -> Tokens:
    """A session of somebody who has proved who they are and holds the role."""
    mine = sa.select(db.session.c.id).where(db.session.c.person == person.id).order_by(db.session.c.started_at.desc(), db.session.c.id)
    for old in unit.connection.execute(mine.offset(SESSIONS_MAX - 1)).scalars().all():
        _end(unit, old)
    session, secret = (unit.platform.entropy.token_bytes(n).hex() for n in (16, 32))
    actor = Actor(person.id, person.organisation, role)
    db.insert_new(unit.connection, db.session, {
        "id": session, "person": person.id, "organisation": actor.organisation, "role": role.value, "refresh": _digest(secret),
        "serial": 1, "started_at": micros(unit.now), "refreshed_at": 0, "end_at": micros(unit.now + SESSION_LIFE),
    })  # fmt: skip
    return _tokens(unit, actor, session, 1, secret, unit.now + SESSION_LIFE)


def _rotate(unit: Unit, token: str) -> Tokens | None:
    session, _, secret = token.partition(".")
    row = unit.connection.execute(sa.select(db.session).where(db.session.c.id == session).with_for_update()).first()
    if row is None:
        return None
    actor = Actor(row.person, row.organisation, Role(row.role))
    if micros(unit.now) >= row.end_at or not _holds(unit, actor):
        _end(unit, session)
        return None
    again = _following(unit, session, row.serial, secret)
    if unit.now - instant(row.refreshed_at) <= REFRESHED_TOGETHER and hmac.compare_digest(row.refresh, _digest(again)):
        return _tokens(unit, actor, session, row.serial, again, instant(row.end_at))
    if not hmac.compare_digest(row.refresh, _digest(secret)):
        _end(unit, session)
        return None
    following, serial = _following(unit, session, row.serial + 1, secret), row.serial + 1
    changed = {"refresh": _digest(following), "serial": serial, "refreshed_at": micros(unit.now)}
    unit.connection.execute(sa.update(db.session).where(db.session.c.id == session).values(changed))
    return _tokens(unit, actor, session, serial, following, instant(row.end_at))


def _following(unit: Unit, session: str, serial: int, secret: str) -> str:
    """The secret after this one: a keyed fingerprint, so that whoever asks twice gets the same and nobody else can tell it."""
    return unit.platform.vault.blind(f"refresh/{session}/{serial}/{secret}").hex()


def _tokens(unit: Unit, actor: Actor, session: str, serial: int, secret: str, end: datetime) -> Tokens:
    life = timedelta(minutes=unit.platform.settings.token_minutes)
    claims = claims_for(actor, session, serial, unit.now, min(life, end - unit.now))
    return Tokens(write_token(unit.platform.keys.token, claims), f"{session}.{secret}", claims.expires, actor)


def _standing(unit: Unit, token: str) -> Claims:
    claims = read_token(unit.platform.keys.token, token, unit.now)
    check(unit, claims)
    return claims


def _holds(unit: Unit, actor: Actor) -> bool:
    person = find_person(unit, actor.person)
    return person is not None and person.organisation == actor.organisation and actor.role in person.roles_at(unit.now)


def _end(unit: Unit, session: str) -> None:
    unit.connection.execute(sa.delete(db.session).where(db.session.c.id == session))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
