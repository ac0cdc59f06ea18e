"""What somebody must do now, with its legal clock: worked out from declarations, state and periods alone. Nothing per trade type.

`DUTIES` says which acts are suggested, when, and which point of the schedule their period limits. Whether an act may be given at
all is never said here: role and lifecycle decide.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from pyramid.httpexceptions import HTTPNotFound

from trading_core.domain import engine
from trading_core.domain.auction.entry import askable
from trading_core.domain.deadlines import Due, Sentence, due_dates
from trading_core.domain.events import instant_from
from trading_core.domain.identity import Actor, Role
from trading_core.domain.lot import Lot
from trading_core.domain.money import yuan_text
from trading_core.domain.stages import lots
from trading_core.domain.stages.announcing import Announcement, period_facts
from trading_core.domain.stages.award import award_of
from trading_core.domain.stages.complaining import Complaints
from trading_core.domain.stages.contracting import Performance
from trading_core.domain.stages.delegating import entrusted
from trading_core.domain.stages.drawing import draw_of
from trading_core.domain.stages.draws import EXPERTS, PARAMETER, PARTIES, Draw, Draws, k_candidates, unpromised
from trading_core.domain.stages.limits import period_between
from trading_core.domain.stages.offices import office_of
from trading_core.domain.stages.registering import APPLIED, APPROVED, CLOSES, Registration
from trading_core.domain.stages.remedies import Objections
from trading_core.domain.stages.suspending import phase
from trading_core.domain.tender import expert_drawing, parameter
from trading_core.domain.tender.assessment import Evaluation, arithmetic_of
from trading_core.domain.tender.bidding import readiness
from trading_core.domain.tender.committee import Committee, expected
from trading_core.domain.tender.evaluation_time import is_short
from trading_core.domain.tender.expert_drawing import waiting
from trading_core.domain.tender.extending import Validity
from trading_core.domain.tender.opening import OpenedBid, Opening, stages_at_opening
from trading_core.domain.tender.prequalifying import may_bid
from trading_core.domain.tender.re_examining import ReExamination
from trading_core.domain.tender.reading import agreed, read_out
from trading_core.domain.tender.revoking import revocable
from trading_core.domain.tender.trustees import AT_OPENING, Trustees, envelopes, stage_names
from trading_core.domain.trade import Act, TradeType
from trading_core.domain.workcalendar import WorkCalendar

from .contexts import LotOf, Site, lot_context
from .lot_page import POINTS

if TYPE_CHECKING:
    from pyramid.request import Request

URGENT, NEAR = timedelta(hours=24), timedelta(hours=72)
Light = Literal["r", "y", "g"]


@dataclass(frozen=True, slots=True)
class View:
    """A lot as one actor sees it. uscc: of the actor's organisation; number: in the pool of experts, empty for others; mark: under
    which the record knows the actor's own acts on this lot."""

    trade: TradeType
    lot: Lot
    actor: Actor
    uscc: str = ""
    number: str = ""
    mark: str = ""

    @property
    def trustee(self) -> str:
        return office_of(self.lot, self.actor) or ""

    @property
    def holder(self) -> str:
        """Under what the actor may hold a seat."""
        return self.number if self.actor.role is Role.EXPERT else self.actor.person

    @property
    def bid(self) -> OpenedBid | None:
        """The actor's own bid, once it is opened."""
        return next((b for b in self.lot.part(Opening).bids.values() if self.uscc and b.uscc == self.uscc), None)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be done. query: what the form is opened with; until: its own limit, where it has one; note: what was said; about: its
    matter, a choice of the field of that name; since: points from which its own periods run, where each matter has its own."""

    query: Mapping[str, str] = field(default_factory=dict)
    until: datetime | None = None
    note: str = ""
    about: str = ""
    since: Mapping[str, datetime] = field(default_factory=dict)


Wanted = Callable[[View], Iterable[Item]]


@dataclass(frozen=True, slots=True)
class Duty:
    """An act that is suggested. wanted: when, and how often. ends: the point that its statutory period limits, or that is its
    deadline in the schedule. page: route of a page of its own. open_ended: a right or a housekeeping act, never urgent by itself.
    only: at other times the act means nothing to whoever asks, so that it is not even listed."""

    act: str
    wanted: Wanted
    ends: str = ""
    page: str = ""
    open_ended: bool = False
    only: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A line of the workbench. light: red overdue or within a day, yellow within three days, green later or without a clock."""

    lot: str
    title: str
    act: str
    status: str
    light: Light
    route: str
    parts: Mapping[str, object]
    until: datetime | None = None
    said: Sequence[Sentence] = ()
    cites: Sequence[tuple[str, str]] = ()
    note: str = ""


