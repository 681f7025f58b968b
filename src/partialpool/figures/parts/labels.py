"""Labels beside points that do not overlap."""

from __future__ import annotations

from collections.abc import Sequence

#: Size of a character of a label, in inches.
WIDE, HIGH = 0.075, 0.15
#: Radius of a dot, in inches.
DOT = 0.03
#: Labels of so many points may cover other points.
FIRST = 3

Box = tuple[float, float, float, float]


def labelled(
    x: Sequence[float],
    y: Sequence[float],
    names: Sequence[str],
    limits: tuple[float, float, float, float],
    size: tuple[float, float],
    most: int,
) -> tuple[list[str], list[str]]:
    """Choose points whose labels cover neither each other nor points, the first ones first.

    Parameters
    ----------
    x, y, names
        Places and names of the points, the most important first. Points without a name only take
        their place.
    limits
        Ends of the axes: lowest and highest x, lowest and highest y.
    size
        Width and height of the panel, in inches.
    most
        The maximum number of labels.

    Returns
    -------
    tuple[list[str], list[str]]
        The label of each point, which may be empty, and the side of the point where it ends:
        ``left`` labels start at the point.
    """
    left, right, bottom, top = limits
    across = [(value - left) / (right - left) * size[0] for value in x]
    up = [(value - bottom) / (top - bottom) * size[1] for value in y]
    dots = [(a - DOT, a + DOT, b - DOT, b + DOT) for a, b in zip(across, up, strict=True)]
    taken: list[Box] = []
    labels, sides = [""] * len(names), ["left"] * len(names)
    for i, name in enumerate(names):
        if not name:
            continue
        width = WIDE * (len(name) + 0.5)
        starts = {"left": across[i] + DOT, "right": across[i] - DOT - width}
        boxes: dict[str, Box] = {
            side: (start, start + width, up[i] - HIGH / 2, up[i] + HIGH / 2)
            for side, start in starts.items()
            if start >= 0 and start + width <= size[0]
        }
        free = [side for side, box in boxes.items() if not _is_covered(box, [*taken, *dots])]
        if i < FIRST:
            free += [side for side, box in boxes.items() if not _is_covered(box, taken)]
        if free and len(taken) < most:
            labels[i], sides[i] = name, free[0]
            taken.append(boxes[free[0]])
    return labels, sides


def _is_covered(box: Box, others: Sequence[Box]) -> bool:
    """Whether a box (left, right, bottom, top) overlaps another one."""
    return any(
        box[0] < other[1] and other[0] < box[1] and box[2] < other[3] and other[2] < box[3]
        for other in others
    )
