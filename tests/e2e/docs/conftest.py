"""Where the pages' commands run: in homes without settings, as the demo user alice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.stack_file import Stack

SECONDS = 400
NOT_A_USERS = ("RS_", "XDG_", "PYTHON")
"""Beginnings of the variables of this process that a user's shell would not have."""


@pytest.fixture(scope="session")
def environment(stack: Stack) -> dict[str, str]:
    """The variables of alice's shell, all but her HOME."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_A_USERS)}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    user = {"RS_URL": stack.api_url, "RS_API_KEY": stack.keys["alice"]}
    return kept | user | {"PATH": path, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def run(command: list[str], environment: dict[str, str], folder: Path, script: str = "") -> None:
    """Run a script; fails with its last lines where it ends otherwise than well."""
    ended = subprocess.run(
        command, input=script, env=environment, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-3000:]
