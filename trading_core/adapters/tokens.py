"""Access tokens: signed JSON (JWT, HS256 and nothing else) that say for a few minutes who acts, for whom, in which role."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from ..domain.errors import Problem, Refused
from ..domain.identity import Actor, Role

AUDIENCE = "gongxin"
ALGORITHM = "HS256"
REQUIRED = ["sub", "org", "role", "jti", "iat", "exp", "aud"]
SKEW = timedelta(seconds=5)  # by which the clocks of two web processes may differ


class NotSignedIn(Refused):
    """No token, or one that is no longer good: whoever sent it must sign in again."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. session and serial together are its `jti`; issued and expires are whole seconds, expires does not count."""

    actor: Actor
    session: str
    serial: int
    issued: datetime
    expires: datetime


def claims_for(actor: Actor, session: str, serial: int, now: datetime, life: timedelta) -> Claims:
    """Claims valid from now on."""
    issued = now.astimezone(UTC).replace(microsecond=0)
    return Claims(actor, session, serial, issued, (issued + life).replace(microsecond=0))


def write_token(key: bytes, claims: Claims) -> str:
    """The signed token."""
    payload = {
        "sub": claims.actor.person,
        "org": claims.actor.organisation,
        "role": claims.actor.role.value,
        "jti": f"{claims.session}.{claims.serial}",
        "iat": int(claims.issued.timestamp()),
        "exp": int(claims.expires.timestamp()),
        "aud": AUDIENCE,
    }
    return jwt.encode(payload, key, algorithm=ALGORITHM)


def read_token(key: bytes, token: str, now: datetime) -> Claims:
    """What a token says. Raises `NotSignedIn` when its signature, form, audience or time is not right.

    Time is compared with the clock that was given: the library only knows the machine's.
    """
    return in_time(signed_claims(key, token), now)


def signed_claims(key: bytes, token: str) -> Claims:
    """What a token of ours says, whether its time has come or is over. Raises `NotSignedIn`."""
    options = {"require": REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False, "strict_aud": True}
    try:
        payload = jwt.decode(token, key, algorithms=[ALGORITHM], audience=AUDIENCE, options=options)  # type: ignore[arg-type]
        return _claims(payload)
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError) as error:
        raise NotSignedIn(Problem("token.invalid")) from error


def in_time(claims: Claims, now: datetime) -> Claims:
    """The claims if they hold at this moment. Raises `NotSignedIn`."""
    if now >= claims.expires:
        raise NotSignedIn(Problem("token.expired"))
    if now < claims.issued - SKEW:
        raise NotSignedIn(Problem("token.invalid"))
    return claims


def _claims(payload: dict[str, object]) -> Claims:
    person, organisation, role, jti = (payload[k] for k in ("sub", "org", "role", "jti"))
    if not (isinstance(person, str) and person and isinstance(organisation, str) and isinstance(jti, str)):
        raise TypeError("claims of another form")
    session, _, serial = jti.partition(".")
    return Claims(Actor(person, organisation, Role(str(role))), session, int(serial), _moment(payload["iat"]), _moment(payload["exp"]))


def _moment(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("not a whole second")
    return datetime.fromtimestamp(value, UTC)
