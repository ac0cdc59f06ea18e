"""What an engineering tender states: the fields of its announcement [01 §1.3, 02 §2.2, §2.7]."""
from __future__ import annotations

from trading_core.domain.evaluation.rules import RULES_FIELDS
from trading_core.domain.fields import Field
from trading_core.domain.stages.announcing import FILE
from trading_core.domain.stages.excluding import EXCLUDED
from trading_core.domain.tender.prequalification_review import rules_form
from trading_core.domain.tender.trustees import AFTER_TECHNICAL, AT_OPENING, SUITES

QUALIFIED_MIN = 3  # F-08, E-I3
FEW_BIDDERS, HIGH_COST = "few_bidders", "high_cost"  # the two grounds for inviting [BLR 8]

SCHEDULE = (
    Field("prequalification_issue_start", "instant", required=False, rule="E-T01"),
    Field("prequalification_issue_end", "instant", required=False, rule="E-T01"),
    Field("application_deadline", "instant", required=False, rule="E-T02"),
    Field("issue_start", "instant", rule="E-T03"),
    Field("issue_end", "instant", rule="E-T01"),
    Field("bid_deadline", "instant", rule="E-T03"),
)

ENVELOPE = (Field("name", maximum=40), Field("opens", "choice", choices=(AT_OPENING, AFTER_TECHNICAL)))

CONTACT = (Field("name"), Field("person"), Field("phone"), Field("address", required=False))

FORM = (
    Field("title"),
    Field("investment_project_code", required=False),
    Field("catalogue_code", maximum=20, rule="TC-1"),
    Field("outside_catalogue_reason", "long_text", required=False, rule="TC-1"),
    Field("object_kind", "choice", choices=("works", "goods", "survey_design", "supervision"), rule="E-M3"),
    Field("mandatory", "boolean", rule="E-M1"),
    Field("state_funded", "boolean", rule="E-M2"),
    Field("tender_way", "choice", choices=("open", "invited"), rule="E-M9"),
    Field("invited_ground", "choice", required=False, choices=(FEW_BIDDERS, HIGH_COST), rule="E-M9"),
    Field("invited_approval", required=False, rule="E-M9"),
    Field("key_project", "boolean", required=False, rule="E-M9a"),
    Field("qualification_way", "choice", choices=("post", "pre"), rule="E-I2"),
    Field("prequalification", "object", required=False, fields=rules_form(QUALIFIED_MIN), rule="E-I3"),
    Field("approval_number", required=False, rule="BLR 7"),
    Field("fund_source", rule="BL 9"),
    Field("scope", "long_text"),
    Field("place"),
    Field("site_visit", "long_text", required=False, maximum=2000, rule="BLR 28"),
    Field("venue", required=False),
    Field("qualification", "long_text", rule="BLR 32"),
    Field("consortium", "boolean", rule="B-14"),
    EXCLUDED,
    Field("duration_days", "integer", minimum=1, maximum=20_000),
    Field("quality"),
    Field("estimate_fen", "money", minimum=1, rule="D-01"),
    Field("ceiling_fen", "money", required=False, minimum=1, rule="BLR 27"),
    Field("deposit_fen", "money", rule="D-01"),
    Field("deposit_account", required=False, rule="D-02"),
    Field("bid_validity_days", "integer", minimum=1, maximum=400, rule="B-08"),
    Field("cipher_suite", "choice", required=False, choices=SUITES),
    Field("envelopes", "list", minimum=1, maximum=4, fields=ENVELOPE),
    Field("evaluation", "object", fields=RULES_FIELDS, rule="02 §2.7"),
    Field("committee_size", "integer", minimum=5, maximum=13, rule="E-C1"),
    Field("contact", "object", fields=CONTACT),
    Field("supervisor_contact", required=False),
    Field("tender_documents", "list", minimum=1, maximum=20, fields=FILE, rule="BL 19"),
    Field("fair_competition_check", "map", rule="FCR16"),
    Field("fair_competition_reason", "long_text", required=False, rule="FCR16"),
    Field("rest_day_reasons", "map", required=False, rule="T-09"),
    Field("schedule", "object", fields=SCHEDULE),
)

CHANGEABLE = {
    "scope": "BL 23", "site_visit": "BLR 28", "venue": "BL 23", "qualification": "BLR 21", "duration_days": "BL 23", "quality": "BL 23",
    "ceiling_fen": "BLR 27", "deposit_fen": "D-01", "deposit_account": "D-02", "bid_validity_days": "B-08", "supervisor_contact": "BL 23",
}  # fmt: skip
"""Terms that an amendment may change, each with the rule that lets it. Everything else makes the tender what it is: what is bought and
for how much, how it is tendered and evaluated, whether it is mandatory. To change that, end the tender and begin anew [A-08]."""
LETTER = (
    Field("duration_days", "integer", minimum=1, maximum=20_000), Field("quality"), Field("project_leader"),
    Field("project_leader_certificate"), Field("qualification_response", "long_text", maximum=4000, rule="01 §1.3"),
)  # fmt: skip
"""What a bid states beside its price, and what is published with the candidates [01 §1.3]."""

CONTRACT = (Field("duration_days", "integer", minimum=1), Field("quality"), Field("project_leader"))
"""What a contract states, as the bid says it or else the tender [BL 46]."""
