"""The browser's half (web/static/seal.js), run by Node, whose WebCrypto is the browser's: both halves write and read the same formats."""
from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crypto.bundles import read_bundle
from trading_core.adapters.crypto.bundle import bundle
from trading_core.adapters.crypto.canonical import canonical
from trading_core.adapters.crypto.container import opened, recover_file_key, seal
from trading_core.adapters.crypto.header import check_header, read_header
from trading_core.adapters.crypto.keyfile import KeyFile, read_key_file, write_key_file
from trading_core.adapters.crypto.manifest import Identity
from trading_core.adapters.crypto.slot import Slot
from trading_core.adapters.crypto.source import take
from trading_core.adapters.crypto.suites import SUITES, CipherSuite
from trading_core.adapters.crypto.trustees import one_time_key, rehearsal
from trading_core.adapters.entropy import SeededEntropy
from trading_core.domain.errors import Refused

STATIC = Path(__file__).resolve().parents[2] / "web" / "static"
SLOT = Slot("E4401-2026-0001-1", 1, "technical")
SLOT_JS = {"lot": SLOT.lot, "attempt": 1, "stage": "technical"}
BID = "00112233445566778899aabbccddeeff"
TRUSTEES = ("agency", "centre", "supervisor")
MIB = 1 << 20
suites = pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)

# Reads one {script, args} a line, runs the script as the body of an async function, answers {value} or {problems}.
DRIVER = """
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import * as seal from "./seal.js";
import * as bytes from "./seal/bytes.js";
import * as gm from "./seal/gm.js";
import * as hpke from "./seal/hpke.js";
import * as shamir from "./seal/shamir.js";
import { scrypt } from "./seal/scrypt.js";
import { Sm3 } from "./seal/sm3.js";
import { Sm4Gcm } from "./seal/sm4.js";
const lib = { ...seal, ...bytes, gm, hpke, shamir, scrypt, Sm3, Sm4Gcm, readFileSync, writeFileSync };
const Script = (async () => {}).constructor;
for await (const line of createInterface({ input: process.stdin })) {
  const { script, args } = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await new Script("lib", "args", script)(lib, args)) ?? null };
  } catch (error) {
    answer = { problems: error.problems ?? [{ code: String(error.stack), path: "", params: {} }] };
  }
  process.stdout.write(JSON.stringify(answer) + "\\n");
}
"""


class JsRefused(Exception):
    """What the script refused, as the codes in order."""

    def __init__(self, problems: list[dict[str, Any]]) -> None:
        super().__init__(str(problems))
        self.codes = [p["code"] for p in problems]
        self.paths = [p["path"] for p in problems]


