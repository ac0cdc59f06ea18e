"""A small trade, played on paper with the server's pure parts, and written as a project file the way docs/formats.md tells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.proof.sealed_envelopes import STAGES, identity_of, keys_of, says
from tests.proof.sealed_envelopes import sealed as sealed_envelope
from trading_core.domain import draw, merkle, notes
from trading_core.domain.evaluation.case import evaluate
from trading_core.domain.leaves import canonical, leaf_hash, private_commitment
from trading_core.verify import rebuild_zip

LOT, ORIGIN, WATCHER = "A01-2603-TEST0001", "gongxin.example/log", "supervisor.example/witness"
STREAM = f"lot/{LOT}"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DEADLINE = datetime(2026, 3, 23, 1, 30, tzinfo=UTC)
POOL = [f"E{i:03d}" for i in range(1, 13)]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Signer:
    """A key pair with its published name."""

    def __init__(self, name: str, seed: str, algorithm: int = notes.ED25519) -> None:
        self.name, self.private = name, Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())
        self.public, self.algorithm = self.private.public_key().public_bytes_raw(), algorithm

    @property
    def text(self) -> str:
        return notes.verifier_key(self.name, self.public, self.algorithm)


@dataclass
class Keyring:
    log: Signer
    receipt: Signer
    witness: Signer

    @classmethod
    def of(cls, seed: str) -> Keyring:
        witness = Signer(WATCHER, seed + "w", notes.COSIGNATURE)
        return cls(Signer(ORIGIN, seed + "l"), Signer(ORIGIN + "/receipt", seed + "r"), witness)

    def stated(self) -> dict[str, Any]:
        return {"log": self.log.text, "receipt": self.receipt.text, "witnesses": [self.witness.text], "threshold": 1}

    def trust_file(self) -> bytes:
        return canonical({"format": "gongxin-keys-v1", "origin": ORIGIN, **self.stated()}).encode()


@dataclass
class Entry:
    """An event of the trade before it is in a tree. show: whether the file shows the private part in its line."""

    stream: str
    type: str
    public: dict[str, Any]
    private: dict[str, Any] | None
    at: datetime
    show: bool = False


@dataclass
class Trade:
    """A trade that can be changed before it is written: entries are its events, papers and bids its files."""

    entries: list[Entry] = field(default_factory=list)
    papers: dict[str, bytes] = field(default_factory=dict)
    bids: dict[str, bytes] = field(default_factory=dict)
    rules: dict[str, Any] = field(default_factory=dict)
    keys: Keyring = field(default_factory=lambda: Keyring.of("platform"))
    foreign: int = 3

    def add(
        self, type: str, at: datetime, public: Mapping[str, Any], private: Mapping[str, Any] | None = None, stream: str = STREAM
    ) -> Entry:
        entry = Entry(stream, type, dict(public), dict(private) if private is not None else None, at)
        self.entries.append(entry)
        return entry

    def first(self, type: str) -> Entry:
        return next(e for e in self.entries if e.type == type)

    def salt(self, entry: Entry) -> bytes:
        return hashlib.sha256(f"salt {entry.stream} {self.version(entry)}".encode()).digest()

    def version(self, entry: Entry) -> int:
        return [e for e in self.entries if e.stream == entry.stream].index(entry) + 1

    def disclose(self, entry: Entry, at: datetime) -> Entry:
        assert entry.private is not None
        private, salt = canonical(entry.private), self.salt(entry).hex()
        return self.add("disclosed", at, {"stream": entry.stream, "version": self.version(entry), "private": private, "salt": salt})

    def renumber(self) -> None:
        """Let the instants in the rules name the places that their events have now."""
        for name, type in (("report_submitted", "report_submitted"), ("publicity_start", "candidates_published")):
            found = next((e for e in self.entries if e.type == type), None)
            if found is None:
                self.rules["instants"].pop(name, None)
            elif name in self.rules["instants"]:
                self.rules["instants"][name]["from"]["version"] = self.version(found)

    def fix_rules(self) -> None:
        """Let the notice state the digests of periods and calendar."""
        periods = [{k: v for k, v in p.items() if k not in ("source", "verified")} for p in self.rules["periods"]]
        years = {year: digest(canonical(days)) for year, days in self.rules["calendar"].items()}
        self.first("published").public["rules"] = {"periods": digest(canonical(periods)), "calendar": years}

    # -------------------------------------------------------------- writing

    def lines(self) -> list[dict[str, Any]]:
        """The events as the file tells them, with leaves of other trades between them in the log."""
        counts: dict[str, int] = {}
        lines, leaves = [], []
        for i, e in enumerate(self.entries):
            leaves += [hashlib.sha256(b"foreign %d %d" % (i, n)).digest() for n in range(self.foreign)]
            counts[e.stream] = version = counts.get(e.stream, 0) + 1
            private = None if e.private is None else canonical(e.private)
            commitment = None if private is None else private_commitment(self.salt(e), private)
            micros, public = (e.at - EPOCH) // timedelta(microseconds=1), canonical(e.public)
            told = private if e.show else None
            lines.append(
                {
                    "index": len(leaves),
                    "stream": e.stream,
                    "version": version,
                    "type": e.type,
                    "at": micros,
                    "public": public,
                    "private": told,
                    "salt": self.salt(e).hex() if told else None,
                    "commitment": commitment.hex() if commitment else None,
                }
            )
            leaves.append(leaf_hash(e.stream, version, e.type, public, commitment, micros))
        nodes = {(level, at): h for level, at, h in merkle.complete_nodes(0, [], leaves)}
        for line in lines:
            line["proof"] = [h.hex() for h in merkle.inclusion(line["index"], len(leaves), lambda level, at: nodes[level, at])]
        peaks: list[bytes] = []
        self.size = merkle.extend(0, peaks, leaves)
        self.root = merkle.root(peaks)
        return lines

    def checkpoint(self) -> str:
        body = notes.checkpoint_body(ORIGIN, self.size, self.root)
        log, witness = self.keys.log, self.keys.witness
        lines = [
            notes.signature_line(log.name, log.public, log.private.sign(body.encode())),
            notes.cosignature_line(witness.name, witness.public, 1774400000, body, witness.private.sign),
        ]
        return notes.signed_note(body, lines)

    def files(self, edit: Callable[[dict[str, bytes]], None] = lambda files: None) -> dict[str, bytes]:
        """All files but the manifest and its signature, `edit` applied."""
        lines = self.lines()
        files = {
            "events.jsonl": "".join(canonical(line) + "\n" for line in lines).encode(),
            "checkpoint.txt": self.checkpoint().encode(),
            "rules.json": canonical(self.rules).encode(),
            "LICENSE-DATA": b"CC BY 4.0\n",
            "ocds/release-package.json": json.dumps(open_data(self.entries)).encode(),
            **{f"documents/{name}": data for name, data in self.papers.items()},
            **{f"bids/{hashlib.sha256(data).hexdigest()}": data for data in self.bids.values()},
        }
        edit(files)
        return files

    def manifest(self, files: Mapping[str, bytes]) -> dict[str, Any]:
        streams: dict[str, int] = {}
        for e in self.entries:
            streams[e.stream] = streams.get(e.stream, 0) + 1
        return {
            "format": "gongxin-project-v1",
            "origin": ORIGIN,
            "lot": LOT,
            "attempt": 1,
            "variant": "full" if self.bids else "public",
            "made_at": instant(DEADLINE + timedelta(days=30)),
            "keys": self.keys.stated(),
            "streams": streams,
            "files": {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()},
        }

    def zip(
        self, edit: Callable[[dict[str, bytes]], None] = lambda files: None, claim: Callable[[dict[str, Any]], None] = lambda manifest: None
    ) -> bytes:
        """The project file; `edit` changes files and `claim` the manifest before it is signed."""
        files = self.files(edit)
        manifest = self.manifest(files)
        claim(manifest)
        raw = canonical(manifest).encode()
        return rebuild_zip({**files, "manifest.json": raw, "manifest.sig": self.keys.receipt.private.sign(raw)})


def together(said: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Everybody who bids under one code."""
    return [party(m["name"], m["uscc"]) for m in said.get("members", ())] or [party(said.get(name), said.get("uscc"))]


