"""Bounding boxes as they are typed."""

from __future__ import annotations

import typer

SIDES = 4


def parse_bbox(text: str) -> list[float]:
    """The four numbers of a bounding box, or none for an empty text."""
    if not text:
        return []
    try:
        numbers = [float(number) for number in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != SIDES:
        raise typer.BadParameter("Write WEST,SOUTH,EAST,NORTH in degrees, as 10,45,12.5,46.", param_hint="--bbox")
    return numbers
