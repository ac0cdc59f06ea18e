"""How values are written on paper: money with its words, times in China time."""
from __future__ import annotations

from datetime import date, timedelta

from markupsafe import Markup, escape

from ...domain.events import instant_from
from ...domain.money import daxie, yuan_text
from ...domain.workcalendar import CST
from ...messages import Language

WEEKDAYS = "一二三四五六日"


def printed(value: object) -> Markup:
    """A value as it goes into the page: escaped, its line ends kept. Every value a template prints passes through here, so that
    none can print ``None`` or a float unnoticed."""
    if isinstance(value, Markup):
        return value
    if value is None or isinstance(value, bool | float):
        raise TypeError(f"a template prints {value!r}")
    return Markup(escape(str(value)).replace("\n", Markup("<br/>")))


def money(fen: int) -> str:
    """Figures and words together, so that neither can be changed alone: ``￥9,860,000.00（人民币玖佰捌拾陆万元整）`` [12 §12.6]."""
    return f"￥{yuan_text(fen)}（人民币{daxie(fen)}）"


def day(text: str, language: Language) -> str:
    """The day of an ISO date, or of an instant as China sees it: ``2026年3月23日``."""
    moment = date.fromisoformat(text) if len(text) == 10 else instant_from(text).astimezone(CST).date()
    return f"{moment.year}年{moment.month}月{moment.day}日" if language == "zh" else moment.strftime(f"{moment.day} %B %Y")


def minute(text: str, language: Language) -> str:
    """An instant for people: ``2026年3月23日（周一）09:30``, seconds only where there are any. China time."""
    moment = instant_from(text).astimezone(CST)
    clock = moment.strftime("%H:%M:%S" if moment.second or moment.microsecond else "%H:%M")
    if language == "zh":
        return f"{day(text, language)}（周{WEEKDAYS[moment.weekday()]}）{clock}"
    return f"{moment.strftime('%a')} {day(text, language)}, {clock} (UTC+8)"


def until(text: str, language: Language) -> str:
    """The end of a period: midnight is said as 24:00 of the day that ends, ``2026年3月30日（周一）24:00``."""
    moment = instant_from(text).astimezone(CST)
    if (moment.hour, moment.minute, moment.second, moment.microsecond) != (0, 0, 0, 0):
        return minute(text, language)
    return minute((moment - timedelta(days=1)).isoformat(), language).replace("00:00", "24:00")


def exact(text: str) -> str:
    """An instant for evidence, to the millisecond, cut not rounded: ``2026-03-23 09:29:59.999``. China time."""
    return instant_from(text).astimezone(CST).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def size(count: int) -> str:
    """Bytes with thousands separated."""
    return f"{count:,}"
