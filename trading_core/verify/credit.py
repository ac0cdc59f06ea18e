"""The evidence of looks into the credit lists: who was asked about, when, with what result (docs/formats-lists.md §4)."""
from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from .events import Event, Record
from .order import CHOICES
from .report import Broken, Check
from .text import Value

NAME = "credit.asked"

Party = tuple[str, str]


def check_credit(record: Record, lot: str) -> Iterator[Check]:
    """The bidders were looked up when the opening was finished, whoever was chosen at the choice; nobody banned was chosen. What a list
    held then only its hash tells. Raises `Broken`."""
    opened: dict[str, list[Party]] = {}
    count = silent = 0
    for e in record.of(f"lot/{lot}"):
        bid = e.public.get("bid")
        if e.type == "bid_opened" and bid is not None:
            if not e.public["ok"].boolean():
                opened.pop(bid.text(), None)
            elif e.public.get("name") is not None:
                opened[bid.text()] = _parties(e.public)
        elif e.type == "bid_revoked" and bid is not None:
            opened.pop(bid.text(), None)
        elif e.type == "opening_finished":
            silent += _check(e, [p for parties in opened.values() for p in parties])
            count += 1
        elif e.type in CHOICES:
            silent += _check(e, _parties(e.public, "bidder"), chosen=True)
            count += 1
    yield Check(NAME, "not_shown" if silent or not count else "holds", "events.jsonl", {"count": count, "silent": silent})


def _parties(said: Value, name: str = "name") -> list[Party]:
    """Everybody who bids under one code."""
    members = said.get("members")
    if members is None:
        return [(_plain(said["uscc"].text()), said[name].text())]
    return [(_plain(m["uscc"].text()), m["name"].text()) for m in members.entries()]


def _plain(code: str) -> str:
    """A code as it is compared."""
    return "".join(unicodedata.normalize("NFKC", code).upper().split())


def _check(e: Event, parties: list[Party], chosen: bool = False) -> bool:
    """Whether the event leaves open what was found: it has no evidence, or does not show it."""
    told = e.public.get("credit")
    results = [] if told is None else [_result(e, one, parties) for one in told.entries()]
    if not results:
        return True
    if chosen and "refuses" in results:
        raise Broken(NAME, e.where, "nobody chosen whom a list keeps out", "refuses")
    if set(results) <= {"clear"}:
        return False
    if e.private is None:
        return True
    effects = [f["effect"].choice("refuses", "shown") for f in e.private["credit_findings"].entries()]
    expected = "refuses" if "refuses" in effects else "shown" if effects else "clear"
    if expected not in results:
        raise Broken(NAME, f"{e.where} credit", expected, ", ".join(results))
    return False


def _result(e: Event, one: Value, parties: list[Party]) -> str:
    """The result of one look, after its members."""
    one["format"].choice("gongxin-credit-check-v1")
    asked = {(p["uscc"].text(), p["name"].text()) for p in one["parties"].entries()}
    if asked != set(parties):
        raise Broken(NAME, f"{e.where} credit", _codes(parties), _codes(asked))
    if not one["moment"].instant() <= one["query_time"].instant() <= e.at:
        raise Broken(NAME, f"{e.where} credit", "a look at the time of the act", one["query_time"].text())
    for known in one["lists"].entries():
        known["snapshot"].hex()
    return one["result"].choice("refuses", "shown", "clear")


def _codes(parties: Iterable[Party]) -> str:
    return ", ".join(sorted(code for code, _ in parties)) or "nobody"
