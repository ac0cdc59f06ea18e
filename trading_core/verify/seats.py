"""Who sits in a committee: as many as announced, drawn experts, and few representatives who were named before (docs/formats.md §7.12)."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .events import Event, Record, anew
from .report import Broken, Check
from .schedule import NOTICES

NAME = "evaluation.seats"
EXPERT, REPRESENTATIVE = "expert", "representative"
CONCLUDES = ("application_review_summarised", "technical_summarised", "evaluation_summarised")
"""What only a whole committee does."""


@dataclass
class Sitting:
    """The committee as it sits. size: as announced, 0 while nothing says so; kinds and holders: by seat, a holder as far as shown;
    named: how many representatives the principal named; persons: who they are, None while that is not shown."""

    size: int = 0
    kinds: dict[int, str] = field(default_factory=dict)
    holders: dict[int, str] = field(default_factory=dict)
    named: int = 0
    persons: list[str] | None = None
    drawn: bool = False

    def begin_anew(self) -> None:
        """Another committee takes the place of this one: drawn and named anew."""
        self.kinds, self.holders, self.named, self.persons, self.drawn = {}, {}, 0, None, False


def check_seats(record: Record, lot: str) -> Iterator[Check]:
    """Every seat was taken lawfully, and whatever was concluded, a whole committee concluded. Raises `Broken`."""
    sitting, concluded = Sitting(), 0
    for e in record.of(f"lot/{lot}"):
        _take(sitting, e)
        if e.type in CONCLUDES:
            _check_whole(sitting, e)
            concluded += 1
    yield Check(NAME, "holds" if concluded else "not_shown", "events.jsonl", {"count": concluded, "size": sitting.size})


def _take(sitting: Sitting, e: Event) -> None:
    if e.type in (*NOTICES, "amended"):
        stated = e.public.get("terms") or e.public.get("changes")
        size = stated.get("committee_size") if stated is not None and stated.raw is not None else None
        sitting.size = size.integer(1) if size is not None and size.raw is not None else sitting.size
    elif anew(e):
        sitting.begin_anew()
    elif e.type == "experts_drawn":
        sitting.drawn = True
    elif e.type == "representative_named":
        sitting.named = e.public["count"].integer()
        sitting.persons = e.private["persons"].texts() if e.private is not None else None
    elif e.type == "seat_signed_in":
        _sit(sitting, e)
    elif e.type == "seat_recused":
        sitting.kinds.pop(e.public["seat"].integer(), None)
        sitting.holders.pop(e.public["seat"].integer(), None)


def _sit(sitting: Sitting, e: Event) -> None:
    seat, kind = e.public["seat"].integer(1), e.public["kind"].choice(EXPERT, REPRESENTATIVE)
    if seat in sitting.kinds:
        raise Broken(NAME, e.where, "a free seat", f"seat {seat}")
    if kind == EXPERT and not sitting.drawn:
        raise Broken(NAME, e.where, "a draw of experts before this seat", "none")
    sitting.kinds[seat] = kind
    if (representatives := _count(sitting, REPRESENTATIVE)) > sitting.named:
        raise Broken(NAME, e.where, f"{sitting.named} representatives, as many as were named", representatives)
    if e.private is None:
        return
    holder = e.private["holder"].text()
    if holder in sitting.holders.values():
        raise Broken(NAME, e.where, "one seat of each member", f"seat {seat}")
    if kind == REPRESENTATIVE and sitting.persons is not None and holder not in sitting.persons:
        raise Broken(NAME, e.where, "a representative who was named", f"seat {seat}")
    sitting.holders[seat] = holder


def _count(sitting: Sitting, kind: str) -> int:
    return sum(k == kind for k in sitting.kinds.values())


def _check_whole(sitting: Sitting, e: Event) -> None:
    """As many seats as announced; at least two thirds of them experts [BL 37]."""
    if sitting.size and len(sitting.kinds) != sitting.size:
        raise Broken(NAME, e.where, f"{sitting.size} seats", len(sitting.kinds))
    if 3 * _count(sitting, REPRESENTATIVE) > len(sitting.kinds):
        raise Broken(NAME, e.where, "at most one third representatives", f"{_count(sitting, REPRESENTATIVE)} of {len(sitting.kinds)}")
