"""The published page and the people's texts agree with the code: figures in docs/formats.md, a text for every outcome."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from string import Formatter
from typing import Any

from trading_core import messages, verify
from trading_core.domain import draw, merkle, notes
from trading_core.domain.leaves import canonical, leaf_hash, private_commitment

ROOT = Path(messages.__file__).parent
DOCS = ROOT.parent / "docs" / "formats.md"
FILES = {"manifest.json", "manifest.sig", "checkpoint.txt", "events.jsonl", "log.jsonl", "keys.json", "rules.json"}


def vectors(keys: Any) -> dict[str, Any]:
    """The figures of docs/formats.md §11. Keys are of a test, made from printed seeds."""
    salt, private = bytes(range(32)), canonical({"price_fen": 9980000, "名": "澜明"})
    commitment, public = private_commitment(salt, private), canonical({"note": 'a "b"\n'})
    leaf = leaf_hash("lot/A01-2603-TEST", 3, "amended", public, commitment, 1774229400000000)
    leaves = [leaf, *(hashlib.sha256(bytes([0, i])).digest() for i in range(1, 6))]
    nodes = {(level, at): h for level, at, h in merkle.complete_nodes(0, [], leaves)}
    peaks: list[bytes] = []
    merkle.extend(0, peaks, leaves)
    body = notes.checkpoint_body("gongxin.example/log", 6, merkle.root(peaks))
    log, witness = keys.log, keys.witness
    note = notes.signed_note(
        body,
        [
            notes.signature_line(log.name, log.public, log.private.sign(body.encode())),
            notes.cosignature_line(witness.name, witness.public, 1774229410, body, witness.private.sign),
        ],
    )
    parts = [bytes(range(32)), bytes(range(32, 64))]
    seed = draw.combine(parts)
    return {
        "private": private,
        "salt": salt.hex(),
        "commitment": commitment.hex(),
        "public": public,
        "leaf": leaf.hex(),
        "further_leaves": [h.hex() for h in leaves[1:]],
        "proof_of_leaf_0_in_6": [h.hex() for h in merkle.inclusion(0, 6, lambda level, at: nodes[level, at])],
        "consistency_of_3_and_6": [h.hex() for h in merkle.consistency(3, 6, lambda level, at: nodes[level, at])],
        "log_key": log.text,
        "witness_key": witness.text,
        "checkpoint": note,
        "draw_parts": [p.hex() for p in parts],
        "draw_seed": seed.hex(),
        "draw_order": draw.order(seed, draw.row_prefix("A01-LOT-0001", 1, "tech-A"), [f"E{i:03d}" for i in range(1, 7)]),
        "sha256_of_zip_with_a_and_b": hashlib.sha256(verify.rebuild_zip({"a": b"1", "b": b""})).hexdigest(),
    }


def test_the_figures_of_the_published_page(trade: Any) -> None:
    printed = re.search(r"## 11\..*?```json\n(.*?)```", DOCS.read_text("utf-8"), re.S)
    assert printed is not None
    assert json.loads(printed[1]) == vectors(trade.keys)


def names_in_code() -> set[str]:
    rooms = "zip|manifest|keys|checkpoint|events|documents|bids|draw|evaluation|award|credit|ocds|file|periods|receipt|log"
    sources = "".join(p.read_text("utf-8") for p in Path(verify.__file__).parent.glob("*.py"))
    return set(re.findall(rf'"((?:{rooms})\.[a-z]+)"', sources)) - FILES


def test_every_check_has_its_texts_and_is_published(whole: bytes) -> None:
    catalogue, page = messages.read([ROOT / "messages"]), DOCS.read_text("utf-8")
    names = names_in_code()
    assert {c.name for c in verify.project(whole).checks} <= names
    for name in names:
        assert catalogue.has(f"check.{name}") and catalogue.has(f"broken.{name}"), name
        assert f"`{name}`" in page, name
        for language in messages.LANGUAGES:
            fields = {f for _, f, _, _ in Formatter().parse(catalogue.texts[f"broken.{name}"][language]) if f}
            assert fields <= {"where", "expected", "found"}, name


def test_texts_can_be_said_with_the_figures_of_their_checks(whole: bytes, trade: Any) -> None:
    catalogue = messages.read([ROOT / "messages"])
    for e in trade.entries:
        e.show = False
    trade.bids.clear()
    early = [e for e in trade.entries if e.stream.startswith("lot/")][:6]
    reports = [
        verify.project(whole),
        verify.project(trade.zip()),
        verify.project(whole[:-1]),
        verify.project(trade.zip(lambda f: f.pop("rules.json"))),
    ]
    trade.entries, trade.papers, trade.rules["instants"], trade.rules["periods"] = early, {}, {}, []
    reports.append(verify.project(trade.zip()))
    outcomes = set()
    for check in (c for report in reports for c in report.checks):
        outcomes.add(check.outcome)
        for language in messages.LANGUAGES:
            said = catalogue.say(check.message, language, **check.figures)
            assert said and "{" not in said
    assert outcomes == {"holds", "noted", "not_shown", "fails"}