# ------------------------------------------------------------------ when an act is suggested

def once(v: View) -> Iterable[Item]:
    return (Item(),)


def before(event: str) -> Wanted:
    """Until it has happened once."""
    return lambda v: () if event in v.lot.history else (Item(),)


def after(event: str) -> Wanted:
    return lambda v: (Item(),) if event in v.lot.history else ()


def by_way(name: str, *ways: str) -> Wanted:
    return lambda v: (Item(),) if v.lot.term_text(name, ways[0]) in ways else ()


def anothers(wanted: Wanted) -> Wanted:
    """Publishing is for a second person, never for who handed the draft in."""
    return lambda v: () if v.mark and v.mark == v.lot.part(Announcement).submitted_by else wanted(v)


def prequalified(v: View) -> Iterable[Item]:
    return (Item(),) if v.lot.term_text("qualification_way", "post") == "pre" else ()


def open_and_post(v: View) -> Iterable[Item]:
    return () if list(prequalified(v)) or v.lot.term_text("tender_way", "open") != "open" else (Item(),)


def own_review(v: View) -> Iterable[Item]:
    """The tenderer reviews the applications itself; elsewhere a committee does [BLR 18]."""
    return () if v.trade.review_committee(v.lot.terms) else (Item(),)


def taking_bids(v: View) -> Iterable[Item]:
    takes = v.lot.status in ("ISSUING", "BIDDING", "SUSPENDED") and "closed" not in v.lot.history
    return (Item(),) if takes and not list(readiness(v.lot)) and not list(may_bid(v.lot, v.uscc)) else ()


def publicity_runs(v: View) -> Iterable[Item]:
    return (Item(),) if v.lot.status == "PUBLICITY" and "publicity_ended" not in v.lot.history else ()


def questions(v: View) -> Iterator[Item]:
    for q in v.lot.part(Announcement).questions:
        if q.answered_at is None:
            yield Item({"number": str(q.number)}, note=q.text)


def objections(v: View) -> Iterator[Item]:
    for o in v.lot.part(Objections).open():
        yield Item({"number": str(o.number)}, o.due, o.text)


def spot_objections(v: View) -> Iterator[Item]:
    for o in v.lot.part(Objections).on_the_spot:
        if not o.answer:
            yield Item({"number": str(o.number)}, note=o.text)


def keys_to_rehearse(v: View) -> Iterable[Item]:
    keys = v.lot.part(Trustees)
    missing = [s for s in stage_names(v.lot) if v.trustee not in keys.of(s) or not keys.of(s)[v.trustee].rehearsed]
    return (Item(),) if v.trustee and missing else ()


def releasable(v: View) -> list[str]:
    """Stages whose private key the trustee may hand in now."""
    keys, opening = v.lot.part(Trustees), v.lot.status == "OPENING"
    due = [e.name for e in envelopes(v.lot) if (e.opens == AT_OPENING) == opening and (opening or "technical_summarised" in v.lot.history)]
    held = [s for s in due if v.trustee in keys.of(s) and not keys.of(s)[v.trustee].released]
    return held if v.lot.status in ("OPENING", "EVALUATING") else []


def keys_to_release(v: View) -> Iterable[Item]:
    return (Item(),) if releasable(v) else ()


DRAWS = {k.name: k for k in (expert_drawing.KIND, parameter.KIND, lots.KIND)}


def my_draws(v: View) -> Iterator[tuple[str, Draw]]:
    """The draws that this trade makes and in which the trustee has a part."""
    act = v.trade.acts.get("commit_draw")
    for name in act.fields[0].choices if act is not None else ():
        if v.trustee in PARTIES[name] and (name != PARAMETER or k_candidates(v.lot)):
            yield name, draw_of(v.lot, name)


def may_commit(v: View, name: str, draw: Draw) -> bool:
    return v.trustee not in draw.commitments and not any(DRAWS[name].against_commitment(v.lot))