def open_data(entries: list[Entry]) -> dict[str, Any]:
    """The trade as open data, whatever its events say."""
    said = [(e.type, e.at, e.public) for e in entries]
    bids: dict[str, dict[str, Any]] = {}
    for type, _, p in said:
        if type == "bid_opened":
            bid = bids.setdefault(p.get("bid"), {"id": p.get("bid")})
            if "uscc" in p:
                bid["tenderers"] = together(p, "name")
            if "price_fen" in (p.get("form") or {}):
                bid["value"] = yuan(p["form"]["price_fen"])
    awards = [
        {"date": local(at), "relatedBid": p.get("bid"), "value": yuan(p["price_fen"]), "suppliers": together(p, "bidder")}
        for type, at, p in said
        if type in ("award_decided", "next_candidate_chosen")
    ]
    signed = [(at, p) for type, at, p in said if type == "contract_signed"]
    contracts = [{"dateSigned": local(at), "id": p["contract_number"], "value": yuan(p["price_fen"])} for at, p in signed]
    release = {"tender": {"id": LOT}, "bids": {"details": list(bids.values())}, "awards": awards, "contracts": contracts}
    return {"releases": [release]}


def party(name: Any, uscc: Any) -> dict[str, str]:
    return {"id": f"CN-USCC-{uscc}", "name": name}


