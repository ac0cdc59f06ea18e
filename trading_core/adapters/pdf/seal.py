"""The red round seal that a signature shows: a picture only. What proves is the signature beneath it."""
from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CINNABAR = (176, 48, 28, 165)  # the text beneath stays legible
PIXELS = 480
POINTS = 108  # 38 mm, as the seals of institutions


def draw(organisation: str, title: str, font: Path) -> Image.Image:
    """A picture with transparent ground: the organisation along the rim, a star, the seal's title beneath it."""
    image = Image.new("RGBA", (PIXELS, PIXELS), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse((8, 8, PIXELS - 8, PIXELS - 8), outline=CINNABAR, width=9)
    pen.polygon([_point(PIXELS / 2, PIXELS / 2, 66 if k % 2 == 0 else 26, 36 * k) for k in range(10)], fill=CINNABAR)
    _rim(image, organisation, font)
    below = ImageFont.truetype(font, min(34, round(300 / max(len(title), 1))))
    pen.text((PIXELS / 2, PIXELS * 0.77), title, font=below, fill=CINNABAR, anchor="mm")
    return image


def _rim(image: Image.Image, text: str, font: Path) -> None:
    size = max(16, min(58, round(900 / max(len(text), 1))))
    face = ImageFont.truetype(font, size)
    reach = 250 if len(text) > 9 else 26 * len(text)
    for i, character in enumerate(text):
        angle = (i - (len(text) - 1) / 2) * reach / max(len(text) - 1, 1)
        tile = Image.new("RGBA", (size * 2, size * 2), (0, 0, 0, 0))
        ImageDraw.Draw(tile).text((size, size), character, font=face, fill=CINNABAR, anchor="mm")
        x, y = _point(PIXELS / 2, PIXELS / 2, PIXELS / 2 - 30 - size / 2, angle)
        image.alpha_composite(tile.rotate(-angle, resample=Image.Resampling.BICUBIC), (round(x) - size, round(y) - size))


def _point(x: float, y: float, radius: float, degrees: float) -> tuple[float, float]:
    """At an angle clockwise from the top."""
    return x + radius * math.sin(math.radians(degrees)), y - radius * math.cos(math.radians(degrees))
