"""Signing in and out, and where a signed-in reader starts."""
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config

from trading_core.domain.errors import Refused
from trading_core.domain.fields import Field
from trading_core.domain.identity import Role
from trading_core.services import sessions

from ..errors import told
from ..forms import Form
from ..limits import origin
from ..permissions import Permission

if TYPE_CHECKING:
    from pyramid.request import Request
    from pyramid.response import Response

LOGIN = (
    Field("login", maximum=60),
    Field("password", secret=True, maximum=200),
    Field("totp", required=False, maximum=8),
    Field("role", "choice", required=False),
)
SAMPLE_FILE = "sample-accounts.json"


@view_config(route_name="login", renderer="login.jinja2", request_method="GET", permission=Permission.PUBLIC)
def ask(request: Request) -> dict[str, Any]:
    return _page(request, Form(LOGIN, {}))


@view_config(route_name="login", renderer="login.jinja2", request_method="POST", permission=Permission.PUBLIC, require_csrf=True)
def sign_in(request: Request) -> dict[str, Any] | Response:
    post = {f.name: str(request.POST.get(f.name, "")).strip() for f in LOGIN}
    role = Role(post["role"]) if post["role"] in {r.value for r in Role} else None
    try:
        password = str(request.POST.get("password", ""))
        tokens = sessions.sign_in(request.platform, post["login"], password, post["totp"] or None, role, origin(request))
    except Refused as refusal:
        shown = told(refusal)
        request.response.status_int = shown.status if shown.status != 401 else 422
        if shown.retry_after is not None:
            request.response.headers["Retry-After"] = str(shown.retry_after)
        kept = {k: v for k, v in post.items() if k != "password"}
        return _page(request, Form(LOGIN, kept, refusal.problems))
    answer = HTTPSeeOther(next_page(request))
    answer.headerlist.extend(request.registry.token_policy.remember(request, tokens))
    return answer


def _page(request: Request, form: Form) -> dict[str, Any]:
    asked = {p.code: p.params for p in form.problems}
    roles = asked.get("sign_in.role_needed", {}).get("roles", ())
    return {
        "form": form, "roles": list(roles) if isinstance(roles, list | tuple) else [], "next": request.params.get("next", ""),
        "code_asked": any(c.startswith("sign_in.code") for c in asked) or bool(form.value("totp")),
        "accounts": sample_accounts(request), "certificates": certificates(request),
    }  # fmt: skip


def certificates(request: Request) -> bool:
    """Whether any plugin knows certificates."""
    return bool(request.platform.plugins.hook.gongxin_certificate_person.get_hookimpls())


def next_page(request: Request) -> str:
    """Where to go after signing in: only a path of this site."""
    asked = str(request.params.get("next", ""))
    return asked if asked.startswith("/") and not asked.startswith(("//", "/\\")) and asked.isprintable() else request.route_path("my")


def sample_accounts(request: Request) -> list[dict[str, str]]:
    """With sample data only: one account per role, as the sample wrote them down."""
    settings = request.platform.settings
    path = settings.data / SAMPLE_FILE
    if not settings.sample or not path.is_file():
        return []
    found: list[dict[str, str]] = json.loads(path.read_text("utf-8"))
    return found


@view_config(route_name="logout", request_method="POST", permission=Permission.PUBLIC, require_csrf=True)
def sign_out(request: Request) -> Response:
    policy = request.registry.token_policy
    token = policy.token(request)
    try:
        with request.platform.unit() as unit:
            sessions.sign_out(unit, token or "")
    except Refused:
        pass  # it has ended already
    answer = HTTPSeeOther(request.route_path("home"))
    answer.headerlist.extend(policy.forget(request))
    return answer
