"""Seals: made, stamped with time, checked without a network, spoiled by any change."""
from __future__ import annotations

import dataclasses
import io
import stat
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import core, tsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from tests.pdf.seals import SignatureReport, validate
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SeededEntropy
from trading_core.adapters.pdf.certificates import SiteCertificates, open_certificates
from trading_core.adapters.pdf.fonts import Fonts
from trading_core.adapters.pdf.press import PdfPress
from trading_core.adapters.pdf.signing import sign
from trading_core.adapters.pdf.timestamps import POLICY, SerialFile, SiteTimeStamper
from trading_core.domain.errors import Refused

NOW = datetime(2026, 3, 31, 2, 0, 0, 123456, tzinfo=UTC)
CENTRE = "澜明区公共资源交易中心"


@pytest.fixture(scope="module")
def plain(press: PdfPress, example: Callable[[str], dict[str, Any]]) -> bytes:
    return press.render("award_letter", example("award_letter"))


@pytest.fixture(scope="module")
def sealed(plain: bytes, site: SiteCertificates, paper_fonts: Fonts, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    stamper = SiteTimeStamper(site.time, SteppedClock(NOW), SerialFile(tmp_path_factory.mktemp("stamps") / "serial"))
    return sign(plain, site, stamper, NOW, "中标通知书", paper_fonts.bold)


def all_valid(pdf: bytes, site: SiteCertificates, now: datetime = NOW) -> bool:
    try:
        return all(report.valid for report in validate(pdf, [site.root_pem()], now))
    except ValueError:
        return False


# ------------------------------------------------------------------ certificates

def test_certificates_are_made_once_and_kept(tmp_path: Path, paper_clock: SteppedClock) -> None:
    folder = tmp_path / "keys" / "site"
    first = open_certificates(folder, CENTRE, SeededEntropy(b"1"), paper_clock)
    again = open_certificates(folder, "another", SeededEntropy(b"2"), paper_clock)
    assert again.root_pem() == first.root_pem()
    assert again.seal.key.private_numbers() == first.seal.key.private_numbers()
    assert sorted(p.name for p in folder.iterdir()) == ["root.key", "root.pem", "seal.key", "seal.pem", "time.key", "time.pem"]
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.glob("*.key")} == {0o600}
    assert sorted(p.name for p in folder.parent.iterdir()) == ["site"]
    with pytest.raises(FileExistsError):
        SiteCertificates.create(folder, CENTRE, SeededEntropy(b"3"), paper_clock)
    assert sorted(p.name for p in folder.parent.iterdir()) == ["site"]


def test_certificates_chain_and_say_what_they_are_for(site: SiteCertificates) -> None:
    root = site.root.certificate
    for identity in (site.root, site.seal, site.time):
        identity.certificate.verify_directly_issued_by(root)
        assert identity.organisation == CENTRE
        assert identity.certificate.not_valid_before_utc <= NOW
    assert site.seal.title == "交易见证专用章"
    assert len({i.certificate.serial_number for i in (site.root, site.seal, site.time)}) == 3


@pytest.mark.parametrize("organisation", ["", "长" * 65])
def test_an_organisation_that_fits_no_certificate(organisation: str, tmp_path: Path, paper_clock: SteppedClock) -> None:
    with pytest.raises(ValueError, match="1 to 64"):
        SiteCertificates.create(tmp_path / "site", organisation, SeededEntropy(b""), paper_clock)
    assert not (tmp_path / "site").exists()


# ------------------------------------------------------------------ timestamps

def request(digest: bytes = b"\1" * 32, algorithm: str = "sha256", **more: Any) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest}
    return bytes(tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "cert_req": True, **more}).dump())


