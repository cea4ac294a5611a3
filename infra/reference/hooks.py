"""What MkDocs asks while it builds: adds the pages that are written from the code, and the script of the diagrams."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from reference import api, cli, decisions, mermaid, notebooks, settings, stations, template

ROOT = Path(__file__).parents[2]
GENERATED = {
    "reference/api.md": api.page,
    "reference/cli.md": cli.page,
    "reference/settings.md": settings.page,
    "reference/stations.md": stations.page,
    "reference/template.md": template.page,
}

NOT_MEASURED = "# Benchmarks\n\nNothing was measured for this build: `make bench BENCH=--docs` writes this page.\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add generated pages."""
    for path, page in GENERATED.items():
        files.append(File.generated(config, path, content=page()))
    for name, text in notebooks.pages(ROOT / "docs" / "notebooks").items():
        files.append(File.generated(config, f"notebooks/{name}.md", content=text))
    if files.get_file_from_path("benchmarks.md") is None:
        files.append(File.generated(config, "benchmarks.md", content=NOT_MEASURED))
    script = mermaid.script(ROOT / ".local" / "mermaid")
    files.append(File.generated(config, "assets/mermaid.min.js", abs_src_path=str(script)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001  # MkDocs gives them
    """List the decisions on their page."""
    if page.file.src_uri == "decisions/README.md":
        return markdown + decisions.listing(ROOT / "docs" / "decisions")
    return markdown
