"""Pictures that are embedded in the page."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass


@dataclass(frozen=True)
class EmbeddedPicture:
    """A picture in a page: its address, which contains its bytes, and its size in pixels."""

    address: str
    width: int
    height: int


def embed(picture: bytes) -> EmbeddedPicture:
    """Embed a picture unchanged, in any format that browsers can show."""
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as image:
        return EmbeddedPicture(_address(f"image/{str(image.format).lower()}", picture), *image.size)


def embed_svg(svg: str) -> str:
    """Embed an SVG: make the address that contains it."""
    return _address("image/svg+xml", svg.encode())


def _address(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
