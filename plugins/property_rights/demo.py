"""A house owned by a district company, sold while its tenant has the right of priority. Names and figures are invented."""
from __future__ import annotations

from datetime import date

from trading_core.demo.script import AuctionScript, Move, Offer

WAN = 1_000_000  # fen in ten thousand yuan
TENANT = 1


def house(start: date = date(2026, 4, 13)) -> AuctionScript:
    """Three bidders, the second of them the tenant, who takes the last price; another goes higher, and the tenant follows [RF-C]."""
    price, step = 320 * WAN, 2 * WAN
    terms = {
        "title": "澜明区示例路 18 号房产转让", "catalogue_code": "D02", "subject_kind": "asset_transfer",
        "subject": "澜明区示例路 18 号商业用房，建筑面积 412.60 平方米，现出租至 2027 年 6 月。", "place": "澜明区示例路 18 号",
        "decision": "澜投集决〔2026〕4 号", "appraisal_fen": price, "appraisal_base_date": "2025-12-31",
        "appraisal_approval": "澜投评备〔2026〕2 号",
        "disclosed_before": "first", "disclosure": "asset_middle", "related_party": False, "price_basis": "total",
        "payment_schedule": "合同生效之日起 5 个工作日内一次付清。", "deposit_fen": 60 * WAN,
        "deposit_account": "澜明区公共资源交易中心保证金专户",
        "right_holders": [{"name": "青屿示例餐饮有限公司", "ground": "tenant", "notified_on": "2026-03-20"}],
        "extension_workdays": 5, "extension_cycles": 2, "approval": True, "next_bidder": False, "consortium": False,
        "qualification": "具有完全民事行为能力的自然人、法人或者非法人组织。",
        "contact": {"name": "澜明区城市投资有限公司", "person": "周处长", "phone": "0800-000-0000"},
        "bidding": {
            "start_fen": price, "increment_fen": step, "multiple": True, "reserve": False, "bidders_min": 1, "quiet_minutes": 0,
            "timed_when": "always", "timed_entry": "registered", "preparation_minutes": 0, "round_minutes": 5, "extension": False,
            "priority": "last", "priority_minutes": 5,
        },
    }  # fmt: skip
    return AuctionScript(
        course="auction", trade="property", start=start, terms=terms,
        offers=(
            Offer("松涧示例商业管理有限公司", 0, {}), Offer("青屿示例餐饮有限公司", 0, {"right": 1}), Offer("白鹭示例贸易有限公司", 0, {}),
        ),
        principal="澜明区城市投资有限公司", agency="云栖示例产权经纪有限公司", supervisor="澜明区国有资产监督管理局",
        centre="澜明区公共资源交易中心", attribution="", free=(Move(1, 0, price), Move(20, 2, price + step)),
        timed=(Move(2, 0, price + 3 * step), Move(9, TENANT, 0), Move(12, 2, price + 5 * step), Move(19, TENANT, 0)),
    )  # fmt: skip


SCRIPTS = {"property": house}
"""Demonstrations by the code of the trade type: ``gongxin demo property``."""
