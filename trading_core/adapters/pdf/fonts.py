"""The fonts that go into every document. Nothing of the viewer's machine is relied on [12 §12.7]."""
from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTFont

from ...domain.errors import Problem

FACES = {"Regular": 400, "Bold": 700}
LICENCE = "OFL.txt"
PACKAGE, SOURCE = "justmytype_intl_cjk", "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"


class FontsError(Exception):
    """Fonts that cannot be made or used; says which file was expected."""


@dataclass(frozen=True)
class Fonts:
    """A regular and a bold face on disk. characters: code points that both can draw. name: family name inside the file."""

    regular: Path
    bold: Path
    name: str
    characters: frozenset[int] = field(repr=False)

    @property
    def folder(self) -> Path:
        return self.regular.parent

    def missing_characters(self, text: str) -> list[str]:
        """The characters of a text that would be printed as boxes, each once, in order."""
        return [c for c in dict.fromkeys(text) if ord(c) not in self.characters and not c.isspace()]


def lacking(missing: list[str], path: str) -> Problem:
    codes = ", ".join(f"U+{ord(c):04X}" for c in missing)
    return Problem("document.missing_character", path, {"characters": "".join(missing), "codes": codes}, "12 §12.7")


def open_fonts(data: Path, other: str = "") -> Fonts:
    """The fonts of this installation: of the folder `other` when one is set, else derived once into ``<data>/fonts``.

    `other` holds one TrueType file ending in ``Regular.ttf`` and one ending in ``Bold.ttf``. Raises `FontsError`.
    """
    if other:
        return _read(*(_only(Path(other).resolve(), face) for face in FACES))
    folder = data.resolve() / "fonts"
    targets = [folder / f"NotoSansSC-{face}.ttf" for face in FACES]
    missing = [(t, w) for t, w in zip(targets, FACES.values(), strict=True) if not t.exists()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        _derive(missing)
    return _read(*targets)


def _derive(wanted: list[tuple[Path, int]]) -> None:
    source = Path(str(files(PACKAGE).joinpath(SOURCE)))
    if not source.exists():
        raise FontsError(f"{PACKAGE} has no {SOURCE}")
    # Licence first: no derived face ever lies there without it.
    (wanted[0][0].parent / LICENCE).write_text((source.parent / LICENCE).read_text("utf-8"), "utf-8")
    module = f"{__package__}.derive"
    running = [(t, subprocess.Popen([sys.executable, "-m", module, str(source), str(weight), str(t)], stderr=subprocess.PIPE))
               for t, weight in wanted]  # fmt: skip
    ended = [(t, p.communicate()[1], p.returncode) for t, p in running]
    failed = [f"{t.name}: {errors.decode(errors='replace').strip()}" for t, errors, code in ended if code]
    if failed:
        raise FontsError("; ".join(failed))


def _only(folder: Path, face: str) -> Path:
    found = sorted(folder.glob(f"*{face}.ttf"))
    if len(found) != 1:
        raise FontsError(f"{folder} must hold exactly one file ending in {face}.ttf, it holds {len(found)}")
    return found[0]


@cache
def _read(regular: Path, bold: Path) -> Fonts:
    maps: list[set[int]] = []
    for path in (regular, bold):
        with TTFont(path, lazy=True) as font:
            if "glyf" not in font:
                raise FontsError(f"{path} has no TrueType outlines")
            maps.append(set(font.getBestCmap()))
            name = str(font["name"].getBestFamilyName())
    return Fonts(regular, bold, name, frozenset(maps[0] & maps[1]))
