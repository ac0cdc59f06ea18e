"""A project file holds, and every single thing that is changed in it is found and named (docs/formats.md §7, §8)."""

from __future__ import annotations

import ast
import copy
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trading_core import verify
from trading_core.domain.leaves import canonical
from trading_core.verify import container

B1, B2, B3 = (f"b{n}".ljust(32, "0") for n in (1, 2, 3))

ORDER = [
    "zip.container", "zip.names", "manifest.format", "manifest.signature", "zip.files", "keys.trusted", "checkpoint.signature",
    "checkpoint.witnesses", "events.format", "events.proofs", "events.streams", "events.until", "events.private", "events.disclosed",
    "documents.named",
    "bids.counted", "bids.stages", "bids.envelopes", "bids.opened", "bids.reopened", "draw.parameter", "draw.experts", "evaluation.sources",
    "evaluation.scores", "award.follows", "credit.asked", "events.order", "evaluation.seats", "ocds.agrees", "periods.kept",
    "file.shows",
]  # fmt: skip


def failure(source: bytes, trust: Any = None) -> str:
    report = verify.project(source, trust)
    return "" if report.failure is None else report.failure.name


# ------------------------------------------------------------------ what holds


def test_an_untouched_file_holds(whole: bytes, tmp_path: Path) -> None:
    report = verify.project(whole)
    assert report.ok
    assert [c.name for c in report.checks] == ORDER
    assert [c.name for c in report.checks if c.outcome == "not_shown"] == ["award.follows", "credit.asked"]
    assert [c.name for c in report.checks if c.outcome == "noted"] == ["keys.trusted", "events.until"]
    assert report.about == {"lot": "A01-2603-TEST0001", "attempt": 1, "variant": "full", "events": 84}
    assert [k.role for k in report.keys] == ["log", "receipt", "witness"]
    path = tmp_path / "project.zip"
    path.write_bytes(whole)
    assert verify.project(path) == verify.file(path) == report
    assert json.loads(json.dumps(report.as_json()))["ok"] is True


def test_pinned_keys_are_believed_and_no_others(whole: bytes, trade: Any) -> None:
    own = verify.read_trust(trade.keys.trust_file())
    pinned = verify.project(whole, own)
    assert pinned.ok and next(c.outcome for c in pinned.checks if c.name == "keys.trusted") == "holds"
    trade.keys = type(trade.keys).of("impostor")
    forged = trade.zip()
    assert verify.project(forged).ok
    assert failure(forged, own) == "keys.trusted"


def test_a_public_file_shows_less_and_says_so(trade: Any) -> None:
    trade.bids.clear()
    for e in trade.entries:
        e.show = False
    report = verify.project(trade.zip())
    assert report.ok
    hidden = {"bids.envelopes", "bids.reopened", "draw.experts", "evaluation.sources", "evaluation.scores", "award.follows", "credit.asked"}
    assert {c.name for c in report.checks if c.outcome == "not_shown"} == hidden


def test_an_early_file_shows_little_and_says_so(trade: Any) -> None:
    trade.entries = [e for e in trade.entries if e.stream.startswith("lot/")][:6]
    trade.bids.clear(), trade.papers.clear()
    trade.rules["instants"], trade.rules["periods"] = {}, []
    trade.fix_rules()
    report = verify.project(trade.zip())
    assert report.ok
    hidden = {"bids.counted", "bids.stages", "bids.envelopes", "bids.opened", "bids.reopened", "draw.experts"}
    hidden |= {"evaluation.sources", "evaluation.scores", "award.follows", "credit.asked", "evaluation.seats", "periods.kept", "file.shows"}
    assert {c.name for c in report.checks if c.outcome == "not_shown"} == hidden


def test_a_file_with_nothing_in_it_says_so(trade: Any) -> None:
    """One event, everything else not shown: no failure, but nobody shall take it for a proof."""
    trade.entries = trade.entries[:1]
    trade.bids.clear(), trade.papers.clear()
    trade.rules["instants"], trade.rules["periods"], trade.rules["calendar"] = {}, [], {}
    report = verify.project(trade.zip())
    assert report.ok and not any(c.outcome == "fails" for c in report.checks)
    assert (report.checks[-1].name, report.checks[-1].outcome) == ("file.shows", "not_shown")