class Node:
    """A Node process that runs scripts against the modules."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def run(self, script: str, **args: object) -> Any:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"script": script, "args": args}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "problems" in answer:
            raise JsRefused(answer["problems"])
        return answer["value"]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    program = shutil.which("node")
    if program is None:
        pytest.fail("Node is missing: install the package `nodejs` (20 or newer); without it nothing proves that browsers can bid")
    folder = tmp_path_factory.mktemp("js")
    shutil.copy(STATIC / "seal.js", folder)
    shutil.copytree(STATIC / "seal", folder / "seal")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "driver.js").write_text(DRIVER)
    pipe = subprocess.PIPE
    process = subprocess.Popen([program, "driver.js"], cwd=folder, stdin=pipe, stdout=pipe, text=True, encoding="utf-8")
    yield Node(process)
    assert process.stdin and process.stdout
    process.stdin.close()
    process.wait(20)
    process.stdout.close()


def keys(suite: CipherSuite) -> dict[str, Any]:
    return {name: one_time_key(name.encode().ljust(32, b"."), SLOT, suite) for name in TRUSTEES}


def publics(suite: CipherSuite) -> dict[str, str]:
    return {name: key.public.hex() for name, key in keys(suite).items()}


SEAL = """
const random = args.random ? ((rest) => (n) => lib.unhex(rest.splice(0, 2 * n).join("")))([...args.random]) : lib.systemRandom;
const content = new Blob([lib.readFileSync(args.content)]), parts = [];
const { size, header } = await lib.seal({ ...args, content, random, write: async (part) => parts.push(part) });
lib.writeFileSync(args.sealed, lib.concat(...parts));
return { size, header, parts: parts.length };
"""


def seal_in_js(node: Node, folder: Path, content: bytes, chosen: CipherSuite, **more: object) -> tuple[bytes, Any]:
    (folder / "content").write_bytes(content)
    facts = {"slot": SLOT_JS, "bid": BID, "trustees": publics(chosen), "threshold": 2, "suite": chosen.id}
    answer = node.run(SEAL, content=str(folder / "content"), sealed=str(folder / "sealed"), **(facts | more))
    return (folder / "sealed").read_bytes(), answer


def open_here(sealed: bytes, suite: CipherSuite, *names: str) -> bytes:
    header = read_header(io.BytesIO(sealed))
    check_header(header, SLOT, BID, {n: k.public for n, k in keys(suite).items()}, 2, suite.id)
    file_key = recover_file_key(header, {name: keys(suite)[name].private for name in names}, SLOT, BID)
    return b"".join(map(bytes, opened(io.BytesIO(sealed), file_key)))


# envelopes


@suites
@pytest.mark.parametrize("size", [0, 1, MIB - 9, MIB - 8, MIB - 7, MIB - 1, MIB, MIB + 1, 5_000_000])
def test_what_the_browser_sealed_is_opened(node: Node, tmp_path: Path, suite: CipherSuite, size: int) -> None:
    content = hashlib.shake_128(size.to_bytes(4, "big")).digest(size)
    sealed, answer = seal_in_js(node, tmp_path, content, suite)
    assert answer["size"] == len(sealed) == read_header(io.BytesIO(sealed)).container_size
    assert open_here(sealed, suite, "centre", "supervisor") == content


@suites
@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1])
def test_both_halves_write_the_same_bytes(node: Node, tmp_path: Path, suite: CipherSuite, size: int) -> None:
    """From one file key: header, shares and chunks to the last byte, so that sealing can be checked afterwards."""
    content = hashlib.shake_128(b"same").digest(size)
    here = io.BytesIO()
    seal(io.BytesIO(content), size, SLOT, BID, {n: k.public for n, k in keys(suite).items()}, 2, suite, SeededEntropy(b"e"), here.write)
    there, _ = seal_in_js(node, tmp_path, content, suite, random=SeededEntropy(b"e").token_bytes(32).hex())
    assert there == here.getvalue()


@suites
def test_a_change_on_the_way_is_refused(node: Node, tmp_path: Path, suite: CipherSuite) -> None:
    sealed, _ = seal_in_js(node, tmp_path, b"price", suite)
    with pytest.raises(Refused) as refusal:
        open_here(sealed[:-1] + bytes([sealed[-1] ^ 1]), suite, "agency", "centre")
    assert refusal.value.problems[0].code == "sealing.chunk_damaged"


@suites
def test_sealing_in_the_browser_is_fresh_each_time(node: Node, tmp_path: Path, suite: CipherSuite) -> None:
    first, _ = seal_in_js(node, tmp_path, b"same", suite)
    second, _ = seal_in_js(node, tmp_path, b"same", suite)
    assert first != second


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"slot": {"lot": "", "attempt": 1, "stage": "price"}}, "sealing.header_malformed"),
        ({"slot": {"lot": "a", "attempt": 0, "stage": "price"}}, "sealing.header_malformed"),
        ({"slot": {"lot": "a", "attempt": 1, "stage": "No!"}}, "sealing.header_malformed"),
        ({"bid": "ff"}, "sealing.header_malformed"),
        ({"threshold": 1}, "sealing.threshold_unsafe"),
        ({"threshold": 3}, "sealing.threshold_unsafe"),
        ({"suite": "rot13"}, "sealing.suite_unknown"),
        ({"trustees": {"a": "00", "b": "01", "c": "02"}}, "sealing.bad_public_key"),
        ({"trustees": {"a": "04" + "00" * 64, "b": "04" + "01" * 64, "c": "04" + "ff" * 64}}, "sealing.bad_public_key"),
    ],
)
def test_the_browser_refuses_what_would_be_refused_here(node: Node, tmp_path: Path, change: dict[str, object], code: str) -> None:
    with pytest.raises(JsRefused) as refusal:
        seal_in_js(node, tmp_path, b"x", SUITES["intl-1"], **change)
    assert set(refusal.value.codes) == {code}


def test_without_a_safe_connection_the_browser_says_so(node: Node, tmp_path: Path) -> None:
    """intl-1 needs the browser's ciphers; gm-1 brings its own."""
    hide = 'const own = Object.getOwnPropertyDescriptor(globalThis.crypto.constructor.prototype, "subtle");'
    hide += 'Object.defineProperty(globalThis.crypto, "subtle", { value: undefined, configurable: true });'
    node.run(hide)
    try:
        with pytest.raises(JsRefused) as refusal:
            seal_in_js(node, tmp_path, b"x", SUITES["intl-1"])
        assert refusal.value.codes == ["sealing.insecure_context"]
        sealed, _ = seal_in_js(node, tmp_path, b"x", SUITES["gm-1"])
    finally:
        node.run("delete globalThis.crypto.subtle;")
    assert open_here(sealed, SUITES["gm-1"], "agency", "centre") == b"x"


