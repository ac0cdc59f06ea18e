"""What lies in an envelope: every file whole, nothing hidden between them."""
from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.bundles import read_bundle
from trading_core.adapters.crypto.bundle import Bundle, BundleReader, bundle
from trading_core.adapters.crypto.canonical import canonical
from trading_core.adapters.crypto.manifest import BundleFile, Identity, Manifest
from trading_core.adapters.crypto.source import take
from trading_core.domain.errors import Refused

IDENTITY = Identity("91440101MA59EWXG3F", "广州某某建设有限公司", bytes(range(32)))
FORM = {"price_fen": 123_456_789_00, "duration_days": 365, "quality": "合格", "project_leader": "张三", "items": [{"no": 1, "fen": 5}]}


class Folder:
    """Files in memory by name."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def open(self, file: BundleFile):  # type: ignore[no-untyped-def]
        self.files[file.name] = b""

        def write(data: memoryview) -> None:
            self.files[file.name] += bytes(data)

        return write


def packed(files: dict[str, bytes], identity: Identity | None = None, form: dict[str, object] | None = None) -> bytes:
    made = bundle([(name, io.BytesIO(data)) for name, data in files.items()], identity, form)
    data = take(made, made.size + 1)
    assert len(data) == made.size
    return data


def raw(manifest: object, content: bytes = b"") -> bytes:
    encoded = canonical(manifest)
    return b"GXB1" + len(encoded).to_bytes(4, "big") + encoded + content


def entry(name: str, data: bytes) -> dict[str, object]:
    return {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {problem.code for problem in refusal.value.problems}



@given(
    st.dictionaries(st.text("abcdefgh投标价", min_size=1, max_size=8), st.binary(max_size=50), max_size=6),
    st.lists(st.integers(1, 60)),
)
def test_what_was_bundled_is_read(files: dict[str, bytes], pieces: list[int]) -> None:
    """However the bytes arrive: whole, or in pieces of any size."""
    data = packed(files, IDENTITY, FORM)
    whole, cut = Folder(), Folder()
    manifest = read_bundle(io.BytesIO(data), whole.open)
    reader, rest = BundleReader(cut.open), memoryview(data)
    for size in pieces:
        reader.write(rest[:size])
        rest = rest[size:]
    reader.write(rest)
    assert reader.close() == manifest
    assert whole.files == cut.files == files
    assert manifest.identity == IDENTITY and manifest.form == FORM
    assert [f.name for f in manifest.files] == list(files)


def test_files_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(bytes(3_000_000))
    with path.open("rb") as file:
        made = bundle([("a.pdf", file)])
        folder = Folder()
        manifest = read_bundle(made, folder.open)
    assert folder.files == {"a.pdf": bytes(3_000_000)}
    assert manifest == made.manifest == Manifest((BundleFile("a.pdf", 3_000_000, hashlib.sha256(bytes(3_000_000)).hexdigest()),))


def test_the_commitment_hides_and_binds() -> None:
    """SHA-256(salt ‖ uscc ‖ name)."""
    expected = hashlib.sha256(bytes(range(32)) + "91440101MA59EWXG3F广州某某建设有限公司".encode()).hexdigest()
    assert IDENTITY.commitment() == expected
    assert Identity(IDENTITY.uscc, IDENTITY.name, bytes(32)).commitment() != expected
    assert bytes(range(32)).hex() not in repr(IDENTITY) and repr(IDENTITY.salt) not in repr(IDENTITY)


UNSAFE_NAMES = [
    "", ".", "..", "a/b", "a\\b", "/etc/passwd", "C:a", "a\0b", "a\nb", "x" * 241, "价" * 81, ".hidden", "a.", "a ", " a", 'a"b',
    "a?", "a*", "a|b", "a<b", "invoice\u202efdp.exe", "a\u200bb", "a\ud800b", "a\x85b", "a\ufeff",
]  # fmt: skip


@pytest.mark.parametrize("name", UNSAFE_NAMES)
def test_unsafe_names_are_refused_on_both_sides(name: str) -> None:
    with pytest.raises(Refused) as refusal:
        bundle([(name, io.BytesIO(b"x"))])
    assert codes(refusal) == {"bundle.name_unsafe"}
    assert [p.params for p in refusal.value.problems] == [{"maximum": 240}]  # never the name itself
    if "\ud800" not in name:
        with pytest.raises(Refused) as refusal:
            read_bundle(io.BytesIO(raw({"files": [entry(name, b"")]})), Folder().open)
        assert codes(refusal) == {"bundle.name_unsafe"}


@pytest.mark.parametrize(("a", "b"), [("a.pdf", "A.PDF"), ("é", "e\u0301"), ("文", "文")])
def test_names_that_collide_somewhere_are_refused(a: str, b: str) -> None:
    with pytest.raises(Refused) as refusal:
        bundle([(a, io.BytesIO()), (b, io.BytesIO())])
    assert codes(refusal) == {"bundle.name_twice"}
    with pytest.raises(Refused) as refusal:
        read_bundle(io.BytesIO(raw({"files": [entry(a, b""), entry(b, b"")]})), Folder().open)
    assert codes(refusal) == {"bundle.name_twice"}


def test_limits() -> None:
    with pytest.raises(Refused) as refusal:
        bundle([(f"{i}", io.BytesIO()) for i in range(201)])
    assert codes(refusal) == {"bundle.too_many_files"}
    assert len(bundle([(f"{i}", io.BytesIO()) for i in range(200)]).manifest.files) == 200
    with pytest.raises(Refused) as refusal:
        bundle([], form={str(i): "字" * 4_000 for i in range(200)})
    assert codes(refusal) == {"bundle.manifest_too_large"}
    with pytest.raises(Refused) as refusal:
        read_bundle(io.BytesIO(b"GXB1" + (1048577).to_bytes(4, "big")), Folder().open)
    assert codes(refusal) == {"bundle.manifest_too_large"}


@pytest.mark.parametrize("form", [
    {"price": 1.5}, {"price": 2**53}, {"a": b"x"}, {"a": {1, 2}}, {"a": float("nan")}, {"a": "\ud800"}, {"a": [[[[[[[[1]]]]]]]]},
    {"a": "x" * 4_001}, {"a": "\x00"}, {"a\r": 1}, {"": 1}, {"x" * 101: 1}, {"a": list(range(10_000))}, {"a": {"": 1}},
])
def test_forms_hold_what_an_opening_can_record(form: dict[str, object]) -> None:
    with pytest.raises(Refused) as refusal:
        bundle([], form=form)
    assert codes(refusal) == {"bundle.form_malformed"}


@pytest.mark.parametrize(
    "identity",
    [Identity("9144", "a", bytes(32)), Identity(IDENTITY.uscc, "", bytes(32)), Identity(IDENTITY.uscc, "a", bytes(31)),
     Identity(IDENTITY.uscc, "a\nb", bytes(32)), Identity(IDENTITY.uscc, "x" * 201, bytes(32)),
     Identity(IDENTITY.uscc.lower(), "a", bytes(32))],
)  # fmt: skip
def test_identities_are_well_formed(identity: Identity) -> None:
    with pytest.raises(Refused) as refusal:
        bundle([], identity)
    assert codes(refusal) == {"bundle.identity_malformed"}
    data = {"uscc": identity.uscc, "name": identity.name, "salt": identity.salt.hex()}
    with pytest.raises(Refused) as refusal:
        read_bundle(io.BytesIO(raw({"files": [], "identity": data})), Folder().open)
    assert codes(refusal) == {"bundle.identity_malformed"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bundle.truncated"),
        (b"GXB1\0\0", "bundle.truncated"),
        (b"PK\3\4\0\0\0\0", "bundle.not_a_bundle"),
        (b"GXB1\0\0\0\2[]", "bundle.manifest_malformed"),
        (b"GXB1\0\0\0\1{", "bundle.manifest_malformed"),
        (raw({}), "bundle.manifest_malformed"),
        (raw({"files": {}}), "bundle.manifest_malformed"),
        (raw({"files": [1]}), "bundle.manifest_malformed"),
        (raw({"files": [{"name": "a", "size": -1, "sha256": "0" * 64}]}), "bundle.manifest_malformed"),
        (raw({"files": [{"name": "a", "size": True, "sha256": "0" * 64}]}), "bundle.manifest_malformed"),
        (raw({"files": [{"name": "a", "size": 0, "sha256": "0"}]}), "bundle.manifest_malformed"),
        (raw({"files": [], "extra": 1}), "bundle.manifest_malformed"),
        (raw({"files": [], "form": []}), "bundle.form_malformed"),
        (raw({"files": [], "form": None}), "bundle.form_malformed"),
        (raw({"files": [], "identity": None}), "bundle.identity_malformed"),
        (b'GXB1\0\0\0\x1d{"files":[],"form":{"a":1.5}}', "bundle.manifest_malformed"),
        (raw({"files": []}, b"x"), "bundle.trailing_bytes"),
        (raw({"files": [entry("a", b"abc")]}, b"abcd"), "bundle.trailing_bytes"),
        (raw({"files": [entry("a", b"abc")]}, b"ab"), "bundle.truncated"),
        (raw({"files": [entry("a", b"abc")]}, b"abd"), "bundle.file_damaged"),
        (raw({"files": [entry("a", b"abc"), entry("b", b"def")]}, b"defabc"), "bundle.file_damaged"),
    ],
)
def test_malformed_bundles_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_bundle(io.BytesIO(data), Folder().open)
    assert codes(refusal) == {code}


def test_the_damaged_file_is_named_by_its_place() -> None:
    with pytest.raises(Refused) as refusal:
        read_bundle(io.BytesIO(raw({"files": [entry("a", b"abc"), entry("b", b"abc")]}, b"abcabd")), Folder().open)
    assert refusal.value.problems[0].path == "files.1"


def test_a_bundle_is_read_once() -> None:
    made = Bundle(Manifest(), [])
    assert take(made, 1000) == b'GXB1\0\0\0\x0c{"files":[]}'
    assert take(made, 1000) == b""
