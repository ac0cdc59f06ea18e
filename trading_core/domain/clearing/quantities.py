"""Quantities of a divisible right: decimal text at the border, whole quanta within [06 §6.2, §6.7(2)]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ..errors import Problem, Refused
from ..evaluation.numbers import exact, plain


@dataclass(frozen=True, slots=True)
class Quantum:
    """The smallest tradable step. size: in the unit of the right, above 0: 1/1000 where a tonne is sold by the kilogram.

    *Worth* is fen × quanta: the unit price times the number of quanta, summed over whatever is paid together. It is exact; fen come of
    it once, at the end.
    """

    size: Fraction

    def whole(self, text: str) -> int | None:
        """The quanta of a plain decimal quantity: ``"0.125"`` by 0.001 is 125. None when it is no multiple. ValueError for other text."""
        quanta = exact(text) / self.size
        return quanta.numerator if quanta.denominator == 1 else None

    def count(self, text: str, path: str = "") -> int:
        """The same of a quantity that must be above 0. Raises `Refused` with the fault at `path`."""
        try:
            quanta = self.whole(text)
        except ValueError:
            raise Refused(Problem("evaluation.not_plain_decimal", path)) from None
        if quanta is None:
            raise Refused(Problem("clearing.not_a_multiple", path, {"value": text, "quantum": plain(self.size)}, "06 §6.2"))
        if quanta <= 0:
            raise Refused(Problem("clearing.not_positive", path, {"value": text}))
        return quanta

    def text(self, quanta: int) -> str:
        """Quanta in the unit, as plain decimal text."""
        return plain(quanta * self.size)

    def fen(self, worth: int) -> int:
        """What is paid for a worth: parts of a fen are cut off, so that nobody pays more than price × quantity."""
        return worth * self.size.numerator // self.size.denominator

    def fen_to_freeze(self, worth: int) -> int:
        """What covers a worth: a part of a fen freezes a whole one, so that any payments that it is split into are covered."""
        return -(-worth * self.size.numerator // self.size.denominator)


def quantity_problems(said: Mapping[str, object], prefix: str, *names: str) -> Iterator[Problem]:
    """Faults of a form's ``quantum`` and of those of its named quantities that are stated, all plain decimals."""
    size = exact(str(said["quantum"]))
    if size <= 0:
        yield Problem("clearing.not_positive", prefix + "quantum", {"value": said["quantum"]})
        return
    for name in names:
        if name in said:
            try:
                Quantum(size).count(str(said[name]), prefix + name)
            except Refused as refused:
                yield from refused.problems