# bundles

IDENTITY = {"uscc": "91440101MA59EWXG3F", "name": "广州某某建设有限公司𠮷", "salt": bytes(range(32)).hex()}
FORM = {"price_fen": 123_456_789_00, "quality": "合格", "leader": {"姓名": "张三", "𠮷": [1, True, None, "\u2028 \" \\ \t"], "\uffee": 0}}
BUNDLE = """
const files = args.files.map(([name, content]) => ({ name, blob: new Blob([lib.unhex(content)]) }));
const { blob } = await lib.bundle({ ...args, files });
return lib.hex(new Uint8Array(await blob.arrayBuffer()));
"""


def test_bundles_are_the_same_bytes(node: Node) -> None:
    files = [("投标函.pdf", b"abc"), ("empty", b""), ("e\u0301.txt", bytes(200_000))]
    there = node.run(BUNDLE, files=[(name, data.hex()) for name, data in files], identity=IDENTITY, form=FORM)
    identity = Identity(IDENTITY["uscc"], IDENTITY["name"], bytes(range(32)))
    here = bundle([(name, io.BytesIO(data)) for name, data in files], identity, FORM)
    assert bytes.fromhex(there) == take(here, here.size)
    manifest = read_bundle(io.BytesIO(bytes.fromhex(there)), lambda file: len)
    assert manifest.identity == identity and manifest.form == FORM
    assert [f.name for f in manifest.files] == ["投标函.pdf", "empty", "\u00e9.txt"]


def test_the_identity_commitment_is_the_same(node: Node) -> None:
    expected = Identity(IDENTITY["uscc"], IDENTITY["name"], bytes(range(32))).commitment()
    assert node.run("return lib.identityCommitment(args.identity)", identity=IDENTITY) == expected


