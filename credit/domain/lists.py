"""The lists of the national basic catalogue and what each may cause in each trade [CR-1, 09 §9.2].

A list refuses where law itself excludes; otherwise a match is shown to whoever decides, since only the tender document or that
person can make something of it [CR-4]. The software invents neither a list nor an effect: a new one is a line here, with its source.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Effect(StrEnum):
    """What a match does."""

    REFUSES = "refuses"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Consequence:
    """The effect in one trade and the rule it rests on. mandatory_only: law excludes from mandatory projects, not from others."""

    effect: Effect
    rule: str
    mandatory_only: bool = False


TRADES = ("engineering", "procurement", "land", "mining", "property", "environment")


@dataclass(frozen=True, slots=True)
class CreditList:
    """code: in events and files. name: its official name. keeper: who keeps it. open_ended: a listing may last until it is cured.

    consequences: by trade; in a trade of `TRADES` that is not among them the list says nothing.
    """

    code: str
    name: str
    keeper: str
    consequences: Mapping[str, Consequence] = field(default_factory=dict)
    open_ended: bool = False

    def consequence(self, trade: str) -> Consequence | None:
        """What a match means in a trade, None for nothing. In a trade not known here it is only shown."""
        return self.consequences.get(trade) or (None if trade in TRADES else SHOWN)


SHOWN = Consequence(Effect.SHOWN, "CR-4")


def _shown(*trades: str) -> dict[str, Consequence]:
    return dict.fromkeys(trades, SHOWN)


def _refuses(rule: str, mandatory_only: bool = False) -> Consequence:
    return Consequence(Effect.REFUSES, rule, mandatory_only)


LISTS: Mapping[str, CreditList] = {
    known.code: known
    for known in (
        CreditList("tender_ban", "取消投标资格", "行政监督部门",
                   {"engineering": _refuses("BL 53, 54, 60", mandatory_only=True)} | _shown("procurement")),
        CreditList("dishonest_executed", "失信被执行人", "人民法院",
                   {"procurement": _refuses("财库〔2016〕125号")} | _shown("engineering", "land", "mining", "property", "environment"),
                   open_ended=True),
        CreditList("tax_violation", "重大税收违法失信主体", "税务机关",
                   {"procurement": _refuses("财库〔2016〕125号")} | _shown("engineering", "land", "mining", "property", "environment")),
        CreditList("procurement_bad_record", "政府采购严重违法失信行为记录名单", "财政部门", {"procurement": _refuses("GPL 77")}),
        CreditList("seriously_dishonest", "严重失信主体名单", "市场监督管理部门等",
                   _shown("engineering", "procurement", "mining", "property", "environment"), open_ended=True),
        CreditList("abnormal_operation", "经营异常名录", "市场监督管理部门", _shown("engineering", "mining"), open_ended=True),
        CreditList("mining_violation", "矿业权人严重违法名单", "自然资源主管部门", {"mining": _refuses("MIN-HS")}, open_ended=True),
        CreditList("safety_violation", "安全生产严重失信主体", "应急管理部门", _shown("engineering", "mining")),
        CreditList("wage_arrears", "拖欠农民工工资失信联合惩戒名单", "人力资源社会保障部门",
                   _shown("engineering", "procurement", "land", "mining", "property", "environment")),
        CreditList("land_default", "土地竞买失信名单", "自然资源主管部门", {"land": _refuses("L-T17")}, open_ended=True),
    )
}  # fmt: skip
"""Every list by its code."""
