"""Notes, checkpoints and cosignatures: the bytes of the C2SP specifications, and nothing beside them."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain import notes
from trading_core.verify.keys import Key, Keys, check_checkpoint, read_checkpoint
from trading_core.verify.report import Broken, Malformed

LOG = Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
WITNESS = Ed25519PrivateKey.from_private_bytes(b"\2" * 32)
LOG_PUBLIC, WITNESS_PUBLIC = LOG.public_key().public_bytes_raw(), WITNESS.public_key().public_bytes_raw()
ORIGIN, WATCHER = "gongxin.example/log", "supervisor.example/witness"
BODY = notes.checkpoint_body(ORIGIN, 20, hashlib.sha256(b"").digest())


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def logged(note: str, name: str, public: bytes) -> bool:
    """Whether the verifier, which reads notes on its own, finds the log's signature on a note."""
    log = Key(name, notes.ED25519, public)
    try:
        return any(check_checkpoint(read_checkpoint(note.encode(), "note"), Keys(name, log, log, (), 0), "note"))
    except (Broken, Malformed):
        return False


def signed(body: str = BODY) -> str:
    return notes.signed_note(body, [notes.signature_line(ORIGIN, LOG_PUBLIC, LOG.sign(body.encode()))])


def test_a_checkpoint_is_these_bytes() -> None:
    assert BODY == "gongxin.example/log\n20\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    name, value = signed().removeprefix(BODY + "\n\N{EM DASH} ").removesuffix("\n").split(" ")
    raw = base64.b64decode(value)
    assert name == ORIGIN
    assert raw[:4] == hashlib.sha256(ORIGIN.encode() + b"\n\x01" + LOG_PUBLIC).digest()[:4]
    assert raw[4:] == LOG.sign(BODY.encode())


def test_a_cosignature_is_these_bytes() -> None:
    line = notes.cosignature_line(WATCHER, WITNESS_PUBLIC, 1774229400, BODY, WITNESS.sign)
    raw = base64.b64decode(line.split(" ")[2])
    assert raw[:4] == hashlib.sha256(WATCHER.encode() + b"\n\x04" + WITNESS_PUBLIC).digest()[:4]
    assert raw[4:12] == (1774229400).to_bytes(8, "big")
    WITNESS.public_key().verify(raw[12:], b"cosignature/v1\ntime 1774229400\n" + BODY.encode())


def test_known_verifier_key_of_the_specification() -> None:
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    name, algorithm, public = notes.parse_verifier_key(text)
    assert (name, algorithm) == ("PeterNeumann", notes.ED25519)
    assert notes.verifier_key(name, public) == text


NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=9)


@given(
    NAMES,
    st.integers(0, 10**15),
    st.binary(min_size=32, max_size=32),
    st.lists(st.tuples(NAMES, st.binary(min_size=64, max_size=64)), min_size=1, max_size=5),
)
def test_what_is_built_is_parsed(origin: str, size: int, root: bytes, signatures: list[tuple[str, bytes]]) -> None:
    body = notes.checkpoint_body(origin, size, root)
    note = notes.parse_note(notes.signed_note(body, [notes.signature_line(n, bytes(32), s) for n, s in signatures]))
    assert notes.parse_checkpoint(note.body) == notes.CheckpointBody(origin, size, root)
    assert [(s.name, s.value) for s in note.signatures] == signatures


def test_signature_and_cosignature_hold_together() -> None:
    note = signed()
    line = notes.cosignature_line(WATCHER, WITNESS_PUBLIC, 77, BODY, WITNESS.sign)
    both = note + line + "\n"
    assert logged(both, ORIGIN, LOG_PUBLIC)
    assert notes.cosignature_time(both, WATCHER, WITNESS_PUBLIC, line, verify) == 77
    assert notes.cosignature_valid(note, WATCHER, WITNESS_PUBLIC, line, verify)


