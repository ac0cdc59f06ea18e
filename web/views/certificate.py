"""Signing in with a certificate: a challenge to be signed with its key, by a command, and the signature sent back. Without a script."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config

from trading_core.domain.errors import Problem, Refused
from trading_core.domain.identity import Role
from trading_core.services import challenges

from ..api.account import CERTIFICATE, enter
from ..forms import Form
from ..permissions import Permission
from .account import certificates, next_page

if TYPE_CHECKING:
    from pyramid.request import Request
    from pyramid.response import Response

ROLES = frozenset(r.value for r in Role)
KEY = "key.pem"


@view_config(route_name="login_certificate", renderer="login_certificate.jinja2", request_method="GET", permission=Permission.PUBLIC)
def ask(request: Request) -> dict[str, Any]:
    return page(request, Form(CERTIFICATE, {}), fresh(request))


@view_config(
    route_name="login_certificate", renderer="login_certificate.jinja2", request_method="POST", permission=Permission.PUBLIC,
    require_csrf=True,
)  # fmt: skip
def sign_in(request: Request) -> dict[str, Any] | Response:
    post = {f.name: str(request.POST.get(f.name, ""))[: f.maximum or 40] for f in CERTIFICATE}
    post["role"] = post["role"] if post["role"] in ROLES else ""
    try:
        missing = [Problem("field.required", n) for n in ("certificate", "signature") if not post[n].strip()]
        if missing:
            raise Refused(*missing)
        tokens = enter(request, post)
    except Refused as refusal:
        request.response.status_int = 422
        spent = any(p.code == "sign_in.challenge" for p in refusal.problems)  # another is needed, and another signature
        kept = {k: v for k, v in post.items() if k != "challenge" and not (spent and k == "signature")}
        challenge = fresh(request) if spent else post["challenge"].replace("\r\n", "\n")
        return page(request, Form(CERTIFICATE, kept, refusal.problems), challenge)
    answer = HTTPSeeOther(next_page(request))
    answer.headerlist.extend(request.registry.token_policy.remember(request, tokens))
    return answer


def page(request: Request, form: Form, challenge: str) -> dict[str, Any]:
    if not certificates(request):
        raise HTTPNotFound
    asked = {p.code: p.params for p in form.problems}
    roles = asked.get("sign_in.role_needed", {}).get("roles", ())
    return {"form": form, "roles": list(roles) if isinstance(roles, list | tuple) else [], "challenge": challenge,
            "command": command(challenge), "next": request.params.get("next", "")}  # fmt: skip


def command(challenge: str) -> str:
    """What signs the challenge in any shell, with nothing but OpenSSL. The challenge's lines hold no quotation mark."""
    quoted = " ".join("'" + line.replace("'", "") + "'" for line in challenge.splitlines())
    return f"printf '%s\\n' {quoted} | openssl dgst -sha256 -sign {KEY} | base64"


def fresh(request: Request) -> str:
    return challenges.issue_challenge(request.platform).decode()
