"""STAC items from standard input, as `rs search --json` prints them."""

from __future__ import annotations

import json
import sys
from typing import Any

import typer


def read_items(parameter: str) -> list[dict[str, Any]]:
    """The items of the Feature or FeatureCollection on stdin; a usage error of `parameter` where there is none."""
    try:
        document = json.loads(sys.stdin.read())
    except ValueError as error:
        raise typer.BadParameter(f"stdin is no JSON: {error}.", param_hint=parameter) from error
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "FeatureCollection" and document.get("features"):
        return list(document["features"])
    if kind == "Feature":
        return [document]
    raise typer.BadParameter("stdin has no STAC items (`rs search ... --json` prints them).", param_hint=parameter)