def test_signatures_of_others_do_not_hold() -> None:
    note, line = signed(), notes.cosignature_line(WATCHER, WITNESS_PUBLIC, 77, BODY, WITNESS.sign)
    other = signed(notes.checkpoint_body(ORIGIN, 21, bytes(32)))
    assert not logged(note, ORIGIN, WITNESS_PUBLIC)
    assert not logged(note, "other.example/log", LOG_PUBLIC)
    assert not logged(note.replace("\n20\n", "\n21\n"), ORIGIN, LOG_PUBLIC)
    assert not notes.cosignature_valid(other, WATCHER, WITNESS_PUBLIC, line, verify)
    assert not notes.cosignature_valid(note, "x" + WATCHER, WITNESS_PUBLIC, line, verify)
    assert not notes.cosignature_valid(note, WATCHER, LOG_PUBLIC, line, verify)
    assert not notes.cosignature_valid(note, WATCHER, WITNESS_PUBLIC, "junk", verify)
    backdated = notes.parse_signature(line)
    moved = base64.b64encode(backdated.key_id + (76).to_bytes(8, "big") + backdated.value[8:]).decode()
    assert not notes.cosignature_valid(note, WATCHER, WITNESS_PUBLIC, f"\N{EM DASH} {WATCHER} {moved}", verify)
    plain = notes.signature_line(WATCHER, WITNESS_PUBLIC, WITNESS.sign(BODY.encode()))
    assert not notes.cosignature_valid(note, WATCHER, WITNESS_PUBLIC, plain, verify)


def test_no_flipped_byte_is_still_the_same_note() -> None:
    raw = signed().encode()
    for i in range(len(raw)):
        for bit in (1, 0x20, 0x80):
            changed = bytes([*raw[:i], raw[i] ^ bit, *raw[i + 1 :]])
            try:
                text = changed.decode()
            except UnicodeDecodeError:
                continue
            assert not logged(text, ORIGIN, LOG_PUBLIC), (i, bit)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        BODY,
        BODY + "\n",
        signed()[:-1],
        signed() + "\n",
        signed() + "junk\n",
        signed().replace("\n", "\r\n"),
        "\n" + signed()[len(BODY) :],
        signed().replace("\N{EM DASH} ", "- "),
        signed().replace("\N{EM DASH} ", "\N{EM DASH}  "),
        signed() + signed().split("\n\n")[1] * 40,
        signed().replace("gongxin", "gong\0xin"),
        "x" * 70000,
    ],
)
def test_texts_that_are_no_note(text: str) -> None:
    with pytest.raises(notes.NoteError):
        notes.parse_note(text)


@pytest.mark.parametrize(
    "body",
    [
        "a\n1\n",
        "a\n01\n" + BODY.split("\n")[2] + "\n",
        BODY + "more\n",
        BODY[:-1],
        "a b\n" + BODY.split("\n", 1)[1],
        "a+b\n" + BODY.split("\n", 1)[1],
        BODY.replace("\n20\n", "\n-1\n"),
        BODY.replace("\n20\n", "\n٢\n"),
        BODY.replace("uFU=", "uFV="),
        BODY.replace("uFU=", "uFU"),
        "\n" + BODY.split("\n", 1)[1],
        BODY.replace("47DE", ""),
    ],
)
def test_bodies_that_are_no_checkpoint(body: str) -> None:
    with pytest.raises(notes.NoteError):
        notes.parse_checkpoint(body)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a+b",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "PeterNeumann+c74f20a3+AxpcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWxx",
    ],
)
def test_texts_that_are_no_key(text: str) -> None:
    with pytest.raises(notes.NoteError):
        notes.parse_verifier_key(text)


def test_names_and_figures_that_cannot_be_written() -> None:
    for name in ("", "a b", "a+b", "a\nb", "a\u3000b"):
        with pytest.raises(notes.NoteError):
            notes.checkpoint_body(name, 1, bytes(32))
    for size, root in ((-1, bytes(32)), (1, bytes(31))):
        with pytest.raises(notes.NoteError):
            notes.checkpoint_body(ORIGIN, size, root)