def test_openssl_accepts_our_timestamps(site: SiteCertificates, stamper: SiteTimeStamper, tmp_path: Path) -> None:
    """RFC 3161, checked by another's program."""
    (tmp_path / "data").write_bytes(b"data of a document")
    (tmp_path / "root.pem").write_bytes(site.root_pem())
    query = ["openssl", "ts", "-query", "-data", "data", "-sha512", "-cert", "-out", "query"]
    subprocess.run(query, cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "reply").write_bytes(stamper.answer((tmp_path / "query").read_bytes()))
    verify = ["openssl", "ts", "-verify", "-queryfile", "query", "-in", "reply", "-CAfile", "root.pem"]
    done = subprocess.run([*verify, "-attime", str(int(NOW.timestamp()))], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert "Verification: OK" in done.stdout, done.stderr


def test_a_timestamp_tells_clock_error_policy_and_nonce(site: SiteCertificates, tmp_path: Path) -> None:
    class Late(SteppedClock):
        def error(self) -> timedelta:
            return timedelta(seconds=2, milliseconds=20, microseconds=7)

    stamper = SiteTimeStamper(site.time, Late(NOW), SerialFile(tmp_path / "n"))
    response = tsp.TimeStampResp.load(stamper.answer(request(nonce=4711)))
    info = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    assert response["status"]["status"].native == "granted"
    assert info["gen_time"].native == NOW
    assert info["policy"].native == POLICY
    assert info["nonce"].native == 4711
    assert info["message_imprint"]["hashed_message"].native == b"\1" * 32
    assert (info["accuracy"]["seconds"].native, info["accuracy"]["millis"].native, info["accuracy"]["micros"].native) == (2, 20, 7)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (b"", "bad_data_format"),
        (b"not a request", "bad_data_format"),
        (request()[:-3], "bad_data_format"),
        (request() + b"\0", "bad_data_format"),
        (request(b"\1" * 31), "bad_alg"),
        (request(b"\1" * 20, "sha1"), "bad_alg"),
        (request(req_policy="1.2.3.4"), "unaccepted_policy"),
    ],
    ids=["empty", "text", "short", "long", "digest", "sha1", "policy"],
)
def test_requests_that_are_refused_use_up_no_number(asked: bytes, reason: str, stamper: SiteTimeStamper, tmp_path: Path) -> None:
    response = core.Sequence.load(stamper.answer(asked))
    status = tsp.PKIStatusInfo.load(response[0].dump())
    assert status["status"].native == "rejection"
    assert status["fail_info"].native == {reason}
    assert not (tmp_path / "serial").exists()


