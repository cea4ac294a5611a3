"""`make demo` on the running stack, twice: what it shows the first time, it shows again."""

from __future__ import annotations

import subprocess
import sys

STEPS = (
    "the station has the session with 38 assets",
    "the session is staged",
    "the item is in the catalog",
    "a chunk is downloaded",
    "bob gets 404 for it",
    "bob finds nothing",
    "bob finds it",
)


def test_the_demo_passes_again_and_again(stack):
    for _ in range(2):
        played = subprocess.run([sys.executable, "-m", "local.demo"], capture_output=True, text=True, timeout=180)
        assert played.returncode == 0, played.stdout + played.stderr
        for step in STEPS:
            assert f"✓ {step}" in played.stdout
        assert stack.keys["alice"] not in played.stdout + played.stderr
