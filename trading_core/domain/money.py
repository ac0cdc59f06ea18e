"""Money in integer fen: how it is written, read, capped and how it bears interest. Never a float [01 §1.8, 12 §12.6]."""
from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from .errors import Problem, Refused

DIGITS = "零壹贰叁肆伍陆柒捌玖"
TRADITIONAL = str.maketrans({"貳": "贰", "陸": "陆", "億": "亿", "萬": "万", "圓": "元", "圆": "元", "參": "叁", "叄": "叁", "正": "整"})
LIMIT_FEN = 10**18  # 10^16 yuan: above 玖仟玖佰玖拾玖万…亿 there is no common word
TEXT_MAX = 80

_YUAN = re.compile(r"(?P<yuan>[0-9]{1,16}|[0-9]{1,3}(?:,[0-9]{3}){1,5})(?:\.(?P<fen>[0-9]{1,2}))?")
_TENS = {"拾": 10, "佰": 100, "仟": 1000}
# What is said right after a digit, by its decimal place in fen; 元, 万 and 亿 belong to whole sections.
_PLACES = ("分", "角", "", "拾", "佰", "仟", "", "拾", "佰", "仟", "", "拾", "佰", "仟", "", "拾", "佰", "仟")


def yuan_text(fen: int) -> str:
    """Yuan with thousands separated and two decimals: ``9,860,000.00``."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def wan_text(fen: int) -> str:
    """The same in units of 10 000 yuan (万元), exact: two decimals, more only where the amount needs them."""
    whole, part = divmod(abs(fen), 10**6)
    decimals = f"{part:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if fen < 0 else ''}{whole:,}.{decimals}"


def fen_from_yuan(text: str) -> int:
    """The amount written as ``9860000``, ``9860000.5`` or ``9,860,000.00``. Raises `Refused` (`money.not_amount`) for anything else:
    a sign, more than two decimals, separators out of place, digits of other scripts."""
    found = _YUAN.fullmatch(text)
    if found is None:
        raise Refused(Problem("money.not_amount"))
    return int(found["yuan"].replace(",", "")) * 100 + int((found["fen"] or "").ljust(2, "0"))


def daxie(fen: int) -> str:
    """The amount in words (大写), in the one form that this platform writes [12 §12.6]. ValueError below 0 or from `LIMIT_FEN` on."""
    if fen == 0:
        return "零元整"
    return _spelt(fen, _written_gap) + ("" if fen % 100 else "整")


def fen_from_daxie(text: str) -> int:
    """The amount that lawful words mean, in any of their forms: 零 where it may stand or fall, 正, traditional characters, 人民币
    in front, no 整 at the end. Raises `Refused` (`money.not_words`) for words that leave the amount in doubt."""
    words = re.sub(r"^人民币(?:[(（]大写[)）])?[:：]?|\s", "", text.translate(TRADITIONAL)) if len(text) <= TEXT_MAX else ""
    fen = _value(words)
    if fen is None or not _lawful(fen).fullmatch(words):
        raise Refused(Problem("money.not_words"))
    return fen


def percent_cap(base_fen: int, percent: Decimal | str, absolute_fen: int | None) -> int:
    """The highest deposit in fen: percent (``2`` is 2 %) of the base price, fractions of a fen cut off, and no more than the
    absolute cap where there is one [D-01, D-03, D-04]."""
    share, whole = Decimal(percent).as_integer_ratio()
    if base_fen < 0 or share < 0:
        raise ValueError("a cap is not negative")
    cap = base_fen * share // (whole * 100)
    return cap if absolute_fen is None else min(cap, absolute_fen)


def interest(principal_fen: int, annual_rate: Decimal, days: int) -> int:
    """Deposit interest in fen: principal × rate × days / 360, rounded half up once, at the end [D-05].

    annual_rate is a fraction: ``Decimal("0.0035")`` is 0.35 % a year.
    """
    rate, whole = annual_rate.as_integer_ratio()
    if principal_fen < 0 or rate < 0 or days < 0:
        raise ValueError("principal, rate and days are not negative")
    divisor = whole * 360
    return (2 * principal_fen * rate * days + divisor) // (2 * divisor)


Gap = Callable[[int, int], str]  # what stands for the zeros between two non-zero digits: (place above, place below) → text


def _spelt(fen: int, gap: Gap) -> str:
    """Non-zero digits with their places and sections; `gap` decides on every 零 between them."""
    if not 0 < fen < LIMIT_FEN:
        raise ValueError("an amount in words is at least 0 and less than LIMIT_FEN")
    digits = [(place, int(digit)) for place, digit in zip(range(len(str(fen)) - 1, -1, -1), str(fen), strict=True) if digit != "0"]
    below = [place for place, _ in digits[1:]] + [-1]
    text = ""
    for (place, digit), next_place in zip(digits, below, strict=True):
        text += DIGITS[digit] + _PLACES[place] + _sections(place, next_place)
        if 0 <= next_place < place - 1:
            text += gap(place, next_place)
    return text


def _sections(place: int, next_place: int) -> str:
    """What closes between two digits: 万 and 亿 of their four-digit sections, and 元. 万 is said twice: below 亿 and above it."""
    closes = ((14, "万", place >= 14), (10, "亿", place >= 10), (6, "万", 6 <= place < 10), (2, "元", place >= 2))
    return "".join(word for bottom, word, filled in closes if filled and next_place < bottom)


def _written_gap(place: int, next_place: int) -> str:
    """Our 零: none before 角; before the head of a section only when a section of zeros lies between; else always [12 §12.6]."""
    if next_place == 1:
        return ""
    if next_place in (5, 9, 13):
        return "零" if (place - 2) // 4 - (next_place - 2) // 4 > 1 else ""
    return "零"


def _lawful_gap(place: int, next_place: int) -> str:
    """Every lawful 零, as a pattern: it may fall before 角 and before the head of a section; it may stand once per zero."""
    return f"零{{{0 if next_place in (1, 5, 9, 13) else 1},{place - next_place - 1}}}"


def _lawful(fen: int) -> re.Pattern[str]:
    """All lawful words for an amount."""
    if fen == 0:
        return re.compile("零元整?")
    head = "(?:零元零?)?" if fen < 100 else ""
    return re.compile(head + _spelt(fen, _lawful_gap) + ("" if fen % 10 else "整?"))


def _value(words: str) -> int | None:
    """What the words add up to, without asking whether they are lawful; None when a character is unknown or the sum too large."""
    high = middle = section = digit = fen = 0
    for c in words.removesuffix("整"):
        if c in DIGITS:
            digit = DIGITS.index(c)
            continue
        if c in _TENS:
            section += digit * _TENS[c]
        elif c == "万":
            middle, section = middle + (section + digit) * 10**4, 0
        elif c == "亿":
            high, middle, section = high + (middle + section + digit) * 10**8, 0, 0
        elif c == "元":
            fen, high, middle, section = (high + middle + section + digit) * 100, 0, 0, 0
        elif c in "角分":
            fen += digit * (10 if c == "角" else 1)
        else:
            return None
        digit = 0
    return fen if fen < LIMIT_FEN else None
