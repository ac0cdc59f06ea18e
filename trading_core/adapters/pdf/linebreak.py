"""Where a Chinese line may end (避头尾), given to the renderer.

The renderer breaks a line at spaces, or, told ``overflow-wrap: anywhere``, between any two characters: 。 would begin lines, （ would
end them and 1,234.00 would be cut in two. It has no third way and no hook, so its function that cuts long words is replaced here by
one that knows where a Chinese line may end. tests/pdf/test_linebreak.py reads the broken lines off the finished page.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from xhtml2pdf import reportlab_paragraph
from xhtml2pdf.reportlab_paragraph import stringWidth

NOT_FIRST = frozenset("，。；：、！？）》】〕〉」』”’…—％%‰℃°·,.;:!?)]}")
NOT_LAST = frozenset("（《【〔〈「『“‘￥¥$([{第")
_WORD_MARKS = frozenset(".,:/+_-@#&=?%'")


@dataclass(slots=True)
class Atom:
    """A character with its style, or a marker of the renderer (text empty) with the room it takes. width in points."""

    frag: Any
    text: str
    width: float


Word = list[Any]  # as the renderer keeps it: [width, (frag, text), (frag, text), …]


def split_long_words(words: Sequence[Word], line_width: float) -> list[Word]:
    """The words of a paragraph, each stretch that is wider than a line cut into pieces that fill one line each.

    The renderer puts a space between two words on a line; it never puts two of these pieces on one, for the second begins with what
    did not fit behind the first.
    """
    result: list[Word] = []
    stretch: list[Word] = []
    for word in words:
        if _breakable(word):
            stretch.append(word)
        else:
            result += _cut(stretch, line_width)
            stretch = []
            result.append(word)
    return result + _cut(stretch, line_width)


def _breakable(word: Word) -> bool:
    """Text with markers among it; no forced break, no image, no page number, nothing told to stay whole."""
    return all(
        not hasattr(f, "lineBreak") and not getattr(getattr(f, "cbDefn", None), "width", 0) and isinstance(text, str | bytes)
        and (hasattr(f, "cbDefn") or getattr(f, "splitLongWords", False))
        for f, text in word[1:]
    )  # fmt: skip


def _cut(words: list[Word], line_width: float) -> list[Word]:
    if line_width <= 0 or not words:
        return words
    atoms = list(_atoms(words))
    if sum(a.width for a in atoms) <= line_width:
        return words
    return [_word(line) for line in _lines(atoms, line_width)]


def _atoms(words: list[Word]) -> Iterator[Atom]:
    for i, word in enumerate(words):
        if i:
            frag = word[1][0]
            yield Atom(frag, " ", stringWidth(" ", frag.fontName, frag.fontSize))
        for frag, text in word[1:]:
            if hasattr(frag, "cbDefn"):
                yield Atom(frag, "", getattr(frag.cbDefn, "advance", 0) + getattr(frag.cbDefn, "reserve", 0))
            else:
                for c in text.decode() if isinstance(text, bytes) else text:
                    yield Atom(frag, c, stringWidth(c, frag.fontName, frag.fontSize))


def _lines(atoms: list[Atom], line_width: float) -> Iterator[list[Atom]]:
    """Greedy: each line takes as many clusters as fit. A cluster wider than a line, such as a hash, is cut where the line ends."""
    line: list[Atom] = []
    used = 0.0
    for cluster in _clusters(atoms):
        width = sum(a.width for a in cluster)
        if line and used + width > line_width:
            yield _stripped(line)
            line, used = [], 0.0
            cluster = cluster[1:] if cluster[0].text == " " else cluster
        for atom in cluster:
            if line and used + atom.width > line_width:
                yield _stripped(line)
                line, used = [], 0.0
            line.append(atom)
            used += atom.width
    if line:
        yield _stripped(line)


def _clusters(atoms: list[Atom]) -> Iterator[list[Atom]]:
    """What must stay on one line. A space goes with what follows it, and is dropped where a line begins."""
    cluster: list[Atom] = []
    before = ""
    for i, atom in enumerate(atoms):
        if cluster and atom.text and before and before != " ":
            after = atom.text if atom.text != " " else next((a.text for a in atoms[i + 1 :] if a.text.strip()), "")
            if may_break(before, after, atom.text == " "):
                yield cluster
                cluster = []
        cluster.append(atom)
        before = atom.text or before
    if cluster:
        yield cluster


def may_break(before: str, after: str, spaced: bool = False) -> bool:
    """Whether a line may end between two characters, neighbours or with a space between them."""
    if after in NOT_FIRST or before in NOT_LAST:
        return False
    return spaced or not (_in_word(before) and _in_word(after))


def _in_word(c: str) -> bool:
    return c in _WORD_MARKS or (c.isalnum() and ord(c) < 0x2E80) or c == "\xa0"


def _stripped(line: list[Atom]) -> list[Atom]:
    while line and line[-1].text == " ":
        line.pop()
    return line


def _word(line: list[Atom]) -> Word:
    pieces: list[tuple[Any, str]] = []
    for atom in line:
        if atom.text and pieces and pieces[-1][0] is atom.frag and pieces[-1][1]:
            pieces[-1] = (atom.frag, pieces[-1][1] + atom.text)
        else:
            pieces.append((atom.frag, atom.text))
    return [sum(a.width for a in line), *pieces]


def install() -> None:
    """Give the renderer this way of breaking lines. AttributeError when it has no such place any more."""
    if not callable(reportlab_paragraph._splitLongWords):
        raise AttributeError("_splitLongWords")
    reportlab_paragraph._splitLongWords = split_long_words