# ------------------------------------------------------------------ the bytes


def test_the_standard_library_writes_the_same_zip(whole: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(whole)) as given_zip:
        assert given_zip.testzip() is None
        files = {name: given_zip.read(name) for name in given_zip.namelist()}
    assert verify.rebuild_zip(files) == whole
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as other:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o100644 << 16
            other.writestr(info, files[name])
    assert out.getvalue() == whole


def test_no_byte_of_the_container_is_free() -> None:
    small = verify.rebuild_zip({"a": b"x", "b/c": b"hello", "d": b""})
    container.open_container(io.BytesIO(small))
    for i in range(len(small)):
        for bit in range(8):
            changed = bytes([*small[:i], small[i] ^ (1 << bit), *small[i + 1 :]])
            assert failure(changed) == "zip.container", (i, bit)
    for i in range(len(small)):
        assert failure(small[:i]) == "zip.container"
        assert failure(small[:i] + b"\0" + small[i:]) == "zip.container"
    assert failure(small + b"\0") == failure(b"\0" + small) == failure(small + small) == "zip.container"


def spans(whole: bytes) -> list[tuple[str, int, int]]:
    with zipfile.ZipFile(io.BytesIO(whole)) as z:
        infos = z.infolist()
    return [(i.filename, i.header_offset + 30 + len(i.filename), i.file_size) for i in infos]


@settings(max_examples=250)
@given(st.data())
def test_any_flipped_byte_of_the_file_fails(whole: bytes, data: st.DataObject) -> None:
    name, start, size = data.draw(st.sampled_from(spans(whole)))
    at = data.draw(st.one_of(st.integers(start - 30 - len(name), start + max(size - 1, 0)), st.integers(0, len(whole) - 1)))
    flip = data.draw(st.integers(1, 255))
    report = verify.project(whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :])
    assert not report.ok and report.failure is not None
    assert report.failure.where


@settings(max_examples=150)
@given(st.data())
def test_any_flipped_byte_in_a_rebuilt_zip_fails(whole: bytes, data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(whole)) as z:
        files = {name: z.read(name) for name in z.namelist()}
    name = data.draw(st.sampled_from(sorted(files)))
    at, flip = data.draw(st.integers(0, len(files[name]) - 1)), data.draw(st.integers(1, 255))
    raw = files[name]
    found = failure(verify.rebuild_zip({**files, name: raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :]}))
    expected = {"manifest.json": ("manifest.format", "manifest.signature"), "manifest.sig": ("manifest.signature",)}
    assert found in expected.get(name, ("zip.files",))


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_platform_that_signs_changed_evidence_is_found_out(trade: Any, data: st.DataObject) -> None:
    """The receipt key signs whatever it is given; the log's promise still catches every changed byte of the events."""
    name = data.draw(st.sampled_from(["events.jsonl", "checkpoint.txt"]))

    def edit(files: dict[str, bytes]) -> None:
        raw = files[name]
        at, flip = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(1, 255))
        files[name] = raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :]

    found = failure(trade.zip(edit))
    assert found.startswith("events." if name == "events.jsonl" else "checkpoint.")


