"""The notebooks of the documentation, executed on the deployed stack."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.e2e.docs.blocks import ROOT
from tests.e2e.docs.conftest import run

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs(notebook: Path, environment: dict[str, str], tmp_path: Path) -> None:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") for cell in cells), "Clear its outputs: they would show somebody's stack."
    execute = str(Path(sys.executable).with_name("jupyter-execute"))
    run([execute, "--timeout", "120", shutil.copy(notebook, tmp_path)], environment | {"HOME": str(tmp_path)}, tmp_path)
