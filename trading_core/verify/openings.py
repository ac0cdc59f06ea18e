"""The opening: who handed in which keys, which bids were opened, and that they say what was read out (docs/formats.md §7.7)."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from .bundle import Content, read_bundle
from .consortium import check_members
from .container import Container
from .envelope import Expected, opened
from .events import Event, Record
from .report import Broken, Check
from .schedule import NOTICES
from .suites import SUITES
from .text import Value, canonical

OPENED, REOPENED = "bids.opened", "bids.reopened"
FOLDER = "bids/"
THRESHOLD = 2
FINISHED = ("opening_finished", "technical_summarised", "evaluation_summarised")
SPOKEN = ("opening_objected", "opening_confirmed")
SECOND = "second_opening_finished"


@dataclass
class Opening:
    """The opening as the log tells it. registered, released: by stage and trustee; bids: those counted; first: the
    envelope that names the bidder; opened: by bid and stage; named: bid to the bidder's code; read: stages opened completely;
    sitting: the evaluation has begun; recorded: the second opening has its record."""

    registered: dict[tuple[str, str], Event] = field(default_factory=dict)
    released: dict[tuple[str, str], Event] = field(default_factory=dict)
    bids: dict[str, Value] = field(default_factory=dict)
    first: str = "bid"
    closed: bool = False
    later: set[str] = field(default_factory=set)
    opened: dict[tuple[str, str], Event] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    sitting: bool = False
    recorded: bool = False

    @property
    def second_read(self) -> bool:
        """Whether there is a second opening, of what waited for the technical result, and all of it was read out."""
        return bool(self.later) and self.later <= self.read

    def keys_of(self, stage: str) -> dict[str, Event]:
        return {trustee: e for (s, trustee), e in self.released.items() if s == stage}


def check_opened(record: Record, lot: str) -> Iterator[Check]:
    """Only counted bids were opened, each envelope once, after two keys of its stage; and none was left out."""
    opening = read_opening(record, lot)
    given_up = [e.public["bid"].text() for e in opening.opened.values() if not e.public["ok"].boolean() and not _bidders_fault(e)]
    params: dict[str, str | int] = {"count": len(opening.opened), "given_up": ", ".join(sorted(given_up)) or "-"}
    outcome = "noted" if given_up else "holds"
    yield Check(OPENED, outcome if opening.opened else "not_shown", "events.jsonl", params)  # type: ignore[arg-type]


def read_opening(record: Record, lot: str) -> Opening:
    """Raises `Broken` where the course of the opening is not lawful."""
    opening = Opening()
    for e in record.of(f"lot/{lot}"):
        if e.type in NOTICES:
            opening.first, opening.later = first_envelope(e), after_technical(e)
        elif e.type == "trustee_key_registered":
            _register(opening, e)
        elif e.type == "closed":
            opening.bids = {b["bid"].text(): b for b in e.public["bids"].entries()}
            opening.closed = True
        elif e.type == "key_released":
            _release(opening, e)
        elif e.type == "bid_opened":
            _open(opening, e)
        elif e.type == "stage_opened":
            _check_whole(opening, e, e.public["stage"].text())
            opening.read.add(e.public["stage"].text())
        elif e.type == "evaluation_started":
            opening.sitting = True
        elif e.type == SECOND or (e.type in SPOKEN and opening.sitting):
            _check_second(opening, e)
        elif e.type == "candidates_published" and opening.second_read and not opening.recorded:
            raise Broken(OPENED, e.where, "the record of the second opening before the candidates", "none")
        elif e.type in FINISHED:
            _check_whole(opening, e, opening.first)
    return opening


def after_technical(notice: Event) -> set[str]:
    """The stages that open only after the technical result."""
    return {v["name"].text() for v in _envelopes(notice) if v["opens"].text() == "after_technical"}


def first_envelope(notice: Event) -> str:
    """The one that tells whose bid it is; a notice that names no envelopes asks for one for everything."""
    return next((v["name"].text() for v in _envelopes(notice)), "bid")


def _envelopes(notice: Event) -> Sequence[Value]:
    terms = notice.public.get("terms")
    found = terms.get("envelopes") if terms else None
    return found.entries() if found is not None and found.raw else []


def _slot(e: Event) -> tuple[str, str]:
    return e.public["stage"].text(), e.public["trustee"].text()


def _register(opening: Opening, e: Event) -> None:
    if opening.closed:
        raise Broken(OPENED, e.where, "a trustee's key before the deadline", "one registered after it")
    opening.registered[_slot(e)] = e


def _release(opening: Opening, e: Event) -> None:
    """A key that was registered, handed in once; when it is shown, it is the private half."""
    registered = opening.registered.get(_slot(e))
    if not opening.closed:
        raise Broken(OPENED, e.where, "a key handed in after the deadline", " ".join(_slot(e)))
    if registered is None or _slot(e) in opening.released:
        raise Broken(OPENED, e.where, "a registered key, handed in once", " ".join(_slot(e)))
    opening.released[_slot(e)] = e
    if e.private is not None:
        suite, public = SUITES[registered.public["suite"].choice(*SUITES)], registered.public["public_key"].text()
        try:
            found = suite.public(e.private["private_key"].hex()).hex()
        except ValueError:
            found = "no key"
        if found != public:
            raise Broken(OPENED, e.where, f"the private key of {public}", found)


def _open(opening: Opening, e: Event) -> None:
    bid, stage = e.public["bid"].text(), e.public["stage"].text()
    counted = opening.bids.get(bid)
    if counted is None or stage not in [v["name"].text() for v in counted["envelopes"].entries()]:
        raise Broken(OPENED, e.where, "a bid and an envelope that were counted", f"{bid} {stage}")
    if (bid, stage) in opening.opened or bid in opening.failed:
        raise Broken(OPENED, e.where, "each envelope opened once, none of a bid that failed before", f"{bid} {stage}")
    if len(opening.keys_of(stage)) < THRESHOLD:
        raise Broken(OPENED, e.where, f"{THRESHOLD} keys of the stage {stage} before", ", ".join(opening.keys_of(stage)) or "none")
    if stage != opening.first and {"name", "uscc", "members"} & set(e.public.mapping()):
        raise Broken(OPENED, e.where, "a bidder named only by the first envelope", stage)
    check_members(OPENED, e)
    _check_same_bidder(opening, e, bid)
    opening.opened[bid, stage] = e
    if not e.public["ok"].boolean():
        opening.failed.add(bid)


def _check_same_bidder(opening: Opening, e: Event, bid: str) -> None:
    """The mark that a bid is of a bidder whose other bids were opened before: these bids, and no mark where there are none."""
    told, uscc = _raw(e.public, "same_bidder_as"), e.public.get("uscc")
    same = sorted(b for b, code in opening.named.items() if uscc is not None and code == uscc.text())
    if told != (same or None):
        raise Broken(OPENED, f"{e.where} same_bidder_as", " ".join(same) or "none", canonical(told)[:200])
    if uscc is not None:
        opening.named[bid] = uscc.text()


def _check_whole(opening: Opening, e: Event, stage: str) -> None:
    """Every bid was opened at this stage. Of a stage after the technical result the evaluation tells which bids were left."""
    if stage in opening.later:
        return
    for bid in opening.bids:
        if (bid, stage) not in opening.opened and bid not in opening.failed:
            raise Broken(OPENED, e.where, f"every bid opened at {stage}", f"not {bid}")


def _check_second(opening: Opening, e: Event) -> None:
    """While the committee sits, bidders speak of what waited for the technical result: read out, and not recorded yet [01 §1.3, S-02]."""
    if not opening.second_read or opening.recorded:
        raise Broken(OPENED, e.where, "a second opening, read out and not recorded yet", e.type)
    opening.recorded = e.type == SECOND


def _bidders_fault(e: Event) -> bool:
    fault = e.public.get("fault")
    return fault is not None and fault.raw == "bidder"


def given_up(record: Record, lot: str) -> set[str]:
    """The sealed files that the platform lost: they were not opened, and need not be in the file."""
    counted = read_opening(record, lot).bids
    lost = [e for e in record.of(f"lot/{lot}", "bid_opened") if not e.public["ok"].boolean() and not _bidders_fault(e)]
    return {_envelope(counted[e.public["bid"].text()], e.public["stage"].text()) for e in lost}


def _envelope(bid: Value, stage: str) -> str:
    return next(v["object"].hex().hex() for v in bid["envelopes"].entries() if v["name"].text() == stage)


# ------------------------------------------------------------------ opening again

def check_reopened(record: Record, lot: str, attempt: int, variant: str, container: Container) -> Iterator[Check]:
    """In the full variant every envelope is opened again with the keys handed in, and compared with what the log says of it."""
    opening = read_opening(record, lot)
    done = hidden = 0
    for (bid, stage), e in opening.opened.items():
        name = FOLDER + _envelope(opening.bids[bid], stage)
        keys = {t: k.private["private_key"].hex() for t, k in opening.keys_of(stage).items() if k.private is not None}
        if name not in container.members or (len(keys) < THRESHOLD):
            hidden += 1
            continue
        found, why = _reopen(opening, lot, attempt, e, keys, container, name)
        _compare(opening, e, found, why)
        done += 1
    outcome = "holds" if done and not hidden else "not_shown"
    yield Check(REOPENED, outcome, FOLDER, {"count": done, "hidden": hidden})  # type: ignore[arg-type]


def _reopen(
    opening: Opening, lot: str, attempt: int, e: Event, keys: dict[str, bytes], container: Container, name: str
) -> tuple[Content | None, str]:
    """What the envelope says, or None and why it does not open."""
    bid, stage = e.public["bid"].text(), e.public["stage"].text()
    publics = {trustee: r.public["public_key"].hex(65) for (s, trustee), r in opening.registered.items() if s == stage}
    suite = next(r.public["suite"].text() for (s, _), r in opening.registered.items() if s == stage)
    expected = Expected(lot, attempt, stage, bid, suite, publics)
    try:
        content = read_bundle(opened(partial(container.part, name), expected, keys))
    except ValueError as error:
        return None, str(error)
    if stage == opening.first and content.commitment != opening.bids[bid]["commitment"].text():
        return None, "the bidder is not the one committed to at receipt"
    return content, ""


def _compare(opening: Opening, e: Event, found: Content | None, why: str) -> None:
    """The log says what the envelope says. Raises `Broken`."""
    ok, stage = e.public["ok"].boolean(), e.public["stage"].text()
    if found is None or not ok:
        if ok or found is not None:
            raise Broken(REOPENED, e.where, "an envelope that opens" if ok else "an envelope that does not open", why or "it opens")
        return
    facts: list[tuple[str, object, object]] = [
        ("form", found.form, _raw(e.public, "form") or {}),
        ("files", found.files, [_file(f) for f in _entries(e.public, "files")]),
    ]
    if stage == opening.first and found.identity:
        facts += [(name, found.identity[name], _raw(e.public, name)) for name in ("name", "uscc")]
    for what, sealed, told in facts:
        if canonical(sealed) != canonical(told):
            raise Broken(REOPENED, f"{e.where} {what}", canonical(sealed)[:200], canonical(told)[:200])


def _raw(value: Value, name: str) -> object:
    found = value.get(name)
    return None if found is None else found.raw


def _entries(value: Value, name: str) -> Sequence[Value]:
    found = value.get(name)
    return [] if found is None else found.entries()


def _file(value: Value) -> dict[str, object]:
    return {name: value[name].raw for name in ("name", "sha256", "size")}
