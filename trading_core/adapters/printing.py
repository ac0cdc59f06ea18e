"""The printing office: papers rendered, sealed and time-stamped.

Set up at the first paper: fonts and certificates take time to make, and the libraries of the trade a second and 40 MB to load, which
a process that serves pages needs only once a bidder asks for a receipt on paper.
"""
from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ..domain.events import Json
from ..messages import Catalogue, Language
from ..settings import Settings
from .clock import Clock
from .entropy import Entropy

if TYPE_CHECKING:
    from .pdf.certificates import SiteCertificates
    from .pdf.fonts import Fonts
    from .pdf.press import PdfPress
    from .pdf.timestamps import SiteTimeStamper


@dataclass
class Printing:
    """Prints for one platform. Safe to share between threads; the first call may take half a minute on a new installation."""

    settings: Settings
    catalogue: Catalogue
    clock: Clock
    entropy: Entropy
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def fitted(self, kind: str, data: Json) -> Json:
        """The data with foreign text made to fit the paper, so that nobody's words keep it from being printed."""
        from .pdf.fitting import fitted
        from .pdf.kinds import KINDS

        with self._one_at_a_time:
            fonts = self._fonts
        return fitted(KINDS[kind].all_fields, data, fonts) if kind in KINDS else data

    def render(self, kind: str, data: Json, language: Language = "zh") -> bytes:
        """The unsigned paper. Raises `Refused` when the data do not suffice."""
        with self._one_at_a_time:  # the renderer's libraries keep fonts and style sheets in places of their own
            return self._press.render(kind, data, language)

    def seal(self, pdf: bytes, reason: str) -> bytes:
        """The paper with the site's electronic seal and a time stamp (PAdES), to be checked for years without asking anybody."""
        from .pdf.signing import sign

        with self._one_at_a_time:
            site, stamper, fonts = self.certificates, self._stamper, self._fonts
        return sign(pdf, site, stamper, self.clock.now(), reason, fonts.bold)

    @cached_property
    def certificates(self) -> SiteCertificates:
        """The site's own certificates, made on first use."""
        from .pdf.certificates import open_certificates

        folder = self.settings.data / "keys" / "seal"
        return open_certificates(folder, f"{self.settings.region}公共资源交易中心", self.entropy, self.clock)

    @cached_property
    def _stamper(self) -> SiteTimeStamper:
        from .pdf.timestamps import SerialFile, SiteTimeStamper

        return SiteTimeStamper(self.certificates.time, self.clock, SerialFile(self.settings.data / "keys" / "time-stamps"))

    @cached_property
    def _fonts(self) -> Fonts:
        from .pdf.fonts import open_fonts

        return open_fonts(self.settings.data, self.settings.font_dir)

    @cached_property
    def _press(self) -> PdfPress:
        from .pdf.press import PdfPress

        return PdfPress(self._fonts, self.catalogue, self.settings.base_url)
