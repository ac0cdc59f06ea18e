"""What the signatures on a document prove, found out without a network."""
from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import SignatureCoverageLevel
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """What one signature on a document proves.

    intact: the signed bytes are unchanged. trusted: its certificate leads to a trusted root and was valid then. unaltered: nothing
    but timestamps and proof material was added to the file afterwards. signed_at: by its timestamp, None without a good one.
    """

    field: str
    organisation: str
    title: str
    intact: bool
    trusted: bool
    unaltered: bool
    signed_at: datetime | None
    reason: str

    @property
    def valid(self) -> bool:
        return self.intact and self.trusted and self.unaltered and self.signed_at is not None


def validate(pdf: bytes, roots: Sequence[bytes], now: datetime) -> list[SignatureReport]:
    """A report on every signature of a document, without a network. roots: trusted certificates as PEM. now: as of when.

    A single changed byte spoils at least one of them. ValueError for what cannot be read or has no signatures.
    """
    trusted = [x509.Certificate.load(pem.unarmor(root)[2]) for root in roots]
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        embedded = reader.embedded_regular_signatures
        whole = bool(embedded) and _covered(pdf, reader.embedded_signatures)
        stamped = bool(reader.embedded_timestamp_signatures)
        reports = [_report(signature, trusted, now, whole, stamped) for signature in embedded]
    except Exception as error:  # a damaged file makes the library raise nearly anything
        raise ValueError("no PDF") from error
    if not reports:
        raise ValueError("not signed")
    return reports


def _report(embedded: Any, trusted: list[x509.Certificate], now: datetime, whole: bool, stamped: bool) -> SignatureReport:
    result = asyncio.run(ades_lta_validation(embedded, _policy(trusted), ValidationTimingInfo(now, now, point_in_time_validation=False)))
    status = result.api_status
    stamp = getattr(status, "timestamp_validity", None)
    subject = embedded.signer_cert.subject.native
    return SignatureReport(
        embedded.field_name, str(subject.get("organization_name", "")), str(subject.get("common_name", "")),
        intact=bool(status and status.intact and status.valid),
        trusted=result.ades_subindic == AdESPassed.OK,
        unaltered=whole and _unaltered(status) and (not stamped or result.oldest_evidence_record_timestamp is not None),
        signed_at=stamp.timestamp if stamp and stamp.valid and stamp.trusted else None,
        reason=str(embedded.sig_object.get("/Reason", "")),
    )  # fmt: skip


def _policy(trusted: list[x509.Certificate]) -> PdfSignatureValidationSpec:
    certificates = CertValidationPolicySpec(SimpleTrustManager.build(trusted), CertRevTrustPolicy(REQUIRE_REVINFO))
    offline = RevocationInfoGatheringSpec(
        RevinfoOnlineFetchingRule.LOCAL_ONLY, certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH
    )
    return PdfSignatureValidationSpec(SignatureValidationSpec(certificates, revinfo_gathering_policy=offline))


def _unaltered(status: Any) -> bool:
    """Later revisions brought proof material, timestamps or further signatures, nothing else [TR-6]."""
    if status is None or status.coverage < SignatureCoverageLevel.ENTIRE_REVISION or not status.docmdp_ok:
        return False
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return True
    return bool(status.modification_level <= ModificationLevel.FORM_FILLING)


def _covered(pdf: bytes, signatures: Sequence[Any]) -> bool:
    """Whether every byte of the file is under the newest signature or timestamp, or is it."""
    start, first, second, last = (int(n) for n in signatures[-1].byte_range)
    room = pdf[start + first : second]
    around = start == 0 and second + last == len(pdf)
    spelt = re.fullmatch(rb"<(([0-9A-F]{2})+|([0-9a-f]{2})+)>", room) is not None  # one case, no space among the digits
    return around and spelt and all(_sound(signature.pkcs7_content) for signature in signatures)


def _sound(content: bytes) -> bool:
    """Whether the room of a signature holds one signature and then zeros. What a signature says about itself is not signed, so it
    must be what follows from the rest [RFC 5652 5.1]."""
    end = _nested(content, 0)
    container = cms.ContentInfo.load(content[:end])
    signed = container["content"]
    signer = signed["signer_infos"][0]
    return bool(
        not content[end:].strip(b"\0")
        and len(signed["signer_infos"]) == 1
        and signed["version"].native == ("v1" if signed["encap_content_info"]["content_type"].native == "data" else "v3")
        and signer["version"].native == "v1"
        and [a.dump() for a in signed["digest_algorithms"]] == [signer["digest_algorithm"].dump()]
    )


def _nested(der: bytes, at: int) -> int:
    """Where the DER value that begins at `at` ends. ValueError when what lies inside does not fill it exactly."""
    tag, length, start = der[at], der[at + 1], at + 2
    if tag == 0:
        raise ValueError("padding inside a DER value")
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[at + 2 : start], "big")
    end = start + length
    inner = start
    while tag & 0x20 and inner < end:
        inner = _nested(der, inner)
    if end > len(der) or (tag & 0x20 and inner != end):
        raise ValueError("a DER value that is not filled")
    return end
