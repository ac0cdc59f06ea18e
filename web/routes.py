"""Every address of the site. Nouns, stable for good; a language prefix and filters are not part of them."""
from __future__ import annotations

from typing import TYPE_CHECKING

from .contexts import lot_context
from .desk import desk_files, desk_lot
from .office import SHAPES, pattern, route_name
from .offices import ADDRESSES
from .supervise import supervised_lot
from .workbench import my_lot

if TYPE_CHECKING:
    from pyramid.config import Configurator

COLUMNS = ("engineering", "procurement", "land", "mining", "property", "environment", "intermediary", "other")
COLUMN = "{column:" + "|".join(COLUMNS) + "}"
TABLE = ".{form:csv|json|rss}"


def includeme(config: Configurator) -> None:
    add = config.add_route
    add("home", "/")
    add("trades", "/trades")
    add("trades_as", "/trades" + TABLE)
    add("column", f"/trades/{COLUMN}")
    add("column_as", f"/trades/{COLUMN}{TABLE}")

    add("lot", "/lots/{lot}", factory=lot_context)
    for part in ("log", "schedule", "questions", "objections", "fragments"):
        add(f"lot_{part}", f"/lots/{{lot}}/{part}", factory=lot_context)
    add("lot_document", "/lots/{lot}/documents/{document:[0-9a-f]{64}}", factory=lot_context)
    add("lot_versions", "/lots/{lot}/versions/{first:[0-9]{1,4}}...{second:[0-9]{1,4}}", factory=lot_context)

    add("verify", "/verify")
    add("log_entry", "/log/{number:[0-9]{1,15}}")
    add("checkpoint", "/checkpoints/{size:[0-9]{1,15}}")
    add("disclosure", "/disclosure")
    add("guide", "/guide")
    add("rule", "/guide/rules/{rule}")
    add("errors", "/guide/errors")
    add("credit", "/credit")
    add("supervision", "/supervise")
    add("statistics", "/statistics")
    add("status", "/status")
    add("open_data", "/open-data")
    add("login", "/login")
    add("login_certificate", "/login/certificate")
    add("logout", "/logout")
    add("my", "/my")
    add("time", "/time")

    add("api_openapi", "/api/v1/openapi.json")
    add("api_sessions", "/api/v1/sessions")
    add("api_session_refresh", "/api/v1/sessions/refresh")
    add("api_session_current", "/api/v1/sessions/current")
    add("api_sessions_certificate", "/api/v1/sessions/certificate")
    add("api_challenges", "/api/v1/challenges")
    add("api_account", "/api/v1/account")
    add("api_account_password", "/api/v1/account/password")
    add("api_account_sessions", "/api/v1/account/sessions")
    add("api_account_second_factor", "/api/v1/account/second-factor")
    add("api_account_second_factor_confirmation", "/api/v1/account/second-factor/confirmation")
    add("api_account_second_factor_removal", "/api/v1/account/second-factor/removal")
    add("api_notes", "/api/v1/notes")
    add("api_lots", "/api/v1/lots")
    add("api_lot", "/api/v1/lots/{lot}", factory=lot_context)
    add("api_lot_events", "/api/v1/lots/{lot}/events", factory=lot_context)
    add("api_lot_ocds", "/api/v1/lots/{lot}/ocds", factory=lot_context)
    add("api_lot_project", "/api/v1/lots/{lot}/project.zip", factory=lot_context)
    add("api_act", "/api/v1/lots/{lot}/acts/{act}", factory=lot_context)
    add("api_log", "/api/v1/log")
    add("api_log_entry", "/api/v1/log/{number:[0-9]{1,15}}")
    add("api_checkpoint_latest", "/api/v1/checkpoints/latest")
    add("api_checkpoint", "/api/v1/checkpoints/{size:[0-9]{1,15}}")
    add("api_consistency", "/api/v1/checkpoints/{first:[0-9]{1,15}}...{second:[0-9]{1,15}}")
    add("api_keys", "/api/v1/keys")
    add("api_receipt_paper", "/api/v1/receipts/paper")
    add("api_health", "/api/v1/health")

    # workbenches and uploads
    add("api_uploads", "/api/v1/uploads")
    add("api_upload", "/api/v1/uploads/{upload:[0-9a-f]{32}}")
    add("api_upload_piece", "/api/v1/uploads/{upload:[0-9a-f]{32}}/pieces/{piece:[0-9]{1,5}}")
    add("api_upload_finish", "/api/v1/uploads/{upload:[0-9a-f]{32}}/finish")
    add("my_ended", "/my/ended")
    add("my_account", "/my/account")
    add("my_lot", "/my/lots/{lot}", factory=my_lot)
    add("my_act", "/my/lots/{lot}/acts/{act}", factory=my_lot)
    add("my_bid", "/my/lots/{lot}/bid", factory=my_lot)
    add("my_keys", "/my/lots/{lot}/keys", factory=my_lot)
    add("my_draws", "/my/lots/{lot}/draws", factory=my_lot)
    add("my_notice", "/my/notices/new")

    # offices: the register, the treasury, lists and witnesses
    for address in ADDRESSES:
        add(route_name(address), pattern(address))
    add("api_activations", "/api/v1/activations")
    add("api_cosignatures", "/api/v1/checkpoints/{size:[0-9]{1,15}}/cosignatures")
    add("certificate_root", "/certificates/root.pem")
    add("activation", "/activate")
    add("my_office", "/my/office/{act:[a-z_]{1,40}}")
    add("my_attempt", "/my/lots/{lot}/attempt", factory=my_lot)
    add("registry", "/my/registry")
    add("registry_organisation", f"/my/registry/organisations/{{organisation:{SHAPES['organisation']}}}")
    add("registry_person", f"/my/registry/persons/{{person:{SHAPES['person']}}}")
    add("treasury", "/my/treasury")
    add("treasury_lot", "/my/treasury/lots/{lot}", factory=my_lot)

    # live rooms
    add("hall", "/lots/{lot}/opening", factory=lot_context)
    add("hall_fragments", "/lots/{lot}/opening/fragments", factory=lot_context)
    add("desk", "/desk")
    add("desk_lot", "/desk/{lot}", factory=desk_lot)
    add("desk_fragments", "/desk/{lot}/fragments", factory=desk_lot)
    add("desk_draft", "/desk/{lot}/draft", factory=desk_lot)
    add("desk_file", "/desk/{lot}/files/{sha256:[0-9a-f]{64}}", factory=desk_files)
    add("supervision_lot", "/supervise/lots/{lot}", factory=supervised_lot)
