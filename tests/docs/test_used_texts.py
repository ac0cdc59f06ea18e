"""Every text can be shown: some code or template names its key, or makes it from a beginning listed here."""
from __future__ import annotations

import re
from pathlib import Path

from trading_core.messages import read
from trading_core.platform import Platform
from web.i18n import joined

ROOT = Path(__file__).parents[2]
PACKAGES = ("trading_core", "web", "plugins", "expert_pool", "credit")
MADE = (
    # names that are declared elsewhere and shown by their title
    "act.", "choice.", "column.", "consequence.", "document.", "envelope.", "event.", "field.", "form.again.", "formula.", "group.",
    "method.", "party.",
    "period.", "permission.", "point.", "problem.", "rejection.", "role.", "seat.", "stage.", "state.", "unit.",
    "credit_effect.", "credit_list.", "credit_match.", "credit_result.", "deposit.doubt.",
    "deposit.ground.", "deposit.result.", "deposit.state.",
    "expert_pool.", "expert_rule.", "expert_state.", "expert_tie.",
    # what a check found
    "broken.", "check.", "correction.", "not_shown.", "noted.", "notice.",
    # the command line and the API's description
    "answer.", "api.", "command.", "demo.scene.",
    # papers
    "archive.idle.", "paper.archive_stage.", "paper.basis.", "paper.decision.",
    "paper.effect.", "paper.envelope.", "paper.failure.", "paper.law.",
    "paper.line.", "paper.reason.", "paper.refusal.", "paper.retention.",
    "receipt_paper.",
    # pages
    "bid.check.", "bid.js.", "bid.note.", "bid.step.", "clock.", "desk.phase.", "desk.signature.", "desk.step.", "error.title_",
    "fairness.", "form.again.", "guide.", "hall.column.", "hall.says.", "hall.status.", "hall.step.", "hall.trustee.", "help.", "home.",
    "key.", "label.", "office.", "open_data.", "paper_kind.", "settled.", "sort.", "status.", "supervise.column.", "supervise.light.",
    "supervise.tile.", "treasury.figure_", "trustee.", "verify.how_", "wizard.fair_", "wizard.step.", "workbench.light_",
    "workbench.lots_", "in.",
)  # fmt: skip
"""Beginnings of keys whose rest is known only when the text is shown."""


def sources() -> str:
    return "\n".join(p.read_text("utf-8") for room in PACKAGES for kind in ("py", "jinja2", "js") for p in (ROOT / room).rglob(f"*.{kind}"))


def folders() -> list[Path]:
    return [p for room in PACKAGES for p in (ROOT / room).rglob("messages") if p.is_dir()]


def test_no_text_is_left_that_nobody_shows() -> None:
    """A key that two folders define is refused by reading them together."""
    named = set(re.findall(r"[\"'`]([A-Za-z][A-Za-z0-9_.-]*)[\"'`]", sources()))
    assert [key for key in read(folders()).texts if key not in named and not key.startswith(MADE)] == []


def test_a_trades_own_term_stands_for_a_text_that_there_is(sqlite_platform: Platform) -> None:
    texts = joined(sqlite_platform.catalogue).texts
    spoken = {word for trade in sqlite_platform.trades.values() for word in trade.vocabulary}
    own = [key.split(".", 2)[1:] for key in texts if key.startswith("in.")]
    assert {word for word, _ in own} == spoken and [key for _, key in own if key not in texts] == []
