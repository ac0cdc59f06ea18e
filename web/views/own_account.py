"""One's own account: password, second factor, where one is signed in. Without a script."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import segno
from markupsafe import Markup
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config

from trading_core.domain.errors import Problem, Refused
from trading_core.domain.fields import Field
from trading_core.services import accounts, own_account

from ..errors import told
from ..forms import Form
from ..frame import route
from ..permissions import Permission

if TYPE_CHECKING:
    from pyramid.request import Request
    from pyramid.response import Response

FIELDS = tuple(Field(n, secret=True, maximum=200) for n in ("password", "new_password", "password_again", "totp"))


@view_config(route_name="my_account", renderer="account.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def show(request: Request) -> dict[str, Any]:
    return page(request)


@view_config(route_name="my_account", renderer="account.jinja2", request_method="POST", permission=Permission.SIGNED_IN, require_csrf=True)
def change(request: Request) -> dict[str, Any] | Response:
    """One of the page's forms was sent; with anything wrong the page says so at that form."""
    step = str(request.POST.get("step", ""))
    try:
        STEPS.get(step, _nothing)(request)
    except Refused as refusal:
        shown = told(refusal)
        request.response.status_int = shown.status if shown.status != 401 else 422
        if shown.retry_after is not None:
            request.response.headers["Retry-After"] = str(shown.retry_after)
        return page(request, step, refusal.problems)
    return HTTPSeeOther(route(request, "my_account", {}))


def page(request: Request, step: str = "", problems: tuple[Problem, ...] = ()) -> dict[str, Any]:
    unit, actor = request.unit, request.identity.actor
    offered = accounts.offered_second_factor(unit, actor)
    return {
        "step": step, "form": Form(FIELDS, {}, problems), "on": accounts.has_second_factor(unit, actor), "offered": offered,
        "qr": qr(offered.uri, request.words("account.qr")) if offered else "", "sessions": own_account.own_sessions(unit, actor),
        "actor": actor,
    }  # fmt: skip


def qr(text: str, title: str) -> Markup:
    """A QR code as an image within the page."""
    return Markup(segno.make(text, error="m", micro=False).svg_inline(scale=4, border=4, light="#fff", title=title))


def _nothing(request: Request) -> None:
    raise Refused(Problem("request.unreadable"))


def _text(request: Request, name: str) -> str:
    return str(request.POST.get(name, ""))


def _password(request: Request) -> None:
    new = _text(request, "new_password")
    missing = [Problem("field.required", n) for n in ("password", "new_password") if not _text(request, n)]
    different = [Problem("account.password_differs", "password_again")] if new != _text(request, "password_again") else []
    if missing or different:
        raise Refused(*missing, *different)
    own_account.change_password(request.platform, request.identity.actor, _text(request, "password"), new)


def _offer(request: Request) -> None:
    with request.platform.unit() as unit:
        accounts.offer_second_factor(unit, request.identity.actor)


def _confirm(request: Request) -> None:
    with request.platform.unit() as unit:
        accounts.confirm_second_factor(unit, request.identity.actor, _text(request, "totp"))


def _remove(request: Request) -> None:
    own_account.remove_second_factor(request.platform, request.identity.actor, _text(request, "password"), _text(request, "totp"))


def _sign_out(request: Request) -> None:
    with request.platform.unit() as unit:
        own_account.sign_out_everywhere(unit, request.identity.actor, request.identity.actor.person)


STEPS: dict[str, Callable[[Request], None]] = {
    "password": _password, "offer": _offer, "confirm": _confirm, "remove": _remove, "sign_out": _sign_out,
}  # fmt: skip
"""What each form of the page does."""