def may_hand_in(v: View, name: str, draw: Draw) -> bool:
    mine = v.trustee in draw.commitments and v.trustee not in draw.parts and not draw.drawn
    return mine and not unpromised(v.lot, name) and not any(DRAWS[name].against_part(v.lot, draw, v.trustee))


def is_trustee(v: View) -> Iterable[Item]:
    return (Item(),) if v.trustee else ()


def is_drawing(v: View) -> Iterable[Item]:
    return (Item(),) if any(True for _ in my_draws(v)) else ()


def draws_to_commit(v: View) -> Iterable[Item]:
    """Without the promises to K no bid is taken: they are due when bids may come in."""
    due = [name for name, draw in my_draws(v) if may_commit(v, name, draw)]
    return (Item(until=v.lot.schedule.get("issue_start") if PARAMETER in due else None),) if due else ()


def draws_to_hand_in(v: View) -> Iterable[Item]:
    return (Item(),) if any(may_hand_in(v, name, draw) for name, draw in my_draws(v)) else ()


def pool_to_freeze(v: View) -> Iterable[Item]:
    draw = v.lot.part(Draws).of(EXPERTS)
    early = v.lot.status.startswith("PREQ_") and not v.trade.review_committee(v.lot.terms)
    return (Item(),) if draw and not draw.rows and not early and all(p in draw.commitments for p in PARTIES[EXPERTS]) else ()


def all_open(v: View) -> Iterable[Item]:
    return (Item(),) if all(s in v.lot.part(Opening).stages for s in stages_at_opening(v.lot)) else ()


def award_to_decide(v: View) -> Iterable[Item]:
    """With the first candidate filled in: nobody has to know the number of a bid. Not before the publicity is over, where there is one."""
    award = award_of(v.lot)
    ready = award.over if v.lot.status == "PUBLICITY" else period_between(v.trade, v.lot, "publicity_start", "publicity_end") is None
    return tuple(Item({"bid": c.bid}, note=c.bidder) for c in award.remaining()[:1]) if ready and not award.winner else ()


def contract_to_sign(v: View) -> Iterable[Item]:
    """With what was tendered filled in: the contract must say the same [BL 46]."""
    winner = award_of(v.lot).standing
    if winner is None:
        return ()
    told = {k: str(f) for k, f in winner.form.items() if isinstance(f, str | int)}
    return (Item({**told, "price_fen": yuan_text(winner.price_fen), "uscc": winner.uscc}, note=winner.bidder),)


def completed(v: View) -> Iterable[Item]:
    """A lot that has come to its end, whichever."""
    return (Item(),) if not any(v.lot.status in s.states for s in v.trade.milestones) or v.lot.status == "COMPLETED" else ()


def committee_seated(v: View) -> Iterable[Item]:
    part = v.lot.part(Committee)
    return (Item(),) if part.chair and len(part.seats) == v.lot.terms.get("committee_size") else ()


def own_opened_bid(v: View) -> Iterable[Item]:
    return (Item(),) if v.bid is not None and read_out(v.lot) is not None and not agreed(v.lot, v.bid.bid) else ()


def own_questions(v: View) -> Iterator[Item]:
    bids = v.lot.part(Opening).bids
    for c in v.lot.part(Evaluation).clarifications:
        if not c.answer and v.uscc and bids[c.bid].uscc == v.uscc:
            yield Item({"number": str(c.number)}, instant_from(c.deadline), c.text)


def calls(v: View) -> Iterable[Item]:
    return (Item(),) if v.number and v.number in waiting(v.lot) else ()


def seat_to_take(v: View) -> Iterable[Item]:
    return (Item(),) if v.holder in expected(v.lot) and v.lot.part(Committee).seat_of(v.holder) is None else ()


def seat_held(v: View) -> Iterator[Item]:
    """The desk of who has a seat, while the committee works."""
    if v.lot.part(Committee).seat_of(v.holder):
        yield Item()


def time_short(v: View) -> Iterable[Item]:
    return (Item(),) if is_short(v.lot) else ()


