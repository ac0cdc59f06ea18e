"""A parcel and a mine to try the platform with. Names are invented; the parcel's figures are those of a real notice (data/)."""
from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from trading_core.demo.script import AuctionScript, Move, Offer

PARCELS = Path(__file__).parent / "data" / "longyang.csv"
BIDDERS = ("松涧示例置业有限公司", "云石示例商贸有限公司", "青屿示例酒店管理有限公司", "白鹭示例房地产有限公司")
WAN = 1_000_000  # fen in ten thousand yuan
CONTACT = {"name": "澜明区自然资源局", "person": "周处长", "phone": "0800-000-0000"}
COMMON: Mapping[str, object] = {
    "approval": True, "next_bidder": False, "consortium": False, "contact": CONTACT,
    "deposit_account": "澜明区公共资源交易中心保证金专户",
}  # fmt: skip
PARTIES = {
    "principal": "澜明区自然资源局", "agency": "云栖示例土地交易咨询有限公司", "supervisor": "澜明区公共资源交易管理局",
    "centre": "澜明区公共资源交易中心",
}  # fmt: skip


def offers(*bidders: str) -> tuple[Offer, ...]:
    return tuple(Offer(name, 0, {}) for name in bidders)


def parcel() -> Mapping[str, str]:
    """The one of the ten parcels whose whole description is known."""
    with PARCELS.open(encoding="utf-8", newline="") as file:
        return next(row for row in csv.DictReader(line for line in file if not line.startswith("#")) if row["area_m2"])


def _fen(wan_yuan: str) -> int:
    whole, _, part = wan_yuan.partition(".")
    return int(whole) * WAN + int(part.ljust(6, "0"))


def land(start: date = date(2026, 3, 9)) -> AuctionScript:
    """The parcel by listing, with timed bidding, a reserve and a standing bid."""
    p = parcel()
    price, step = _fen(p["start_wan"]), _fen(p["increment_wan"])
    terms = {
        **COMMON, "title": "530502106215GB00047 号宗地使用权", "catalogue_code": "C01", "parcel": p["parcel"],
        "place": "澜明区示例街道", "area_m2": p["area_m2"],
        "land_use": "commercial", "term_years": 40, "real_estate": True, "plot_ratio": "大于 1 且不超过 2",
        "building_density": "不超过 50%", "green_ratio": "不低于 30%", "plan_approval": "澜政复〔2026〕11 号", "minimum_price_fen": price,
        "payment_schedule": "合同签订之日起一个月内缴纳 50%，一年内缴清。", "deposit_fen": _fen(p["deposit_wan"]),
        "qualification": "境内外法人、自然人和其他组织均可报名。",
        "bidding": {
            "start_fen": price, "increment_fen": step, "multiple": False, "reserve": True, "reserve_from_minutes": 30,
            "reserve_until_minutes": 0, "bidders_min": 1, "quiet_minutes": 0, "timed_when": "last_hour", "timed_entry": "registered",
            "preparation_minutes": 15, "round_minutes": 5, "extension": False, "priority": "none",
        },
    }  # fmt: skip
    free = (Move(1, 0, price), Move(30, 1, price + step))
    return AuctionScript(
        course="auction", trade="land", start=start, terms=terms, offers=offers(*BIDDERS), attribution="", **PARTIES,
        free=free, timed=(Move(1, 2, price + 4 * step), Move(4, 0, price + 9 * step, standing=True), Move(7, 1, price + 6 * step)),
        reserve_fen=price + 2 * step, refused=3,
    )  # fmt: skip


def mining(start: date = date(2026, 3, 2)) -> AuctionScript:
    """A quarry by listing without reserve, in whole increments, the amount beside a rate."""
    price, step = 120 * WAN, 5 * WAN
    terms = {
        **COMMON, "title": "澜明区大石山建筑石料用灰岩矿采矿权", "catalogue_code": "C04", "mineral": "建筑石料用灰岩",
        "place": "澜明区示例镇", "area_km2": "0.1200", "corners": [{"x": "2780000", "y": "33500000"}, {"x": "2780400", "y": "33500000"},
                                          {"x": "2780400", "y": "33500300"}, {"x": "2780000", "y": "33500300"}],
        "term_years": 10, "bid_basis": "base_of_rate", "revenue_rate": "3.1", "exploration_level": "详查", "minimum_price_fen": price,
        "payment_schedule": "成交价款一次缴清，以后按年销售收入的 3.1% 缴纳。", "risks": "储量估算存在误差，竞买人自行承担风险。",
        "deposit_fen": 30 * WAN, "qualification": "在中国境内登记的营利法人，未被列入矿业权人严重违法名单。",
        "bidding": {
            "start_fen": price, "increment_fen": step, "multiple": True, "reserve": False, "bidders_min": 1, "quiet_minutes": 60,
            "timed_when": "wished", "timed_entry": "bidders", "preparation_minutes": 15, "round_minutes": 5, "extension": False,
            "priority": "none",
        },
    }  # fmt: skip
    return AuctionScript(
        course="auction", trade="mining", start=start, terms=terms, offers=offers(*BIDDERS[:3]), attribution="", **PARTIES,
        free=(Move(1, 0, price), Move(20, 1, price + 2 * step), Move(40, 2, price + 3 * step), Move(50, 0, 0)),
        timed=(Move(2, 1, price + 4 * step), Move(6, 2, price + 6 * step)),
    )  # fmt: skip


SCRIPTS = {"land": land, "mining": mining}
"""Demonstrations by the code of the trade type: ``gongxin demo land``."""
