"""Electronic seals on documents: PAdES signatures with timestamp and everything needed to check them without a network (B-LTA)."""
from __future__ import annotations

import io
import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, PdfSigningSession, SigDSSPlacementPreference
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore
from pypdf import PdfReader

from ...domain.errors import Problem, Refused
from . import seal
from .certificates import SiteCertificates

# Proof material goes in with the signature, so that the timestamp after it is the last thing in the file and covers all of it.
PROOF = DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE)
MARGIN = 20  # points between a seal and the paper's edge

# It warns at every signature that nothing will be fetched from the network, which is what we want.
logging.getLogger("pyhanko").setLevel(logging.ERROR)


class _Signer(signers.PdfSigner):
    """The library asks the machine for the time of signing; ours is given."""

    def __init__(self, *args: Any, now: datetime, **more: Any) -> None:
        super().__init__(*args, **more)
        self._now = now

    def init_signing_session(self, *args: Any, **more: Any) -> PdfSigningSession:
        session = super().init_signing_session(*args, **more)
        session.system_time = self._now
        return session


def sign(pdf: bytes, site: SiteCertificates, timestamper: TimeStamper, now: datetime, reason: str, font: Path | None = None) -> bytes:
    """The document with one more signature. font: face for a visible seal over the end of the last page; None for an invisible
    signature. The document may carry signatures already: each stays valid. Raises `Refused` (`document.not_pdf`)."""
    root, identity = site.root.asn1_certificate, site.seal
    known = SimpleCertificateStore()
    known.register_multiple([root, identity.asn1_certificate, site.time.asn1_certificate])
    context = ValidationContext(
        trust_roots=[root], crls=[site.revocation_list(now)], other_certs=list(known), allow_fetching=False, moment=now,
        revocation_mode="require",
    )  # fmt: skip
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        name = f"Seal{len(writer.prev.embedded_regular_signatures) + 1}"
    except PdfError as error:
        raise Refused(Problem("document.not_pdf")) from error
    metadata = signers.PdfSignatureMetadata(
        field_name=name, md_algorithm="sha256", reason=reason, name=identity.organisation, validation_context=context,
        subfilter=fields.SigSeedSubFilter.PADES, embed_validation_info=True, use_pades_lta=True, dss_settings=PROOF,
    )  # fmt: skip
    style = None
    spec = fields.SigFieldSpec(name)
    if font is not None:
        picture = PdfImage(seal.draw(identity.organisation, identity.title, font), writer=writer)
        style = StaticStampStyle(background=picture, background_opacity=1.0, border_width=0)
        spec = fields.SigFieldSpec(name, on_page=-1, box=_box(pdf))
    signer = signers.SimpleSigner(identity.asn1_certificate, identity.asn1_key, known)
    output = io.BytesIO()
    _Signer(metadata, signer, timestamper=timestamper, stamp_style=style, new_field_spec=spec, now=now).sign_pdf(writer, output=output)
    return output.getvalue()


def _box(pdf: bytes) -> tuple[int, int, int, int]:
    """Where a seal goes: over the last line of the last page, which is the date beneath the issuer's name (骑年盖月)."""
    page = PdfReader(io.BytesIO(pdf)).pages[-1]
    last: list[tuple[float, float]] = [(float(page.mediabox.right) * 0.7, 120.0)]

    def note(text: str, cm: list[float], tm: list[float], _: object, size: float) -> None:
        if text.strip():
            width = sum(1.0 if ord(c) > 0x2E7F else 0.55 for c in text.strip()) * size
            last[0] = (cm[4] + tm[4] + width / 2, cm[5] + tm[5] + 1.5 * size)

    page.extract_text(visitor_text=note)
    half = seal.POINTS / 2
    x = min(max(last[0][0], MARGIN + half), float(page.mediabox.right) - MARGIN - half)
    y = min(max(last[0][1], MARGIN + half), float(page.mediabox.top) - MARGIN - half)
    return (round(x - half), round(y - half), round(x + half), round(y + half))
