"""Accounts: how a person proves to be themselves. Logins, passwords and second factors are no acts and not part of the record.

Nobody sets another's password. Whoever enters a person hands out a one-time code; with it the person chooses login and password.
A lost password or second factor is mended by a new code, which does leave an event.
"""
from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pyotp
import sqlalchemy as sa
from pyotp.exceptions import OTPVerificationError
from sqlalchemy.exc import IntegrityError

from ..adapters.db import identity as db
from ..adapters.db.store import micros
from ..adapters.passwords import HashedPassword, hash_password
from ..domain.errors import Forbidden, Problem, Refused, refuse_if
from ..domain.identity import Actor
from ..domain.permissions import Context, Permission, require
from ..platform import Platform, Unit
from .organisations import signed_by
from .persons import append, known_person

ACTIVATION_LIFE = timedelta(days=7)
LOGIN_MIN, LOGIN_MAX = 3, 60
CODE_WINDOW = 1  # steps of 30 s by which a telephone's clock may be off


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What an authenticator app needs: the secret (base32) and the same as an otpauth address for a QR code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


def issue_activation(unit: Unit, by: Actor, person: str) -> str:
    """A code, good once and for 7 days, with which the person opens their account. For one who has an account it leaves the event
    ``account_reset``; everything goes on as it was until they use the code, so that nobody is locked out by another's hand.
    Raises `Forbidden`, `Conflict`.
    """
    subject = known_person(unit, person)
    existing = account_of(unit, person)
    opened = existing is not None and existing.password is not None
    context = Context(organisation=subject.organisation, person=person)
    require(Permission.RESET_ACCOUNT if opened else Permission.OPEN_ACCOUNT, by, context)
    code = unit.platform.entropy.token_bytes(20).hex()
    values = {"activation": _digest(code), "activation_until": micros(unit.now + ACTIVATION_LIFE)}
    if existing is None:
        db.insert_new(unit.connection, db.account, {"person": person, "totp_on": False, "totp_step": 0, **values})
        return code
    if opened:
        append(unit, subject, [signed_by(by, "account_reset", {})])
    change_account(unit, person, **values)
    return code


def activate(unit: Unit, code: str, login: str, password: HashedPassword) -> str:
    """Open the account that the code was issued for; the person's id. An older password and second factor are replaced, its sessions
    end. Raises `Refused` with everything wrong."""
    account = db.account
    found = unit.connection.execute(sa.select(account).where(account.c.activation == _digest(code)).with_for_update()).first()
    if found is None or micros(unit.now) >= found.activation_until:
        raise Refused(Problem("account.activation", "activation_code"))
    fingerprint = login_fingerprint(unit, login)
    others = sa.select(account.c.person).where(account.c.login == fingerprint, account.c.person != found.person)
    taken = unit.connection.execute(others).first()
    name = login.strip()
    fits = LOGIN_MIN <= len(name) <= LOGIN_MAX and name.isprintable()
    refuse_if([] if fits else [Problem("account.login", "login", {"minimum": LOGIN_MIN, "maximum": LOGIN_MAX})])
    refuse_if([Problem("account.login_taken", "login")] if taken else [])
    try:
        change_account(unit, found.person, login=fingerprint, password=str(password), activation=None, activation_until=None,
                       totp=None, totp_on=False)  # fmt: skip
    except IntegrityError as error:
        raise Refused(Problem("account.login_taken", "login")) from error
    end_sessions(unit, found.person)
    return str(found.person)


def open_account(platform: Platform, code: str, login: str, password: str) -> str:
    """`activate` from a typed password; the person's id. The code is looked at first: without one no work is done for anybody.

    Takes the platform because a password takes 25 ms to hash, during which no transaction may be open. Raises `Refused`.
    """
    query = sa.select(db.account.c.activation_until).where(db.account.c.activation == _digest(code))
    with platform.look() as look:
        until = look.connection.execute(query).scalar()
        if until is None or micros(look.now) >= until:
            raise Refused(Problem("account.activation", "activation_code"))
    hashed = hash_password(password, platform.entropy)
    with platform.unit() as unit:
        return activate(unit, code, login, hashed)


