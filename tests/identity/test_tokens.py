"""Access tokens: one algorithm, all claims, our clock."""
from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.adapters.tokens import NotSignedIn, claims_for, read_token, write_token
from trading_core.domain.identity import Actor, Role

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
NOW = datetime(2031, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)  # not the machine's time
LIFE = timedelta(minutes=15)
WHO = Actor("p1", "o1", Role.AGENCY)
CLAIMS = claims_for(WHO, "s1", 3, NOW, LIFE)
PAYLOAD = {"sub": "p1", "org": "o1", "role": "agency", "jti": "s1.3", "iat": 1935817689, "exp": 1935818589, "aud": "gongxin"}


def refused(token: str, now: datetime = NOW) -> str:
    with pytest.raises(NotSignedIn) as refusal:
        read_token(KEY, token, now)
    assert len(token) < 20 or token not in str(refusal.value)
    return refusal.value.problems[0].code


def signed(**changes: object) -> str:
    payload = {k: v for k, v in {**PAYLOAD, **changes}.items() if v is not None}
    return jwt.encode(payload, KEY, algorithm="HS256")


@given(st.text(min_size=1), st.text(), st.sampled_from(list(Role)), st.integers(0, 10**6))
def test_what_is_written_is_read(person: str, organisation: str, role: Role, serial: int) -> None:
    claims = claims_for(Actor(person, organisation, role), "s1", serial, NOW, LIFE)
    assert read_token(KEY, write_token(KEY, claims), NOW) == claims


def test_the_claims_are_these() -> None:
    token = write_token(KEY, CLAIMS)
    head, body, _ = token.split(".")
    assert json.loads(base64.urlsafe_b64decode(head + "==")) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(base64.urlsafe_b64decode(body + "==")) == PAYLOAD


def test_it_ends_at_its_second_by_the_clock_that_was_given() -> None:
    token = write_token(KEY, CLAIMS)
    end = NOW.replace(microsecond=0) + LIFE
    assert read_token(KEY, token, end - timedelta(microseconds=1)).expires == end
    assert refused(token, end) == "token.expired"
    assert read_token(KEY, token, NOW - timedelta(seconds=5))
    assert refused(token, NOW - timedelta(seconds=6)) == "token.invalid"


@pytest.mark.parametrize("name", sorted(PAYLOAD))
def test_every_claim_is_required(name: str) -> None:
    assert read_token(KEY, signed(), NOW) == CLAIMS
    assert refused(signed(**{name: None})) == "token.invalid"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("aud", "another"), ("aud", ["gongxin", "another"]), ("role", "emperor"), ("sub", ""), ("sub", 7), ("org", 7), ("jti", "s1"),
        ("jti", "s1.x"), ("exp", "1935818589"), ("exp", 1935818589.5), ("exp", True), ("exp", 10**30), ("iat", "soon"),
    ],
)  # fmt: skip
def test_claims_of_another_form(name: str, value: object) -> None:
    assert refused(signed(**{name: value})) == "token.invalid"


def test_no_other_key_and_no_other_algorithm() -> None:
    assert refused(jwt.encode(PAYLOAD, OTHER_KEY, algorithm="HS256")) == "token.invalid"
    assert refused(jwt.encode(PAYLOAD, KEY * 2, algorithm="HS512")) == "token.invalid"
    assert refused(jwt.encode(PAYLOAD, None, algorithm="none")) == "token.invalid"


@given(st.integers(0, 400), st.characters(codec="ascii", categories=["L", "N"]))
def test_one_changed_character_ends_it(at: int, character: str) -> None:
    token = write_token(KEY, CLAIMS)
    at %= len(token) - 1  # the last character carries bits that decode to nothing
    changed = token[:at] + character + token[at + 1 :]
    if changed != token:
        refused(changed)


@pytest.mark.parametrize("rubbish", ["", ".", "..", "a.b.c", "é", "x" * 5000])
def test_rubbish(rubbish: str) -> None:
    assert refused(rubbish) == "token.invalid"
