"""Unified social credit codes of organisations (统一社会信用代码, GB 32100-2015) and the organisation code inside [09 §9.8].

18 characters: 1 registration department, 2 category, 3–8 administrative division, 9–17 organisation code (GB 11714), 18 check
character. A wrong check character refuses; what history explains (old divisions, old organisation codes) is only a doubt.
"""
from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from .errors import Problem

RULE = "09 §9.8"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z: they are misread
WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

# registration department to its categories, from GB 32100 with its amendments [K]: enough for a doubt, not for a refusal
CATEGORIES = {"1": "1239", "5": "1239", "9": "123", "Y": "1", "N": "1239", "A": "19", "2": "19", "3": "123459", "4": "19", "6": "129",
              "7": "129", "8": "19"}  # fmt: skip
PROVINCES = frozenset({10, *range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82})


def normalise(code: str) -> str:
    """The code as it is compared and stored: half-width, upper case, without blanks."""
    return "".join(unicodedata.normalize("NFKC", code).upper().split())


def check_character(first: str) -> str:
    """The 18th character for the first 17. ValueError when they are not 17 characters of the alphabet."""
    if len(first) != len(WEIGHTS):
        raise ValueError("17 characters are needed")
    total = sum(ALPHABET.index(c) * w for c, w in zip(first, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def organisation_check_character(body: str) -> str:
    """The 9th character of an organisation code for its first 8. ValueError when they are not 8 characters 0–9, A–Z."""
    if len(body) != len(ORGANISATION_WEIGHTS):
        raise ValueError("8 characters are needed")
    total = sum(ORGANISATION_ALPHABET.index(c) * w for c, w in zip(body, ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def complete_uscc(first: str) -> str:
    """A valid code from its first 17 characters, for invented data."""
    return first + check_character(first)


def compose_uscc(prefix: str, body: str) -> str:
    """A code without any doubt from department, category and division (8 characters) and the body of an organisation code (8)."""
    return complete_uscc(prefix + body + organisation_check_character(body))


def organisation_code(code: str) -> str:
    """Positions 9–17: by this older lists are matched [09 §9.10]."""
    return code[8:17]


def unit(code: str) -> str:
    """By what an organisation is known again: the code within its code, which stays when department or division change [09 §9.10].
    Of what is no unified code the whole."""
    return code if check_uscc(code) else organisation_code(code)


def check_uscc(code: str) -> tuple[Problem, ...]:
    """What makes a normalised code unusable; empty when it may be used."""
    if len(code) != 18:
        return (Problem("uscc.length", "uscc", {"length": len(code)}, RULE),)
    wrong = [i for i, c in enumerate(code, 1) if c not in ALPHABET]
    if wrong:
        return tuple(Problem("uscc.character", "uscc", {"position": i}, RULE) for i in wrong)
    if code[17] != check_character(code[:17]):
        return (Problem("uscc.check_character", "uscc", rule=RULE),)
    return ()


def doubts(code: str) -> tuple[Problem, ...]:
    """What is unusual about a usable code and should be looked at, but refuses nothing [09 §9.8]."""
    return tuple(_doubts(code))


def _doubts(code: str) -> Iterator[Problem]:
    if code[1] not in CATEGORIES.get(code[0], ""):
        yield Problem("uscc.unknown_category", "uscc", {"letters": code[:2]}, RULE)
    if not code[2:8].isdecimal() or int(code[2:4]) not in PROVINCES:
        yield Problem("uscc.unknown_division", "uscc", {"division": code[2:8]}, RULE)
    if code[16] != organisation_check_character(code[8:16]):
        yield Problem("uscc.organisation_check", "uscc", rule=RULE)
