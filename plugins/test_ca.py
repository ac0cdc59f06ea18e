"""Sign-in with certificates of a test authority (CA) that lives in the data folder. For demonstrations and tests, not for a real centre.

Name ``plugins.test_ca`` in the setting ``plugins``. The authority's key is made on first use in ``<data>/test_ca``. Issue somebody
a certificate with `issue_certificate(platform, person)`: an ECDSA P-256 key and a certificate whose alternative name is
``urn:gongxin:person:<id>``, good for a year; on the command line ``python -m plugins.test_ca PERSON FOLDER`` writes both there as
``certificate.pem`` and ``key.pem``. To sign in, ask for a challenge, sign its bytes (ECDSA, SHA-256) and send certificate and
signature; the page ``/login/certificate`` says with which command. A real authority is a plugin like this one: it answers
`gongxin_certificate_person` and maps its own subject to a person; it should also ask its revocation list, which this one does not have.
"""
from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from trading_core import bootstrap, settings
from trading_core.adapters.entropy import Entropy
from trading_core.adapters.vault import key_file
from trading_core.hookspecs import impl
from trading_core.platform import Platform

SUBJECT = "urn:gongxin:person:"
CLIENT_LIFE, CA_LIFE = timedelta(days=365), timedelta(days=3650)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """What a person keeps: certificate and unencrypted PKCS #8 key, both PEM."""

    certificate_pem: bytes
    key_pem: bytes = field(repr=False)

    def sign(self, challenge: bytes) -> bytes:
        """The signature that proves possession of the key."""
        key = serialization.load_pem_private_key(self.key_pem, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("an ECDSA key is needed")
        return key.sign(challenge, ec.ECDSA(hashes.SHA256()))


@impl
def gongxin_certificate_person(platform: Platform, certificate_pem: bytes, challenge: bytes, signature: bytes) -> str | None:
    """The person of a certificate of this authority that is valid now and whose key signed the challenge, otherwise None."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        policy = PolicyBuilder().store(Store([authority(platform)])).time(platform.clock.now())
        names = policy.build_client_verifier().verify(certificate, []).subjects or []
        key = certificate.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return None
        key.verify(signature, challenge, ec.ECDSA(hashes.SHA256()))
    except (ValueError, VerificationError, InvalidSignature):
        return None
    uris = [n.value for n in names if isinstance(n, x509.UniformResourceIdentifier) and n.value.startswith(SUBJECT)]
    return uris[0].removeprefix(SUBJECT) if len(uris) == 1 else None


def authority(platform: Platform) -> x509.Certificate:
    """The authority's own certificate, made on first use."""
    path = _folder(platform) / "ca.pem"
    if not path.exists():
        key, now = _authority_key(platform), platform.clock.now()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Gongxin test CA")])
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = x509.CertificateBuilder(name, name, key.public_key(), _serial(platform.entropy), now, now + CA_LIFE)
        builder = builder.add_extension(x509.BasicConstraints(True, 0), True).add_extension(usage, True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        fresh = path.with_suffix(".new")
        fresh.write_bytes(pem)
        os.replace(fresh, path)
    return x509.load_pem_x509_certificate(path.read_bytes())


def issue_certificate(platform: Platform, person: str) -> IssuedCertificate:
    """A certificate for a person, good for a year from now."""
    ca, ca_key, now = authority(platform), _authority_key(platform), platform.clock.now()
    key = _key(platform.entropy.token_bytes(40))
    subject = x509.Name([x509.NameAttribute(NameOID.USER_ID, person)])
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(SUBJECT + person)])
    builder = x509.CertificateBuilder(ca.subject, subject, key.public_key(), _serial(platform.entropy), now, now + CLIENT_LIFE)
    builder = builder.add_extension(x509.BasicConstraints(False, None), True).add_extension(usage, True)
    builder = builder.add_extension(names, False).add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), False)
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return IssuedCertificate(
        builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, pkcs8, plain),
    )


def _folder(platform: Platform) -> Path:
    return platform.settings.data / "test_ca"


def _authority_key(platform: Platform) -> ec.EllipticCurvePrivateKey:
    return _key(key_file(_folder(platform) / "ca.key", platform.entropy))


def _key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(secret, "big") % (P256_ORDER - 1) + 1, ec.SECP256R1())


def _serial(entropy: Entropy) -> int:
    return int.from_bytes(entropy.token_bytes(19), "big") | 1


def main(person: str, folder: Path) -> None:
    """Write a new certificate and its key for a person of the platform that the settings name."""
    platform = bootstrap.build(settings.read())
    issued = issue_certificate(platform, person)
    platform.database.close()
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "key.pem"
    key.touch(mode=0o600)
    key.write_bytes(issued.key_pem)
    (folder / "certificate.pem").write_bytes(issued.certificate_pem)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m plugins.test_ca PERSON FOLDER")
    main(sys.argv[1], Path(sys.argv[2]))
