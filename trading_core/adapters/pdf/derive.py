"""Derive one static face from a variable font. Run as a program of its own: it needs half a gigabyte for some seconds, which a
server process must not keep: ``python -m trading_core.adapters.pdf.derive SOURCE WEIGHT TARGET``.
"""
from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from ..files import whole_file

# Left out because no paper of ours sets them; all Chinese characters of the font stay, for people have rare names.
LEFT_OUT = (range(0x1100, 0x1200), range(0x3130, 0x3190), range(0xA960, 0xA980), range(0xAC00, 0xD800), range(0xFFA0, 0xFFE0))
# Layout, hinting and vertical metrics serve no renderer that sets each character by its own width.
TABLES_DROPPED = ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "VVAR", "HVAR", "MVAR"]


def derive(source: Path, weight: int, target: Path) -> None:
    """Write the face of `weight` (400 regular, 700 bold) as a TrueType file. Same source, same bytes. The file appears whole."""
    with TTFont(source, lazy=True, recalcTimestamp=False) as font:
        options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=["*"], legacy_kern=False)
        options.drop_tables += TABLES_DROPPED
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=[c for c in font.getBestCmap() if not any(c in block for block in LEFT_OUT)])
        subsetter.subset(font)
        instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True, optimize=False, updateFontNames=True)
        with whole_file(target, 0o644) as file:  # every account that prints reads them
            font.save(file)


if __name__ == "__main__":
    derive(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
