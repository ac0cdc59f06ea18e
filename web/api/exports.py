"""A whole trade to take away: open data, and the project file that anyone can verify offline."""
from __future__ import annotations

import os
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pyramid.response import Response
from pyramid.view import view_config

from trading_core.platform import Platform
from trading_core.services import log, ocds, project_zip

from ..contexts import LotOf
from ..permissions import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

BLOCK = 1 << 18
KEPT = 16  # project files, the one asked for longest ago is made anew


class ProjectFile:
    """A project file without a name: it goes away with the last who reads it."""

    def __init__(self, platform: Platform, lot: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "project.zip"
            self.size = project_zip.export(platform, lot, "public", path).size
            self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)

    def blocks(self) -> Iterator[bytes]:
        for start in range(0, self.size, BLOCK):
            yield os.pread(self._file, BLOCK, start)


class ProjectFiles:
    """The project files made last. While the log has not grown, one answers everybody; only one is being made at a time."""

    def __init__(self, platform: Platform) -> None:
        self._platform, self._lock = platform, threading.Lock()
        self._kept: OrderedDict[str, tuple[int, ProjectFile]] = OrderedDict()

    def of(self, lot: str) -> ProjectFile:
        """The public project file as it stands now. Raises as `project_zip.export` does."""
        with self._lock:
            log.move(self._platform)
            with self._platform.look() as unit:
                size = log.log_size(unit)
            before, file = self._kept.pop(lot, (-1, None))
            if file is None or before != size:
                file = ProjectFile(self._platform, lot)
            self._kept[lot] = (size, file)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return file


@view_config(route_name="api_lot_ocds", request_method="GET", permission=Permission.READ_LOT)
def open_data(context: LotOf, request: Request) -> Response:
    """The lot's release package, OCDS 1.1."""
    return Response(body=ocds.package(request.unit, context.lot.id), content_type="application/json", charset="utf-8")


@view_config(route_name="api_lot_project", request_method="GET", permission=Permission.READ_LOT)
def project(context: LotOf, request: Request) -> Response:
    """The public project file as it stands now. Refused (`export.…`) while witnesses have not cosigned a covering checkpoint."""
    kept: ProjectFiles = request.registry.settings.setdefault("gongxin.project_files", ProjectFiles(request.platform))
    file = kept.of(context.lot.id)
    response = Response(content_type="application/zip", app_iter=file.blocks())
    response.content_length = file.size
    response.content_disposition = f'attachment; filename="{context.lot.id}.zip"'
    return response
