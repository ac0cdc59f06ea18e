"""The readable side of a project file: papers under their own names, and open data that says what the events say (docs/formats.md §7.9)."""
from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from .container import Container, Member
from .events import Event, Record
from .report import Broken, Check
from .text import Value

DOCUMENTS, OPEN_DATA = "documents.named", "ocds.agrees"
PACKAGE = "ocds/release-package.json"
CHOICES = ("award_decided", "bidding_ended", "selected", "next_candidate_chosen", "next_qualified_chosen")
LOCAL = timedelta(hours=8)


def check_documents(record: Record, lot: str, members: Mapping[str, Member]) -> Iterator[Check]:
    """Every paper is the one that an event names so."""
    papers = {n.removeprefix("documents/"): m for n, m in members.items() if n.startswith("documents/")}
    issued = {**_issued(record, lot), **_tender_files(record, lot)}
    for name, member in papers.items():
        if issued.get(name) != member.sha256:
            raise Broken(DOCUMENTS, f"documents/{name}", issued.get(name, "a paper that an event names so"), member.sha256)
    yield Check(DOCUMENTS, "holds", "documents/", {"count": len(papers)})


def _issued(record: Record, lot: str) -> dict[str, str]:
    return {e.public["name"].text().lower(): e.public["sha256"].hex().hex() for e in record.of(f"lot/{lot}", "document_issued")}


def _tender_files(record: Record, lot: str) -> dict[str, str]:
    """The files of the tender document by version and position."""
    found: dict[str, str] = {}
    events = record.of(f"lot/{lot}", "published", "invitations_sent", "amended", "clarified")
    versions = [e for e in events if e.type != "clarified" or e.public["affects_preparation"].boolean()]
    for version, e in enumerate(versions, 1):
        given = e.public.get("files") if e.type in ("amended", "clarified") else e.public["terms"].get("tender_documents")
        for n, f in enumerate(given.entries() if given is not None and given.raw else [], 1):
            ending = f["name"].text().rpartition(".")[2].lower()
            kind = ending if re.fullmatch("[a-z0-9]{1,5}", ending) else "bin"
            found[f"tender-document-v{version}-{n}.{kind}"] = f["sha256"].hex().hex()
    return found


# ------------------------------------------------------------------ open data

def check_open_data(record: Record, lot: str, container: Container) -> Iterator[Check]:
    """Bids, awards and contract in the open data are those of the events."""
    if PACKAGE not in container.members:
        yield Check(OPEN_DATA, "not_shown", PACKAGE, {"awards": 0, "bids": 0})
        return
    release = _release(container.read(PACKAGE))
    if release["tender"]["id"].text() != lot:
        raise Broken(OPEN_DATA, f"{PACKAGE} tender id", lot, release["tender"]["id"].text())
    choices, contracts = _awards(record, lot), record.of(f"lot/{lot}", "contract_signed")
    _compare("awards", [_award(e) for e in choices], [_told_award(v) for v in _listed(release, "awards")])
    signed = [(_date(e), _raw(e.public, "contract_number"), _yuan(e.public["price_fen"].raw)) for e in contracts[-1:]]
    _compare("contracts", signed, [(_raw(v, "dateSigned"), _raw(v, "id"), _amount(v)) for v in _listed(release, "contracts")])
    bids = _bids(record, lot)
    told = _listed(release["bids"], "details") if release.get("bids") else []
    _compare("bids", sorted(bids, key=str), sorted((_told_bid(v) for v in told), key=str))
    yield Check(OPEN_DATA, "holds", PACKAGE, {"awards": len(choices), "bids": len(bids)})


def _release(raw: bytes) -> Value:
    """The one release of a package. ValueError or LookupError when it is none."""
    package = Value(json.loads(raw, parse_float=Decimal), PACKAGE)
    releases = package["releases"].entries()
    if len(releases) != 1:
        raise Broken(OPEN_DATA, f"{PACKAGE} releases", "one", len(releases))
    return releases[0]


def _awards(record: Record, lot: str) -> list[Event]:
    """Choices since the last order to evaluate anew."""
    events = record.of(f"lot/{lot}", *CHOICES, "re_evaluation_ordered")
    again = max((i for i, e in enumerate(events) if e.type == "re_evaluation_ordered"), default=-1)
    return events[again + 1 :]


def _award(e: Event) -> tuple[object, ...]:
    return _date(e), e.public["bid"].text(), _yuan(e.public["price_fen"].raw), _together(e.public, "bidder")


def _together(said: Value, name: str) -> list[tuple[object, object]]:
    """Everybody who bids under one code: each member of a consortium, or the one who bids alone."""
    members = said.get("members")
    told = [(said["uscc"], said[name])] if members is None else [(m["uscc"], m["name"]) for m in members.entries()]
    return [(f"CN-USCC-{uscc.text()}", called.text()) for uscc, called in told]


def _told_award(v: Value) -> tuple[object, ...]:
    return _raw(v, "date"), _raw(v, "relatedBid"), _amount(v), _parties(v, "suppliers")


def _bids(record: Record, lot: str) -> list[tuple[object, ...]]:
    """Number, bidder and price of every bid opened."""
    named: dict[str, list[tuple[object, object]]] = {}
    prices: dict[str, object] = {}
    for e in record.of(f"lot/{lot}", "bid_opened"):
        bid, form = e.public["bid"].text(), e.public.get("form")
        named.setdefault(bid, [])
        if e.public.get("uscc") is not None:
            named[bid] = _together(e.public, "name")
        if form is not None and "price_fen" in form.mapping():
            prices[bid] = form["price_fen"].raw
    return [(bid, who, _yuan(prices.get(bid))) for bid, who in named.items()]


def _told_bid(v: Value) -> tuple[object, ...]:
    return _raw(v, "id"), _parties(v, "tenderers"), _amount(v)


def _parties(value: Value, name: str) -> list[tuple[object, object]]:
    return [(_raw(p, "id"), _raw(p, "name")) for p in _listed(value, name)]


def _yuan(fen: object) -> Decimal | None:
    return Decimal(fen) / 100 if isinstance(fen, int) and not isinstance(fen, bool) else None


def _amount(value: Value) -> object:
    """The amount of a value, None when it has none; anything but a number stays what it is."""
    told = value.get("value")
    raw = None if told is None else told["amount"].raw
    return Decimal(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw


def _date(e: Event) -> str:
    return (datetime.fromtimestamp(e.micros // 10**6, UTC) + LOCAL).strftime("%Y-%m-%dT%H:%M:%S+08:00")


def _listed(value: Value, name: str) -> list[Value]:
    found = value.get(name)
    return [] if found is None else found.entries()


def _raw(value: Value, name: str) -> object:
    found = value.get(name)
    return None if found is None else found.raw


def _compare(what: str, expected: object, found: object) -> None:
    if expected != found:
        raise Broken(OPEN_DATA, f"{PACKAGE} {what}", str(expected)[:200], str(found)[:200])
