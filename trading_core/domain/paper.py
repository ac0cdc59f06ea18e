"""A paper as a declaration: what a notice or a certificate of a trade says, taken from what was announced and what happened [12 §12.6].

Papers whose form the law fixes line by line have templates of their own; all others are sheets: headings, facts, a closing sentence.
"""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a sheet. heading: key of a message, empty for none. lines: names of terms, points of the schedule, parts of the event or
    ``winner``, ``winner_uscc``, ``price`` and the parties' roles; one that has no value is left out. text: key of a message that is
    printed as a sentence, with the same names as figures."""

    heading: str = ""
    lines: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class PaperForm:
    """title: key of a message. sections: in their order."""

    title: str
    sections: tuple[Section, ...]