def candidates_to_examine(v: View) -> Iterator[Item]:
    """Candidates on whom this member of the committee has not yet said what they find."""
    seat, award = v.lot.part(Committee).seat_of(v.holder), award_of(v.lot)
    for bid, findings in v.lot.part(ReExamination).findings.items():
        candidate = award.candidate(bid)
        if seat is not None and candidate is not None and bid not in award.lost and str(seat.number) not in findings:
            yield Item({"bid": bid}, note=candidate.bidder)


def correction_to_answer(v: View) -> Iterable[Item]:
    found = arithmetic_of(v.lot, v.bid.bid) if v.bid is not None else None
    answered = v.bid is not None and v.bid.bid in v.lot.part(Evaluation).corrections
    return (Item(),) if found is not None and found.corrections and not answered else ()


def extension_to_answer(v: View) -> Iterable[Item]:
    part = v.lot.part(Validity)
    asked = v.bid is not None and part.number and v.bid.bid not in part.answered and v.bid.bid not in part.left
    return (Item(until=part.answer_by),) if asked else ()


def award_to_give_up(v: View) -> Iterable[Item]:
    public = phase(v.lot) != "EVALUATED"
    return (Item(),) if public and v.uscc and any(c.uscc == v.uscc for c in award_of(v.lot).remaining()) else ()


def bid_to_revoke(v: View) -> Iterable[Item]:
    return (Item(),) if v.uscc and revocable(v.lot, v.uscc) is not None else ()


def contract_to_confirm(v: View) -> Iterable[Item]:
    part = v.lot.part(Performance)
    mine = v.uscc and part.terms.get("uscc") == v.uscc and part.confirmed_at is None
    return (Item(note=str(part.terms["contract_number"])),) if mine else ()


def not_closed(v: View) -> Iterable[Item]:
    return (Item(),) if "closed" not in v.lot.history else ()


def objections_open(v: View) -> Iterable[Item]:
    return (Item(),) if v.lot.part(Objections).open() else ()


def complaints_to_accept(v: View) -> Iterator[Item]:
    for c in v.lot.part(Complaints).received:
        if c.accepted is None:
            yield Item({"number": str(c.number)}, about=c.about, since={"complaint_received": c.received_at})


def complaints_to_decide(v: View) -> Iterator[Item]:
    for c in v.lot.part(Complaints).open():
        if c.accepted:
            yield Item({"number": str(c.number)}, c.decide_by, about=c.about)


def complaint_times(stopped: bool) -> Wanted:
    """Accepted complaints whose time stands still, or runs [BLR 61]."""
    return lambda v: [Item({"number": str(c.number)}, about=c.about) for c in v.lot.part(Complaints).open()
                      if c.accepted and (c.stopped_at is not None) == stopped]  # fmt: skip


def may_apply(v: View) -> Iterable[Item]:
    part, closes = v.lot.part(Registration), v.lot.schedule.get(CLOSES)
    return (Item(),) if closes is not None and not part.closed and part.live(v.actor.organisation) is None else ()


def applications_to_decide(v: View) -> Iterator[Item]:
    for a in v.lot.part(Registration).applicants:
        if a.status == APPLIED:
            yield Item({"number": str(a.number)}, since={"registration_applied": a.at})


def own_application(v: View) -> Iterable[Item]:
    found = v.lot.part(Registration).live(v.actor.organisation)
    return (Item(note=found.reference),) if found is not None and found.status in (APPLIED, APPROVED) else ()


def may_bid_now(v: View) -> Iterable[Item]:
    paddle = v.lot.part(Registration).paddle_of(v.actor.organisation)
    return (Item(note=paddle),) if paddle else ()


def right_to_use(v: View) -> Iterable[Item]:
    paddle = v.lot.part(Registration).paddle_of(v.actor.organisation)
    return (Item(note=paddle),) if paddle and paddle in askable(v.lot) else ()


def own_deal(v: View) -> Iterable[Item]:
    winner = award_of(v.lot).standing
    return (Item(),) if winner is not None and v.uscc and winner.uscc == v.uscc else ()


def own_service(v: View) -> Iterable[Item]:
    return (Item(),) if v.uscc and v.lot.part(Performance).terms.get("uscc") == v.uscc else ()


