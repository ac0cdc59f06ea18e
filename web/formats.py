"""How figures are written for people: moments, money, sizes, fingerprints. Nothing here rounds an amount."""
from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from trading_core.domain.events import instant_from
from trading_core.domain.money import wan_text, yuan_text
from trading_core.domain.workcalendar import CST
from trading_core.messages import Language

WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WAN_FEN = 1_000_000  # 万元 in fen
YI_FEN = 10_000_000_000  # 亿元 in fen
BYTES = (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10))


def local(moment: datetime, closes: bool = False) -> tuple[date, str]:
    """Day and clock time in China. closes: the end of a span, so that midnight reads 24:00 of the day before [T-04]."""
    there = moment.astimezone(CST)
    if closes and there.hour == there.minute == there.second == there.microsecond == 0:
        return (there - timedelta(days=1)).date(), "24:00"
    return there.date(), there.strftime("%H:%M" if there.second == 0 else "%H:%M:%S")


def moment_text(moment: datetime, language: Language, closes: bool = False) -> str:
    """``2026-03-30（周一）24:00``; in English ``Mon 30 Mar 2026, 24:00``. China time."""
    day, clock = local(moment, closes)
    return f"{day_text(day, language)}{'' if language == 'zh' else ', '}{clock}"


def exact_text(text: str, language: Language) -> str:
    """A recorded instant to the second, to the microsecond where it has any: a bid too late must not look in time.

    Other texts stay as they are.
    """
    try:
        moment = instant_from(text)
    except ValueError:
        return text
    there = moment.astimezone(CST)
    clock = there.strftime("%H:%M:%S.%f" if there.microsecond else "%H:%M:%S")
    return f"{day_text(there.date(), language)}{'' if language == 'zh' else ', '}{clock}"


def day_text(day: date, language: Language) -> str:
    if language == "zh":
        return f"{day.isoformat()}（周{WEEKDAYS['zh'][day.weekday()]}）"
    return f"{WEEKDAYS['en'][day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def short_text(moment: datetime, language: Language, closes: bool = False) -> str:
    """``3-30 24:00``; in English ``30 Mar 24:00``."""
    day, clock = local(moment, closes)
    return f"{day.month}-{day.day:02} {clock}" if language == "zh" else f"{day.day} {MONTHS[day.month - 1]} {clock}"


def short_day(moment: datetime, language: Language) -> str:
    day, _ = local(moment)
    return f"{day.month}-{day.day:02}" if language == "zh" else f"{day.day} {MONTHS[day.month - 1]}"


def iso(moment: datetime) -> str:
    """For ``<time datetime>``: milliseconds, with China's offset."""
    return moment.astimezone(CST).isoformat(timespec="milliseconds")


def money(fen: int, language: Language) -> str:
    """Exact: in 万元 as notices write it, below 1 万元 in 元."""
    if language == "en":
        return f"CNY {yuan_text(fen)}"
    return f"{wan_text(fen)} 万元" if abs(fen) >= WAN_FEN else f"{yuan_text(fen)} 元"


def money_about(fen: int, language: Language) -> tuple[str, str]:
    """For statistics: figure and unit, two decimals, in 亿元 from there on. Rounded half up, never used where an amount binds."""
    if language == "en":
        return f"{Decimal(fen) / 100_000_000:,.2f}", "CNY million"
    size, unit = (YI_FEN, "亿元") if abs(fen) >= YI_FEN else (WAN_FEN, "万元")
    return f"{Decimal(fen) / size:,.2f}", unit


def size_text(count: int) -> str:
    """``4.2 MB``; whole bytes below 1 KB."""
    for unit, size in BYTES:
        if count >= size:
            return f"{Decimal(count) / size:.1f} {unit}"
    return f"{count} B"


def hash_text(digest: str) -> str:
    """``9c1f 03ab…e07a``: enough to compare by eye, never to rely on."""
    return f"{digest[:4]} {digest[4:8]}…{digest[-4:]}" if len(digest) > 16 else digest


def duration(span: timedelta) -> tuple[str, dict[str, int]]:
    """Message key and figures for a time that remains, in the two units that matter."""
    seconds = max(0, int(span.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return "span.days", {"days": days, "hours": hours}
    if hours:
        return "span.hours", {"hours": hours, "minutes": minutes}
    return "span.minutes", {"minutes": minutes, "seconds": seconds % 60}