def test_no_junk_makes_the_verifier_raise(whole: bytes, tmp_path: Path) -> None:
    for junk in (
        b"",
        b"PK",
        b"PK\3\4",
        b"{}",
        b"[]",
        b"null",
        b"\xff" * 100,
        b"[" * 100000,
        b"{" * 9,
        whole[:5000],
        b'{"receipt":1}',
        b"\n\n",
    ):
        path = tmp_path / "junk"
        path.write_bytes(junk)
        for report in (verify.file(path), verify.project(junk), verify.receipt(junk), verify.draw(junk), verify.checkpoint(junk, None)):
            assert not report.ok and report.failure is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2**60) | st.text(max_size=3),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=3), v, max_size=3),
)


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(p for k, v in inner for p in paths(v, (*at, k)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(copy[path[0]], path[1:], new)
    return copy


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_payload_makes_the_verifier_raise(trade: Any, data: st.DataObject) -> None:
    """Whatever the platform writes into events and rules, signed and logged: there is a report, and it goes wrong or right by name."""
    entry = data.draw(st.sampled_from([*trade.entries, None]))
    new = data.draw(JSON)
    if entry is None:
        old = trade.rules
        trade.rules = put(trade.rules, data.draw(st.sampled_from(paths(trade.rules))), new)
    else:
        part = "private" if entry.private is not None and data.draw(st.booleans()) else "public"
        old = getattr(entry, part)
        path = data.draw(st.sampled_from(paths(old)[1:] or [()]))
        setattr(entry, part, put(old, path, new))
    try:
        try:
            made = trade.zip()
        except (ValueError, TypeError, AttributeError):
            return  # not canonical JSON: no log could hold it
        report = verify.project(made)
        assert report.checks
        assert all(c.name in ORDER for c in report.checks)
    finally:
        if entry is None:
            trade.rules = old
        else:
            setattr(entry, part, old)


# ------------------------------------------------------------------ the manifest


def renamed(old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.update({new: files.pop(old)})


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        (lambda f: f.update({"readme.txt": b""}), "zip.names"),
        (lambda f: f.update({"documents/../x": b""}), "zip.names"),
        (lambda f: f.update({"documents/.hidden": b""}), "zip.names"),
        (lambda f: f.update({"documents/A.pdf": b""}), "zip.names"),
        (lambda f: f.update({"/etc/passwd": b""}), "zip.names"),
        (lambda f: f.update({"bids/" + "0" * 64: b""}), "bids.envelopes"),
        (lambda f: f.pop("LICENSE-DATA"), "zip.names"),
        (lambda f: f.pop("checkpoint.txt"), "zip.names"),
        (lambda f: f.pop(min(n for n in f if n.startswith("bids/"))), "bids.envelopes"),
        (renamed("documents/award-letter.pdf", "documents/letter.pdf"), "documents.named"),
        (lambda f: f.update({"documents/award-letter.pdf": b"%PDF-1.7 another"}), "documents.named"),
        (lambda f: f.update({"checkpoint.txt": f["checkpoint.txt"] + b"\n"}), "checkpoint.signature"),
        (lambda f: f.update({"events.jsonl": f["events.jsonl"][:-1]}), "events.format"),
        (lambda f: f.update({"events.jsonl": f["events.jsonl"] + b"\n"}), "events.format"),
        (lambda f: f.update({"events.jsonl": b"".join(f["events.jsonl"].splitlines(True)[:-1])}), "events.streams"),
        (lambda f: f.update({"events.jsonl": b"".join(f["events.jsonl"].splitlines(True)[1:])}), "events.streams"),
        (lambda f: f.update({"events.jsonl": b"".join(reversed(f["events.jsonl"].splitlines(True)))}), "events.format"),
        (lambda f: f.update({"rules.json": b"{}"}), "periods.kept"),
    ],
)
def test_files_that_are_not_as_published(trade: Any, edit: Callable[[dict[str, bytes]], None], name: str) -> None:
    assert failure(trade.zip(edit)) == name


def set_in(*path: str, to: Any) -> Callable[[dict[str, Any]], None]:
    def claim(manifest: dict[str, Any]) -> None:
        inner = manifest
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = to

    return claim


@pytest.mark.parametrize(
    ("claim", "name"),
    [
        (set_in("format", to="gongxin-project-v2"), "manifest.format"),
        (set_in("more", to=1), "manifest.format"),
        (set_in("lot", to="A01-2603-OTHER"), "manifest.format"),
        (set_in("variant", to="secret"), "manifest.format"),
        (set_in("variant", to="public"), "bids.envelopes"),
        (set_in("attempt", to=2), "events.streams"),
        (set_in("origin", to="other.example/log"), "manifest.format"),
        (set_in("keys", "threshold", to=2), "manifest.format"),
        (set_in("keys", "witnesses", to=[]), "manifest.format"),
        (set_in("streams", "lot/A01-2603-TEST0001", to=65), "events.streams"),
        (set_in("streams", "sealed/b9", to=1), "events.streams"),
        (set_in("files", "rules.json", "size", to=1), "zip.files"),
        (set_in("files", "rules.json", "sha256", to="0" * 64), "zip.files"),
        (set_in("files", "documents/none.pdf", to={"size": 0, "sha256": "0" * 64}), "zip.files"),
        (lambda m: m["files"].pop("rules.json"), "zip.files"),
        (lambda m: m["streams"].pop(f"sealed/{B1}"), "events.streams"),
        (lambda m: m["keys"].pop("log"), "manifest.format"),
    ],
)
def test_manifests_that_do_not_fit(trade: Any, claim: Callable[[dict[str, Any]], None], name: str) -> None:
    assert failure(trade.zip(claim=claim)) == name


# ------------------------------------------------------------------ the story: each is a lie that the platform itself signed and logged


def shift(type: str, by: timedelta) -> Callable[[Any], None]:
    return lambda t: setattr(t.first(type), "at", t.first(type).at + by)


def move(trade: Any, type: str, before: str) -> None:
    entry = trade.first(type)
    trade.entries.remove(entry)
    trade.entries.insert(trade.entries.index(trade.first(before)), entry)
    at = trade.entries[trade.entries.index(entry) + 1].at
    entry.at = at


def drop_bid(t: Any) -> None:
    closed = t.first("closed").public
    closed["bids"], closed["count"] = closed["bids"][:-1], 3


def late_bid(t: Any) -> None:
    sealed = next(e for e in t.entries if e.stream == f"sealed/{B2}")
    sealed.private["received_at"] = t.first("closed").public["bids"][1]["received_at"] = "2026-03-23T01:30:00.000000Z"
    redisclose(t, sealed)


def withdrawn_bid(t: Any) -> None:
    sealed = next(e for e in t.entries if e.stream == f"sealed/{B3}")
    entry = t.add("sealed", sealed.at, {}, {"what": "withdrawn", "lot": "A01-2603-TEST0001", "bid": B3}, f"sealed/{B3}")
    entry.show = True
    t.entries.insert(t.entries.index(t.first("closed")), t.entries.pop())


def redisclose(t: Any, entry: Any) -> None:
    disclosure = next(e for e in t.entries if e.type == "disclosed" and e.public["stream"] == entry.stream)
    disclosure.public["private"] = canonical(entry.private)


def other_price(t: Any) -> None:
    t.first("evaluation_summarised").private["case"]["bids"][0]["price_fen"] -= 100


def dropped_from_case(t: Any) -> None:
    case = t.first("evaluation_summarised").private["case"]
    case["bids"] = case["bids"][1:]


def other_answer(t: Any) -> None:
    refusal = next(e for e in t.entries if e.type == "expert_answered" and e.private["answer"] == "refuse")
    refusal.private["answer"] = "accept"


def first_seat(t: Any) -> None:
    t.first("seat_signed_in").private["holder"] = "E999"


def again(t: Any, type: str) -> None:
    """The same event a second time, right after the first."""
    first = t.first(type)
    t.entries.insert(t.entries.index(first) + 1, copy.deepcopy(first))


def without(t: Any, unwanted: Callable[[Any], bool]) -> None:
    t.entries = [e for e in t.entries if not (e.type == "draw_committed" and unwanted(e))]
    for instant in t.rules["instants"].values():
        instant["from"] = None  # versions have moved


def early_part(draw: str, t: Any) -> Any:
    entry = next(e for e in t.entries if e.type == "draw_part_received" and e.public["draw"] == draw)
    t.entries.remove(entry)
    entry.at = t.entries[3].at
    return entry


def silent_expert(t: Any) -> None:
    t.entries.remove(t.first("expert_answered"))
    for instant in t.rules["instants"].values():
        instant["from"] = None


def second_receipt(t: Any) -> None:
    sealed = next(e for e in t.entries if e.stream == f"sealed/{B1}")
    t.add("sealed", sealed.at, {}, sealed.private, "sealed/b9").show = True


def revealed_parts(trade: Any) -> list[Any]:
    said = trade.first("draw_revealed").private
    assert said is not None
    parts: list[Any] = said["parts"]
    return parts


def swap_order(t: Any) -> None:
    order = t.first("experts_drawn").private["orders"]["tech-A"]
    order[0], order[1] = order[1], order[0]


def bigger_pool(t: Any) -> None:
    t.first("draw_pool_frozen").private["pools"]["tech-A"].append("E999")


def other_index(t: Any) -> None:
    drawn = t.first("parameter_drawn").public
    drawn["index"] = (drawn["index"] + 1) % 5
    drawn["value"] = drawn["candidates"][drawn["index"]]


def other_part(t: Any) -> None:
    t.first("parameter_drawn").public["parts"][0]["part"] = hashlib.sha256(b"chosen afterwards").hexdigest()


def candidates(t: Any) -> None:
    t.first("parameter_drawn").public["candidates"][0] = "0.005"


def locked_points(t: Any) -> None:
    t.first("scores_locked").private["points"]["plan"] = "36"


def result_total(t: Any) -> None:
    t.first("evaluation_summarised").private["result"]["bids"][2]["total"] = "99.99"


def result_winner(t: Any) -> None:
    ranking = t.first("evaluation_summarised").private["result"]["candidates"]
    ranking[0]["bid"], ranking[1]["bid"] = ranking[1]["bid"], ranking[0]["bid"]


def rules_changed(t: Any) -> None:
    t.first("evaluation_summarised").private["case"]["rules"] = {
        **t.first("evaluation_summarised").private["case"]["rules"], "candidates_max": 2}  # fmt: skip


def count(days: int) -> Callable[[Any], None]:
    return lambda t: t.rules["periods"][0].update(count=days)


def instant_moved(t: Any) -> None:
    t.rules["instants"]["bid_deadline"]["at"] = "2026-03-24T01:30:00.000000Z"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (shift("published", timedelta(days=2)), "events.streams"),
        (lambda t: t.first("disclosed").public.update(salt="0" * 64), "events.disclosed"),
        (lambda t: t.first("disclosed").public.update(private='{"what":"cover"}'), "events.disclosed"),
        (lambda t: t.first("disclosed").public.update(version=2), "events.disclosed"),
        (lambda t: t.first("document_issued").public.update(sha256="0" * 64), "documents.named"),
        (drop_bid, "bids.counted"),
        (late_bid, "bids.counted"),
        (withdrawn_bid, "bids.counted"),
        (lambda t: t.first("closed").public.update(bid_root="0" * 64), "bids.counted"),
        (lambda t: t.first("closed").public.update(count=5), "bids.counted"),
        (lambda t: t.first("closed").public["bids"][0].update(commitment="0" * 64), "bids.counted"),
        (lambda t: t.first("closed").public.update(deadline="2026-03-23T01:30:04.000000Z"), "bids.counted"),
        (lambda t: move(t, "key_released", "opening_started"), "bids.stages"),
        (lambda t: t.entries.remove(t.first("technical_summarised")), "bids.stages"),
        (lambda t: t.bids.update({f"{B1} price": b"another ciphertext"}), "bids.envelopes"),
        (other_index, "draw.parameter"),
        (other_part, "draw.parameter"),
        (candidates, "draw.parameter"),
        (lambda t: t.first("parameter_drawn").public.update(opening_time="2026-03-23T01:30:01.000000Z"), "draw.parameter"),
        (lambda t: t.first("parameter_drawn").public["parts"].pop(), "draw.parameter"),
        (lambda t: t.first("published").public["terms"]["evaluation"]["price"]["drawn"].update(candidates=["0.03"]), "draw.parameter"),
        (lambda t: t.entries.append(t.entries.pop(t.entries.index(t.first("draw_pool_frozen")))), "events.streams"),
        (lambda t: move(t, "experts_drawn", "draw_pool_frozen"), "draw.experts"),
        (swap_order, "draw.experts"),
        (bigger_pool, "draw.experts"),
        (other_answer, "draw.experts"),
        (first_seat, "draw.experts"),
        (lambda t: t.first("experts_drawn").public.update(rows=["tech-A", "econ-B"]), "draw.experts"),
        (lambda t: t.first("experts_drawn").public.update(seed_commitment="0" * 64), "draw.experts"),
        (lambda t: revealed_parts(t).reverse(), "draw.experts"),
        (lambda t: t.first("draw_committed").public.update(commitment="0" * 64), "draw.experts"),
        (lambda t: again(t, "draw_committed"), "draw.experts"),
        (lambda t: again(t, "draw_pool_frozen"), "draw.experts"),
        (lambda t: again(t, "expert_answered"), "draw.experts"),
        (lambda t: move(t, "expert_answered", "experts_drawn"), "draw.experts"),
        (lambda t: move(t, "draw_revealed", "experts_drawn"), "draw.experts"),
        (lambda t: t.entries.insert(3, early_part("experts", t)), "draw.experts"),
        (lambda t: t.entries.insert(3, early_part("parameter", t)), "draw.parameter"),
        (silent_expert, "draw.experts"),
        (lambda t: without(t, lambda e: e.public.get("kind") == "experts"), "draw.experts"),
        (lambda t: without(t, lambda e: e.public.get("kind") == "parameter"), "draw.parameter"),
        (lambda t: move(t, "parameter_drawn", "closed"), "draw.parameter"),
        (lambda t: again(t, "closed"), "bids.counted"),
        (second_receipt, "bids.counted"),
        (lambda t: t.rules["periods"][0].update(unit="fortnights"), "periods.kept"),
        (lambda t: t.rules["periods"][0].update(count=5000), "periods.kept"),
        (lambda t: t.rules["instants"]["report_submitted"]["from"].update(version=999), "periods.kept"),
        (lambda t: t.rules["instants"]["report_submitted"]["from"].update(path=["sha256"]), "periods.kept"),
        (lambda t: t.rules["calendar"]["2026"]["off"].append("2025-04-04"), "periods.kept"),
        (lambda t: t.rules["calendar"]["2026"]["off"].append("2026-02-30"), "periods.kept"),
        (lambda t: t.rules["calendar"].update({"x": {"off": [], "makeup": []}}), "periods.kept"),
        (other_price, "evaluation.sources"),
        (dropped_from_case, "evaluation.sources"),
        (locked_points, "evaluation.sources"),
        (rules_changed, "evaluation.sources"),
        (result_total, "evaluation.scores"),
        (result_winner, "evaluation.scores"),
        (lambda t: t.first("evaluation_summarised").private["case"].update(ceiling_fen=1), "evaluation.scores"),
        (lambda t: t.first("evaluation_summarised").private["case"].update(drawn_value="0.010"), "evaluation.sources"),
        (count(21), ""),
        (count(22), "periods.kept"),
        (instant_moved, "periods.kept"),
        (lambda t: t.rules["calendar"].clear(), "periods.kept"),
        (lambda t: t.rules["calendar"]["2026"]["off"].append("2026-03-23"), "periods.kept"),
    ],
)
def test_lies_in_the_story(trade: Any, change: Callable[[Any], None], name: str) -> None:
    trade = json_copy(trade)
    before = copy.deepcopy(trade.rules)
    change(trade)
    if trade.rules != before:
        trade.fix_rules()  # the notice fixed the false rules already
    assert failure(trade.zip()) == name


