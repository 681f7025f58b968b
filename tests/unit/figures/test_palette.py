"""A picture of 256 colours keeps the colours of its areas."""

import io

import numpy as np
from PIL import Image

from partialpool.figures.pictures import _encoded


def test_flat_areas_keep_their_colours_among_many_shades() -> None:
    rng = np.random.default_rng(1)
    pixels = np.full((400, 400, 3), 255, dtype=np.uint8)
    pixels[100:200] = 240  # a stripe
    pixels[200:300] = 207  # a grey area
    shades = rng.integers(200, 256, (60, 400, 3))  # edges of coloured lines on both
    pixels[170:230] = shades
    shown = np.asarray(Image.open(io.BytesIO(_encoded(Image.fromarray(pixels)))).convert("RGB"))
    for rows in (slice(0, 100), slice(100, 170), slice(230, 300)):
        assert (shown[rows] == pixels[rows]).all()
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) <= 256
