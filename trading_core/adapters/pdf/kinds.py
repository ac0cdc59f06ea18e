"""The kinds of paper and the data each is made of: declared once, checked before printing, listed in docs/formats-documents.md.

Money is integer fen, decimals are text, instants and dates are ISO 8601 text (see `trading_core.domain.fields`). Data that a kind
does not declare is refused: the data are attached to the paper, so nothing may lie in them that is not printed [12 §12.6].
"""
from __future__ import annotations

from dataclasses import dataclass

from ...domain.fields import Field

EDITION = 1  # of the templates and their texts: raised when the same data would print other words


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind of paper: its template is ``templates/<name>.html.jinja2``, its title the message ``document.title.<name>``,
    or ``document.title.<name>.<form>`` when it has a field `form`, or what its field `title` says. wide: landscape."""

    name: str
    fields: tuple[Field, ...]
    wide: bool = False

    @property
    def all_fields(self) -> tuple[Field, ...]:
        return COMMON + self.fields


def _may(name: str, kind: str = "text", **more: object) -> Field:
    return Field(name, kind, required=False, **more)  # type: ignore[arg-type]


def _list(name: str, *fields: Field, least: int = 0, most: int | None = None) -> Field:
    return Field(name, "list", required=least > 0, minimum=least or None, maximum=most, fields=fields)


COMMON = (
    Field("number"), _may("replaces"), _may("trade_code"), Field("project_name", maximum=500), _may("project_code"),
    Field("lot_name", maximum=500), Field("lot_code"), Field("issuer"), _may("agency"), _may("signatory"), Field("issued_at", "instant"),
    _list("rules", least=1), _may("log_index", "integer", minimum=0),
)  # fmt: skip

CONTACTS = _list("contacts", Field("role"), Field("name"), _may("address", maximum=500), _may("person"), _may("phone"))
SUPERVISOR = Field("supervisor", "object", fields=(Field("name"), _may("address", maximum=500), _may("person"), _may("phone")))
OBJECTION = Field("objection", "object", fields=(Field("channel", "long_text"), _may("person"), _may("phone")))
FILES = (Field("name", maximum=500), Field("size", "integer", minimum=0), Field("sha256", "hash"))

TENDER = (
    _may("approval", maximum=500), Field("fund_source", maximum=500), Field("scope", "long_text"), Field("location", maximum=500),
    _may("site_visit", "long_text"), _may("venue", maximum=500),
    _may("estimate_fen", "money"), _may("ceiling_fen", "money"), _may("duration"), _may("quality"),
    Field("qualification_way", "choice", choices=("post", "pre")), _list("qualifications", least=1),
    Field("consortium_allowed", "boolean"), _may("consortium_terms", "long_text"),
    Field("issue_start", "instant"), Field("issue_end", "instant"), Field("obtaining", "long_text"),
    Field("bid_deadline", "instant"), Field("submission", "long_text"), Field("opening_place", maximum=500),
    _may("deposit_fen", "money"), _list("deposit_forms"), _may("evaluation_method"), _list("media"), _may("remarks", "long_text"),
    CONTACTS, SUPERVISOR,
)  # fmt: skip

MEMBERS = _list("members", Field("name"), Field("uscc"), Field("share", "long_text"))
OPENED_BID = (
    Field("name"), _list("partners"), Field("received_at", "instant"), Field("check"), Field("result"), _may("opened_at", "instant"),
    _may("price_fen", "money"), _may("quality"), _may("duration"), _may("leader"), _may("deposit"),
)  # fmt: skip

DRAWN_ROW = (
    Field("row"), Field("specialty"), Field("count", "integer", minimum=1), Field("eligible", "integer", minimum=0),
    _list("excluded", Field("reason"), Field("count", "integer", minimum=0)), Field("list_hash", "hash"), Field("commit", "hash"),
    _may("seed", "hash"),
    _list("order", Field("place", "integer", minimum=1), Field("number"), Field("key"), _may("answer"), _may("answered_at", "instant"),
          _may("seat")),
)  # fmt: skip

CANDIDATE = (
    Field("rank", "integer", minimum=1), Field("name"), Field("price_fen", "money"), _may("score", "decimal"), _may("quality"),
    _may("duration"), _may("leader"), _may("certificate"), _may("qualification", "long_text"), MEMBERS,
)  # fmt: skip


def _kinds(*kinds: DocumentKind) -> dict[str, DocumentKind]:
    return {k.name: k for k in kinds}


KINDS = _kinds(
    DocumentKind("announcement", TENDER),
    DocumentKind("prequalification_announcement", (
        _may("approval", maximum=500), Field("fund_source", maximum=500), Field("scope", "long_text"), Field("location", maximum=500),
        _may("site_visit", "long_text"), _may("venue", maximum=500),
        _may("estimate_fen", "money"), _may("duration"), _may("quality"), _list("qualifications", least=1),
        Field("consortium_allowed", "boolean"), _may("consortium_terms", "long_text"),
        Field("issue_start", "instant"), Field("issue_end", "instant"), Field("obtaining", "long_text"),
        Field("application_deadline", "instant"), Field("submission", "long_text"), Field("result", "long_text"), _list("media"),
        _may("remarks", "long_text"), CONTACTS, SUPERVISOR,
    )),
    DocumentKind("prequalification_result", (
        Field("form", "choice", choices=("passed", "failed")), Field("applicant"), Field("applicant_uscc"), Field("application_number"),
        _may("reason", "long_text"), _may("issue_end", "instant"), _may("bid_deadline", "instant"), _may("obtaining", "long_text"),
        _may("remarks", "long_text"), Field("check_code"), OBJECTION, SUPERVISOR,
    )),
    DocumentKind("invitation", (Field("invitee"), Field("chosen_how", "long_text"), Field("reply_by", "instant"), *TENDER)),
    DocumentKind("clarification", (
        Field("form", "choice", choices=("clarification", "amendment", "correction")),
        Field("version_old", "integer", minimum=1), Field("version_new", "integer", minimum=1), _may("text", "long_text"),
        _list("changes", Field("subject"), _may("before", "long_text"), Field("after", "long_text")),
        _list("answers", Field("question", "long_text"), Field("answer", "long_text")),
        Field("affects_preparation", "boolean"), Field("deadline_old", "instant"), Field("deadline_new", "instant"),
        _list("files", *FILES), _may("receipt", "long_text"), CONTACTS,
    )),
    DocumentKind("notice", (
        Field("form", "choice", choices=(
            "suspension", "resumption", "termination", "failure", "invalidation", "void", "re_evaluation", "contract_end")),
        _may("decision_number"), Field("reason", "long_text"), Field("basis", "long_text"), Field("effective_at", "instant"),
        _list("effects"),
        _list("times", Field("name"), _may("before", "instant"), Field("after", "instant")), CONTACTS,
    )),
    DocumentKind("bid_receipt", (
        Field("form", "choice", choices=("submitted", "replaced", "withdrawn")),
        _may("bidder"), Field("bid_code"), _may("commitment", "hash"), Field("received_at", "instant"),
        _may("clock_error_ms", "integer", minimum=0), Field("bid_deadline", "instant"), Field("check"), _list("files", *FILES),
        _may("receipt_hash", "hash"),
    )),
    DocumentKind("refusal_receipt", (
        _may("bidder"), _may("bid_code"), _may("commitment", "hash"), Field("received_at", "instant"),
        _may("clock_error_ms", "integer", minimum=0), Field("bid_deadline", "instant"), _list("reasons", least=1), _list("files", *FILES),
        _may("receipt_hash", "hash"),
    )),
    DocumentKind("opening_record", (
        _may("stage"), Field("opened_at", "instant"), Field("place", maximum=500), Field("host"), _list("participants"),
        _list("supervisors"), _may("witness"), _list("key_holders"), _may("ceiling_fen", "money"), _may("base_price_fen", "money"),
        _list("bids", *OPENED_BID),
        _list("draws", Field("name"), _list("candidates"), Field("value"),
              _list("parts", Field("owner"), Field("commit", "hash"), _may("part", "hash")), _may("seed", "hash"),
              _may("bid_root", "hash")),
        _list("objections", Field("by"), Field("text", "long_text"), Field("answer", "long_text")),
        _list("confirmations", Field("who"), Field("status"), _may("at", "instant")),
    ), wide=True),
    DocumentKind("draw_record", (
        Field("drawn_at", "instant"), Field("evaluation_at", "instant"), Field("place", maximum=500), Field("operator"), _may("witness"),
        _list("parts", Field("owner"), Field("commit", "hash")), _list("rows", *DRAWN_ROW, least=1),
    )),
    DocumentKind("review_report", (
        Field("started_at", "instant"), Field("ended_at", "instant"), Field("place", maximum=500), Field("method"),
        _may("limit", "integer", minimum=1),
        _list("committee", Field("name"), Field("role"), least=1),
        _list("applications", Field("number", "integer", minimum=1), Field("name"), Field("passed", "boolean"), Field("votes"),
              _may("points", "decimal"), _may("place", "integer", minimum=1), _may("reason", "long_text"), least=1),
        _list("dissents", Field("member"), Field("opinion", "long_text")),
        _list("signatures", Field("name"), _may("at", "instant")),
    )),
    DocumentKind("evaluation_report", (
        Field("opened_at", "instant"), Field("started_at", "instant"), Field("ended_at", "instant"), Field("place", maximum=500),
        Field("method"), Field("standards", "long_text"), _may("ceiling_fen", "money"),
        _list("committee", Field("name"), Field("role"), _may("specialty"), _may("employer"), least=1),
        _list("bids", Field("name"), _list("partners"), _may("price_fen", "money"), _may("evaluated_fen", "money"),
              Field("conforming", "boolean"), _list("grounds"), least=1),
        _list("motions", Field("bidder"), Field("ground", maximum=500), Field("evidence", "long_text"), Field("in_favour", "integer"),
              Field("against", "integer"), Field("decision")),
        _may("formula", "object", fields=(Field("id"), Field("title"), _list("params", Field("name"), Field("value")),
                                          _may("benchmark"))),
        _list("score_items", Field("name"), Field("full", "decimal"), most=6),
        _list("scores", Field("name"), _list("points"), Field("total", "decimal"), Field("rank", "integer", minimum=1),
              _may("tie", "boolean")),
        _list("clarifications", Field("bidder"), Field("question", "long_text"), Field("answer", "long_text")),
        _list("candidates", Field("rank", "integer", minimum=1), Field("name"), Field("price_fen", "money"), _may("score", "decimal")),
        _may("matters", "long_text"), _list("dissents", Field("member"), Field("opinion", "long_text")),
        _list("signatures", Field("name"), _may("at", "instant")),
        _may("re_evaluation", "object", fields=(
            Field("ordered_at", "instant"), Field("ground", "long_text"), Field("basis", "long_text"),
            _list("before", Field("rank", "integer", minimum=1), Field("name"), Field("price_fen", "money"), _may("score", "decimal")))),
    )),
    DocumentKind("candidates_notice", (
        _list("candidates", *CANDIDATE, least=1), Field("evaluation_summary", "long_text"),
        _list("rejected", Field("name"), Field("reason", "long_text")), Field("period_start", "instant"), Field("period_end", "instant"),
        OBJECTION, SUPERVISOR,
    )),
    DocumentKind("award_letter", (
        Field("winner"), Field("winner_uscc"), _may("enterprise_number"), _may("department_number"), Field("bid_at", "instant"),
        Field("scope", "long_text"), _may("duration"), Field("price_fen", "money"), _may("price_form"), _may("quality"),
        _may("leader"), _may("leader_id"), _may("certificate"), MEMBERS, Field("contract_due", "date"), _may("bond", "long_text"),
    )),
    DocumentKind("result_notice", (
        Field("form", "choice", choices=("public", "letter")), Field("winner"), _may("winner_uscc"), Field("price_fen", "money"),
        _may("addressee", "long_text"), _may("reason", "long_text"), _may("score", "decimal"), _may("rank", "integer", minimum=1),
        _may("duration"), _may("quality"), _may("leader"), MEMBERS, _may("period_start", "instant"), _may("period_end", "instant"),
        OBJECTION, SUPERVISOR,
    )),
    DocumentKind("objection_answer", (
        Field("objector"), Field("objection_number"), Field("received_at", "instant"), Field("subject"),
        _list("claims", Field("claim", "long_text"), Field("finding", "long_text"), _may("basis", "long_text"), least=1),
        Field("conclusion", "long_text"), _may("measures", "long_text"), Field("complaint", "long_text"), SUPERVISOR,
    )),
    DocumentKind("contract_summary", (
        Field("contract_number"), _list("parties", Field("role"), Field("name"), _may("uscc"), least=1), Field("amount_fen", "money"),
        Field("award_fen", "money"), Field("signed_on", "date"),
        _list("terms", Field("name"), Field("value", "long_text")), _may("remarks", "long_text"),
    )),
    DocumentKind("sheet", (
        Field("title"), CONTACTS, SUPERVISOR,
        _list("sections", _may("heading"), _list("rows", Field("name"), Field("value", "long_text")), _may("text", "long_text"), least=1),
    )),
    DocumentKind("archive_catalogue", (
        Field("archive_number"), Field("retention"), Field("completed_on", "date"), 
        _list("pieces", Field("number"), Field("title", maximum=500), Field("stage"), _may("absent", maximum=500), least=1),
        _list("files", Field("piece"), *FILES),
    )),
)  # fmt: skip
