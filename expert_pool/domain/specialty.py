"""Codes of the classification of specialties (评标专家专业分类): a letter and up to three pairs of digits [08 §8.3].

``A`` → ``A08`` → ``A0801`` → ``A080101``: the parent of a code is the code without its last pair. Which codes exist, and what they
are called, is told by the provincial pool; here is only how codes relate.
"""
from __future__ import annotations

import re

FORM = re.compile(r"[A-Z](?:[0-9]{2}){0,3}")


def is_code(text: str) -> bool:
    """Whether a text has the form of a code [08 §8.3 rule 1]."""
    return FORM.fullmatch(text) is not None


def answers(held: str, requested: str) -> bool:
    """Whether a held code is the requested one or lies below it; never the other way round [08 §8.3 rule 2]."""
    return held.startswith(requested)