def test_serial_numbers_are_never_given_twice(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "serial"
    with ThreadPoolExecutor(8) as pool:
        given_out = list(pool.map(lambda _: SerialFile(path)(), range(200)))
    assert sorted(given_out) == list(range(1, 201))
    assert SerialFile(path)() == 201


# ------------------------------------------------------------------ signatures

def test_a_sealed_document_proves_itself(sealed: bytes, plain: bytes, site: SiteCertificates) -> None:
    assert validate(sealed, [site.root_pem()], NOW) == [
        SignatureReport("Seal1", CENTRE, "交易见证专用章", True, True, True, NOW, "中标通知书")
    ]
    assert sealed.startswith(plain)
    assert PdfReader(io.BytesIO(sealed)).attachments["data.json"] == PdfReader(io.BytesIO(plain)).attachments["data.json"]


def test_pdfsig_agrees(sealed: bytes, tmp_path: Path) -> None:
    """Checked by another's program."""
    (tmp_path / "sealed.pdf").write_bytes(sealed)
    said = subprocess.run(["pdfsig", "-nocert", str(tmp_path / "sealed.pdf")], check=False, capture_output=True, text=True).stdout
    assert "ETSI.CAdES.detached" in said
    assert "Signature is Valid." in said


@pytest.mark.parametrize("years", [1, 9, 15, 29])
def test_a_seal_outlives_its_certificate(years: int, sealed: bytes, site: SiteCertificates) -> None:
    """Files are kept 30 years [12 §12.2]; nothing is fetched to check them."""
    assert all_valid(sealed, site, NOW + timedelta(days=365 * years))


def test_a_second_seal_leaves_the_first_valid(sealed: bytes, site: SiteCertificates, stamper: SiteTimeStamper) -> None:
    twice = sign(sealed, site, stamper, NOW, "见证", None)
    reports = validate(twice, [site.root_pem()], NOW)
    assert [(r.field, r.reason, r.valid) for r in reports] == [("Seal1", "中标通知书", True), ("Seal2", "见证", True)]


def test_another_root_is_not_trusted(sealed: bytes, site: SiteCertificates, tmp_path: Path, paper_clock: SteppedClock) -> None:
    other = SiteCertificates.create(tmp_path / "other", CENTRE, SeededEntropy(b"other"), paper_clock)
    report = validate(sealed, [other.root_pem()], NOW)[0]
    assert (report.intact, report.trusted, report.valid) == (True, False, False)
    assert validate(sealed, [other.root_pem(), site.root_pem()], NOW)[0].valid


def test_a_timestamp_of_a_stranger_is_not_enough(plain: bytes, site: SiteCertificates, tmp_path: Path, paper_clock: SteppedClock) -> None:
    """Nobody can date a seal back with a time-stamping authority of his own: signing with one fails."""
    other = SiteCertificates.create(tmp_path / "other", CENTRE, SeededEntropy(b"other"), paper_clock)
    stranger = SiteTimeStamper(other.time, paper_clock, SerialFile(tmp_path / "n"))
    with pytest.raises(Exception, match="[Pp]ath|trust|issuer"):
        sign(plain, dataclasses.replace(site, time=other.time), stranger, NOW, "x", None)


Spoil = Callable[[float, int], tuple[int, bool]]


@pytest.fixture
def spoil(sealed: bytes, site: SiteCertificates) -> Spoil:
    """Change one bit of the sealed document; where it was, and whether the document still passes."""

    def change(share: float, bit: int) -> tuple[int, bool]:
        changed = bytearray(sealed)
        where = int(share * len(changed))
        changed[where] ^= 1 << bit
        return where, all_valid(bytes(changed), site)

    return change


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_changed_bit_anywhere_is_found(share: float, bit: int, spoil: Spoil) -> None:
    where, passes = spoil(share, bit)
    assert not passes, where


def timestamp_room(pdf: bytes) -> tuple[int, int]:
    """Where the newest timestamp lies in the file: after the last byte it covers, before the next."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    _, first, second, _ = (int(n) for n in PdfFileReader(io.BytesIO(pdf)).embedded_signatures[-1].byte_range)
    return first, second


@pytest.mark.parametrize("bit", [0, 4, 5])
@pytest.mark.parametrize("at", [1, 4, 6, 51, 53, 64, 80, 86, 1657, 1659, -2, -40])
def test_the_timestamp_itself_has_one_right_spelling(at: int, bit: int, sealed: bytes, site: SiteCertificates) -> None:
    """Outer length, version, digest list, padding, case, spaces among the digits: what no signature covers."""
    first, second = timestamp_room(sealed)
    where = first + at if at > 0 else second + at
    changed = bytearray(sealed)
    changed[where] ^= 1 << bit
    assert not all_valid(bytes(changed), site)


def test_bytes_after_the_last_timestamp_are_found(sealed: bytes, site: SiteCertificates) -> None:
    """Rule TR-6: no change after signing, 12 §12.5."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    assert not all_valid(sealed + b"\n", site)
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    writer.root["/Gongxin"] = generic.TextStringObject("later")
    writer.update_root()
    output = io.BytesIO()
    writer.write(output)
    assert not all_valid(output.getvalue(), site)


@pytest.mark.parametrize(("pdf", "code"), [(b"", "document.not_pdf"), (b"%PDF-1.7 nothing", "document.not_pdf")])
def test_what_is_no_pdf(pdf: bytes, code: str, site: SiteCertificates, stamper: SiteTimeStamper) -> None:
    with pytest.raises(Refused) as refusal:
        sign(pdf, site, stamper, NOW, "x")
    assert [p.code for p in refusal.value.problems] == [code]


def test_a_document_without_a_seal(plain: bytes, site: SiteCertificates) -> None:
    with pytest.raises(ValueError, match="not signed"):
        validate(plain, [site.root_pem()], NOW)


@pytest.mark.parametrize("kind", ["award_letter", "opening_record", "bid_receipt"])
def test_the_seal_lies_over_the_date_of_the_last_page(
    kind: str, press: PdfPress, example: Callable[[str], dict[str, Any]], site: SiteCertificates, stamper: SiteTimeStamper,
    paper_fonts: Fonts,
) -> None:  # fmt: skip
    sealed = sign(press.render(kind, example(kind)), site, stamper, NOW, kind, paper_fonts.bold)
    page = PdfReader(io.BytesIO(sealed)).pages[-1]
    widget: Any = page["/Annots"][0].get_object()  # type: ignore[index]
    left, bottom, right, top = (float(n) for n in widget["/Rect"])
    dates: list[tuple[float, float]] = []
    page.extract_text(visitor_text=lambda text, cm, tm, *_: dates.append((cm[4] + tm[4], cm[5] + tm[5])) if "2026年3月" in text else None)
    x, y = dates[-1]
    assert left < x < right
    assert bottom < y < top
    assert left > 0 and bottom > 0 and right < float(page.mediabox.right) and top < float(page.mediabox.top)


def test_an_invisible_signature_leaves_the_page_as_it_was(plain: bytes, site: SiteCertificates, stamper: SiteTimeStamper) -> None:
    signed = sign(plain, site, stamper, NOW, "x")
    assert all_valid(signed, site)
    assert len(signed) < len(plain) + 60_000
