"""Signing in, staying in, signing out."""
from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from trading_core.adapters.db import identity as db
from trading_core.adapters.db import schema
from trading_core.adapters.tokens import read_token, write_token
from trading_core.domain.errors import Forbidden, Refused
from trading_core.domain.identity import Actor, Role
from trading_core.services import accounts, delegations, own_account, persons, sessions
from trading_core.services.sessions import NotSignedIn, Tokens

PASSWORD = "clear water 喆"
DAY = timedelta(days=1)


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [p.code for p in refusal.value.problems]


@pytest.fixture
def member(town: Any, bidder: Actor) -> Actor:
    town.account(bidder.person, "chengjian")
    return bidder


def sign_in(town: Any, role: Role | None = None, password: str = PASSWORD, login: str = "chengjian") -> Tokens:
    return sessions.sign_in(town.platform, login, password, role=role)


def who(town: Any, token: str) -> Actor:
    with town.platform.look() as unit:
        return sessions.authenticate(unit, token)


def ended(town: Any, token: str) -> bool:
    try:
        who(town, token)
    except NotSignedIn:
        return True
    return False


def test_signing_in(town: Any, member: Actor) -> None:
    tokens = sign_in(town)
    assert tokens.actor == member == who(town, tokens.access)
    assert tokens.expires == town.clock.now() + timedelta(minutes=15)
    assert tokens.access not in repr(tokens) and tokens.refresh not in repr(tokens)


