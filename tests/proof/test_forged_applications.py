"""What a review committee voted decides: a result, a vote or a decision that says otherwise is found [BLR 18, E-I3]."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from trading_core.domain.leaves import canonical
from trading_core.verify.applications import check_applications
from trading_core.verify.events import Event, Record
from trading_core.verify.report import Broken
from trading_core.verify.text import Value

LOT, SEATS = "L-1", (1, 2, 3)
Story = list[list[Any]]
RULES = {"method": "limited_number", "limit": 3, "tie_rule": "item_order",
         "items": [{"id": "a", "title": "业绩", "points_max": "60"}, {"id": "b", "title": "班子", "points_max": "40"}]}  # fmt: skip
POINTS = {1: ("30", "40"), 2: ("40", "30"), 3: ("50", "30"), 4: ("20", "40"), 5: ("60", "40")}
PASSED = (1, 2, 3)


def story() -> Story:
    """Five apply, four meet the conditions, three may pass. Seat 3 takes over from a member who had judged one."""
    told: Story = [["prequalification_published", {"terms": {"prequalification": RULES}}, None]]
    told += [["application_received", {}, None] for _ in POINTS]
    told += [["seat_signed_in", {"seat": s, "kind": "expert"}, None] for s in SEATS]
    told += [opinion(3, 1, False), ["seat_recused", {"seat": 3, "grounds": ["RC-6"]}, None], ["seat_signed_in", {"seat": 3}, None]]
    told += [opinion(s, n, n != 5 or s == 1) for s in SEATS for n in POINTS]
    votes = {n: (1, 2) if n == 5 else (3, 0) for n in POINTS}
    lines = [{"number": n, "passed": n in PASSED, "for": votes[n][0], "against": votes[n][1]} for n in POINTS]
    told.append(["application_review_summarised", {}, {"outcome": lines}])
    results = [{"number": n, "passed": n in PASSED, "reason": ""} for n in POINTS]
    return [*told, ["prequalification_decided", {"reviewed_by": "committee"}, {"results": results}]]


def opinion(seat: int, number: int, meets: bool) -> list[Any]:
    points = dict(zip("ab", POINTS[number], strict=True))
    return ["application_reviewed", {"seat": seat}, {"number": number, "meets": meets, "reason": "", "points": points}]


def checked(told: Story) -> list[Any]:
    events = []
    for n, (kind, public, private) in enumerate(told, 1):
        shown = Value(private, f"line {n} private") if private is not None else None
        text = canonical(public)
        events.append(Event(n, f"lot/{LOT}", n, kind, n, text, Value(public, f"line {n}"), None, [], f"line {n}", private=shown))
    return list(check_applications(Record(events), LOT))


def test_what_the_members_voted_holds() -> None:
    [check] = checked(story())
    assert (check.name, check.outcome, check.params) == ("prequalification.votes", "holds", {"applications": 5})


def test_hidden_opinions_are_said_to_be_hidden() -> None:
    told = story()
    for line in told:
        line[2] = None if line[0] == "application_reviewed" else line[2]
    assert [c.outcome for c in checked(told)] == ["not_shown"]
    assert not checked([["prequalification_published", {"terms": {}}, None]])


def of(told: Story, kind: str) -> list[list[Any]]:
    return [line for line in told if line[0] == kind]


@pytest.mark.parametrize("forge", [
    lambda t: of(t, "application_review_summarised")[0][2]["outcome"][3].update(passed=True),
    lambda t: of(t, "application_review_summarised")[0][2]["outcome"][4].update({"for": 2, "against": 1}),
    lambda t: of(t, "application_review_summarised")[0][2]["outcome"].pop(),
    lambda t: [line[2].update(meets=True) for line in of(t, "application_reviewed") if line[2]["number"] == 5],
    lambda t: [line[2]["points"].update(a="60") for line in of(t, "application_reviewed") if line[2]["number"] == 4],
    lambda t: [line[2]["points"].update(a="39", b="31.5") for line in of(t, "application_reviewed") if line[2]["number"] == 4],
    lambda t: t.remove(of(t, "application_reviewed")[-1]),
    lambda t: t.insert(-3, of(t, "application_reviewed")[-1]),
    lambda t: of(t, "prequalification_decided")[0][2]["results"][3].update(passed=True),
    lambda t: of(t, "prequalification_decided")[0][2]["results"].pop(),
])  # fmt: skip
def test_what_they_did_not_vote_does_not(forge: Callable[[Story], object]) -> None:
    told = story()
    forge(told)
    with pytest.raises(Broken):
        checked(told)


def too_few(count: int, told: int, least: int = 3) -> Story:
    return [["prequalification_published", {"terms": {}}, None], *(["application_received", {}, None] for _ in range(count)),
            ["prequalification_closed", {}, None], ["failed", {"reason": "F-08", "count": told, "minimum": least}, None]]  # fmt: skip


def test_too_few_applications_are_counted() -> None:
    """[F-08]"""
    [check] = checked(too_few(2, 2))
    assert (check.outcome, check.params) == ("holds", {"applications": 2})
    for forged in (too_few(3, 2), too_few(2, 1), too_few(3, 3), too_few(0, 1)):
        with pytest.raises(Broken):
            checked(forged)
