"""The site's time-stamping authority [RFC 3161]: this document existed at this time. Its clock is the platform's, its serial numbers
are never given twice."""
from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute
from pyhanko.sign.timestamps import TimeStamper

from ..clock import Clock
from .certificates import Identity

POLICY = "2.25.171610429733528611404312044166306208593"  # ours: the site's own clock, no outside audit
DIGESTS = {"sha256": 32, "sha384": 48, "sha512": 64}
Serials = Callable[[], int]


class SerialFile:
    """A counter in a file: every number once, also among several processes and after a crash."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> int:
        """The next number, on disk before it is returned."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            number = int(os.read(handle, 32) or b"0") + 1
            os.pwrite(handle, b"%020d" % number, 0)  # of one length: a torn write cannot leave a smaller number behind
            os.fsync(handle)
            return number
        finally:
            os.close(handle)


class SiteTimeStamper(TimeStamper):
    """Answers time-stamp requests, from this process or, through `answer`, from anywhere."""

    def __init__(self, identity: Identity, clock: Clock, serials: Serials) -> None:
        """serials: gives a number never given before."""
        super().__init__()
        self._identity, self._clock, self._serials = identity, clock, serials

    def answer(self, request: bytes) -> bytes:
        """The answer (``application/timestamp-reply``) to a request (``application/timestamp-query``). A request that cannot be
        served is answered as such; never an exception."""
        try:
            asked = tsp.TimeStampReq.load(request, strict=True)
            response: core.Sequence = self.respond(asked)
        except (ValueError, TypeError, KeyError):
            response = _refusal("bad_data_format")
        return bytes(response.dump())

    def respond(self, asked: tsp.TimeStampReq) -> tsp.TimeStampResp | Refusal:
        imprint = asked["message_imprint"]
        algorithm = imprint["hash_algorithm"]["algorithm"].native
        if algorithm not in DIGESTS or len(imprint["hashed_message"].native) != DIGESTS[algorithm]:
            return _refusal("bad_alg")
        if asked["req_policy"].native not in (None, POLICY):
            return _refusal("unaccepted_policy")
        info = self._info(asked).dump()
        token = cms.ContentInfo({"content_type": "signed_data", "content": self._signed(info, bool(asked["cert_req"].native))})
        return tsp.TimeStampResp({"status": tsp.PKIStatusInfo({"status": "granted"}), "time_stamp_token": token})

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp | Refusal:
        return self.respond(req)

    def _info(self, asked: tsp.TimeStampReq) -> tsp.TSTInfo:
        error = (self._clock.error() or timedelta(0)) // timedelta(microseconds=1)
        said: dict[str, object] = {
            "version": "v1", "policy": POLICY, "message_imprint": asked["message_imprint"], "serial_number": self._serials(),
            "gen_time": self._clock.now(), "tsa": x509.GeneralName("directory_name", self._identity.asn1_certificate.subject),
        }  # fmt: skip
        parts = {"seconds": error // 1_000_000, "millis": error // 1000 % 1000, "micros": error % 1000}
        if error:  # the standard counts millis and micros from 1
            said["accuracy"] = tsp.Accuracy({name: value for name, value in parts.items() if value})
        if asked["nonce"].native is not None:
            said["nonce"] = asked["nonce"]
        return tsp.TSTInfo(said)

    def _signed(self, info: bytes, with_certificates: bool) -> cms.SignedData:
        certificate = self._identity.asn1_certificate
        attributes = cms.CMSAttributes([
            simple_cms_attribute("content_type", "tst_info"),
            simple_cms_attribute("message_digest", hashlib.sha256(info).digest()),
            simple_cms_attribute("signing_certificate_v2", as_signing_certificate_v2(certificate)),
        ])  # fmt: skip
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        signer = cms.SignerInfo({
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": cms.IssuerAndSerialNumber(
                {"issuer": certificate.issuer, "serial_number": certificate.serial_number})}),
            "digest_algorithm": digest, "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            "signature": self._identity.key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
        })  # fmt: skip
        signed: dict[str, object] = {
            "version": "v3", "digest_algorithms": [digest], "signer_infos": [signer],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(info)},
        }  # fmt: skip
        if with_certificates:  # ours only: of another, such as the root's, a changed byte would go unnoticed
            signed["certificates"] = [certificate]
        return cms.SignedData(signed)


class Refusal(core.Sequence):  # type: ignore[misc]
    """A response without a token, which the standard allows and the library's type does not."""

    _fields = [("status", tsp.PKIStatusInfo)]


def _refusal(reason: str) -> Refusal:
    return Refusal({"status": tsp.PKIStatusInfo({"status": "rejection", "fail_info": {reason}})})
