"""A lot of the strangers' trade from its announcement to the archive, in a process that finds their package on its path."""
from __future__ import annotations

import importlib.metadata
import json
import sys
from datetime import timedelta
from pathlib import Path

from tests.resilience.checks import check_log
from tests.world import PAPER, World, at
from tests.world import TERMS as EXAMPLE
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SystemEntropy
from trading_core.bootstrap import build
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor
from trading_core.domain.tender.assessment import Evaluation
from trading_core.domain.tender.committee import Committee
from trading_core.domain.trade import Command
from trading_core.domain.volume import MISSING, Volume
from trading_core.services import clockwork, log, papers
from trading_core.services.replay import replay
from trading_core.settings import Settings

OFFERS = {"苇塘示例合作社": 1_800_000, "鹭洲示例合作社": 2_100_000}  # two bids are enough here, three are asked for elsewhere
ROWS = ({"row": "marsh", "specialty": "A08", "count": 3},)
TERMS: dict[str, object] = {
    "title": "南苇湖 2026 年芦苇收割权", "catalogue_code": "W07", "marsh": "南苇湖", "hectares": 120, "nesting_season_closed": True,
    "ceiling_fen": 2_500_000, "deposit_fen": 250_000, "bid_validity_days": 30, "duration_days": 60, "quality": "合格",
    "envelopes": [{"name": "whole", "opens": "at_opening"}], "committee_size": 3,
    "evaluation": {"method": "lowest", "line_rounding": "ROUND_HALF_UP", "tie_price": "quoted",
                   "candidates_max": 2, "adjustments": [{"id": "payment", "title": "付款方式"}]},
    "tender_documents": EXAMPLE["tender_documents"],
    "schedule": {"issue_start": "2026-03-02T08:30:00+08:00", "issue_end": "2026-03-03T17:00:00+08:00",
                 "bid_deadline": "2026-03-09T09:30:00+08:00"},
}  # fmt: skip


def main(data: Path, fonts: str) -> dict[str, object]:
    platform = build(Settings(data=data, font_dir=fonts), SteppedClock(at("2026-03-01T09:00")), SystemEntropy())
    world = World(platform)
    early = {**TERMS, "schedule": {**TERMS["schedule"], "bid_deadline": "2026-03-05T09:30:00+08:00"}}  # type: ignore[dict-item]
    refusal = refused(world, early)
    lot = world.announce(TERMS, "reeds")
    world.go(at("2026-03-02T08:30"))
    for name, price in OFFERS.items():
        stated = {"price_fen": price, "duration_days": 60}
        world.submit(lot, world.bidder(name), {"whole": stated})
    world.go(at("2026-03-09T09:30") + timedelta(seconds=3))
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "whole", world.centre, world.supervisor)
    world.go(world.clock.now())
    world.go(world.clock.now() + timedelta(minutes=11))
    world.give(lot, "finish_opening", world.agency)
    evaluate(world, lot)
    award(world, lot)
    clockwork.sweep(platform)
    archive(world, lot)
    log.move(platform)
    with platform.look() as unit:
        check_log(unit)
    after = world.lot(lot)
    return {
        "distribution": importlib.metadata.distribution("gongxin-reeds").version, "trade": after.trade, "status": after.status,
        "winner": after.part(Evaluation).candidates[0].bidder, "refused": refusal, "differences": len(replay(platform)),
        "title": platform.catalogue.say("trade.reeds", "zh"),
    }  # fmt: skip


def refused(world: World, terms: dict[str, object]) -> list[str]:
    """By which of its own periods the trade refuses dates."""
    lot = world.create({"principal": world.principal.organisation}, "reeds")
    world.give(lot, "draft", world.agency, **terms)
    try:
        world.give(lot, "submit_for_publication", world.agency, responsible_person="张工")
    except Refused as refusal:
        return [p.rule for p in refusal.problems]
    return []


def evaluate(world: World, lot: str) -> None:
    members = world.draw_experts(lot, world.pool(), *ROWS)
    for member in members:
        world.give(lot, "sign_in_seat", member, no_recusal=True, keeps_discipline=True)
    for member in members[:2]:
        world.give(lot, "vote_chair", member, seat=1)
    world.give(lot, "start_evaluation", world.agency)
    chair = chair_of(world, lot, members)
    world.give(lot, "finish_review", chair)
    world.give(lot, "summarise", chair)
    for member in members:
        world.give(lot, "sign_report", member, agrees=True)
    world.give(lot, "submit_report", chair)


def chair_of(world: World, lot: str, members: list[Actor]) -> Actor:
    part = world.lot(lot).part(Committee)
    holder = next(s.holder for s in part.seats if s.number == part.chair)
    return next(m for m in members if world.number(m) == holder)


def award(world: World, lot: str) -> None:
    best = world.lot(lot).part(Evaluation).candidates[0]
    said = {"evaluation_summary": "经评审的最低价", "how_to_object": "在本平台提出", "publicity_days": 1}
    world.give(lot, "publish_candidates", world.principal, **said)
    world.go(at("2026-03-11T08:30"))
    world.give(lot, "decide_award", world.principal, bid=best.bid)
    world.give(lot, "issue_award_letter", world.principal)
    world.give(lot, "publish_result", world.principal)
    world.give(lot, "sign_contract", world.principal, contract_number="NW-1", price_fen=best.price_fen, uscc=best.uscc, duration_days=60,
               hectares=120, files=[{"name": "合同.pdf", "sha256": PAPER, "size": 1}])  # fmt: skip
    world.give(lot, "start_performance", world.agency, started_on="2026-03-11")
    world.give(lot, "accept", world.principal, text="合格", files=[{"name": "验收书.pdf", "sha256": PAPER, "size": 1}])


def archive(world: World, lot: str) -> None:
    with world.platform.look() as unit:
        found = world.lot(lot)
        trade = world.platform.trade("reeds")
        issued = papers.kinds_issued(unit, trade, found, Command("archive", world.centre, {}, unit.now))
    missing = [n for n, state in trade.archive.completeness(Volume(found, issued, ())).items() if state == MISSING]
    pieces = [{"piece": n, "name": f"{n}.pdf", "sha256": PAPER, "size": 1} for n in missing]
    world.give(lot, "archive", world.centre, retention="30", pieces=pieces)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2]), ensure_ascii=False))
