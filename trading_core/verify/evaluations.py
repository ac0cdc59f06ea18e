"""The evaluations in the log: each result follows from its case, each case from the events before it (docs/formats.md §7.5)."""
from __future__ import annotations

from collections.abc import Iterator, Sequence

from .events import Event, Record
from .prices import plain
from .report import Broken, Check
from .scores import NAME, Case, compare, listed, read_case, result_of
from .text import canonical


def check_scores(record: Record, lot: str) -> Iterator[Check]:
    """Every summary of the evaluation in the lot's stream."""
    summaries = record.of(f"lot/{lot}", "evaluation_summarised")
    if not summaries:
        yield Check(NAME, "not_shown", "events.jsonl", {"bids": 0})
    for e in summaries:
        shown = next((v for v in (e.public, e.private) if v is not None and "case" in v.mapping()), None)
        if shown is None:
            yield Check(NAME, "not_shown", e.where, {"bids": 0})
            continue
        case = read_case(shown["case"])
        _check_sources(record, f"lot/{lot}", e, case)
        compare(result_of(case), shown["result"], f"{e.where} result")
        yield Check(NAME, "holds", e.where, {"bids": len(case.bids)})


def _check_sources(record: Record, stream: str, summary: Event, case: Case) -> None:
    """Rules, ceiling, drawn value, prices and points are those of the log before the summary. Raises `Broken`."""
    before = [e for e in record.of(stream) if e.index < summary.index]
    terms: dict[str, object] = {}
    prices: dict[str, object] = {}
    drawn: object = None
    opened: set[str] = set()
    failed: set[str] = set()
    for e in before:
        if e.type == "bid_opened":
            (opened if e.public["ok"].boolean() else failed).add(e.public["bid"].text())
        if e.type in ("published", "invitations_sent", "amended"):
            announced = e.public.get("terms") or e.public.get("changes")
            terms.update(announced.mapping() if announced else {})
        elif e.type == "bid_opened" and (form := e.public.get("form")) and (price := form.get("price_fen")):
            prices[e.public["bid"].text()] = price.raw
        elif e.type == "parameter_drawn":
            drawn = e.public["value"].raw
    facts = [
        ("rules", case.rules.raw, terms.get("evaluation")),
        ("ceiling_fen", plain(case.value, "ceiling_fen"), terms.get("ceiling_fen")),
        ("drawn_value", plain(case.value, "drawn_value"), drawn),
        ("bids", sorted(case.bids), sorted(opened - failed)),
    ]
    facts += [(f"price of {name}", plain(bid, "price_fen"), prices.get(name)) for name, bid in case.bids.items()]
    for what, told, logged in facts:
        if canonical(told) != canonical(logged):
            raise Broken(NAME, f"{summary.where} case {what}", canonical(logged)[:200], canonical(told)[:200])
    _check_points(before, summary, case)


def _check_points(before: Sequence[Event], summary: Event, case: Case) -> None:
    """Points in the case are those that the seat last locked or corrected, where these are shown. Raises `Broken`."""
    locked: dict[tuple[str, str], dict[str, object]] = {}
    for e in before:
        if e.private is None or e.type not in ("scores_locked", "score_corrected"):
            continue
        key = str(e.public["seat"].integer(1)), e.private["bid"].text()
        if e.type == "scores_locked":
            locked[key] = dict(e.private["points"].mapping())
        else:
            locked.setdefault(key, {})[e.private["item"].text()] = e.private["points"].raw
    for entry in listed(case.value, "entries"):
        key = entry["member"].text(), entry["bid"].text()
        if key in locked and locked[key] != entry["points"].mapping():
            raise Broken(NAME, f"{summary.where} {entry.where}", canonical(locked[key]), canonical(entry["points"].raw))
