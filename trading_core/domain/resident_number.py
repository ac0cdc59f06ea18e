"""Resident identity numbers (公民身份号码, GB 11643-1999) [09 §9.9]. Never in clear outside a private part."""
from __future__ import annotations

import re
from datetime import date

from .errors import Problem

RULE = "09 §9.9"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
FORM = re.compile(r"[0-9]{17}[0-9X]")


def resident_check_character(first: str) -> str:
    """The 18th character for the first 17 digits. ValueError when they are not 17 digits."""
    if not re.fullmatch(r"[0-9]{17}", first):
        raise ValueError("17 digits are needed")
    return CHECK[sum(int(c) * w for c, w in zip(first, WEIGHTS, strict=True)) % 11]


def check_resident_number(number: str, today: date) -> tuple[Problem, ...]:
    """What makes a number unusable. The number itself never stands in a problem. Old numbers of 15 digits are refused."""
    if not FORM.fullmatch(number):
        return (Problem("resident_number.form", "id_number", rule=RULE),)
    problems = []
    try:
        if date(int(number[6:10]), int(number[10:12]), int(number[12:14])) > today:
            problems.append(Problem("resident_number.born_later", "id_number", rule=RULE))
    except ValueError:
        problems.append(Problem("resident_number.birth_date", "id_number", rule=RULE))
    if number[17] != resident_check_character(number[:17]):
        problems.append(Problem("resident_number.check_character", "id_number", rule=RULE))
    return tuple(problems)
