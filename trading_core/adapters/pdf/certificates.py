"""The site's own certificates, made at installation: a root, a seal for documents, a time-stamping authority.

They prove that a document comes from this installation and was not changed. They are not certificates of a licensed authority:
where the law asks for one, a plugin signs instead (`gongxin_sign_pdf`).
"""
from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ..clock import Clock
from ..entropy import Entropy

YEARS = {"root": 40, "seal": 10, "time": 30}  # a seal is proved by its timestamp after it has expired; files are kept 30 years [12 §12.2]
NAMES = {"root": "根证书", "seal": "交易见证专用章", "time": "时间戳服务"}
ORDER_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Identity:
    """A certificate and its private key (EC P-256)."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def organisation(self) -> str:
        return str(self.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value)

    @property
    def title(self) -> str:
        return str(self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def asn1_certificate(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.certificate.public_bytes(serialization.Encoding.DER))

    @property
    def asn1_key(self) -> asn1_keys.PrivateKeyInfo:
        plain = serialization.NoEncryption()
        return asn1_keys.PrivateKeyInfo.load(self.key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, plain))


@dataclass(frozen=True)
class SiteCertificates:
    """root signs the others; seal signs documents; time signs timestamps."""

    root: Identity
    seal: Identity
    time: Identity

    @classmethod
    def create(cls, folder: Path, organisation: str, entropy: Entropy, clock: Clock) -> SiteCertificates:
        """New certificates for an organisation, kept in the folder as PEM. FileExistsError when there are some already: a new root
        would make every older seal unverifiable. Raises ValueError for an empty name or one longer than 64 characters [RFC 5280]."""
        if not 1 <= len(organisation) <= 64:
            raise ValueError("an organisation's name has 1 to 64 characters in a certificate")
        now = clock.now()
        root = _issue("root", organisation, None, entropy, now)
        made = cls(root, _issue("seal", organisation, root, entropy, now), _issue("time", organisation, root, entropy, now))
        draft = folder.with_name(f".{folder.name}-{entropy.token_bytes(8).hex()}")
        draft.mkdir(parents=True, mode=0o700)
        for role in YEARS:
            _keep(draft, role, getattr(made, role))
        try:
            os.rename(draft, folder)  # all or nothing, also when two processes start at once
        except OSError as error:
            shutil.rmtree(draft)
            raise FileExistsError(folder) from error
        return made

    @classmethod
    def open(cls, folder: Path) -> SiteCertificates:
        """The certificates in the folder. FileNotFoundError when there are none."""
        return cls(*(_read(folder, role) for role in YEARS))

    def root_pem(self) -> bytes:
        """What others need to check our seals."""
        return self.root.certificate.public_bytes(serialization.Encoding.PEM)

    def revocation_list(self, now: datetime) -> asn1_crl.CertificateList:
        """The present list of revoked certificates (none), put into every sealed document so that it can be checked without a network.
        It holds as long as the root: a site without a public address has nowhere to publish the next one."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.root.certificate.subject)
            .last_update(now - timedelta(minutes=1))
            .next_update(self.root.certificate.not_valid_after_utc)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root.key.public_key()), critical=False)
        )
        signed = builder.sign(self.root.key, hashes.SHA256())
        return asn1_crl.CertificateList.load(signed.public_bytes(serialization.Encoding.DER))


def open_certificates(folder: Path, organisation: str, entropy: Entropy, clock: Clock) -> SiteCertificates:
    """The certificates of this installation; made when there are none."""
    if not folder.exists():
        with suppress(FileExistsError):
            SiteCertificates.create(folder, organisation, entropy, clock)
    return SiteCertificates.open(folder)


def _issue(role: str, organisation: str, issuer: Identity | None, entropy: Entropy, now: datetime) -> Identity:
    # 16 bytes more than the order has, so that the remainder is as good as uniform.
    key = ec.derive_private_key(int.from_bytes(entropy.token_bytes(48), "big") % (ORDER_P256 - 1) + 1, ec.SECP256R1())
    name = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
        x509.NameAttribute(NameOID.COMMON_NAME, NAMES[role]),
    ])  # fmt: skip
    above = issuer.key if issuer else key
    authority = role == "root"
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number((int.from_bytes(entropy.token_bytes(20), "big") >> 1) | 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS[role]))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
        .add_extension(_usage(authority, role), critical=True)
    )
    if role == "time":
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return Identity(builder.sign(above, hashes.SHA256()), key)


def _usage(authority: bool, role: str) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority, content_commitment=role == "seal", key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=authority, crl_sign=authority, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _keep(folder: Path, role: str, identity: Identity) -> None:
    secret = identity.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    path = folder / f"{role}.key"
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(secret)
    (folder / f"{role}.pem").write_bytes(identity.certificate.public_bytes(serialization.Encoding.PEM))


def _read(folder: Path, role: str) -> Identity:
    certificate = x509.load_pem_x509_certificate((folder / f"{role}.pem").read_bytes())
    key = serialization.load_pem_private_key((folder / f"{role}.key").read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{role}.key in {folder} is no EC key")
    return Identity(certificate, key)
