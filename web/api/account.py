"""One's own account for programs: password, second factor, sessions, notes; and signing in with a certificate."""
from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from pyramid.view import view_config

from trading_core.domain.errors import Problem, Refused
from trading_core.domain.events import Json, instant_text
from trading_core.domain.fields import Field, check
from trading_core.domain.identity import Role
from trading_core.services import accounts, challenges, own_account, sessions
from trading_core.services.following import Note
from trading_core.services.sessions import Tokens

from ..notes import notes_of
from ..permissions import Permission
from ..security import require_signed_in
from .body import json_object
from .sessions import ROLES, tokens_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyramid.request import Request

PASSWORD = (Field("password", secret=True, maximum=200), Field("new_password", secret=True, maximum=200))
CODE = (Field("totp", maximum=8),)
REMOVAL = (Field("password", secret=True, maximum=200), *CODE)
CERTIFICATE = (Field("certificate", "long_text", maximum=20_000), Field("challenge", "long_text", maximum=400),
               Field("signature", "long_text", maximum=2_000), Field("role", "choice", required=False, choices=ROLES))  # fmt: skip


@view_config(route_name="api_account", request_method="GET", renderer="json", permission=Permission.SIGNED_IN)
def account(request: Request) -> Json:
    """Who is signed in, whether a second factor is on, and every session that stands."""
    unit, actor = request.unit, require_signed_in(request)
    standing = [{"role": s.role.value, "started_at": instant_text(s.started_at), "end_at": instant_text(s.end_at)}
                for s in own_account.own_sessions(unit, actor)]  # fmt: skip
    return {"person": actor.person, "organisation": actor.organisation, "role": actor.role.value,
            "second_factor": accounts.has_second_factor(unit, actor), "sessions": standing}  # fmt: skip


@view_config(route_name="api_account_password", request_method="PUT", renderer="json", permission=Permission.SIGNED_IN)
def change_password(request: Request) -> Json:
    """One's own new password; all sessions end."""
    actor, body = require_signed_in(request), check(PASSWORD, json_object(request))
    own_account.change_password(request.platform, actor, str(body["password"]), str(body["new_password"]))
    return {"ended": True}


@view_config(route_name="api_account_second_factor", request_method="POST", renderer="json", permission=Permission.SIGNED_IN)
def offer(request: Request) -> Json:
    """A new secret for an authenticator. It counts once a code of it was confirmed."""
    actor = require_signed_in(request)
    with request.platform.unit() as unit:
        factor = accounts.offer_second_factor(unit, actor)
    request.response.status_int = 201
    request.response.cache_control = "no-store"
    return {"secret": factor.secret, "uri": factor.uri}


@view_config(route_name="api_account_second_factor_confirmation", request_method="POST", renderer="json", permission=Permission.SIGNED_IN)
def confirm(request: Request) -> Json:
    """From now on every sign-in with a password needs a code."""
    actor, body = require_signed_in(request), check(CODE, json_object(request))
    with request.platform.unit() as unit:
        accounts.confirm_second_factor(unit, actor, str(body["totp"]))
    return {"second_factor": True}


@view_config(route_name="api_account_second_factor_removal", request_method="POST", renderer="json", permission=Permission.SIGNED_IN)
def remove(request: Request) -> Json:
    """Back to the password alone."""
    actor, body = require_signed_in(request), check(REMOVAL, json_object(request))
    own_account.remove_second_factor(request.platform, actor, str(body["password"]), str(body["totp"]))
    return {"second_factor": False}


@view_config(route_name="api_account_sessions", request_method="DELETE", renderer="json", permission=Permission.SIGNED_IN)
def sign_out_everywhere(request: Request) -> Json:
    """End every session of one's own, this one too."""
    actor = require_signed_in(request)
    with request.platform.unit() as unit:
        own_account.sign_out_everywhere(unit, actor, actor.person)
    return {"ended": True}


@view_config(route_name="api_notes", request_method="GET", renderer="json", permission=Permission.SIGNED_IN)
def notes(request: Request) -> Json:
    """What one should know in one's role, newest first: ``after`` a log index, ``limit``."""
    require_signed_in(request)
    return {"notes": [note_form(n) for n, _ in notes_of(request, _whole(request, "after", -1), max(1, _whole(request, "limit", 50)))]}


@view_config(route_name="api_challenges", request_method="POST", renderer="json", permission=Permission.PUBLIC)
def challenge(request: Request) -> Json:
    """A text to be signed with the key of a certificate: good for two minutes, once."""
    request.response.status_int = 201
    request.response.cache_control = "no-store"
    return {"challenge": challenges.issue_challenge(request.platform).decode()}


@view_config(route_name="api_sessions_certificate", request_method="POST", renderer="json", permission=Permission.PUBLIC)
def sign_in(request: Request) -> Json:
    """Tokens for a certificate, a challenge and its signature (base64)."""
    return tokens_form(request, enter(request, check(CERTIFICATE, json_object(request))), 201)


def enter(request: Request, given: Mapping[str, Any]) -> Tokens:
    """Sign in with a certificate as it was typed or sent. Raises `NotSignedIn`, `Refused`."""
    try:
        signature = base64.b64decode("".join(str(given["signature"]).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(Problem("sign_in.signature_base64", "signature")) from error
    role = Role(str(given["role"])) if given.get("role") else None
    challenge = str(given["challenge"]).replace("\r\n", "\n").strip() + "\n"  # as a form or a clipboard leaves it
    return sessions.sign_in_by_certificate(request.platform, str(given["certificate"]).encode(), challenge.encode(), signature, role)


def note_form(n: Note) -> Json:
    return {"log_index": n.index, "lot": n.lot, "type": n.type, "at": instant_text(n.at)}


def _whole(request: Request, name: str, otherwise: int) -> int:
    text = request.GET.get(name, "")
    return min(int(text), 1 << 53) if text.isascii() and text.isdigit() and len(text) < 18 else otherwise