def offer_second_factor(unit: Unit, by: Actor) -> SecondFactor:
    """A new secret for one's own authenticator. It counts once `confirm_second_factor` has seen a code. Raises `Refused` when one
    counts already."""
    row = account_of(unit, by.person)
    if row is None:
        raise Forbidden(Problem("person.unknown"))
    if row.totp_on:
        raise Refused(Problem("second_factor.already_on"))
    secret = base64.b32encode(unit.platform.entropy.token_bytes(20)).decode()
    change_account(unit, by.person, totp=unit.platform.vault.seal(_place(by.person), secret.encode()), totp_step=0)
    return _second_factor(unit, by, secret)


def offered_second_factor(unit: Unit, by: Actor) -> SecondFactor | None:
    """The secret that one was offered and has not confirmed; None when there is none or it counts already."""
    row = unit.connection.execute(sa.select(db.account).where(db.account.c.person == by.person)).first()
    if row is None or row.totp is None or row.totp_on:
        return None
    return _second_factor(unit, by, unit.platform.vault.open(_place(by.person), row.totp).decode())


def has_second_factor(unit: Unit, by: Actor) -> bool:
    """Whether one's sign-in with a password needs a code."""
    return bool(unit.connection.execute(sa.select(db.account.c.totp_on).where(db.account.c.person == by.person)).scalar())


def confirm_second_factor(unit: Unit, by: Actor, code: str) -> None:
    """From now on every sign-in with a password needs a code. Raises `Refused` when the code is wrong."""
    if not use_code(unit, by.person, code):
        raise Refused(Problem("sign_in.code_wrong", "totp"))
    change_account(unit, by.person, totp_on=True)


def use_code(unit: Unit, person: str, code: str) -> bool:
    """Whether the code is right and has not been used; it's used up by this."""
    row = account_of(unit, person)
    if row is None or row.totp is None:
        return False
    secret = unit.platform.vault.open(_place(person), row.totp).decode()
    try:
        step = pyotp.TOTP(secret).verify_and_get_timecode(code.strip(), for_time=unit.now, valid_window=CODE_WINDOW)
    except OTPVerificationError:
        return False
    if step <= row.totp_step:
        return False
    change_account(unit, person, totp_step=step)
    return True


def is_open(unit: Unit, person: str) -> bool:
    """Whether the person has set login and password."""
    return unit.connection.execute(sa.select(db.account.c.password).where(db.account.c.person == person)).scalar() is not None


def end_sessions(unit: Unit, person: str) -> None:
    """End everything a person is signed in with."""
    unit.connection.execute(sa.delete(db.session).where(db.session.c.person == person))


def login_fingerprint(unit: Unit, login: str) -> bytes:
    """By what a login is found; upper and lower case are the same."""
    return unit.platform.vault.blind("login\0" + login.strip().casefold())


def account_of(unit: Unit, person: str) -> sa.Row[tuple[Any, ...]] | None:
    """The account row of a person, locked until the unit of work ends."""
    return unit.connection.execute(sa.select(db.account).where(db.account.c.person == person).with_for_update()).first()


def change_account(unit: Unit, person: str, **values: object) -> None:
    unit.connection.execute(sa.update(db.account).where(db.account.c.person == person).values(**values))


def _second_factor(unit: Unit, by: Actor, secret: str) -> SecondFactor:
    issuer = unit.platform.settings.origin.partition("/")[0]
    return SecondFactor(secret, pyotp.TOTP(secret).provisioning_uri(name=by.person[:8], issuer_name=issuer))


def _place(person: str) -> str:
    return f"account/{person}/totp"


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.strip().encode()).digest()
