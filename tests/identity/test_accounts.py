"""Opening and mending accounts, and second factors."""
from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import sqlalchemy as sa

from trading_core.adapters.db import identity as db
from trading_core.adapters.passwords import hash_password
from trading_core.domain.errors import Forbidden, Refused
from trading_core.domain.identity import Actor, Role
from trading_core.services import accounts, own_account, sessions

PASSWORD = "clear water 喆"


@pytest.fixture
def database_url() -> str:
    """One database is enough here: the statements are those that the other files run on both."""
    return ""


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [p.code for p in refusal.value.problems]


def issue(town: Any, by: Actor, person: str) -> str:
    with town.platform.unit() as unit:
        return accounts.issue_activation(unit, by, person)


def activate(town: Any, code: str, login: str, password: str = PASSWORD) -> str:
    with town.platform.unit() as unit:
        return accounts.activate(unit, code, login, hash_password(password, town.platform.entropy))


@pytest.fixture
def operator(town: Any, centre: Actor) -> Actor:
    return Actor("op", centre.organisation, Role.OPERATOR)


def test_a_person_chooses_login_and_password_with_a_code(town: Any, bidder: Actor) -> None:
    code = issue(town, bidder, bidder.person)
    assert activate(town, code, " Chengjian ") == bidder.person
    assert sessions.sign_in(town.platform, "CHENGJIAN", PASSWORD).actor == bidder
    with pytest.raises(Refused) as refusal:
        activate(town, code, "again")
    assert codes(refusal) == ["account.activation"]


def test_a_code_ends_after_seven_days_and_when_another_is_issued(town: Any, bidder: Actor) -> None:
    first = issue(town, bidder, bidder.person)
    second = issue(town, bidder, bidder.person)
    for code in (first, "", "no code"):
        with pytest.raises(Refused) as refusal:
            activate(town, code, "chengjian")
        assert codes(refusal) == ["account.activation"]
    town.clock.advance(timedelta(days=7))
    with pytest.raises(Refused) as refusal:
        activate(town, second, "chengjian")
    assert codes(refusal) == ["account.activation"]


def test_logins_are_used_once_and_have_a_length(town: Any, bidder: Actor, agency: Actor) -> None:
    activate(town, issue(town, bidder, bidder.person), "hall")
    code = issue(town, agency, agency.person)
    wrong = {"HALL": "account.login_taken", "ab": "account.login", "x" * 61: "account.login", "a\x00bc": "account.login"}
    for login, expected in wrong.items():
        with pytest.raises(Refused) as refusal:
            activate(town, code, login)
        assert codes(refusal) == [expected]
    assert activate(town, code, "hall2") == agency.person


def test_only_who_may_hands_out_codes(town: Any, bidder: Actor, agency: Actor) -> None:
    with pytest.raises(Forbidden):
        issue(town, agency, bidder.person)


def test_a_reset_leaves_an_event_and_ends_everything_once_it_is_used(
    town: Any, bidder: Actor, agency: Actor, centre: Actor, operator: Actor
) -> None:
    activate(town, issue(town, bidder, bidder.person), "chengjian")
    tokens = sessions.sign_in(town.platform, "chengjian", PASSWORD)
    with pytest.raises(Forbidden):
        issue(town, centre, bidder.person)  # once it is open, only the person and the operator
    code = issue(town, operator, bidder.person)
    with town.platform.look() as unit:
        last = unit.store.read(f"person/{bidder.person}")[-1].recorded()
        assert sessions.authenticate(unit, tokens.access) == bidder
    assert (last.type, last.public) == ("account_reset", {"by": {"role": "operator", "organisation": centre.organisation}})
    assert sessions.sign_in(town.platform, "chengjian", PASSWORD).actor == bidder  # nobody is locked out by another's hand
    activate(town, code, "chengjian", "muddy water 喆")
    with town.platform.look() as unit, pytest.raises(sessions.NotSignedIn):
        sessions.authenticate(unit, tokens.access)
    with pytest.raises(Refused):
        sessions.sign_in(town.platform, "chengjian", PASSWORD)
    assert sessions.sign_in(town.platform, "chengjian", "muddy water 喆").actor == bidder