def test_a_bundle_of_a_form_alone(node: Node) -> None:
    there = node.run(BUNDLE, files=[], form={"price_fen": 1})
    assert read_bundle(io.BytesIO(bytes.fromhex(there)), lambda file: len).form == {"price_fen": 1}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        *(({"files": [(name, "")]}, "bundle.name_unsafe") for name in (
            "", "..", "a/b", "a\\b", "C:a", "a\nb", "x" * 241, "价" * 81, ".a", "a.", " a", "a*",
            "a\u202eb", "a\u200bb", "a\ud800b", "a\x85", "a\ufeff",
        )),
        ({"files": [("a", ""), ("A", "")]}, "bundle.name_twice"),
        ({"files": [("é", ""), ("e\u0301", "")]}, "bundle.name_twice"),
        ({"files": [(str(i), "") for i in range(201)]}, "bundle.too_many_files"),
        ({"form": {"a": 1.5}}, "bundle.form_malformed"),
        ({"form": {"a": 2**53}}, "bundle.form_malformed"),
        ({"form": {"a": "\ud800"}}, "bundle.form_malformed"),
        ({"form": ["a"]}, "bundle.form_malformed"),
        ({"form": {str(i): "字" * 4_000 for i in range(200)}}, "bundle.manifest_too_large"),
        ({"form": {"a": "x" * 4_001}}, "bundle.form_malformed"),
        ({"form": {"a": "\x07"}}, "bundle.form_malformed"),
        ({"form": {"a": {"": 1}}}, "bundle.form_malformed"),
        ({"form": {"a": [[[[[[[[1]]]]]]]]}}, "bundle.form_malformed"),
        ({"form": {"a": list(range(10_000))}}, "bundle.form_malformed"),
        ({"identity": IDENTITY | {"uscc": "9"}}, "bundle.identity_malformed"),
        ({"identity": IDENTITY | {"name": ""}}, "bundle.identity_malformed"),
        ({"identity": IDENTITY | {"salt": "00"}}, "bundle.identity_malformed"),
    ],
)  # fmt: skip
def test_the_browser_refuses_bundles_that_would_not_be_read(node: Node, change: dict[str, object], code: str) -> None:
    with pytest.raises(JsRefused) as refusal:
        node.run(BUNDLE, **({"files": []} | change))
    assert refusal.value.codes == [code]


@pytest.mark.parametrize("name", ["𠮷" * 60, "价" * 80, "投标文件（正本）.pdf", "a b.c-d_e(1)"])
def test_names_good_on_both_sides(node: Node, name: str) -> None:
    there = node.run(BUNDLE, files=[(name, "00")])
    assert read_bundle(io.BytesIO(bytes.fromhex(there)), lambda file: len).files[0].name == name


def test_a_file_sealed_through_all_layers(node: Node, tmp_path: Path) -> None:
    there = bytes.fromhex(node.run(BUNDLE, files=[("a.pdf", (b"%PDF" * 9).hex())], identity=IDENTITY, form=FORM))
    sealed, _ = seal_in_js(node, tmp_path, there, SUITES["intl-1"])
    got: list[bytes] = []
    opened = io.BytesIO(open_here(sealed, SUITES["intl-1"], "agency", "supervisor"))
    read_bundle(opened, lambda file: lambda data: got.append(bytes(data)))
    assert b"".join(got) == b"%PDF" * 9


# trustees


@suites
def test_both_halves_derive_the_same_keys(node: Node, suite: CipherSuite) -> None:
    for stage in ("technical", "price"):
        key = one_time_key(bytes(range(32)), Slot(SLOT.lot, 1, stage), suite)
        script, slot = "return lib.oneTimeKey(args.master, args.slot, args.suite)", SLOT_JS | {"stage": stage}
        there = node.run(script, master=bytes(range(32)).hex(), slot=slot, suite=suite.id)
        assert there == {"private": key.private.hex(), "public": key.public.hex()}


ANSWER = "return lib.answerRehearsal(args)"


@suites
def test_a_rehearsal_is_answered_in_the_browser(node: Node, suite: CipherSuite) -> None:
    key = keys(suite)["centre"]
    asked = rehearsal(key.public, "centre", SLOT, suite, SeededEntropy(b"r"))
    facts = {"private": key.private.hex(), "sealed": asked.sealed.hex(), "trustee": "centre", "slot": SLOT_JS, "suite": suite.id}
    assert node.run(ANSWER, **facts) == asked.answer
    for change in (
        {"trustee": "agency"}, {"private": keys(suite)["agency"].private.hex()}, {"private": "00" * 32},
        {"sealed": asked.sealed.hex()[:-2]}, {"sealed": ""}, {"slot": SLOT_JS | {"attempt": 2}},
    ):  # fmt: skip
        with pytest.raises(JsRefused) as refusal:
            node.run(ANSWER, **(facts | change))
        assert refusal.value.codes == ["sealing.rehearsal_failed"]


