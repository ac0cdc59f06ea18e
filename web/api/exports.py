"""A whole trade to take away: open data, and the project file that anyone can verify offline."""
from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pyramid.response import FileIter, Response
from pyramid.view import view_config

from trading_core.services import ocds, project_zip

from ..contexts import LotOf
from ..permissions import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

BLOCK = 1 << 18


@view_config(route_name="api_lot_ocds", request_method="GET", permission=Permission.READ_LOT)
def open_data(context: LotOf, request: Request) -> Response:
    """The lot's release package, OCDS 1.1."""
    return Response(body=ocds.package(request.unit, context.lot.id), content_type="application/json", charset="utf-8")


@view_config(route_name="api_lot_project", request_method="GET", permission=Permission.READ_LOT)
def project(context: LotOf, request: Request) -> Response:
    """The public project file as it stands now. Refused (`export.…`) while witnesses have not cosigned a covering checkpoint."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "project.zip"
        project_zip.export(request.platform, context.lot.id, "public", path)
        file = path.open("rb")  # stays readable after its name is gone
    response = Response(content_type="application/zip")
    response.content_length = file.seek(0, 2)
    file.seek(0)
    response.app_iter = FileIter(file, BLOCK)
    response.content_disposition = f'attachment; filename="{context.lot.id}.zip"'
    return response
