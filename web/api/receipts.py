"""A bid's receipt on paper, made while the bidder waits. Asking needs no account: the receipt is what shows that one may."""
from __future__ import annotations

from typing import TYPE_CHECKING

from pyramid.response import Response
from pyramid.view import view_config

from trading_core.services import receipt_papers

from ..permissions import Permission
from .body import json_object

if TYPE_CHECKING:
    from pyramid.request import Request

PDF = "application/pdf"


@view_config(route_name="api_receipt_paper", request_method="POST", permission=Permission.PUBLIC)
def paper(request: Request) -> Response:
    """The receipt as a sealed PDF. Nothing of it is kept; whoever asks again has it printed again."""
    made = receipt_papers.printed(request.platform, json_object(request))
    response = Response(body=made.pdf, content_type=PDF)
    response.content_disposition = f'attachment; filename="{made.number}.pdf"'
    response.cache_control = "no-store"
    return response
