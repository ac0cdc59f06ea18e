"""A flood report for a small reservoir, by public draw. Names and figures are invented."""
from __future__ import annotations

from datetime import date

from trading_core.demo.script import Offer, Script

FEN = 100


def flood_report(start: date = date(2026, 4, 20)) -> Script:
    terms = {
        "title": "澜明区示例水库除险加固洪水影响评价", "catalogue_code": "F01", "service_type": "洪水影响评价报告编制",
        "content": "编制洪水影响评价报告并通过审查。", "qualification": "具有水利行业乙级以上咨询资信。", "price_fen": 86_000 * FEN,
        "public_money": True, "owner_choice": True, "procurement_limit_fen": 500_000 * FEN, "service_workdays": 20, "applicants_min": 3,
        "approval": False, "next_bidder": True, "consortium": False,
        "contact": {"name": "澜明区水库管理所", "person": "周处长", "phone": "0800-000-0000"},
    }  # fmt: skip
    names = ("松涧示例水利咨询有限公司", "云石示例工程咨询有限公司", "青屿示例勘测设计有限公司", "白鹭示例环境科技有限公司")
    return Script(
        course="selection", trade="intermediary", start=start, terms=terms, offers=tuple(Offer(n, 0, {}) for n in names),
        principal="澜明区水库管理所", agency="云栖示例项目管理有限公司", supervisor="澜明区投资审批中介超市管理办公室",
        centre="澜明区公共资源交易中心", attribution="",
    )  # fmt: skip


SCRIPTS = {"intermediary": flood_report}
"""Demonstrations by the code of the trade type: ``gongxin demo intermediary``."""
