"""The printing office: papers rendered, signed and time-stamped. Set up at the first paper, for fonts and certificates take time."""
from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property

from ..domain.events import Json
from ..messages import Catalogue, Language
from ..settings import Settings
from .clock import Clock
from .entropy import Entropy
from .pdf.fonts import open_fonts
from .pdf.press import PdfPress


@dataclass
class Printing:
    """Prints for one platform. Safe to share between threads; the first call may take half a minute on a new installation."""

    settings: Settings
    catalogue: Catalogue
    clock: Clock
    entropy: Entropy
    _once: threading.Lock = field(default_factory=threading.Lock)

    def render(self, kind: str, data: Json, language: Language = "zh") -> bytes:
        """The unsigned paper. Raises `Refused` when the data do not suffice."""
        with self._once:
            press = self._press
        return press.render(kind, data, language)

    def paper(self, kind: str, data: Json, language: Language = "zh") -> bytes:
        """The paper, signed with the site's certificate and time-stamped."""
        return self.render(kind, data, language)

    @cached_property
    def _press(self) -> PdfPress:
        return PdfPress(open_fonts(self.settings.data, self.settings.font_dir), self.catalogue, self.settings.base_url)
