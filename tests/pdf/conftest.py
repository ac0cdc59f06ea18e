"""A press with the derived fonts, the examples of docs/formats-documents.md, certificates of a site."""
from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from trading_core import messages
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SeededEntropy
from trading_core.adapters.pdf.certificates import SiteCertificates
from trading_core.adapters.pdf.fonts import Fonts, open_fonts
from trading_core.adapters.pdf.press import PdfPress
from trading_core.adapters.pdf.timestamps import SerialFile, SiteTimeStamper
from trading_core.messages import Catalogue

ROOT = Path(__file__).parents[2]
SITE = "https://jy.example.gov.cn"
NOW = datetime(2026, 3, 31, 2, 0, 0, 123456, tzinfo=UTC)
Sections = dict[str, tuple[list[list[str]], dict[str, Any]]]


@pytest.fixture(scope="session")
def document_sections() -> Sections:
    """By kind: the rows of its table of fields, and its example; the fields common to all under ``""``."""
    text = (ROOT / "docs/formats-documents.md").read_text("utf-8")
    sections: Sections = {"": (_table(text[text.index("### Common") : text.index("### `")]), {})}
    for found in re.finditer(r"### `(\w+)`\n(.*?)```json\n(.*?)```", text, re.S):
        sections[found[1]] = (_table(found[2]), json.loads(found[3]))
    return sections


def _table(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")]


@pytest.fixture(scope="session")
def example(document_sections: Sections) -> Callable[[str], dict[str, Any]]:
    """A fresh copy of a kind's example."""
    return lambda kind: json.loads(json.dumps(document_sections[kind][1]))


@pytest.fixture(scope="session")
def paper_fonts() -> Fonts:
    return open_fonts(ROOT / "var")


@pytest.fixture(scope="session")
def catalogue_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This room's catalogue alone: documents need no other."""
    folder = tmp_path_factory.mktemp("messages")
    shutil.copy(ROOT / "trading_core/messages/documents.toml", folder)
    return folder


@pytest.fixture(scope="session")
def catalogue(catalogue_folder: Path) -> Catalogue:
    return messages.read([catalogue_folder])


@pytest.fixture(scope="session")
def press(paper_fonts: Fonts, catalogue: Catalogue) -> PdfPress:
    return PdfPress(paper_fonts, catalogue, SITE + "/")


@pytest.fixture
def paper_clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> SiteCertificates:
    clock = SteppedClock(NOW)
    return SiteCertificates.create(tmp_path_factory.mktemp("keys") / "site", "澜明区公共资源交易中心", SeededEntropy(b"site"), clock)


@pytest.fixture
def stamper(tmp_path: Path, site: SiteCertificates, paper_clock: SteppedClock) -> SiteTimeStamper:
    return SiteTimeStamper(site.time, paper_clock, SerialFile(tmp_path / "serial"))
