"""The report of the committee."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from ...domain.events import instant_text
from ...domain.tender.assessment import Evaluation, case_of
from ...domain.tender.committee import Committee
from ...domain.tender.opening import Opening
from .. import lots
from .notices import basis_of, reason_of
from .paper import Data, Paper, evaluated_at

SCORE_COLUMNS = 6


def evaluation_report(p: Paper) -> Data:
    part, opening, committee = p.lot.part(Evaluation), p.lot.part(Opening), p.lot.part(Committee)
    result, case = part.result, case_of(p.lot)
    names = {b.bid: b.name for b in opening.bids.values()}
    rejected: dict[str, list[str]] = {}
    for m in result["rejections"]:
        if m["decision"] == "rejected":
            rejected.setdefault(m["bid"], []).append(m["ground"])
    data: Data = {
        "opened_at": instant_text(p.lot.history["opening_started"]),
        "started_at": instant_text(p.lot.history["evaluation_started"]),
        "ended_at": instant_text(p.source.at),
        "place": evaluated_at(p),
        "method": p.say(f"method.{result['method']}"),
        "standards": p.say("paper.standards"),
        "matters": p.say("paper.none"),
        "committee": [
            {"name": p.say("seat.name", number=s.number), "role": p.say("seat.chair" if s.number == committee.chair else f"seat.{s.kind}")}
            for s in committee.seats
        ],
        "bids": [
            {
                "name": names[b["id"]],
                "partners": [m.name for m in opening.bids[b["id"]].members[1:]],
                "price_fen": b.get("price_fen"),  # sealed for ever when the technical review rejected the bid
                "conforming": b["id"] not in rejected,
                "grounds": rejected.get(b["id"], []),
            }
            for b in case["bids"]
        ],
        "motions": [
            {"bidder": names[m["bid"]], "ground": p.say(f"rejection.{m['ground']}"), "evidence": m["evidence"],
             "in_favour": m["in_favour"], "against": m["against"], "decision": p.say(f"paper.decision.{m['decision']}")}
            for m in result["rejections"]
        ],
        "score_items": [],
        "scores": [],
        "clarifications": [{"bidder": names[c.bid], "question": c.text, "answer": c.answer or "—"} for c in part.clarifications],
        "candidates": [
            {"rank": c.rank, "name": c.bidder, "price_fen": c.price_fen, **({"score": c.total} if c.total else {})} for c in part.candidates
        ],
        "dissents": [],
        "signatures": [{"name": p.say("seat.name", number=n), **signed_at(p, n)} for n in committee.numbers],
    }
    ceiling = p.lot.terms.get("ceiling_fen")
    if isinstance(ceiling, int):
        data["ceiling_fen"] = ceiling
    return {**data, **_re_evaluation(p), **_scores(p, result, names)}


def _re_evaluation(p: Paper) -> Data:
    """Why the lot was evaluated anew and what had come out before; nothing for a first report."""
    orders = [s for s in p.unit.store.read(p.source.stream) if s.type == "re_evaluation_ordered" and s.version < p.source.version]
    if not orders:
        return {}
    former, _ = lots.as_of(p.unit, p.lot.id, orders[-1].version - 1)
    order = Paper(p.unit, p.trade, former, orders[-1])
    before = [
        {"rank": c.rank, "name": c.bidder, "price_fen": c.price_fen, **({"score": c.total} if c.total else {})}
        for c in former.part(Evaluation).candidates
    ]
    told = {"ordered_at": instant_text(orders[-1].at), "ground": reason_of(order), "basis": basis_of(order), "before": before}
    return {"re_evaluation": told}


def signed_at(p: Paper, seat: int) -> Data:
    """When a member signed this report; nothing for one who refused."""
    signed = [s.at for s in p.unit.store.read(p.source.stream) if s.type == "report_signed" and s.recorded().public["seat"] == seat]
    return {"at": instant_text(signed[-1])} if signed else {}


def _scores(p: Paper, result: Mapping[str, Any], names: Mapping[str, str]) -> Data:
    """The table of scores, price first, in the order of the ranking; nothing where the method gives none."""
    price, by_bid = result.get("price"), {b["bid"]: b for b in result["bids"]}
    if not price:
        return {}
    items = cast("Sequence[Mapping[str, str]]", cast("Mapping[str, Any]", p.lot.terms["evaluation"])["items"])
    groups = sorted({i["group"] for i in items})
    by_item = len(items) < SCORE_COLUMNS  # a sheet with more items than a page has columns is told by its groups
    rows = []
    for place in result["ranking"]:
        b = by_bid[place["bid"]]
        points = {i["item"]: i["score"] for i in b["items"]}
        told = [points[i["id"]] for i in items] if by_item else [b["groups"][g] for g in groups]
        row: Data = {"name": names[b["bid"]], "points": [b["price"]["score"], *told], "total": b["total"], "rank": place["rank"]}
        rows.append({**row, **({"tie": True} if place.get("tie_group") else {})})
    columns = [{"name": p.say("paper.price_score"), "full": str(price["params"]["full_score"])}]
    if by_item:
        columns += [{"name": i["title"], "full": i["points_max"]} for i in items]
    else:
        full = {g: sum(Decimal(i["points_max"]) for i in items if i["group"] == g) for g in groups}
        columns += [{"name": p.say(f"choice.group.{g}"), "full": str(full[g])} for g in groups]
    found: Data = {"scores": rows, "score_items": columns}
    if "benchmark" in price:
        words = p.unit.platform.catalogue
        params = [
            {"name": p.say(f"field.{k}") if words.has(f"field.{k}") else k,
             "value": next((p.say(key) for key in (f"choice.{k}.{v}", f"choice.{v}") if words.has(key)), str(v))}
            for k, v in price["params"].items()
        ]  # fmt: skip
        title = p.say(f"formula.{price['formula']}") if p.unit.platform.catalogue.has(f"formula.{price['formula']}") else price["formula"]
        found["formula"] = {"id": price["formula"], "title": title, "benchmark": _amount(p, price["benchmark"]), "params": params}
    return found


def _amount(p: Paper, benchmark: Mapping[str, str]) -> str:
    """The figure with the unit in which it was computed."""
    return f"{benchmark['value']} {p.say('choice.unit.' + benchmark['unit'])}"
