"""服务指南: how a trade runs, and every rule with its article, counted the way the platform counts it."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from trading_core.domain.periods import Period
from trading_core.domain.trade import TradeType

from ..permissions import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


@view_config(route_name="guide", renderer="guide.jinja2", request_method="GET", permission=Permission.PUBLIC)
def guide(request: Request) -> dict[str, Any]:
    trades = sorted(request.platform.trades.values(), key=lambda t: (t.code, t.rules))
    return {"trades": trades, "steps": ("find", "read", "ask", "seal", "watch", "object", "check")}


@view_config(route_name="rule", renderer="rule.jinja2", request_method="GET", permission=Permission.PUBLIC)
def rule(request: Request) -> dict[str, Any]:
    """A rule wherever a trade type uses it: as a period, as the ground of a form field, as the rule of an act."""
    name = request.matchdict["rule"]
    uses = [(trade, *_uses(trade, name)) for trade in request.platform.trades.values()]
    uses = [use for use in uses if use[1] or use[2] or use[3]]
    told = request.words.catalogue.has(f"rule.{name}")
    if not uses and not told:
        raise HTTPNotFound
    return {"rule": name, "uses": uses, "told": told}


def _uses(trade: TradeType, name: str) -> tuple[list[Period], list[tuple[str, str]], list[str]]:
    periods = [p for p in trade.periods if p.id == name]
    fields = sorted({(act.name, f.name) for act in trade.acts.values() for f in act.fields if f.rule == name})
    acts = sorted(act.name for act in trade.acts.values() if act.rule == name)
    return periods, fields, acts


@view_config(route_name="errors", renderer="errors.jinja2", request_method="GET", permission=Permission.PUBLIC)
def errors(request: Request) -> dict[str, Any]:
    """Every stable code with its text: what is wrong, why, and what to do next."""
    catalogue, language = request.words.catalogue, request.words.language
    codes = sorted(k.removeprefix("problem.") for k in catalogue.texts if k.startswith("problem."))
    return {"codes": [(code, catalogue.texts[f"problem.{code}"][language]) for code in codes]}