def json_copy(trade: Any) -> Any:
    """Payloads of their own, so that one test cannot touch what another plays with."""
    for e in trade.entries:
        e.public, e.private = json.loads(json.dumps(e.public)), json.loads(json.dumps(e.private))
    trade.rules = json.loads(json.dumps(trade.rules))
    return trade


def test_a_disclosure_before_its_event(trade: Any) -> None:
    sealed = next(e for e in trade.entries if e.stream == f"sealed/{B1}")
    trade.entries.remove(sealed)
    trade.entries.append(sealed)
    assert failure(trade.zip()) == "events.disclosed"


def test_a_private_text_that_is_not_the_one_committed_to(trade: Any) -> None:
    def edit(files: dict[str, bytes]) -> None:
        lines = [json.loads(line) for line in files["events.jsonl"].splitlines()]
        told = next(line for line in lines if line["private"])
        told["private"] = '{"another":1}'
        files["events.jsonl"] = "".join(canonical(line) + "\n" for line in lines).encode()

    assert failure(trade.zip(edit)) == "events.private"


def test_late_steps_are_noted_and_hold(trade: Any) -> None:
    trade.rules["periods"] = [{**trade.rules["periods"][0], "id": "E-T10", "bound": "at_most", "count": 3}]
    del trade.rules["instants"]["report_submitted"]
    trade.fix_rules()
    last = verify.project(trade.zip()).checks[-2]
    assert (last.name, last.outcome, last.params["late"]) == ("periods.kept", "noted", "E-T10")


# ------------------------------------------------------------------ alone


def test_the_verifier_imports_nothing_of_the_server() -> None:
    for path in Path(verify.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level < 2, path
                names = [] if node.level else [node.module or ""]
            else:
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                top = name.partition(".")[0]
                assert top in sys.stdlib_module_names or top == "cryptography", (path, name)
