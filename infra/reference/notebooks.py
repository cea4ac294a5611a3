"""Notebooks as pages: their text and code, in the order of their cells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def pages(folder: Path) -> Mapping[str, str]:
    """The Markdown of each notebook of the folder, by its name."""
    return {
        path.stem: _page(path.name, json.loads(path.read_text(encoding="utf-8"))) for path in folder.glob("*.ipynb")
    }


def _page(name: str, notebook: dict[str, Any]) -> str:
    cells = [_cell(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    return "\n\n".join([*cells, f"*This page is the notebook `docs/notebooks/{name}`.*"])


def _cell(kind: str, source: str) -> str:
    return source if kind == "markdown" else f"```python\n{source}\n```"
