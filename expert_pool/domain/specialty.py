"""Codes of the classification of specialties (评标专家专业分类): a letter and up to three pairs of digits [08 §8.3].

``A`` → ``A08`` → ``A0801`` → ``A080101``: the parent of a code is the code without its last pair. Which codes exist, and what they
are called, is told by the provincial pool. A code is answered by itself and by every code below it, never the other way round.
"""
from __future__ import annotations

import re

FORM = re.compile(r"[A-Z](?:[0-9]{2}){0,3}")


def is_code(text: str) -> bool:
    """Whether a text has the form of a code [08 §8.3 rule 1]."""
    return FORM.fullmatch(text) is not None
