"""Pictures that lie inside the page."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass


@dataclass(frozen=True)
class EmbeddedPicture:
    """A picture as a page shows it: its address (its bytes) and its size in pixels."""

    address: str
    width: int
    height: int


def embed(picture: bytes) -> EmbeddedPicture:
    """Take a picture into the page as it is, in any format that browsers know."""
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as image:
        return EmbeddedPicture(_address(f"image/{str(image.format).lower()}", picture), *image.size)


def embed_svg(svg: str) -> str:
    """Take an SVG into the page; gives its address."""
    return _address("image/svg+xml", svg.encode())


def _address(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
