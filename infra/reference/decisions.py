"""The list of decisions, by their titles."""

from __future__ import annotations

from pathlib import Path


def listing(folder: Path) -> str:
    """A line for each page of the folder: its title, linked."""
    pages = [path for path in folder.glob("*.md") if path.name != "README.md"]
    titles = sorted((path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# "), path.name) for path in pages)
    return "\n\n" + "".join(f"* [{title}]({name})\n" for title, name in titles)