def test_an_unknown_login_and_a_wrong_password_look_alike(town: Any, member: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same refusal, and one hash is computed either way."""
    hashed: list[str] = []
    for name in ("hash", "verify"):
        real = getattr(PasswordHasher, name)
        monkeypatch.setattr(PasswordHasher, name, lambda *a, _real=real, _name=name, **k: hashed.append(_name) or _real(*a, **k))
    refusals = []
    for login, password in (("chengjian", "wrong password"), ("nobody", "wrong password"), ("nobody", PASSWORD)):
        with pytest.raises(Refused) as refusal:
            sign_in(town, login=login, password=password)
        refusals.append((type(refusal.value), refusal.value.problems))
    assert refusals[0] == refusals[1] == refusals[2]
    assert hashed == ["verify", "hash", "hash"]
    assert "chengjian" not in repr(refusals) and PASSWORD not in repr(refusals)


def test_guessing_is_slowed_down_though_refused(town: Any, member: Actor) -> None:
    """A failed attempt stays counted; the right password has to wait too; after it all begins anew."""
    for _ in range(11):
        with pytest.raises(Refused) as refusal:
            sign_in(town, password="wrong password")
        assert codes(refusal) == ["sign_in.refused"]
    with pytest.raises(Refused) as refusal:
        sign_in(town)
    assert codes(refusal) == ["sign_in.too_many"]
    assert refusal.value.problems[0].params == {"retry_after_seconds": 30}
    town.clock.advance(timedelta(seconds=30))
    assert sign_in(town).actor == member
    with pytest.raises(Refused) as refusal:
        sign_in(town, password="wrong password")
    assert codes(refusal) == ["sign_in.refused"]


def test_whoever_has_several_roles_chooses(town: Any, centre: Actor, member: Actor) -> None:
    with town.platform.unit() as unit:
        persons.grant_role(unit, centre, member.person, Role.PRINCIPAL)
    with pytest.raises(Refused) as refusal:
        sign_in(town)
    assert codes(refusal) == ["sign_in.role_needed"]
    assert refusal.value.problems[0].params == {"roles": ["bidder", "principal"]}
    assert sign_in(town, Role.PRINCIPAL).actor.role is Role.PRINCIPAL
    with pytest.raises(Refused) as refusal:
        sign_in(town, Role.SUPERVISOR)
    assert codes(refusal) == ["sign_in.role_not_held"]


def test_without_a_role_nobody_signs_in(town: Any, agency: Actor) -> None:
    town.account(town.person(agency, agency.organisation), "newcomer")
    with pytest.raises(Refused) as refusal:
        sign_in(town, login="newcomer")
    assert codes(refusal) == ["sign_in.no_role"]


def test_a_role_and_a_code_are_asked_for_together(town: Any, centre: Actor, member: Actor) -> None:
    with town.platform.unit() as unit:
        persons.grant_role(unit, centre, member.person, Role.PRINCIPAL)
        factor = accounts.offer_second_factor(unit, member)
    with town.platform.unit() as unit:
        accounts.confirm_second_factor(unit, member, pyotp.TOTP(factor.secret).at(town.clock.now()))
    with pytest.raises(Refused) as refusal:
        sign_in(town)
    assert codes(refusal) == ["sign_in.role_needed", "sign_in.code_needed"]


def test_an_access_token_ends_by_the_given_clock(town: Any, member: Actor) -> None:
    tokens = sign_in(town)
    town.clock.advance(timedelta(minutes=15) - timedelta(microseconds=1))
    assert who(town, tokens.access) == member
    town.clock.advance(timedelta(microseconds=1))
    with pytest.raises(NotSignedIn) as refusal:
        who(town, tokens.access)
    assert codes(refusal) == ["token.expired"]


def test_refreshing(town: Any, member: Actor) -> None:
    first = sign_in(town)
    town.clock.advance(timedelta(minutes=20))
    second = sessions.refresh(town.platform, first.refresh)
    assert (who(town, second.access), second.actor) == (member, member)
    assert second.refresh != first.refresh
    jti = [read_token(town.platform.keys.token, t.access, t.expires - timedelta(seconds=1)) for t in (first, second)]
    assert (jti[0].session, jti[0].serial + 1) == (jti[1].session, jti[1].serial)


def test_a_refresh_token_used_twice_ends_the_session_for_thief_and_owner(town: Any, member: Actor) -> None:
    stolen = sign_in(town)
    other = sign_in(town)
    own = sessions.refresh(town.platform, stolen.refresh)
    town.clock.advance(sessions.REFRESHED_TOGETHER + timedelta(microseconds=1))
    with pytest.raises(NotSignedIn) as refusal:
        sessions.refresh(town.platform, stolen.refresh)
    assert codes(refusal) == ["session.ended"]
    assert ended(town, own.access) and ended(town, stolen.access)
    with pytest.raises(NotSignedIn):
        sessions.refresh(town.platform, own.refresh)
    assert who(town, other.access) == member  # another session of the same person stands


REFRESHING = """
import sys
from datetime import datetime
from pathlib import Path
from trading_core import bootstrap
from trading_core.adapters.clock import SteppedClock
from trading_core.services import sessions
from trading_core.settings import Settings

data, database, now = sys.argv[1:]
platform = bootstrap.build(Settings(data=Path(data), database=database), SteppedClock(datetime.fromisoformat(now)))
print("ready", flush=True)
for token in sys.stdin:
    print(sessions.refresh(platform, token.strip()).refresh, flush=True)
platform.database.close()
"""


def test_tabs_in_different_processes_refresh_together(town: Any, member: Actor) -> None:
    """Whoever comes second in the same moment stays in, and both hold the same pair from then on."""
    its, tokens = town.platform.settings, sign_in(town)
    command = [sys.executable, "-c", REFRESHING, str(its.data), its.database, town.clock.now().isoformat()]
    tabs = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    token = tokens.refresh
    for tab in tabs:
        assert tab.stdout is not None and tab.stdout.readline() == "ready\n"
    for _ in range(20):
        for tab in tabs:
            assert tab.stdin is not None
            tab.stdin.write(token + "\n")
            tab.stdin.flush()
        given = {tab.stdout.readline().strip() for tab in tabs if tab.stdout is not None}
        assert len(given) == 1 and given != {token}
        token = given.pop()
    for tab in tabs:
        tab.communicate()
        assert tab.returncode == 0
    assert who(town, sessions.refresh(town.platform, token).access) == member


def test_only_the_newest_token_and_for_a_moment_the_one_before_it_refresh(town: Any, member: Actor) -> None:
    """Each step waits some seconds and sends one of the newest tokens again; a model says what has to come of it."""

    @given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from([0, 1, 4, 10, 11, 60])), max_size=12))
    @settings(max_examples=60)
    def play(uses: list[tuple[int, int]]) -> None:
        chain, refreshed, stands = [sign_in(town).refresh], town.clock.now() - timedelta(hours=1), True
        for back, seconds in uses:
            town.clock.advance(timedelta(seconds=seconds))
            sent = chain[-min(back, len(chain))]
            together = len(chain) > 1 and sent == chain[-2] and town.clock.now() - refreshed <= timedelta(seconds=10)
            stands = stands and (together or sent == chain[-1])
            if not stands:
                with pytest.raises(NotSignedIn):
                    sessions.refresh(town.platform, sent)
                continue
            found = sessions.refresh(town.platform, sent)
            assert who(town, found.access) == member and (found.refresh == chain[-1]) == together
            if not together:
                chain.append(found.refresh)
                refreshed = town.clock.now()
        assert len(set(chain)) == len(chain)

    play()


@pytest.mark.parametrize("rubbish", ["", ".", "a.b", "é.é"])
def test_rubbish_refreshes_nothing(town: Any, member: Actor, rubbish: str) -> None:
    with pytest.raises(NotSignedIn):
        sessions.refresh(town.platform, rubbish)


def test_a_session_ends_after_twelve_hours_however_often_refreshed(town: Any, member: Actor) -> None:
    tokens, end = sign_in(town), town.clock.now() + timedelta(hours=12)
    while town.clock.now() < end - timedelta(minutes=20):
        town.clock.advance(timedelta(minutes=14))
        tokens = sessions.refresh(town.platform, tokens.refresh)
    town.clock.move_to(end - timedelta(minutes=1))
    last = sessions.refresh(town.platform, tokens.refresh)
    assert last.expires == end
    town.clock.move_to(end)
    with pytest.raises(NotSignedIn):
        sessions.refresh(town.platform, last.refresh)


def test_signing_out(town: Any, member: Actor) -> None:
    tokens, other = sign_in(town), sign_in(town)
    with town.platform.unit() as unit:
        sessions.sign_out(unit, tokens.access)
    assert ended(town, tokens.access)
    with pytest.raises(NotSignedIn):
        sessions.refresh(town.platform, tokens.refresh)
    with pytest.raises(NotSignedIn), town.platform.unit() as unit:
        sessions.sign_out(unit, tokens.access)
    assert who(town, other.access) == member
    with pytest.raises(Forbidden), town.platform.unit() as unit:
        own_account.sign_out_everywhere(unit, town.actors["明达招标代理"], member.person)
    with town.platform.unit() as unit:
        own_account.sign_out_everywhere(unit, member, member.person)
    assert ended(town, other.access)


def test_a_role_taken_away_ends_with_the_next_request(town: Any, member: Actor) -> None:
    tokens = sign_in(town)
    with town.platform.unit() as unit:
        persons.revoke_role(unit, member, member.person, Role.BIDDER)
    assert ended(town, tokens.access)
    with pytest.raises(NotSignedIn):
        sessions.refresh(town.platform, tokens.refresh)


def test_a_lent_role_ends_by_the_clock(town: Any, agency: Actor) -> None:
    colleague = town.person(agency, agency.organisation)
    town.account(colleague, "deputy")
    now = town.clock.now()
    with town.platform.unit() as unit:
        delegations.delegate_role(unit, agency, colleague, now, now + timedelta(minutes=10))
    tokens = sign_in(town, login="deputy")
    assert who(town, tokens.access) == Actor(colleague, agency.organisation, Role.AGENCY)
    town.clock.advance(timedelta(minutes=10))
    assert ended(town, tokens.access)


def test_an_erased_person_is_out(town: Any, member: Actor) -> None:
    tokens = sign_in(town)
    with town.platform.unit() as unit:
        persons.erase_person(unit, member, member.person)
    assert ended(town, tokens.access)
    with pytest.raises(Refused) as refusal:
        sign_in(town)
    assert codes(refusal) == ["sign_in.refused"]


def test_changing_ones_password(town: Any, member: Actor) -> None:
    tokens = sign_in(town)
    for old, new, expected in (("wrong password", "another 喆 phrase", "account.password_wrong"), (PASSWORD, "short", "password.length")):
        with pytest.raises(Refused) as refusal:
            own_account.change_password(town.platform, member, old, new)
        assert codes(refusal) == [expected]
    own_account.change_password(town.platform, member, PASSWORD, "another 喆 phrase")
    assert ended(town, tokens.access)
    with pytest.raises(Refused):
        sign_in(town)
    assert sign_in(town, password="another 喆 phrase").actor == member


def test_a_hash_with_old_settings_is_renewed(town: Any, member: Actor) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD, salt=bytes(16))
    with town.platform.unit() as unit:
        accounts.change_account(unit, member.person, password=weak)
    assert sign_in(town).actor == member
    with town.platform.look() as unit:
        stored = unit.connection.execute(sa.select(db.account.c.password).where(db.account.c.person == member.person)).scalar_one()
    assert stored != weak and "m=19456" in stored
    assert sign_in(town).actor == member


def test_sessions_of_a_person_are_bounded(town: Any, member: Actor) -> None:
    first = sign_in(town)
    for _ in range(sessions.SESSIONS_MAX):
        town.clock.advance(timedelta(seconds=1))
        last = sign_in(town)
    with town.platform.look() as unit:
        assert unit.connection.execute(sa.select(sa.func.count()).select_from(db.session)).scalar() == sessions.SESSIONS_MAX
    assert ended(town, first.access) and who(town, last.access) == member


def test_a_token_that_says_another_role_than_its_session(town: Any, member: Actor) -> None:
    """Same claims, same session, but the role is another: whoever could sign it still does not get in."""
    tokens, key = sign_in(town), town.platform.keys.token
    claims = read_token(key, tokens.access, town.clock.now())
    forged = replace(claims, actor=replace(claims.actor, role=Role.CENTRE))
    assert ended(town, write_token(key, forged))


def test_signing_in_is_no_act(town: Any, member: Actor) -> None:
    """Nothing about who signed in when reaches the record."""

    def count() -> int:
        with town.platform.look() as unit:
            return int(unit.connection.execute(sa.select(sa.func.count()).select_from(schema.event)).scalar_one())

    before = count()
    tokens = sessions.refresh(town.platform, sign_in(town).refresh)
    with pytest.raises(Refused):
        sign_in(town, password="wrong password")
    with town.platform.unit() as unit:
        sessions.sign_out(unit, tokens.access)
    assert count() == before


def test_a_password_changed_while_the_old_one_is_checked(town: Any, member: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check takes time outside any transaction; what it proved must still be true when the session begins."""
    real = sessions.verify_password

    def slow(stored: str | None, password: str) -> bool:
        good = real(stored, password)
        with town.platform.unit() as unit:
            accounts.change_account(unit, member.person, password="$argon2id$changed")
        return good

    monkeypatch.setattr(sessions, "verify_password", slow)
    with pytest.raises(Refused) as refusal:
        sign_in(town)
    assert codes(refusal) == ["sign_in.refused"]