def test_nothing_of_an_account_stands_in_clear(town: Any, bidder: Actor) -> None:
    code = issue(town, bidder, bidder.person)
    with town.platform.look() as unit:
        assert code.encode() not in b"".join(c for c in unit.connection.execute(sa.select(db.account)).one() if isinstance(c, bytes))
    activate(town, code, "chengjian-login")
    with town.platform.unit() as unit:
        factor = accounts.offer_second_factor(unit, bidder)
        row = unit.connection.execute(sa.select(db.account)).one()
    secrets = ("chengjian-login", factor.secret, PASSWORD, code)
    stored = b"".join(c if isinstance(c, bytes) else str(c).encode() for c in row)
    assert not [s for s in secrets if s.encode() in stored or s in repr(factor)]


# ------------------------------------------------------------------ second factor


@pytest.fixture
def factor(town: Any, bidder: Actor) -> Any:
    town.account(bidder.person, "chengjian")
    with town.platform.unit() as unit:
        return accounts.offer_second_factor(unit, bidder)


def confirm(town: Any, by: Actor, code: str) -> None:
    with town.platform.unit() as unit:
        accounts.confirm_second_factor(unit, by, code)


def now_code(town: Any, factor: Any, steps: int = 0) -> str:
    return pyotp.TOTP(factor.secret).at(town.clock.now(), counter_offset=steps)


def sign_in(town: Any, totp: str | None = None) -> sessions.Tokens:
    return sessions.sign_in(town.platform, "chengjian", PASSWORD, totp)


def test_the_address_for_the_app(factor: Any) -> None:
    address = urlsplit(factor.uri)
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert parse_qs(address.query) == {"secret": [factor.secret], "issuer": ["gongxin.example"]}
    assert len(factor.secret) == 32


def test_it_counts_once_confirmed_and_is_then_required(town: Any, bidder: Actor, factor: Any) -> None:
    assert sign_in(town).actor == bidder
    with pytest.raises(Refused) as refusal:
        confirm(town, bidder, "000000" if now_code(town, factor) != "000000" else "000001")
    assert codes(refusal) == ["sign_in.code_wrong"]
    confirm(town, bidder, now_code(town, factor))
    with pytest.raises(Refused) as refusal:
        sign_in(town)
    assert codes(refusal) == ["sign_in.code_needed"]
    town.clock.advance(timedelta(seconds=30))
    assert sign_in(town, now_code(town, factor)).actor == bidder


def test_a_code_works_once_and_no_older_one_after_it(town: Any, bidder: Actor, factor: Any) -> None:
    confirm(town, bidder, now_code(town, factor))
    town.clock.advance(timedelta(minutes=5))
    older, present = now_code(town, factor, -1), now_code(town, factor)
    assert sign_in(town, present)
    for code in (present, older):
        with pytest.raises(Refused) as refusal:
            sign_in(town, code)
        assert codes(refusal) == ["sign_in.code_wrong"]


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephone_may_be_off_by_one_step(town: Any, bidder: Actor, factor: Any, steps: int, good: bool) -> None:
    confirm(town, bidder, now_code(town, factor))
    town.clock.advance(timedelta(minutes=5))
    if good:
        assert sign_in(town, now_code(town, factor, steps))
    else:
        with pytest.raises(Refused):
            sign_in(town, now_code(town, factor, steps))


def test_a_refused_sign_in_uses_no_code_up(town: Any, bidder: Actor, factor: Any) -> None:
    confirm(town, bidder, now_code(town, factor))
    town.clock.advance(timedelta(minutes=1))
    code = now_code(town, factor)
    with pytest.raises(Refused):
        sessions.sign_in(town.platform, "chengjian", PASSWORD + "!", code)
    assert sign_in(town, code)


def test_it_can_be_removed_with_password_and_code(town: Any, bidder: Actor, factor: Any) -> None:
    confirm(town, bidder, now_code(town, factor))
    with pytest.raises(Refused) as refusal, town.platform.unit() as unit:
        accounts.offer_second_factor(unit, bidder)
    assert codes(refusal) == ["second_factor.already_on"]
    for password, expected in ((PASSWORD, "sign_in.code_wrong"), ("wrong password", "account.password_wrong")):
        with pytest.raises(Refused) as refusal:
            own_account.remove_second_factor(town.platform, bidder, password, now_code(town, factor))  # used already
        assert codes(refusal) == [expected]
    town.clock.advance(timedelta(seconds=30))
    own_account.remove_second_factor(town.platform, bidder, PASSWORD, now_code(town, factor))
    assert sign_in(town).actor == bidder