@suites
def test_shares_open_in_the_browser(node: Node, suite: CipherSuite) -> None:
    key = keys(suite)["agency"]
    sealed = suite.share_seal(key.public, b"info", b"secret", SeededEntropy(b"s"))
    script = "return lib.hex(await lib.suiteOf(args.suite).shareOpen(lib.unhex(args.key), lib.utf8('info'), lib.unhex(args.sealed)))"
    assert bytes.fromhex(node.run(script, suite=suite.id, key=key.private.hex(), sealed=sealed.hex())) == b"secret"


PASSPHRASE = "ｃorrect horse 电池 battery"


def test_key_files_travel_both_ways(node: Node) -> None:
    master = bytes(range(32))
    here = write_key_file(KeyFile("centre", master), PASSPHRASE, SeededEntropy(b"f"))
    there = node.run("return lib.readKeyFile(args.text, args.passphrase)", text=here, passphrase=PASSPHRASE)
    assert there == {"trustee": "centre", "master": master.hex()}
    with pytest.raises(JsRefused) as refusal:
        node.run("return lib.readKeyFile(args.text, args.passphrase)", text=here, passphrase="something else")
    assert refusal.value.codes == ["sealing.passphrase_wrong"]
    text = node.run("return lib.writeKeyFile(args)", trustee="centre", master=master.hex(), passphrase=PASSPHRASE)
    assert read_key_file(text, PASSPHRASE.replace("ｃ", "c")) == KeyFile("centre", master)


def test_unfit_key_files_and_passphrases_are_refused(node: Node) -> None:
    for text in ("", "{}", "null", '{"format":"GXK1"}'):
        with pytest.raises(JsRefused) as refusal:
            node.run("return lib.readKeyFile(args.text, 'long enough passphrase')", text=text)
        assert refusal.value.codes == ["sealing.key_file_malformed"]
    for args, code in (({"passphrase": "short"}, "sealing.passphrase_short"), ({"master": "00"}, "sealing.master_malformed")):
        with pytest.raises(JsRefused) as refusal:
            node.run("return lib.writeKeyFile(args)", **({"trustee": "centre", "master": "00" * 32, "passphrase": PASSPHRASE} | args))
        assert refusal.value.codes == [code]


def test_fresh_secrets(node: Node) -> None:
    for script, size in (("newMaster", 32), ("newSalt", 32), ("newBid", 16)):
        first, second = (bytes.fromhex(node.run(f"return lib.{script}()")) for _ in range(2))
        assert len(first) == size and first != second


# published values and laws of the parts


def test_hpke_vector(node: Node) -> None:
    """RFC 9180 A.3.1, both directions."""
    recipient = "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82"
    recipient += "6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0"
    made = node.run(
        """
        const { unhex, hex, hpke } = lib;
        const { shared, enc } = await hpke.encapsulate(unhex(args.recipient), unhex(args.ephemeral));
        const back = await hpke.decapsulate(enc, unhex(args.scalar));
        const { key, nonce } = hpke.keySchedule(shared, unhex(args.info), hpke.AES_128_GCM);
        return [shared, back, enc, key, nonce, hpke.publicKey(unhex(args.scalar))].map(hex);
        """,
        recipient=recipient,
        ephemeral="4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb",
        scalar="f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
        info="4f6465206f6e2061204772656369616e2055726e",
    )
    shared = "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8"
    enc = "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
    enc += "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4"
    key, nonce = "868c066ef58aae6dc589b6cfdd18f97e", "4e0bc5018beba4bf004cca59"
    assert made == [shared, shared, enc, key, nonce, recipient]
    text = AESGCM(bytes.fromhex(made[3])).encrypt(bytes.fromhex(made[4]), b"Beauty is truth, truth beauty", b"Count-0")
    assert text.hex() == "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434"


