"""A construction tender to try the platform with. Names are invented; the prices are those of a real auction (data/)."""
from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from expert_pool import tables
from expert_pool.sample import make_sample_pool
from trading_core.demo.script import Offer, TenderScript
from trading_core.platform import Platform

from .readiness import FAIR_COMPETITION

DATA = Path(__file__).parent / "data"
BIDDERS = (
    ("松涧示例建设集团有限公司", "王建国"), ("云石示例路桥有限公司", "赵明远"), ("青屿示例水利工程有限公司", "孙立"),
    ("白鹭示例建筑有限公司", "钱志远"), ("赤水示例市政工程有限公司", "吴春生"), ("岚山示例管道安装有限公司", "郑海"),
    ("江汀示例建工有限公司", "冯国强"),
)  # fmt: skip
WORDS_DIFFER = {4: 20_000}  # yuan by which the words exceed the figures of one bid
EVALUATION: Mapping[str, object] = {
    "method": "comprehensive", "line_rounding": "ROUND_HALF_UP", "tie_price": "quoted", "candidates_max": 3,
    "scored_price": "corrected", "benchmark_set": "fixed_after_preliminary_review",
    "price": {
        "formula": "E-F1",
        "params": {
            "full_score": "60", "floor": "0", "e_high": "1.0", "e_low": "0.5", "step": "continuous", "unit": "wan_yuan",
            "benchmark_places": 4, "deviation_places": "unrounded", "score_places": 2, "rounding": "ROUND_HALF_UP",
        },
        "drawn": {"parameter": "k", "candidates": ["0.02", "0.025", "0.03", "0.035"]},
    },
    "items": [
        {"id": "plan", "title": "施工组织设计", "group": "technical", "kind": "subjective", "points_min": "0", "points_max": "20",
         "points_step": "0.5"},
        {"id": "quality", "title": "质量、安全和文明施工", "group": "technical", "kind": "subjective", "points_min": "0",
         "points_max": "12", "points_step": "0.5"},
        {"id": "record", "title": "类似项目业绩", "group": "commercial", "kind": "objective", "points_min": "0", "points_max": "8",
         "points_step": "2"},
    ],
    "item_scores": {"aggregation": "trimmed_mean", "places": 2, "rounding": "ROUND_HALF_UP"},
    "total": {"places": 2, "rounding": "ROUND_HALF_UP"},
    "tie_rules": ["higher_technical"],
}  # fmt: skip


def auction() -> tuple[int, list[int]]:
    """Ceiling and bids of the auction in yuan, in the order in which they are listed."""
    with (DATA / "tsuchiura_813.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return int(rows[0]["reserveprice"]), [int(r["bid"]) for r in rows]


def offers() -> Sequence[Offer]:
    """The auction's prices in the names of invented bidders; the last of them comes too late."""
    _, prices = auction()
    return tuple(
        Offer(name, price * 100, _letter(n, leader), (price + WORDS_DIFFER[n]) * 100 if n in WORDS_DIFFER else 0)
        for n, ((name, leader), price) in enumerate(zip(BIDDERS, prices, strict=True))
    )


def _letter(number: int, leader: str) -> dict[str, object]:
    return {
        "duration_days": 150, "quality": "合格", "project_leader": leader,
        "project_leader_certificate": f"云 2530000{number:02}",
        "qualification_response": "市政公用工程施工总承包二级，证书在有效期内；项目负责人为一级建造师。",
    }  # fmt: skip


def terms() -> dict[str, object]:
    """The notice without its dates and files."""
    ceiling, _ = auction()
    return {
        "title": "澜明区供水管网改造工程施工（一标段）", "investment_project_code": "2602-530500-04-01-100813", "catalogue_code": "A01",
        "object_kind": "works", "mandatory": True, "state_funded": True, "tender_way": "open", "qualification_way": "post",
        "approval_number": "澜发改审〔2026〕12 号", "fund_source": "财政资金 100 %", "scope": "敷设和更换供水管 3.2 公里及附属设施",
        "place": "澜明区城北片区", "qualification": "市政公用工程施工总承包三级及以上", "consortium": False, "duration_days": 150,
        "quality": "合格", "estimate_fen": ceiling * 100, "ceiling_fen": ceiling * 100, "deposit_fen": 50_000_000,
        "deposit_account": "澜明区公共资源交易中心保证金专户", "bid_validity_days": 90,
        "envelopes": [{"name": "technical", "opens": "at_opening"}, {"name": "price", "opens": "after_technical"}],
        "evaluation": EVALUATION, "committee_size": 5,
        "contact": {"name": "云栖示例招标代理有限公司", "person": "李工", "phone": "0800-000-0001"},
        "supervisor_contact": "澜明区水务局工程科 0800-000-0002",
        "fair_competition_check": dict.fromkeys(FAIR_COMPETITION, "yes"),
    }  # fmt: skip


def people(platform: Platform) -> dict[str, str]:
    """Expert number to person id: whom the pool's telephone would ring."""
    with platform.look() as unit:
        rows = tables.of_specialty(unit.store, "bidding", "A") + tables.of_specialty(unit.store, "bidding", "C")
    return {e.number: e.person for e in rows}


def tender(start: date = date(2026, 3, 2)) -> TenderScript:
    """The whole demonstration, from a working day on."""
    return TenderScript(
        course="tender", trade="engineering", start=start, terms=terms(), offers=offers(),
        rows=({"row": "water", "specialty": "A08", "count": 3}, {"row": "cost", "specialty": "C02", "count": 2}),
        fill_pool=make_sample_pool, people=people, principal="澜明区水务工程建设管理处", agency="云栖示例招标代理有限公司",
        supervisor="澜明区水务局", centre="澜明区公共资源交易中心", attribution=(DATA / "LICENSE-tsuchiura.txt").read_text("utf-8"),
    )  # fmt: skip


SCRIPTS = {"engineering": tender}
"""Demonstrations by the code of the trade type: ``gongxin demo engineering``."""