DUTIES = (
    Duty("draft", once, page="my_notice"),
    Duty("publish", anothers(open_and_post), "issue_start"),
    Duty("publish_prequalification", anothers(prequalified), "prequalification_issue_start"),
    Duty("apply_for_prequalification", before("prequalification_closed"), "application_deadline", open_ended=True),
    Duty("review_applications", own_review),
    Duty("decide_prequalification", own_review),
    Duty("start_application_review", committee_seated),
    Duty("carry_out_application_review", after("application_review_submitted")),
    Duty("send_invitations", anothers(by_way("tender_way", "invited")), "issue_start"),
    Duty("clarify", questions, "amendment_published", only=True),
    Duty("answer_objection", objections, only=True),
    Duty("register_trustee_key", keys_to_rehearse, "issue_start", page="my_keys"),
    Duty("release_key", keys_to_release, page="my_keys"),
    Duty("commit_draw", draws_to_commit, "bid_deadline", page="my_draws"),
    Duty("freeze_pool", pool_to_freeze, "bid_deadline"),
    Duty("hand_in_part", draws_to_hand_in, page="my_draws"),
    Duty("submit_bid", taking_bids, "bid_deadline", page="my_bid"),
    Duty("start_opening", once, "bid_deadline", page="hall"),
    Duty("answer_at_opening", spot_objections, page="hall", only=True),
    Duty("confirm_opening", own_opened_bid, page="hall", only=True),
    Duty("finish_opening", all_open, page="hall"),
    Duty("answer_call", calls, page="desk_lot", only=True),
    Duty("sign_in_seat", seat_to_take, page="desk_lot", only=True),
    Duty("start_evaluation", committee_seated),
    Duty("lock_application_review", seat_held, page="desk_lot"),
    Duty("lock_scores", seat_held, page="desk_lot"),
    Duty("answer_clarification", own_questions, only=True),
    Duty("answer_correction", correction_to_answer, only=True),
    Duty("answer_validity_extension", extension_to_answer, only=True),
    Duty("extend_evaluation_time", time_short, only=True),
    Duty("re_examine", candidates_to_examine, only=True),
    Duty("publish_candidates", before("candidates_published"), "publicity_start"),
    Duty("object_to_result", publicity_runs, "publicity_end", open_ended=True, only=True),
    Duty("decide_award", award_to_decide),
    Duty("issue_award_letter", once),
    Duty("publish_result", before("result_published"), open_ended=True),
    Duty("sign_contract", contract_to_sign, "contract_signed"),
    Duty("confirm_contract", contract_to_confirm, only=True),
    Duty("start_performance", once, open_ended=True),
    Duty("note_performance", once, open_ended=True),
    Duty("accept", once, open_ended=True),
    Duty("archive", completed, open_ended=True),
    Duty("file_written_report", before("written_report_filed"), "written_report"),
    Duty("create_attempt", before("attempt_created"), page="my_attempt", open_ended=True),
    Duty("decide_complaint_acceptance", complaints_to_accept, "complaint_acceptance", only=True),
    Duty("stop_complaint_time", complaint_times(False), open_ended=True, only=True),
    Duty("run_complaint_time", complaint_times(True), only=True),
    Duty("decide_complaint", complaints_to_decide, "complaint_decided", only=True),
    Duty("apply_to_bid", may_apply, "registration_deadline", open_ended=True, only=True),
    Duty("decide_application", applications_to_decide, "registration_decided", only=True),
    Duty("withdraw_application", own_application, open_ended=True, only=True),
    Duty("place_bid", may_bid_now, "phase_end", open_ended=True, only=True),
    Duty("exercise_right", right_to_use, "phase_end", only=True),
    Duty("waive_right", right_to_use, "phase_end", only=True),
    Duty("confirm_deal", once, "deal_confirmed"),
    Duty("publish_deal", before("result_published"), open_ended=True),
    Duty("register_service_end", own_service, only=True),
)
"""Order is that of the procedure; the workbench sorts by urgency."""

CONCERNED: Mapping[str, Wanted] = {
    **{d.act: d.wanted for d in DUTIES if d.only},
    **dict.fromkeys(("register_trustee_key", "rehearse_trustee_key", "release_key"), is_trustee),
    **dict.fromkeys(("commit_draw", "hand_in_part"), is_drawing),
    **dict.fromkeys(("publish", "publish_prequalification", "send_invitations"), anothers(once)),
    **dict.fromkeys(("submit_bid", "withdraw_bid", "object_to_document"), not_closed),
    **dict.fromkeys(("leave_standing_bid", "wish_timed_bidding"), may_bid_now), "give_up_deal": own_deal,
    "give_up_award": award_to_give_up, "revoke_bid": bid_to_revoke, "withdraw_objection": objections_open,
}  # fmt: skip
"""Acts that mean something only to whom they concern: when they are listed. All others whenever role and state allow them."""


