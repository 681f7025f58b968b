"""Pictures that lie inside the page."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any

#: Colours that a figure keeps; they can't be told from all of its own.
COLOURS = 256
#: Of lossless WebP: more effort takes 50 times as long for 2 % less.
EFFORT, SPEED = 50, 2
#: Levels from here on are white, as a figure's paper was before its colours were averaged.
WHITE_FROM = 250


@dataclass(frozen=True)
class Picture:
    """A picture as a page shows it: its address (its bytes) and its size in pixels."""

    address: str
    width: int
    height: int


def embed_png(png: bytes) -> Picture:
    """Take a PNG into the page, as WebP with few colours if that is smaller: a third of it."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        size = image.size
        compact = _compact(image)
    kinds = {"image/png": png, "image/webp": compact}
    kind = min(kinds, key=lambda kind: len(kinds[kind]))
    return Picture(_address(kind, kinds[kind]), *size)


def embed_svg(svg: str) -> str:
    """Take an SVG into the page; gives its address."""
    return _address("image/svg+xml", svg.encode())


def _compact(image: Any) -> bytes:
    from PIL import Image

    flat = Image.new("RGB", image.size, "white")
    picture = image.convert("RGBA")
    flat.paste(picture, mask=picture)
    few = flat.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.putpalette([255 if level >= WHITE_FROM else level for level in few.getpalette() or []])
    out = io.BytesIO()
    few.convert("RGB").save(out, "WEBP", lossless=True, quality=EFFORT, method=SPEED)
    return out.getvalue()


def _address(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