def yuan(fen: Any) -> dict[str, Any]:
    return {"amount": fen / 100 if isinstance(fen, int) and fen % 100 else fen // 100 if isinstance(fen, int) else fen, "currency": "CNY"}


def local(at: datetime) -> str:
    return (at + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S+08:00")


# ------------------------------------------------------------------ the story

B1, B2, B3, B4 = BIDS = tuple(f"b{n}".ljust(32, "0") for n in range(1, 5))
PRICES = {B1: 98000000000, B2: 100000000000, B3: 102000000000, B4: 95000000000}
RULES: dict[str, Any] = {
    "method": "comprehensive",
    "line_rounding": "ROUND_HALF_UP",
    "tie_price": "quoted",
    "candidates_max": 3,
    "scored_price": "corrected",
    "benchmark_set": "fixed_after_preliminary_review",
    "price": {
        "formula": "E-F1",
        "params": {
            "full_score": "60",
            "floor": "0",
            "e_high": "1.0",
            "e_low": "0.5",
            "step": "continuous",
            "unit": "wan_yuan",
            "benchmark_places": 4,
            "deviation_places": "unrounded",
            "score_places": 2,
            "rounding": "ROUND_HALF_UP",
        },
        "drawn": {"parameter": "k", "candidates": ["0.010", "0.015", "0.020", "0.025", "0.030"]},
    },
    "items": [
        {
            "id": "plan",
            "title": "施工组织",
            "group": "technical",
            "kind": "subjective",
            "points_min": "0",
            "points_max": "36",
            "points_step": "0.5",
        },
        {
            "id": "staff",
            "title": "人员",
            "group": "commercial",
            "kind": "objective",
            "points_min": "0",
            "points_max": "4",
            "points_step": "1",
        },
    ],
    "item_scores": {"aggregation": "trimmed_mean", "places": 2, "rounding": "ROUND_HALF_UP"},
    "total": {"places": 2, "rounding": "ROUND_HALF_UP"},
    "tie_rules": ["higher_technical"],
}


RESERVE = hashlib.sha256(b"parameter centre").digest()
"""The centre's part in the draw of K, for one that is overdue."""


def draws_before(trade: Trade, at: datetime) -> dict[str, list[tuple[str, bytes]]]:
    owners = {"experts": ("host", "centre"), "parameter": ("host", "supervisor")}
    parts = {kind: [(p, hashlib.sha256(f"{kind} {p}".encode()).digest()) for p in parties] for kind, parties in owners.items()}
    for kind, pairs in parts.items():
        for party, part in pairs:
            trade.add("draw_committed", at, {"draw": kind, "kind": kind, "party": party, "commitment": draw.seed_commit(part)})
    reserve = {"draw": "parameter", "kind": "parameter", "party": "centre", "commitment": draw.seed_commit(RESERVE), "reserve": True}
    trade.add("draw_committed", at, reserve)
    return parts


def form_of(bid: str, stage: str) -> dict[str, Any]:
    return {"price_fen": PRICES[bid]} if stage == "price" else {"duration_days": 150}


def register_keys(trade: Trade, at: datetime, suite: str) -> None:
    for stage in STAGES:
        for trustee, key in keys_of(LOT, stage, suite).items():
            said = {"stage": stage, "trustee": trustee, "suite": suite, "public_key": key.public.hex()}
            trade.add("trustee_key_registered", at, said)


def release_keys(trade: Trade, at: datetime, stage: str, suite: str) -> None:
    for trustee in ("host", "supervisor"):
        private = keys_of(LOT, stage, suite)[trustee].private.hex()
        trade.add("key_released", at, {"stage": stage, "trustee": trustee}, {"private_key": private})


def sealed_bids(trade: Trade, at: datetime, suite: str) -> list[Entry]:
    sealed = []
    for i, bid in enumerate(PRICES):
        envelopes = []
        for stage in STAGES:
            trade.bids[f"{bid} {stage}"] = data = sealed_envelope(LOT, bid, stage, form_of(bid, stage), suite)
            envelopes.append({"name": stage, "object": hashlib.sha256(data).hexdigest(), "size": len(data)})
        private = {
            "what": "received",
            "lot": LOT,
            "attempt": 1,
            "bid": bid,
            "capability": digest(bid),
            "commitment": identity_of(bid).commitment(),
            "document_version": 1,
            "received_at": instant(at),
            "envelopes": envelopes,
            "replaces": "",
        }
        sealed.append(trade.add("sealed", at + timedelta(seconds=i), {}, private, f"sealed/{bid}"))
    return sealed


def open_bids(trade: Trade, sealed: list[Entry], parts: Mapping[str, list[tuple[str, bytes]]], suite: str) -> str:
    at = DEADLINE + timedelta(seconds=3)
    keep = ("bid", "received_at", "commitment", "document_version", "envelopes")
    listed = [{k: e.private[k] for k in keep} for e in sealed if e.private]
    root = draw.bid_root([v["object"] for b in listed for v in b["envelopes"]])
    trade.add("closed", at, {"deadline": instant(DEADLINE), "count": len(listed), "bid_root": root, "bids": listed})
    for e in sealed:
        trade.disclose(e, at)
    trade.add("opening_started", at + timedelta(minutes=1), {"delay_reason": ""})
    release_keys(trade, at + timedelta(minutes=2), "technical", suite)
    for bid in PRICES:
        trade.add("bid_opened", at + timedelta(minutes=3), says(bid, "technical", form_of(bid, "technical")))
    trade.add("stage_opened", at + timedelta(minutes=3), {"stage": "technical"})
    for party, part in parts["parameter"]:
        trade.add("draw_part_received", at + timedelta(minutes=4), {"draw": "parameter", "party": party}, {"part": part.hex()})
    seed, candidates = draw.combine([p for _, p in parts["parameter"]]), RULES["price"]["drawn"]["candidates"]
    index = draw.parameter_index(seed, LOT, 1, instant(DEADLINE), root, len(candidates))
    trade.add(
        "parameter_drawn",
        at + timedelta(minutes=4),
        {
            "draw": "parameter",
            "name": "k",
            "candidates": candidates,
            "opening_time": instant(DEADLINE),
            "bid_root": root,
            "parts": [{"party": p, "part": part.hex()} for p, part in parts["parameter"]],
            "index": index,
            "value": candidates[index],
        },
    )
    return str(candidates[index])


def draw_experts(trade: Trade, parts: list[tuple[str, bytes]]) -> None:
    at, seed = DEADLINE + timedelta(hours=1), draw.combine([p for _, p in parts])
    rows = [draw.Row("tech-A", tuple(POOL), 3, 1), draw.Row("econ-B", tuple(POOL[:5]), 2, 1)]
    stated = [
        {
            "row": r.id,
            "specialty": "A08",
            "count": r.count,
            "substitutes": r.substitutes,
            "pool_size": len(r.candidates),
            "pool_hash": draw.pool_hash(r.candidates),
            "excluded": [{"rule": "RC-5", "count": 2}],
            "rule_version": "1",
        }
        for r in rows
    ]
    trade.add("draw_pool_frozen", at, {"draw": "experts", "rows": stated}, {"pools": {r.id: sorted(r.candidates) for r in rows}})
    for party, part in parts:
        trade.add("draw_part_received", at, {"draw": "experts", "party": party}, {"part": part.hex()})
    answers: dict[str, draw.Answer] = {}
    drawn = draw.draw_rows(seed, LOT, 1, rows, answers)
    trade.add(
        "experts_drawn",
        at,
        {"draw": "experts", "seed_commitment": draw.seed_commit(seed), "rows": [d.row.id for d in drawn]},
        {"orders": {d.row.id: list(d.order) for d in drawn}},
    )
    while waiting := [n for d in draw.draw_rows(seed, LOT, 1, rows, answers) if d.seats for n in d.seats.waiting]:
        at += timedelta(minutes=1)
        answers[waiting[0]] = draw.Answer.REFUSE if len(answers) == 1 else draw.Answer.ACCEPT
        trade.add("expert_answered", at, {"draw": "experts"}, {"expert": waiting[0], "answer": answers[waiting[0]].value})
    seats = [n for d in draw.draw_rows(seed, LOT, 1, rows, answers) if d.seats for n in d.seats.seats]
    for number, holder in enumerate(seats, 1):
        trade.add("seat_signed_in", at, {"seat": number, "kind": "expert"}, {"holder": holder})
    told = [{"party": p, "part": x.hex()} for p, x in parts]
    trade.add("draw_revealed", at, {"draw": "experts"}, {"parts": told, "seed": seed.hex()})


def score(trade: Trade, drawn_value: str, suite: str) -> None:
    at, seats, entries = DEADLINE + timedelta(hours=3), ["1", "2", "3", "4", "5"], []
    trade.add("evaluation_started", at, {})
    for b, bid in enumerate(PRICES):
        for s, seat in enumerate(seats):
            points = {"plan": str(28 + (b * 3 + s * 5) % 9), "staff": str(b % 4 + 1)}
            entries.append({"member": seat, "bid": bid, "points": points})
            trade.add("scores_locked", at, {"seat": int(seat)}, {"bid": bid, "points": points, "comment": ""})
    trade.add("technical_summarised", at, {"in_play": len(PRICES)})
    release_keys(trade, at, "price", suite)
    for bid in PRICES:
        trade.add("bid_opened", at, says(bid, "price", form_of(bid, "price")))
    trade.add("stage_opened", at, {"stage": "price"})
    trade.add("second_opening_finished", at + timedelta(minutes=10), {"stages": ["price"], "confirmed": 0})
    case = {
        "format": "gongxin/evaluation-case/1",
        "rules": RULES,
        "members": seats,
        "entries": entries,
        "ceiling_fen": 108000000000,
        "bids": [{"id": b, "price_fen": p, "bidder": identity_of(b).uscc} for b, p in PRICES.items()],
        "rejections": [],
        "tie_decisions": [],
        "drawn_value": drawn_value,
    }
    trade.add("evaluation_summarised", at + timedelta(hours=1), {"round": 1}, {"case": case, "result": evaluate(case)})


def period(**changes: Any) -> dict[str, Any]:
    return {
        "id": "E-T03",
        "start": "issue_start",
        "end": "bid_deadline",
        "count": 20,
        "unit": "days",
        "bound": "at_least",
        "direction": "forward",
        "source": "招标投标法第二十四条",
        "verified": True,
        "applies": {},
        "count_first_day": False,
        "lands_on_workday": True,
        "start_closes": False,
        **changes,
    }


def played(suite: str = "intl-1") -> Trade:
    """A tender from its notice to its result, everything shown that the full variant shows at the end."""
    trade, start = Trade(), datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    terms = {
        "evaluation": RULES,
        "ceiling_fen": 108000000000,
        "committee_size": 5,
        "envelopes": [{"name": "technical", "opens": "at_opening"}, {"name": "price", "opens": "after_technical"}],
    }
    schedule = {"issue_start": instant(start), "bid_deadline": instant(DEADLINE)}
    trade.add("created", start - timedelta(days=3), {"attempt": 1, "trade": "A01", "rules": "2026-01-01"}, {"person": "p1"})
    trade.add("published", start - timedelta(hours=1), {"terms": terms, "schedule": schedule, "rules": {}})
    register_keys(trade, start, suite)
    parts = draws_before(trade, start)
    sealed = sealed_bids(trade, DEADLINE - timedelta(hours=2), suite)
    value = open_bids(trade, sealed, parts, suite)
    draw_experts(trade, parts["experts"])
    score(trade, value, suite)
    trade.papers["award-letter.pdf"] = b"%PDF-1.7 award letter"
    end = DEADLINE + timedelta(days=9)
    trade.add("report_submitted", end, {"members": 5, "candidates": 3})
    letter = {"kind": "award_letter", "name": "Award-Letter.pdf", "sha256": hashlib.sha256(b"%PDF-1.7 award letter").hexdigest()}
    trade.add("document_issued", end, letter)
    for e in trade.entries:
        e.show = e.private is not None and e.type not in ("created", "sealed")
    published, report = trade.first("published"), trade.first("report_submitted")
    trade.rules = {
        "format": "gongxin-rules-v1",
        "trade": "A01",
        "rules": "2026-01-01",
        "rest_day_reasons": {},
        "calendar": {"2026": {"off": ["2026-04-04", "2026-04-05", "2026-04-06"], "makeup": []}},
        "instants": {
            "issue_start": {"at": instant(start), "from": {"stream": STREAM, "version": 2, "path": ["schedule", "issue_start"]}},
            "bid_deadline": {"at": instant(DEADLINE), "from": {"stream": STREAM, "version": 2, "path": ["schedule", "bid_deadline"]}},
            "report_submitted": {"at": instant(report.at), "from": {"stream": STREAM, "version": trade.version(report), "path": []}},
        },
        "periods": [period(), period(id="E-T10", start="report_submitted", end="publicity_start", count=30, bound="at_most")],
    }
    trade.fix_rules()
    assert trade.version(published) == 2
    return trade


def awarded() -> Trade:
    """The same tender to its contract."""
    trade = played()
    result = (trade.first("evaluation_summarised").private or {})["result"]
    totals = {b["bid"]: b["total"] for b in result["bids"]}
    candidates = []
    for place in result["candidates"]:
        who = identity_of(place["bid"])
        said = {"rank": place["rank"], "bid": place["bid"], "bidder": who.name, "uscc": who.uscc}
        candidates.append({**said, "price_fen": place["contract_fen"], "total": totals[place["bid"]], "form": {}})
    chosen = {k: v for k, v in candidates[0].items() if k != "form"}
    at = DEADLINE + timedelta(days=10)
    trade.add("candidates_published", at, {"candidates": candidates, "publicity_end": instant(at)})
    trade.add("award_decided", at, {**chosen, "reason": ""})
    trade.add("award_letter_issued", at, {k: v for k, v in chosen.items() if k not in ("rank", "total")})
    trade.add("result_published", at, {k: v for k, v in chosen.items() if k != "total"})
    trade.add("contract_signed", at, {**{k: chosen[k] for k in ("bid", "uscc", "price_fen")}, "contract_number": "HT-1"})
    at_publicity = {"stream": STREAM, "version": trade.version(trade.first("candidates_published")), "path": []}
    trade.rules["instants"]["publicity_start"] = {"at": instant(at), "from": at_publicity}
    return trade


@pytest.fixture
def trade() -> Trade:
    return played()


@pytest.fixture(scope="session")
def whole() -> bytes:
    """The project file of the untouched trade."""
    return played().zip()


@pytest.fixture(scope="session")
def as_json() -> Callable[[bytes], Any]:
    return json.loads