def numbered(v: View, act: str) -> dict[str, Item]:
    """What an act can be about, by its number: questions, objections and complaints are chosen, nobody types their numbers."""
    duty = next((d for d in DUTIES if d.act == act), None)
    return {i.query["number"]: i for i in duty.wanted(v) if "number" in i.query} if duty is not None else {}


def acts_of(v: View) -> list[Act]:
    """Every act that the actor may give on the lot now, in the order of the declaration. What the committee does is for who sits."""
    sits = v.lot.part(Committee).seat_of(v.holder) is not None
    found = []
    for act in v.trade.acts.values():
        if v.actor.role not in act.roles or not act.event or not engine.possible(v.trade, v.lot, act.event):
            continue
        wanted = CONCERNED.get(act.name)
        listed = any(True for _ in wanted(v)) if wanted is not None else sits or Role.EXPERT not in act.roles
        if listed and entrusted(v.lot, v.actor.role, act.name):
            found.append(act)
    return found


# ------------------------------------------------------------------ tasks

def tasks(v: View, calendar: WorkCalendar, now: datetime) -> list[Task]:
    """Everything that the actor should do on a lot now, the most urgent first."""
    facts = period_facts(v.lot.terms)
    dues = due_dates(v.trade.periods, schedule(v.lot), facts, calendar)
    found = []
    for duty in DUTIES:
        act = v.trade.acts.get(duty.act)
        if act is None or v.actor.role not in act.roles or not engine.possible(v.trade, v.lot, act.event):
            continue
        if not entrusted(v.lot, v.actor.role, act.name):
            continue
        for item in duty.wanted(v):
            own = due_dates(v.trade.periods, item.since, facts, calendar) if item.since else dues
            found.append(_task(v, duty, item, act.rule, own, now))
    return sorted(found, key=urgency)


def urgency(task: Task) -> tuple[int, float, str, str]:
    """Red before yellow before green; within them what ends first."""
    return "ryg".index(task.light), task.until.timestamp() if task.until else float("inf"), task.lot, task.act


def schedule(lot: Lot) -> dict[str, datetime]:
    """Every instant known of the lot: planned, and fixed by what happened."""
    return {**{POINTS[e]: at for e, at in lot.history.items() if e in POINTS}, **lot.schedule}


def _task(v: View, duty: Duty, item: Item, rule: str, dues: Sequence[Due], now: datetime) -> Task:
    due = next((d for d in dues if d.period.end == duty.ends and d.at is not None), None)
    until = item.until or v.lot.schedule.get(duty.ends) or (due.at if due else None)
    said = due.said if due is not None and until == due.at else ()
    cites = [(due.period.id, due.period.source)] if due is not None else [(rule, "")] if rule else []
    query = {"_query": dict(item.query)} if item.query and not duty.page else {}
    parts: dict[str, object] = {"_query": {"lot": v.lot.id}} if duty.page == "my_notice" else {"lot": v.lot.id, **query}
    if not duty.page:
        parts["act"] = duty.act
    light = light_of(until, now, duty.open_ended)
    return Task(v.lot.id, v.lot.term_text("title") or v.lot.id, duty.act, v.lot.status, light, duty.page or "my_act", parts, until, said,
                cites, item.note)  # fmt: skip


def light_of(until: datetime | None, now: datetime, open_ended: bool) -> Light:
    if until is None:
        return "g" if open_ended else "y"
    if until - now <= URGENT:
        return "y" if open_ended else "r"
    return "y" if until - now <= NEAR else "g"


# ------------------------------------------------------------------ the lot of a page

def my_lot(request: Request) -> LotOf | Site:
    """The lot of a page for those who work on it. Whoever is not signed in is asked to sign in before any lot is looked for."""
    if request.identity is None:
        return Site(request)
    found = lot_context(request)
    if not found.visible_to(request.identity):
        raise HTTPNotFound
    return found