def test_sm2_vector(node: Node) -> None:
    """GB/T 32918.5 annex C: C1, shared point and key stream."""
    made = node.run(
        """
        const { unhex, hex, gm } = lib;
        const { c1, secret } = gm.encapsulate(gm.publicKey(unhex(args.d)), unhex(args.k));
        return [gm.publicKey(unhex(args.d)), c1, secret, gm.derive(secret, 19), gm.derive(secret, 80)].map(hex);
        """,
        d="3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8",
        k="59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21",
    )
    assert made[:4] == [
        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
        "0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0",
        "335e18d751e51f040e27d468138b7ab1dc86ad7f981d7d416222fd6ab3ed230dab743ebcfb22d64f7b6ab791f70658f25b48fa93e54064fdbfbed3f0bd847ac9",
        "44e60fdbf0bae81437665374bef26749046c9e",
    ]
    assert made[4][:38] == made[3]


def test_scrypt_vector(node: Node) -> None:
    """RFC 7914 §12."""
    assert node.run("return lib.hex(lib.scrypt(lib.utf8('pleaseletmein'), lib.utf8('SodiumChloride'), 16384, 8, 64))") == (
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
    )


@suites
@settings(max_examples=30)
@given(st.lists(st.binary(max_size=150), max_size=4), st.binary(max_size=80))
def test_hashes_and_kdf_agree(node: Node, suite: CipherSuite, parts: list[bytes], info: bytes) -> None:
    name = {"intl-1": "Sha256", "gm-1": "Sm3"}[suite.id]
    script = f"const h = new lib.{name}(); args.parts.forEach((p) => h.update(lib.unhex(p))); const s = lib.suiteOf(args.suite);"
    script += "const all = lib.unhex(args.parts.join('')), info = lib.unhex(args.info);"
    script += "return [h.digest(), s.hash(all), s.kdf(info, info, 70)].map(lib.hex)"
    data = b"".join(parts)
    expected = [suite.hash(data), suite.hash(data), suite.kdf(info, info, 70)]
    assert node.run(script, parts=[p.hex() for p in parts], suite=suite.id, info=info.hex()) == [e.hex() for e in expected]


@settings(max_examples=30)
@given(st.binary(min_size=28, max_size=28), st.binary(max_size=100), st.binary(max_size=40), st.integers(0))
def test_sm4_gcm_agrees(node: Node, secrets: bytes, plaintext: bytes, aad: bytes, bit: int) -> None:
    key, nonce = secrets[:16], secrets[16:]
    sealed = bytearray(len(plaintext) + 16)
    SUITES["gm-1"].chunk_cipher(key).encrypt_into(nonce, memoryview(plaintext), aad, memoryview(sealed))
    make = "const [key, nonce, text, aad, changed] = args.parts.map(lib.unhex);"
    make += "const c = new lib.Sm4Gcm(key), sealed = c.encrypt(nonce, text, aad);"
    check = "let refused = false; try { c.decrypt(nonce, changed, aad) } catch { refused = true }"
    changed = bytearray(sealed)
    changed[bit // 8 % len(sealed)] ^= 1 << bit % 8
    parts = [bytes(p).hex() for p in (key, nonce, plaintext, aad, changed)]
    there, back, refused = node.run(f"{make}{check} return [lib.hex(sealed), lib.hex(c.decrypt(nonce, sealed, aad)), refused]", parts=parts)
    assert (bytes.fromhex(there), bytes.fromhex(back), refused) == (bytes(sealed), plaintext, True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
)


@settings(max_examples=60)
@given(JSON)
def test_json_has_one_spelling(node: Node, value: object) -> None:
    assert node.run("return lib.hex(lib.canonical(args.value))", value=value) == canonical(value).hex()
