"""An invented pool to try things with: the same experts for the same entropy, none of them a real person or company."""
from __future__ import annotations

from datetime import date, timedelta

from trading_core.adapters.entropy import Entropy
from trading_core.domain.csvtable import write
from trading_core.domain.identity import Actor
from trading_core.domain.uscc import compose_uscc
from trading_core.domain.workcalendar import local_date
from trading_core.platform import Unit

from .domain.listing import TABLE
from .services.importing import import_experts

SPECIALTIES = ("A0801", "A080101", "A0802", "A0901", "B0301", "C0201")
"""Invented assignments; what the codes mean is told by the provincial pool's table [08 §8.3]."""
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "文博思远嘉宁雨桐志明海燕建华春晓国栋丽娟昌盛永安秋实"
EMPLOYERS = 24
WORDS = "清河云岭长桥青石北湖南坪东源西林"
TRADES = ("水利设计院", "工程咨询有限公司", "检测有限公司", "造价咨询有限公司")


def sample_list(entropy: Entropy, today: date, count: int = 60) -> str:
    """A list of `count` experts of the bidding pool as CSV, numbers ``E001`` on, over a few specialties and employers."""
    rows = (_row(i, entropy.token_bytes(8), today) for i in range(1, count + 1))
    return write(TABLE.columns, (dict(zip(TABLE.columns, row, strict=True)) for row in rows))


def make_sample_pool(unit: Unit, by: Actor, count: int = 60) -> tuple[str, ...]:
    """Fill the pool with invented experts drawn from the platform's entropy; their numbers."""
    return import_experts(unit, by, sample_list(unit.platform.entropy, local_date(unit.now), count))


def _row(i: int, chance: bytes, today: date) -> list[str]:
    main = SPECIALTIES[i % len(SPECIALTIES)]
    second = SPECIALTIES[(i + 1 + chance[0] % (len(SPECIALTIES) - 1)) % len(SPECIALTIES)]
    present, former = chance[1] % EMPLOYERS, (chance[1] + 1 + chance[2] % (EMPLOYERS - 1)) % EMPLOYERS
    since = today - timedelta(days=400 + 16 * chance[3])
    ties = f"employer:{_code(former)}:{since - timedelta(days=1500)}:{since - timedelta(days=1)}"
    return [
        f"E{i:03}", "bidding", _name(chance), f"0800-000-{i:04}", "other", f"SAMPLE-{i:04}", f"{main} {second}", _code(present),
        _employer(present), since.isoformat(), ties, "", "yes" if chance[4] % 8 == 0 else "no",
    ]  # fmt: skip


def _name(chance: bytes) -> str:
    first, second = GIVEN[chance[6] % len(GIVEN)], GIVEN[chance[7] % len(GIVEN)]
    return SURNAMES[chance[5] % len(SURNAMES)] + first + (second if second != first else "")


def _code(employer: int) -> str:
    return compose_uscc("91530500", f"MAX{employer:05}")


def _employer(employer: int) -> str:
    return f"澜明{WORDS[2 * (employer % 8) : 2 * (employer % 8) + 2]}{TRADES[employer // 8]}"
