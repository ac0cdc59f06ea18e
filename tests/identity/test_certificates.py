"""Signing in with a certificate of the test authority."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from plugins import test_ca
from trading_core import bootstrap
from trading_core.adapters.entropy import SeededEntropy
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor, Role
from trading_core.services import persons, sessions
from trading_core.services.challenges import check_challenge, issue_challenge
from trading_core.services.sessions import NotSignedIn
from trading_core.settings import Settings


@pytest.fixture
def database_url() -> str:
    """One database is enough here: the statements are those that the other files run on both."""
    return ""


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [p.code for p in refusal.value.problems]


@pytest.fixture
def card(town: Any, bidder: Actor) -> test_ca.IssuedCertificate:
    return test_ca.issue_certificate(town.platform, bidder.person)


def enter(town: Any, card: test_ca.IssuedCertificate, challenge: bytes, signature: bytes | None = None) -> Actor:
    signature = card.sign(challenge) if signature is None else signature
    return sessions.sign_in_by_certificate(town.platform, card.certificate_pem, challenge, signature).actor


def refused(town: Any, card: test_ca.IssuedCertificate, challenge: bytes, signature: bytes | None = None) -> str:
    with pytest.raises(NotSignedIn) as refusal:
        enter(town, card, challenge, signature)
    return codes(refusal)[0]


def test_a_certificate_signs_in(town: Any, bidder: Actor, card: test_ca.IssuedCertificate) -> None:
    challenge = issue_challenge(town.platform)
    tokens = sessions.sign_in_by_certificate(town.platform, card.certificate_pem, challenge, card.sign(challenge))
    with town.platform.look() as unit:
        assert sessions.authenticate(unit, tokens.access) == bidder
    assert card.key_pem.decode() not in repr(card)


def test_the_signed_text_says_what_it_is_for(town: Any) -> None:
    first, nonce, end, seal, rest = issue_challenge(town.platform).decode().split("\n")
    assert first == "Gongxin sign-in gongxin.example/log"
    assert (len(nonce), len(seal), rest) == (32, 64, "")
    assert end == "2026-03-01T01:02:00.000000Z"
    assert issue_challenge(town.platform) != issue_challenge(town.platform)


def test_a_challenge_is_good_once_and_for_two_minutes(town: Any, bidder: Actor, card: test_ca.IssuedCertificate) -> None:
    used, late = issue_challenge(town.platform), issue_challenge(town.platform)
    assert enter(town, card, used) == bidder
    assert refused(town, card, used) == "sign_in.challenge"
    town.clock.advance(timedelta(minutes=2))
    assert refused(town, card, late) == "sign_in.challenge"
    assert enter(town, card, issue_challenge(town.platform)) == bidder  # what was used is forgotten, what is fresh works


def test_only_our_own_challenges(town: Any, card: test_ca.IssuedCertificate) -> None:
    challenge = issue_challenge(town.platform)
    longer = challenge.replace(b"T01:02:00", b"T01:03:00")
    for text in (b"", b"\xff", b"a\nb\nc\nd\n", challenge[:-2], challenge + b"x\n", longer):
        assert refused(town, card, text) == "sign_in.challenge"
    assert check_challenge(town.platform, challenge) > town.clock.now()


def test_the_signature_is_by_the_certificates_key_over_this_text(town: Any, agency: Actor, card: test_ca.IssuedCertificate) -> None:
    first, second = issue_challenge(town.platform), issue_challenge(town.platform)
    other = test_ca.issue_certificate(town.platform, agency.person)
    for signature in (card.sign(second), other.sign(first), b"", b"rubbish", card.sign(first)[:-1]):
        assert refused(town, card, first, signature) == "sign_in.certificate"


def test_a_certificate_is_good_for_a_year(town: Any, bidder: Actor, card: test_ca.IssuedCertificate) -> None:
    town.clock.advance(timedelta(days=365))
    assert enter(town, card, issue_challenge(town.platform)) == bidder
    town.clock.advance(timedelta(seconds=1))
    assert refused(town, card, issue_challenge(town.platform)) == "sign_in.certificate"


def test_only_certificates_of_this_authority(town: Any, bidder: Actor, tmp_path: Path, card: test_ca.IssuedCertificate) -> None:
    """Another authority of the same name; a key that is not the certificate's; the authority's own certificate; no certificate."""
    other = bootstrap.build(Settings(data=tmp_path / "other"), town.clock, SeededEntropy(b"another"))
    foreign = test_ca.issue_certificate(other, bidder.person)
    other.database.close()
    own = test_ca.authority(town.platform).public_bytes(serialization.Encoding.PEM)
    cards = (foreign, replace(foreign, certificate_pem=card.certificate_pem), replace(card, certificate_pem=own))
    for wrong in (*cards, replace(card, certificate_pem=b""), replace(card, certificate_pem=b"\xff")):
        assert refused(town, wrong, issue_challenge(town.platform)) == "sign_in.certificate"


def test_a_certificate_of_nobody(town: Any, bidder: Actor, card: test_ca.IssuedCertificate) -> None:
    assert refused(town, test_ca.issue_certificate(town.platform, "nobody"), issue_challenge(town.platform)) == "sign_in.certificate"
    with town.platform.unit() as unit:
        persons.erase_person(unit, bidder, bidder.person)
    assert refused(town, card, issue_challenge(town.platform)) == "sign_in.certificate"


def test_the_role_is_chosen_as_with_a_password(town: Any, centre: Actor, bidder: Actor, card: test_ca.IssuedCertificate) -> None:
    with town.platform.unit() as unit:
        persons.grant_role(unit, centre, bidder.person, Role.PRINCIPAL)
    challenge = issue_challenge(town.platform)
    with pytest.raises(Refused) as refusal:
        enter(town, card, challenge)
    assert codes(refusal) == ["sign_in.role_needed"]
    tokens = sessions.sign_in_by_certificate(town.platform, card.certificate_pem, challenge, card.sign(challenge), Role.PRINCIPAL)
    assert tokens.actor.role is Role.PRINCIPAL


def test_without_a_plugin_no_certificate_signs_in(town: Any, card: test_ca.IssuedCertificate, tmp_path: Path) -> None:
    bare = bootstrap.build(Settings(data=tmp_path / "bare"), town.clock, SeededEntropy(b"bare"))
    challenge = issue_challenge(bare)
    with pytest.raises(NotSignedIn) as refusal:
        sessions.sign_in_by_certificate(bare, card.certificate_pem, challenge, card.sign(challenge))
    assert codes(refusal) == ["sign_in.certificate"]
    bare.database.close()


def test_the_authority_stays_the_same(town: Any) -> None:
    assert test_ca.authority(town.platform) == test_ca.authority(town.platform)
    assert (town.platform.settings.data / "test_ca" / "ca.key").stat().st_mode & 0o077 == 0
